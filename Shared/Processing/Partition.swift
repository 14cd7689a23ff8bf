public import Models
import Text

/// What one record led to.
public enum Outcome: Equatable, Sendable {
    /// The record is decided, and these records are to be sent: none for a duplicate, a dead letter for a
    /// refusal.
    case done([Outgoing], Verdict)
    /// The record can't be decided before this topic's partition has been read to its end.
    case awaits(Topic)
}

public enum Verdict: Equatable, Sendable {
    /// The number of facts it led to; 0 for a duplicate.
    case decided(facts: Int)
    case refused(reason: String)
}

/// The working memory of one partition: it decides, evolves the states, and keeps the changes until they are
/// saved.
///
/// It does no I/O but `load`: the loop around it owns the log and the store. `forget` drops the changes of an
/// aborted batch; the states are then loaded again.
public struct Partition<P: Processor> {
    /// Reads a state from the store; nil if the key is unknown.
    public typealias Load = (String) throws -> P.State?

    private let load: Load
    private var known: [String: Known] = [:]
    /// The changed keys, each once, in the order of their first change.
    private var changed: [String] = []
    /// How many facts of each name were decided since `takeCounts` was last called.
    private var counts: [String: Int] = [:]

    /// With this many states or more in memory, a save drops all of them. They are loaded again on demand.
    private let knownLimit: Int

    private final class Kept: AnyState {
        let state: P.State?

        init(_ state: P.State?, wakeUp: Instant? = nil) {
            self.state = state
            super.init(wakeUp: wakeUp)
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
    /// - Parameter caughtUp: the record has waited already, and what it waited for has been read.
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

    /// Decides a key whose wake-up is due.
    public mutating func wake(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.wokenUp(key) else { return [] }
        let state = try state(of: key)
        // A refused wake-up is no dead letter: there is no record to set aside.
        guard let facts = try? processor.decide(state, input, at: now, caughtUp: true) else { return [] }
        return apply(facts, to: key, state, processor)
    }

    /// Reviews a key. A state without a wake-up has ended and is not reviewed.
    ///
    /// Every waiting key passes here, so a state that does not change is not kept in memory.
    public mutating func review(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        guard let input = processor.review(key), let state = try glance(at: key),
            processor.wakeUp(of: state) != nil,
            let facts = try? processor.decide(state, input, at: now, caughtUp: true)
        else { return [] }
        return apply(facts, to: key, state, processor)
    }

    private mutating func apply(
        _ facts: [P.Fact], to key: String, _ before: P.State?, _ processor: P
    ) -> [Outgoing] {
        guard !facts.isEmpty else { return [] }
        for name in facts.compactMap(processor.counted) { counts[name, default: 0] += 1 }
        let after = facts.reduce(before) { processor.evolve($0, $1) }
        if after != before { change(key, to: after, processor) }
        return facts.flatMap(processor.records)
    }

    private mutating func change(_ key: String, to state: P.State?, _ processor: P) {
        let value = Kept(state, wakeUp: state.flatMap(processor.wakeUp(of:)))
        let former = known.updateValue(Known(value: value, isChanged: true), forKey: key)
        if former?.isChanged != true { changed.append(key) }
    }

    /// Sets a record aside undecided, because it should not be on this partition.
    public func setAside(
        _ record: Record, because reason: String, with processor: P, at now: Instant
    ) -> Outcome {
        refused(record, reason, processor, now)
    }

    private func refused(
        _ record: Record, _ reason: String, _ processor: P, _ now: Instant, _ answer: [Outgoing] = []
    ) -> Outcome {
        let letter = record.setAside(because: reason, by: processor.name, at: now)
        return .done([letter] + answer, .refused(reason: reason))
    }

    // MARK: Restoring

    /// Applies one record of a memory topic with the same `evolve` as live work.
    public mutating func recall(_ record: Record, with processor: P) throws {
        let key: String
        let fact: P.Fact
        do throws(Malformed) {
            (key, fact) = try processor.recall(record)
        } catch {
            // The own log can always be read. An input topic may hold anything; live work has refused this
            // record.
            return
        }
        let before = try glance(at: key)
        let after = processor.evolve(before, fact)
        if after != before { change(key, to: after, processor) }
    }

    // MARK: Saving

    /// The changes since the last save.
    public var changes: some Collection<StateChange> {
        changed.lazy.map { [known] key in
            let value = known[key]?.value
            return StateChange(key: key, state: value?.stored, wakeUp: value?.wakeUp)
        }
    }

    /// The same changes as values, for a store that keeps values.
    public var changedStates: some Collection<(key: String, state: P.State?, wakeUp: Instant?)> {
        changed.lazy.map { [known] key in
            let kept = known[key]?.value as? Kept
            return (key: key, state: kept?.state, wakeUp: kept?.wakeUp)
        }
    }

    public var hasChanges: Bool { !changed.isEmpty }
    public var changeCount: Int { changed.count }

    /// Call it when the changes are in the store. States that wait for nothing leave memory; they are loaded
    /// again on demand.
    public mutating func saved() {
        defer { changed.removeAll(keepingCapacity: true) }
        guard known.count < knownLimit else { return known.removeAll(keepingCapacity: true) }
        for key in changed {
            if known[key]?.value.wakeUp == nil { known[key] = nil } else { known[key]?.isChanged = false }
        }
    }

    /// Drops all changes since the last save, because the batch was aborted.
    public mutating func forget() {
        for key in changed { known[key] = nil }
        changed.removeAll(keepingCapacity: true)
        counts.removeAll()
    }

    /// The numbers of facts that have a figure of their own. Each number is returned once.
    public mutating func takeCounts() -> [String: Int] {
        defer { counts.removeAll() }
        return counts
    }

    public mutating func state(of key: String) throws -> P.State? {
        if let known = remembered(key) { return known.state }
        let state = try load(key)
        known[key] = Known(value: Kept(state))
        return state
    }

    /// The state of a key. It is not kept in memory.
    private func glance(at key: String) throws -> P.State? {
        if let known = remembered(key) { known.state } else { try load(key) }
    }

    private func remembered(_ key: String) -> Kept? { known[key]?.value as? Kept }
}

/// One key in memory. It is not generic: the table of a generic type would ask for the size of a state at run
/// time on each access.
private struct Known {
    let value: AnyState
    var isChanged = false
}

/// A state on the heap. The table has many empty slots and is copied when it grows, so it holds a pointer.
private class AnyState {
    final let wakeUp: Instant?

    init(wakeUp: Instant?) { self.wakeUp = wakeUp }

    var stored: [UInt8]? { nil }
}

/// What a store must write for one key: the state as bytes, and when the key wakes up. A nil state removes
/// the key.
public struct StateChange: Equatable, Sendable {
    public let key: String
    public let state: [UInt8]?
    public let wakeUp: Instant?

    public init(key: String, state: [UInt8]?, wakeUp: Instant?) {
        self.key = key
        self.state = state
        self.wakeUp = wakeUp
    }
}
