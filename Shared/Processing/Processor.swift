public import Models

/// Why an input leads to nothing.
public enum Refusal: Error, Hashable, Sendable {
    /// It breaks a rule of its kind: it is set aside with the reason, and the partition moves on.
    case rule(String)
    /// It can't be decided before this other input topic, or the registry, has been read as far as it goes
    /// now.
    case awaits(Topic)
}

/// The heart of a stateful service: pure functions over one key's state (DESIGN: decide, then evolve).
///
/// Everything it needs is an argument. It reads no clock, does no I/O and draws no random number, so live
/// work, restoring and the simulation run the same code.
public protocol Processor: Sendable {
    /// What is known of one key.
    associatedtype State: StoredState
    /// A record of an input topic, understood.
    associatedtype Input: Sendable
    /// What was decided; state changes by nothing else.
    associatedtype Fact: Sendable

    /// The executable, and the loop where it has several; also the consumer group.
    var name: String { get }
    /// Co-partitioned topics that are worked off.
    var inputs: [Topic] { get }
    /// Topics from which the state is restored, in this order; the own log last. Empty where no state is
    /// kept.
    var memory: [Topic] { get }

    /// Counts the shapes that `State` has had: raised whenever a state written by an earlier version would
    /// not be read, or lacks what is needed. A store of another shape is emptied, and restored from the log.
    var stateShape: Int { get }

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input)
    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact)

    /// - Parameter caughtUp: what the input may refer to has been read as far as the log went when the input
    ///   was; `awaits` is no answer any more.
    func decide(_ state: State?, _ input: Input, at now: Instant, caughtUp: Bool) throws(Refusal) -> [Fact]
    /// Nil forgets the key.
    func evolve(_ state: State?, _ fact: Fact) -> State?
    /// The records that tell of a fact.
    func records(of fact: Fact) -> [Outgoing]

    /// What tells the sender of an input that was set aside.
    func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing]

    /// When the state wants to be looked at again, if nothing happens before.
    func alarm(of state: State) -> Instant?
    /// The input that stands for a passed alarm.
    func alarmed(_ key: String) -> Input?

    /// The input that stands for "look at it again": what was decided may be answered differently by the
    /// registry or on the day that it is now. It is asked of every state that has an alarm, and a state that
    /// is as it should be leads to no fact.
    func review(_ key: String) -> Input?
    /// When time alone will change such an answer next, as an absence does that begins.
    func nextReview(after now: Instant) -> Instant?

    /// Takes the registry as it is now.
    mutating func adopt(_ registry: Registry)
}

extension Processor {
    public var stateShape: Int { 1 }
    public func answer(to input: Input, refused reason: String, at now: Instant) -> [Outgoing] { [] }
    public func alarm(of state: State) -> Instant? { nil }
    public func alarmed(_ key: String) -> Input? { nil }
    public func review(_ key: String) -> Input? { nil }
    public func nextReview(after now: Instant) -> Instant? { nil }
    public mutating func adopt(_ registry: Registry) {}
}
