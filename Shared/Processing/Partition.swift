public import Models

/// What came of one record.
public enum Outcome: Equatable, Sendable {
    /// Decided; these records tell of it. Also a duplicate (none), and a refusal (a dead letter).
    case done([Outgoing], Verdict)
    /// Not to be decided before this topic's partition has been read to its end.
    case awaits(Topic)
}

public enum Verdict: Equatable, Sendable {
    /// Facts came of it; none for a duplicate.
    case decided(facts: Int)
    case refused(reason: String)
}

/// One partition of a processor: decides, evolves in memory, and remembers what changed until it is saved.
///
/// The loop around it owns the log and the store; here is only the order of things. A batch that is aborted
/// is forgotten, and the states are loaded again.
public struct Partition<P: Processor> {
    /// A state from the store; nil where the key is unknown.
    public typealias Load = (String) throws -> P.State?

    private let load: Load
    private var known: [String: Known] = [:]
    /// Each key once, in the order in which they changed first.
    private var changed: [String] = []

    /// Above this many all are dropped once they are saved, and read again where they are asked for.
    private let knownLimit: Int

    private final class Kept: AnyState {
        let state: P.State?

        init(_ state: P.State?, alarm: Instant? = nil) {
            self.state = state
            super.init(alarm: alarm)
        }

        override var stored: [UInt8]? { state?.stored }
    }

    public init(knownLimit: Int = 10_000, load: @escaping Load) {
        self.load = load
        self.knownLimit = knownLimit
    }

    // MARK: Live

    /// Decides one record of an input topic.
    ///
    /// - Parameter caughtUp: the record was held back once already; what it waited for will not come.
    public mutating func take(
        _ record: Record, with processor: P, at now: Instant, caughtUp: Bool
    ) throws -> Outcome {
        let understood: (key: String, input: P.Input)
        do throws(Malformed) {
            understood = try processor.understand(record)
        } catch {
            return refused(record, error.description, processor, now)
        }
        let state = try state(of: understood.key)
        let facts: [P.Fact]
        do throws(Refusal) {
            facts = try processor.decide(state, understood.input, at: now, caughtUp: caughtUp)
        } catch {
            switch error {
            case .awaits(let topic):
                precondition(!caughtUp, "\(processor.name) awaits \(topic.rawValue), which has been read")
                return .awaits(topic)
            case .rule(let reason):
                let answer = processor.answer(to: understood.input, refused: reason, at: now)
                return refused(record, reason, processor, now, answer)
            }
        }
        return .done(apply(facts, to: understood.key, state, processor), .decided(facts: facts.count))
    }

    /// Decides a passed alarm.
    public mutating func wake(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.alarmed(key) else { return [] }
        let state = try state(of: key)
        // An alarm is no record: where its time has gone by there is nothing to set aside.
        guard let facts = try? processor.decide(state, input, at: now, caughtUp: true) else { return [] }
        return apply(facts, to: key, state, processor)
    }

    /// Looks at a key again; what waits for nothing is over and stays as it is.
    ///
    /// Everything that waits comes through here, so what leads to nothing does not stay in memory.
    public mutating func review(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.review(key), let state = try glance(at: key),
            processor.alarm(of: state) != nil,
            let facts = try? processor.decide(state, input, at: now, caughtUp: true)
        else { return [] }
        return apply(facts, to: key, state, processor)
    }

    private mutating func apply(
        _ facts: [P.Fact], to key: String, _ before: P.State?, _ processor: P
    ) -> [Outgoing] {
        guard !facts.isEmpty else { return [] }
        let after = facts.reduce(before) { processor.evolve($0, $1) }
        if after != before { change(key, to: after, processor) }
        return facts.flatMap(processor.records)
    }

    private mutating func change(_ key: String, to state: P.State?, _ processor: P) {
        let value = Kept(state, alarm: state.flatMap(processor.alarm(of:)))
        let former = known.updateValue(Known(value: value, isChanged: true), forKey: key)
        if former?.isChanged != true { changed.append(key) }
    }

    private func refused(
        _ record: Record, _ reason: String, _ processor: P, _ now: Instant, _ answer: [Outgoing] = []
    ) -> Outcome {
        let letter = DeadLetter(record, reason: reason, refusedBy: processor.name, at: now)
        return .done([letter.outgoing(traceparent: record.traceparent)] + answer, .refused(reason: reason))
    }

    // MARK: Restoring

    /// Takes in one record of a memory topic, by the same `evolve` as live work.
    public mutating func recall(_ record: Record, with processor: P) throws {
        let key: String
        let fact: P.Fact
        do throws(Malformed) {
            (key, fact) = try processor.recall(record)
        } catch {
            // The own log holds what we wrote; a remembered input may hold anything and was refused when it
            // was live.
            return
        }
        let before = try glance(at: key)
        let after = processor.evolve(before, fact)
        if after != before { change(key, to: after, processor) }
    }

    // MARK: Saving

    /// What has changed since the last save.
    public var changes: some Collection<StateChange> {
        changed.lazy.map { [known] key in
            let value = known[key]?.value
            return StateChange(key: key, state: value?.stored, alarm: value?.alarm)
        }
    }

    public var hasChanges: Bool { !changed.isEmpty }
    public var changeCount: Int { changed.count }

    /// The changes are in the store. What waits for nothing leaves memory: it is read again if it is ever
    /// asked for.
    public mutating func saved() {
        defer { changed.removeAll(keepingCapacity: true) }
        guard known.count < knownLimit else { return known.removeAll(keepingCapacity: true) }
        for key in changed {
            if known[key]?.value.alarm == nil { known[key] = nil } else { known[key]?.isChanged = false }
        }
    }

    /// The batch was aborted: what it changed did not happen.
    public mutating func forget() {
        for key in changed { known[key] = nil }
        changed.removeAll(keepingCapacity: true)
    }

    public mutating func state(of key: String) throws -> P.State? {
        if let known = remembered(key) { return known.state }
        let state = try load(key)
        known[key] = Known(value: Kept(state))
        return state
    }

    /// Of what is only looked at nothing is kept.
    private func glance(at key: String) throws -> P.State? {
        if let known = remembered(key) { known.state } else { try load(key) }
    }

    private func remembered(_ key: String) -> Kept? { known[key]?.value as? Kept }
}

/// One key in memory. It is of one type for all processors, so that the compiler makes straight code of the
/// table; for a generic one it would ask at run time how long a state is, again and again.
private struct Known {
    let value: AnyState
    var isChanged = false
}

/// A state apart from the table, which has many empty places and moves when it grows.
private class AnyState {
    final let alarm: Instant?

    init(alarm: Instant?) { self.alarm = alarm }

    var stored: [UInt8]? { nil }
}

/// What has become of one key: its state as it is stored, and when it wants to be looked at again. No state
/// removes the key.
public struct StateChange: Equatable, Sendable {
    public let key: String
    public let state: [UInt8]?
    public let alarm: Instant?

    public init(key: String, state: [UInt8]?, alarm: Instant?) {
        self.key = key
        self.state = state
        self.alarm = alarm
    }
}
