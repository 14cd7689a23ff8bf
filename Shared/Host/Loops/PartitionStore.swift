import Foundation
import Kafka
import Models
import Store

/// The live store: one SQLite file for one partition.
final class PartitionStore: StateStore {
    private let database: Database
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let due: Statement
    private let next: Statement
    private let selectPosition: Statement
    private let upsertPosition: Statement

    init(folder: String, partition: Int32) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try Database(path: "\(folder)/partition-\(partition).sqlite")
        try database.migrate([
            """
            CREATE TABLE states (key TEXT PRIMARY KEY, state BLOB NOT NULL, alarm INTEGER) WITHOUT ROWID;
            CREATE INDEX alarms ON states (alarm) WHERE alarm IS NOT NULL;
            CREATE TABLE positions (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
            """
        ])
        select = try database.prepare("SELECT state FROM states WHERE key = ?")
        upsert = try database.prepare(
            """
            INSERT INTO states (key, state, alarm) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET state = excluded.state, alarm = excluded.alarm
            """)
        delete = try database.prepare("DELETE FROM states WHERE key = ?")
        due = try database.prepare("SELECT key FROM states WHERE alarm <= ? ORDER BY alarm LIMIT ?")
        next = try database.prepare("SELECT min(alarm) FROM states WHERE alarm IS NOT NULL")
        selectPosition = try database.prepare("SELECT next FROM positions WHERE topic = ?")
        upsertPosition = try database.prepare(
            "INSERT INTO positions VALUES (?, ?) ON CONFLICT (topic) DO UPDATE SET next = excluded.next")
    }

    func state<State: Decodable>(of key: String) throws -> State? {
        guard let bytes = try select.first(.text(key), read: { $0.blob(0) }) else { return nil }
        return try JSON.decode(State.self, from: bytes)
    }

    func position(of topic: Topic) throws -> Position? {
        try selectPosition.first(.text(topic.rawValue)) { Position(next: $0.integer(0)) }
    }

    func due(at now: Instant, limit: Int) throws -> [String] {
        try due.all(.integer(now.millisecondsSince1970), .integer(limit)) { $0.text(0) }
    }

    func nextAlarm() throws -> Instant? {
        try next.first { $0.integerIfPresent(0) }.flatMap { $0 }.map(Instant.init(millisecondsSince1970:))
    }

    func save<State: Encodable>(
        _ changes: [(key: String, state: State?, alarm: Instant?)], positions: [Topic: Position]
    ) throws {
        try database.transaction {
            for (key, state, alarm) in changes {
                if let state {
                    try upsert.run(
                        .text(key), .blob(JSON.encode(state)), .integer(orNull: alarm?.millisecondsSince1970))
                } else {
                    try delete.run(.text(key))
                }
            }
            for (topic, position) in positions {
                try upsertPosition.run(.text(topic.rawValue), .integer(position.next))
            }
        }
    }
}
