import Foundation
public import Models
import Processing
import Store

/// The registry as it was last read, on disk, for a start while Kafka is away.
///
/// It is a cache. Each reading of the topic from its beginning replaces all of it: compaction may have
/// removed the tombstone of an entity that the cache still has.
public final class RegistrySnapshot {
    private let database: Database
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let log: LogTidying

    /// It has a folder of its own, like a loop's caches, so that `--rebuild` deletes it.
    public convenience init(_ context: HostContext) throws {
        try self.init(folder: "\(context.dataFolder)/registry")
    }

    init(folder: String, tidyWithin: Duration = tidyWithin) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try Database(path: "\(folder)/snapshot.sqlite")
        try database.migrate([
            "CREATE TABLE entities (key TEXT PRIMARY KEY, data BLOB NOT NULL)"
        ])
        select = try database.prepare("SELECT key, data FROM entities")
        upsert = try database.prepare(
            "INSERT INTO entities VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data")
        delete = try database.prepare("DELETE FROM entities WHERE key = ?")
        log = try LogTidying(database, within: tidyWithin)
    }

    static let tidyWithin: Duration = .seconds(30)

    /// The registry as it was read last; empty before the first reading.
    public func registry() throws -> Registry {
        var registry = Registry()
        try select.forEach { row in
            guard let key = RegistryKey(row.text(0)) else { return }
            registry.put(try RegistryEntity(kind: key.kind, data: row.blob(1)))
        }
        return registry
    }

    /// Replaces everything by what `read` puts. If `read` throws, everything stays as it was.
    func replace(_ read: () throws -> Void) throws {
        try database.transaction {
            try database.execute("DELETE FROM entities")
            try read()
        }
        log.note()
    }

    /// Removes what the files still hold of entities that were replaced or removed a while ago.
    func tidy() throws { try log.tidy() }

    /// - Parameter data: nil removes the entity.
    func put(_ key: RegistryKey, _ data: [UInt8]?) throws {
        if let data {
            try upsert.run(.text(key.description), .blob(data))
        } else {
            try delete.run(.text(key.description))
        }
        log.note()
    }
}
