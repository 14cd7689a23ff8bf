import Kafka
import Models
import Processing

/// The cache of one partition's states: level with the log or behind it, never ahead.
///
/// The live store is a `StateFile`, and the simulation has one of its own. The loop itself works on the
/// `Partition`, which keeps the newest states in memory.
protocol StateStore {
    func state(of key: String) throws -> [UInt8]?
    /// The position up to which the states include this topic.
    func position(of topic: Topic) throws -> Position?
    /// The keys whose wake-up is due, the longest overdue first.
    func due(at now: Instant, limit: Int) throws -> [DueWakeUp]
    func nextWakeUp() throws -> Instant?
    /// The keys that have a wake-up and come after `key`. Their order does not change when a state changes.
    func waiting(after key: String, limit: Int) throws -> [String]
    /// Writes everything or nothing.
    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws
    /// Call it when everything that is on the log has been saved. Before this call nobody may ask for
    /// wake-ups, and a crash may lose a store that was empty at first, together with its positions.
    func restored() throws
    /// Removes what the files still hold of former states. The loop calls it in every turn, also while
    /// nothing happens; the store decides when work is due.
    func tidy() throws
}

extension StateStore {
    func tidy() {}
}

extension Partition {
    /// Writes the changes to the store. They count as saved only after the store has them. A processor that
    /// keeps no state has no store.
    mutating func save(to store: (any StateStore)?, positions: [Topic: Position]) throws {
        try store?.save(changes, positions: positions)
        saved()
    }
}

/// When a key wakes up.
struct DueWakeUp: Hashable, Comparable {
    let at: Instant
    let key: String

    static func < (left: DueWakeUp, right: DueWakeUp) -> Bool { (left.at, left.key) < (right.at, right.key) }
}
