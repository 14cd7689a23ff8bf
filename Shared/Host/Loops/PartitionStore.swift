import Foundation
import Kafka
import Models
import Processing
import Store

/// The live store: one SQLite file for one partition.
///
/// Where there is none yet, it is built aside, under a name that nobody else knows, and gets its own name
/// once everything is restored into it and on the disk. Until then it needs no journal and no index of what
/// waits; and whatever a crash or a power cut leaves of it is no store, and is begun again.
///
/// Whoever opens it is its owner from then on. The loops of one process share the folder, and a partition may
/// move from one loop to another while the first stands between its commit and its save: what that one would
/// write belongs to the past.
final class PartitionStore: StateStore {
    private var file: StateFile
    private let path: String
    private let owner: Int64

    private var isBuilding: Bool { file.path != path }

    /// - Parameter shape: of the states; a store whose states have another one is thrown away and restored.
    init(folder: String, partition: Int32, shape: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = "partition-\(partition).sqlite"
        path = "\(folder)/\(name)"
        // This comes first: what another loop is building here can't get its name any more, once we have
        // looked whether there is one that has it.
        try Self.removeFiles(named: "\(name).", in: folder)
        if let former = try Self.former(at: path, shape) {
            owner = try former.claim()
            file = former
            return
        }
        try Self.removeFiles(named: name, in: folder)
        file = try StateFile("\(path).\(UUID().uuidString)", .building)
        owner = try file.claim()
        try file.begin(shape: shape)
    }

    deinit {
        if isBuilding { try? FileManager.default.removeItem(atPath: file.path) }
    }

    /// Where its states have another shape there is none, and the file is closed again.
    private static func former(at path: String, _ shape: Int) throws -> StateFile? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try StateFile(path)
        return try file.shape() == Int64(shape) ? file : nil
    }

    private static func removeFiles(named beginning: String, in folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(beginning) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    func restored() throws {
        guard isBuilding else { return }
        try file.finish()
        do {
            try FileManager.default.moveItem(atPath: file.path, toPath: path)
        } catch {
            throw StoreTaken(file: path)
        }
        file = try StateFile(path)
    }

    func state(of key: String) throws -> [UInt8]? { try file.state(of: key) }
    func position(of topic: Topic) throws -> Position? { try file.position(of: topic) }
    func nextAlarm() throws -> Instant? { try file.nextAlarm() }
    func due(at now: Instant, limit: Int) throws -> [DueAlarm] { try file.due(at: now, limit: limit) }

    func waiting(after key: String, limit: Int) throws -> [String] {
        try file.waiting(after: key, limit: limit)
    }

    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws {
        guard !isBuilding else { return try file.write(changes, positions: positions) }
        try file.transaction {
            guard try file.owner() == owner else { throw StoreTaken(file: path) }
            try file.write(changes, positions: positions)
        }
    }
}

/// Another loop of this process has the partition now. Nothing is lost: what was to be saved is on the log.
struct StoreTaken: Error, CustomStringConvertible {
    let file: String

    var description: String { "\(file) is another loop's now" }
}
