import Kafka
import Models
import Processing

/// One partition that this instance owns: its working memory and its store.
///
/// A class, because the working memory loads from the store that lives beside it. It stays on its loop's
/// thread.
final class OwnedPartition<P: Processor> {
    let number: Int32
    private(set) var memory: Partition<P>
    private let store: (any StateStore)?

    /// - Parameter store: nil where the processor keeps no state.
    init(_ number: Int32, _ store: (any StateStore)?) {
        self.number = number
        self.store = store
        memory = Partition { try store?.state(of: $0) }
    }

    func take(_ record: Record, with processor: P, at now: Instant, caughtUp: Bool) throws -> Outcome {
        try memory.take(record, with: processor, at: now, caughtUp: caughtUp)
    }

    func recall(_ record: Record, with processor: P) throws {
        try memory.recall(record, with: processor)
    }

    /// Works off passed alarms; asked only while nothing is unsaved, so the store's index of alarms is exact.
    func wake(with processor: P, at now: Instant, limit: Int) throws -> [Outgoing] {
        guard let store, !memory.hasChanges else { return [] }
        return try store.due(at: now, limit: limit)
            .flatMap { try memory.wake($0, with: processor, at: now) }
    }

    func nextAlarm() throws -> Instant? { try store?.nextAlarm() }

    func position(of topic: Topic) throws -> Position? { try store?.position(of: topic) }

    func save(positions: [Topic: Position], with processor: P) throws {
        try store?.save(memory.changes(with: processor), positions: positions)
        memory.saved(with: processor)
    }

    func forget() { memory.forget() }
}
