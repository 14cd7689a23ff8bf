import Foundation
import Kafka
import Models
import Processing
import Store

/// The live store: one SQLite file for one partition.
///
/// A new store is built under a temporary name, and renamed when everything is restored into it and on the
/// disk. Until then it needs no journal and no index. A file that a crash or a power cut leaves is not a
/// store: it is deleted, and the restore begins again.
///
/// Opening a store takes ownership of it. The loops of one process share the folder, and a partition may move
/// to another loop while the former owner is between its commit and its save. What that one would save is
/// older than the store, so its save throws.
final class PartitionStore: StateStore {
    private var file: StateFile
    private let path: String
    private let owner: Int64
    /// Since when the file's log may hold former states; nil where it holds none.
    private var untidySince: ContinuousClock.Instant?

    private let tidyWithin: Duration

    /// How long the bytes of what was erased may outlive it. Each time costs two waits for the disk.
    static let tidyWithin: Duration = .seconds(30)

    private var isBuilding: Bool { file.path != path }

    /// - Parameter shape: the processor's `stateShape`. A store of another shape is deleted and restored.
    init(folder: String, partition: Int32, shape: Int, tidyWithin: Duration = tidyWithin) throws {
        self.tidyWithin = tidyWithin
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = "partition-\(partition).sqlite"
        path = "\(folder)/\(name)"
        // First delete what another loop may be building here: after that it can't be renamed to the store
        // that we look for next.
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

    /// The store that is there already; nil if there is none of this shape.
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
    func nextWakeUp() throws -> Instant? { try file.nextWakeUp() }
    func due(at now: Instant, limit: Int) throws -> [DueWakeUp] { try file.due(at: now, limit: limit) }

    func waiting(after key: String, limit: Int) throws -> [String] {
        try file.waiting(after: key, limit: limit)
    }

    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws {
        guard !isBuilding else { return try file.write(changes, positions: positions) }
        try file.transaction {
            guard try file.owner() == owner else { throw StoreTaken(file: path) }
            try file.write(changes, positions: positions)
        }
        untidySince = untidySince ?? .now
    }

    func tidy() throws {
        guard let untidySince, .now - untidySince >= tidyWithin else { return }
        do {
            try file.emptyLog()
            self.untidySince = nil
        } catch let error as StoreError where error.isOfDisk {
            self.untidySince = .now
        }
    }
}

/// Another loop of this process owns the partition now. Nothing is lost: the unsaved changes are on the log.
struct StoreTaken: Error, CustomStringConvertible {
    let file: String

    var description: String { "\(file) belongs to another loop now" }
}
