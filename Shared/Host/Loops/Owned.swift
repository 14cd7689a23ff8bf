import Kafka
import Models
import Processing

/// One partition that this member owns: the working memory, and the store beside it.
struct Owned<P: Processor> {
    var partition: Partition<P>
    /// Nil if the processor keeps no state.
    let store: (any StateStore)?

    init(_ store: (any StateStore)?) {
        self.store = store
        partition = Partition { try store?.state(of: $0).map(P.State.init(stored:)) }
    }

    /// The keys whose wake-up is due. There are none while changes are unsaved, because the store does not
    /// know the new wake-ups yet.
    func due(at now: Instant, limit: Int) throws -> [DueWakeUp] {
        guard let store, !partition.hasChanges else { return [] }
        return try store.due(at: now, limit: limit)
    }

    mutating func save(positions: [Topic: Position]) throws {
        try store?.save(partition.changes, positions: positions)
        partition.saved()
    }
}
