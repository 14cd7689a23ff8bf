public import Models
public import Processing

/// The world outside the log, as one loop acts on it: the loop begins deeds and learns their outcomes later.
///
/// A transaction can't include a deed. So a record is *taken* first: the announcement (`announce`) is
/// committed together with the record's position, and the deed begins only then. Each record leads to one
/// deed at most. A crash after the announcement leaves a deed with unknown outcome: a reader of the
/// announcements sees that no outcome follows, and may ask for the deed again.
public protocol Outside {
    associatedtype Deed

    /// How many deeds may begin now.
    var room: Int { get }
    /// Whether outcomes are still expected.
    var isBusy: Bool { get }
    /// Whether something is under way whose outcome would be lost with the process.
    var mayLearnMore: Bool { get }

    /// Takes note of a record of the topic that is followed beside the input. It may come more than once.
    mutating func note(_ record: Record)
    /// From now on the records come from these partitions of the topic, which has `count` partitions.
    mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant)
    /// Whether the deed that this record leads to may begin. If not, the record and all records behind it on
    /// its partition wait on the log, and the record is asked about again.
    mutating func allows(_ record: Record, at now: Instant) -> Bool

    /// What to write to the log before the deed. If there is no deed, nothing else happens for this record.
    func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: Deed?)
    /// Begins a deed that was announced on the log. Does not wait for the outcome.
    mutating func begin(_ deed: Deed, at now: Instant)
    /// The outcomes since the last call. Waits for the first one, at most as long as `wait`, if any is
    /// expected. It is called in every turn of the loop, so it is also the place for periodic work.
    mutating func outcomes(within wait: Duration, at now: Instant) -> [Outgoing]
    /// Gives up a deed that was announced on the log and has not begun.
    mutating func drop(_ deed: Deed, at now: Instant) -> [Outgoing]
    /// The process is asked to stop: nothing is begun any more without a deed.
    mutating func ends()
    /// Gives up the deeds under way, and returns what is known of them. The process ends.
    mutating func stop(at now: Instant) -> [Outgoing]
}

extension Outside {
    public var mayLearnMore: Bool { isBusy }
    public mutating func ends() {}
    public mutating func note(_ record: Record) {}
    public mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant) {}
    public mutating func allows(_ record: Record, at now: Instant) -> Bool { true }
}
