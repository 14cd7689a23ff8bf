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
    private var known: [String: P.State?] = [:]
    private var changed: Set<String> = []

    /// Above this many the states that wait for nothing are dropped first, then all.
    private let knownLimit: Int

    public init(knownLimit: Int = 50_000, load: @escaping Load) {
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
        return .done(try apply(facts, to: understood.key, with: processor), .decided(facts: facts.count))
    }

    /// Decides a passed alarm.
    public mutating func wake(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.alarmed(key) else { return [] }
        let state = try state(of: key)
        // An alarm is no record: where its time has gone by there is nothing to set aside.
        guard let facts = try? processor.decide(state, input, at: now, caughtUp: true) else { return [] }
        return try apply(facts, to: key, with: processor)
    }

    /// Looks at a key again; what waits for nothing is over and stays as it is.
    ///
    /// Everything that waits comes through here, so what leads to nothing does not stay in memory.
    public mutating func review(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.review(key), let state = try known[key] ?? load(key),
            processor.alarm(of: state) != nil,
            let facts = try? processor.decide(state, input, at: now, caughtUp: true)
        else { return [] }
        return try apply(facts, to: key, with: processor)
    }

    private mutating func apply(_ facts: [P.Fact], to key: String, with processor: P) throws -> [Outgoing] {
        guard !facts.isEmpty else { return [] }
        let before = try state(of: key)
        let after = facts.reduce(before) { processor.evolve($0, $1) }
        if after != before {
            known[key] = .some(after)
            changed.insert(key)
        }
        return facts.flatMap(processor.records)
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
        let before = try state(of: key)
        let after = processor.evolve(before, fact)
        guard after != before else { return }
        known[key] = .some(after)
        changed.insert(key)
    }

    // MARK: Saving

    /// What has changed since the last save, with the moment each wants to be looked at again.
    public func changes(with processor: P) -> [(key: String, state: P.State?, alarm: Instant?)] {
        changed.map { key in
            let state = known[key].flatMap { $0 }
            return (key, state, state.flatMap(processor.alarm(of:)))
        }
    }

    public var hasChanges: Bool { !changed.isEmpty }
    public var changeCount: Int { changed.count }

    /// The changes are in the store. What waits for nothing leaves memory: it is read again if it is ever
    /// asked for.
    public mutating func saved(with processor: P) {
        for key in changed where known[key].flatMap({ $0 }).flatMap(processor.alarm(of:)) == nil {
            known[key] = nil
        }
        changed.removeAll(keepingCapacity: true)
        if known.count > knownLimit { known.removeAll() }
    }

    /// The batch was aborted: what it changed did not happen.
    public mutating func forget() {
        for key in changed { known[key] = nil }
        changed.removeAll(keepingCapacity: true)
    }

    public mutating func state(of key: String) throws -> P.State? {
        if let state = known[key] { return state }
        let state = try load(key)
        known[key] = .some(state)
        return state
    }
}
