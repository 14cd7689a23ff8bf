import Models
import Processing
import Store
import Text

/// The registry's entities, each stored as its own JSON.
final class RegistryTable {
    private let database: Changes
    private let upsert: Statement
    private let delete: Statement

    private let audience: Audience

    init(_ database: borrowing Database, for audience: Audience) throws {
        self.audience = audience
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO registry VALUES (?, ?, ?)
            ON CONFLICT (kind, id) DO UPDATE SET entity = excluded.entity WHERE entity <> excluded.entity
            """)
        delete = try database.prepare("DELETE FROM registry WHERE kind = ? AND id = ?")
    }

    /// Returns whether it changed anything.
    func take(_ record: Record) throws -> Bool {
        if try record.keyText() == RegistryRenewal.key { return false }
        guard let key = RegistryKey(try record.keyText()) else {
            throw Malformed("key", "is not the key of an entity")
        }
        // The public never asks for stations, gateways' keys and sources.
        if [.station, .gatewayKey, .source].contains(key.kind) { return false }
        // Who works in an office is no matter of the public's.
        if key.kind == .clerk, audience == .everybody { return false }
        let name: [Value] = [.text(key.kind.rawValue), .text(key.id)]
        guard let data = record.value else {
            try delete.run(name)
            return try database.changed()
        }
        let entity = try RegistryEntity(kind: key.kind, data: data)
        guard entity.key == key else { throw Malformed("id", "differs from the record's key") }
        try upsert.run(name + [.blob(entity.ofThePublic.data)])
        return try database.changed()
    }
}

extension RegistryEntity {
    /// For a gateway the public is told its name, with the readings that it sent. Its permissions and its
    /// addresses are not stored here.
    fileprivate var ofThePublic: RegistryEntity {
        guard case .gateway(let gateway) = self else { return self }
        return .gateway(Gateway(id: gateway.id, name: gateway.name, channel: gateway.channel, scopes: []))
    }
}

/// Whether the last statement changed a row. This is asked in SQL, because the tables do not own the
/// database.
final class Changes {
    private let select: Statement

    init(_ database: borrowing Database) throws {
        select = try database.prepare("SELECT changes()")
    }

    func changed() throws -> Bool {
        try select.first { $0.integer(0) > 0 } ?? false
    }
}
