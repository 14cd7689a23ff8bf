import Kafka
import Models
import Processing

/// One partition that this instance owns: its working memory and its store.
///
/// A class, because the working memory loads from the store that lives beside it.
///
/// `@unchecked Sendable` because no lock guards it: it stays on its loop's thread, but for a restore, when it
/// is on one of several threads and the loop waits for all of them (`TransactionalLog.each`).
final class OwnedPartition<P: Processor>: @unchecked Sendable {
    let number: Int32
    private(set) var memory: Partition<P>
    private let store: (any StateStore)?

    /// - Parameter store: nil where the processor keeps no state.
    init(_ number: Int32, _ store: (any StateStore)?) {
        self.number = number
        self.store = store
        memory = Partition { try store?.state(of: $0).map(P.State.init(stored:)) }
    }

    func take(_ record: Record, with processor: P, at now: Instant, caughtUp: Bool) throws -> Outcome {
        try memory.take(record, with: processor, at: now, caughtUp: caughtUp)
    }

    func recall(_ record: Record, with processor: P) throws {
        try memory.recall(record, with: processor)
    }

    /// Passed alarms; asked only while nothing is unsaved, so the store's index of them is exact.
    func due(at now: Instant, limit: Int) throws -> [DueAlarm] {
        guard let store, !memory.hasChanges else { return [] }
        return try store.due(at: now, limit: limit)
    }

    func wake(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        try memory.wake(key, with: processor, at: now)
    }

    /// What is to be reviewed after a key. What is unsaved does not matter: a key that the store has not yet
    /// was decided a moment ago, and one that is over meanwhile is so in memory.
    func waiting(after key: String, limit: Int) throws -> [String] {
        try store?.waiting(after: key, limit: limit) ?? []
    }

    func review(_ key: String, with processor: P, at now: Instant) throws -> [Outgoing] {
        try memory.review(key, with: processor, at: now)
    }

    func nextAlarm() throws -> Instant? { try store?.nextAlarm() }

    func position(of topic: Topic) throws -> Position? { try store?.position(of: topic) }

    func save(positions: [Topic: Position]) throws {
        try store?.save(memory.changes, positions: positions)
        memory.saved()
    }

    func restored() throws { try store?.restored() }

    func forget() { memory.forget() }
}
