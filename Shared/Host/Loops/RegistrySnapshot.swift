import Foundation
public import Models
import Processing
import Store

/// What was last read of the registry topic, on disk: for a start while Kafka is away.
///
/// A cache like any other. Each reading of the topic from its start replaces it whole, because a tombstone
/// that compaction has removed meanwhile can't be read any more.
public final class RegistrySnapshot {
    private let database: Database
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement

    /// In a folder of its own, as a loop's caches are: `--rebuild` forgets it.
    public convenience init(_ context: HostContext) throws {
        try self.init(folder: "\(context.dataFolder)/registry")
    }

    init(folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try Database(path: "\(folder)/snapshot.sqlite")
        try database.migrate([
            "CREATE TABLE entities (key TEXT PRIMARY KEY, data BLOB NOT NULL)"
        ])
        select = try database.prepare("SELECT key, data FROM entities")
        upsert = try database.prepare(
            "INSERT INTO entities VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET data = excluded.data")
        delete = try database.prepare("DELETE FROM entities WHERE key = ?")
    }

    /// The registry as it was; empty before the first reading.
    public func registry() throws -> Registry {
        var registry = Registry()
        try select.forEach { row in
            guard let key = RegistryKey(row.text(0)) else { return }
            registry.put(try RegistryEntity(kind: key.kind, data: row.blob(1)))
        }
        return registry
    }

    /// All that `read` puts, instead of all that was there; where it throws, what was there.
    func replace(_ read: () throws -> Void) throws {
        try database.transaction {
            try database.execute("DELETE FROM entities")
            try read()
        }
    }

    /// - Parameter data: nil removes.
    func put(_ key: RegistryKey, _ data: [UInt8]?) throws {
        if let data {
            try upsert.run(.text(key.description), .blob(data))
        } else {
            try delete.run(.text(key.description))
        }
    }
}
