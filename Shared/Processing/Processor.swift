public import Models
public import Text

/// Why an input can't be decided.
public enum Refusal: Error, Hashable, Sendable {
    /// It breaks a rule: the record becomes a dead letter with this reason, and the partition moves on.
    case rule(String)
    /// It may refer to something on this topic (another input topic, or the registry). The loop first reads
    /// that topic up to the end it has now, and then asks again.
    case awaits(Topic)
}

/// The heart of a stateful service: pure functions over one key's state (DESIGN: decide, then evolve).
///
/// Everything it needs is an argument. It reads no clock, does no I/O and draws no random number, so live
/// work, restoring and the simulation run the same code.
public protocol Processor: Sendable {
    /// What is known of one key.
    associatedtype State: StoredState
    /// A record of an input topic, after it was understood.
    associatedtype Input: Sendable
    /// What was decided. Only facts change a state.
    associatedtype Fact: Sendable

    /// The name of the executable, and of the loop if the executable has several; also the consumer group.
    var name: String { get }
    /// The topics that are processed. They have the same number of partitions and the same partitioner.
    var inputs: [Topic] { get }
    /// The topics from which the state is restored, in this order; the processor's own log is the last.
    /// Empty if it keeps no state.
    var memory: [Topic] { get }

    /// The version of `State`'s stored form. Raise it when this version can't read, or can't use, what the
    /// version before has stored: a store with another number is emptied and restored from the log.
    var stateShape: Int { get }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input)
    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact)

    /// - Parameter caughtUp: true once every topic the input may refer to has been read to the end it had
    ///   when the input arrived; throwing `.awaits` is then a bug.
    func decide(_ state: State?, _ input: Input, at now: Instant, caughtUp: Bool) throws(Refusal) -> [Fact]
    /// The state after the fact; nil removes the key.
    func evolve(_ state: State?, _ fact: Fact) -> State?
    /// The records that publish a fact.
    func records(of fact: Fact) -> [Outgoing]

    /// The name under which facts like this one are counted in the metric `dayu_counted_total`; nil for most
    /// facts.
    func counted(_ fact: Fact) -> String?

    /// The records that tell the sender why the input was refused.
    func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing]

    /// When the state must be decided again, if no input comes earlier; nil if it waits for nothing.
    func wakeUp(of state: State) -> Instant?
    /// The input that is decided when a key's wake-up is due.
    func wokenUp(_ key: String) -> Input?

    /// The input that is decided when the key is reviewed. A new registry, or a new day, may change what was
    /// decided before. Every state that has a wake-up is reviewed; a state that is still right leads to no
    /// fact.
    func review(_ key: String) -> Input?
    /// When time alone requires the next review, for example because a chief's absence begins.
    func nextReview(after now: Instant) -> Instant?

    /// From now on the processor decides by this registry.
    mutating func adopt(_ registry: Registry)
}

extension Processor {
    public var stateShape: Int { 1 }
    public func counted(_ fact: Fact) -> String? { nil }
    public func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing] { [] }
    public func wakeUp(of state: State) -> Instant? { nil }
    public func wokenUp(_ key: String) -> Input? { nil }
    public func review(_ key: String) -> Input? { nil }
    public func nextReview(after now: Instant) -> Instant? { nil }
    public mutating func adopt(_ registry: Registry) {}
}
