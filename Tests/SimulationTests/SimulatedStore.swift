import Kafka
import Models
import Processing

@testable import Host
@testable import Store

/// What one partition's store has on disk; it outlives the process.
final class Disk {
    fileprivate(set) var states: [String: [UInt8]] = [:]
    fileprivate(set) var wakeUps: [String: Instant] = [:]
    fileprivate(set) var positions: [Topic: Position] = [:]
    /// How many of the next writes fail.
    var failingWrites = 0
    /// Everything was restored into it once. Before that it is nobody's, and a crash leaves nothing of it.
    fileprivate var isWhole = false

    /// The keys that the present process has itself decided.
    fileprivate var known: Set<String> = []

    var nextWakeUp: Instant? { wakeUps.values.min() }
}

struct SimulatedStore: StateStore {
    private let disk: Disk
    private let marks: Marks
    private let meet: (Point) throws -> Void
    private let isRestoring: () -> Bool
    private let bug: Bug?

    init(
        _ disk: Disk, _ marks: Marks, bug: Bug?, isRestoring: @escaping () -> Bool,
        meet: @escaping (Point) throws -> Void
    ) {
        self.disk = disk
        self.marks = marks
        self.bug = bug
        self.isRestoring = isRestoring
        self.meet = meet
        disk.known = []
        guard !disk.isWhole else { return }
        if !disk.positions.isEmpty { marks.hit(.restoreBegunAgain) }
        (disk.states, disk.wakeUps, disk.positions) = ([:], [:], [:])
    }

    func state(of key: String) throws -> [UInt8]? { disk.states[key] }

    func position(of topic: Topic) throws -> Position? { disk.positions[topic] }

    func due(at now: Instant, limit: Int) throws -> [DueWakeUp] {
        let due = disk.wakeUps.filter { $0.value <= now }
            .map { DueWakeUp(at: $0.value, key: $0.key) }.sorted()
        if due.contains(where: { !disk.known.contains($0.key) }) { marks.hit(.wokenAfterRestore) }
        return Array(due.prefix(limit))
    }

    func waiting(after key: String, limit: Int) throws -> [String] {
        Array(disk.wakeUps.keys.filter { $0 > key }.sorted().prefix(limit))
    }

    func nextWakeUp() throws -> Instant? { disk.nextWakeUp }

    func restored() throws { disk.isWhole = true }

    /// A restore that meets a full disk ends its process and begins again; here only a working loop meets it.
    private func meetFullDisk() throws -> Bool {
        guard disk.failingWrites > 0, !isRestoring() else { return false }
        disk.failingWrites -= 1
        marks.hit(.diskFull)
        guard bug == .ignoresFullDisk else { throw StoreError(code: 13, message: "full", sql: nil) }
        return true
    }

    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws {
        try meet(.beforeSave)
        if try meetFullDisk() { return }
        for change in changes {
            disk.states[change.key] = change.state
            disk.wakeUps[change.key] = bug == .losesWakeUpsAtRestore && isRestoring() ? nil : change.wakeUp
            if !isRestoring() { disk.known.insert(change.key) }
        }
        disk.positions.merge(positions) { $1 }
        try meet(.afterSave)
    }
}
