public import Models
public import Processing

/// The world outside the log, as one loop acts on it: it begins deeds and hears later what came of them.
///
/// No transaction holds a deed. So a record is *taken* first: what `announce` says is committed together with
/// the record's position, and only then the deed begins. Each record leads to one deed at the most. A crash
/// after the announcement leaves a deed of unknown outcome, and whoever reads the announcements sees that
/// nothing follows, and asks again if he wants to.
public protocol Outside {
    associatedtype Deed

    /// How many deeds may begin now.
    var room: Int { get }
    /// Whether outcomes are to be expected.
    var isBusy: Bool { get }

    /// From now on the records come from these partitions of the topic, which has so many.
    mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant)
    /// Whether the deed may begin that this record leads to. If not, the record waits on the log, with all
    /// behind it on its partition, and is asked for again.
    mutating func allows(_ record: Record, at now: Instant) -> Bool

    /// What the log is told before the deed. No deed: that is all there is to say of the record.
    func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: Deed?)
    /// Begins a deed that the log was told of; it does not wait for the outcome.
    mutating func begin(_ deed: Deed, at now: Instant)
    /// What came of deeds since the last call. Waits for the first one, at most so long.
    mutating func outcomes(within wait: Duration, at now: Instant) -> [Outgoing]
    /// Gives up a deed that the log was told of and that has not begun.
    mutating func drop(_ deed: Deed, at now: Instant) -> [Outgoing]
    /// Gives up what is under way, and says what is known of it. The process ends.
    mutating func stop(at now: Instant) -> [Outgoing]
}

extension Outside {
    public mutating func own(_ partitions: Set<Int32>, of count: Int, at now: Instant) {}
    public mutating func allows(_ record: Record, at now: Instant) -> Bool { true }
}
