import Foundation
import Kafka
import Models
import Store

/// The live store: one SQLite file for one partition.
///
/// Whoever opens it is its owner from then on. The loops of one process share the folder, and a partition may
/// move from one loop to another while the first stands between its commit and its save: what that one would
/// write belongs to the past.
final class PartitionStore: StateStore {
    private let database: Database
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let due: Statement
    private let next: Statement
    private let waiting: Statement
    private let selectPosition: Statement
    private let upsertPosition: Statement
    private let selectOwner: Statement
    private let owner: Int64
    private let file: String

    /// Room for the keys of a hundred thousand states, which come in no order: each new one is put somewhere
    /// else among them. SQLite takes the room as it needs it.
    private static let cacheKibibytes = 8192

    /// - Parameter shape: of the states; a store whose states have another one is emptied, to be restored.
    init(folder: String, partition: Int32, shape: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        file = "\(folder)/partition-\(partition).sqlite"
        database = try Database(path: file)
        // The states lie in the order in which they came and their keys apart from them. Without a row number
        // each new state would go among the others, which SQLite advises for rows of less than a twentieth of
        // a page (<https://www.sqlite.org/withoutrowid.html> §4) and which was Routing's largest cost.
        try database.migrate([
            """
            CREATE TABLE states (key TEXT PRIMARY KEY, state BLOB NOT NULL, alarm INTEGER);
            CREATE INDEX alarms ON states (alarm) WHERE alarm IS NOT NULL;
            CREATE TABLE positions (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
            """,
            "CREATE TABLE owner (number INTEGER NOT NULL); INSERT INTO owner VALUES (0);",
            // What waits is little of what there ever was. With the alarm in it the index answers alone.
            "CREATE INDEX waiting ON states (key, alarm) WHERE alarm IS NOT NULL",
            "CREATE TABLE shape (number INTEGER NOT NULL); INSERT INTO shape VALUES (0);",
        ])
        try Self.take(shape, in: database)
        try database.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
        try database.execute("UPDATE owner SET number = number + 1")
        selectOwner = try database.prepare("SELECT number FROM owner")
        owner = try selectOwner.first { $0.integer(0) } ?? 0
        select = try database.prepare("SELECT state FROM states WHERE key = ?")
        upsert = try database.prepare(
            """
            INSERT INTO states (key, state, alarm) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET state = excluded.state, alarm = excluded.alarm
            """)
        delete = try database.prepare("DELETE FROM states WHERE key = ?")
        due = try database.prepare(
            "SELECT alarm, key FROM states WHERE alarm <= ? ORDER BY alarm, key LIMIT ?")
        next = try database.prepare("SELECT min(alarm) FROM states WHERE alarm IS NOT NULL")
        waiting = try database.prepare(
            """
            SELECT key FROM states INDEXED BY waiting WHERE alarm IS NOT NULL AND key > ?
            ORDER BY key LIMIT ?
            """)
        selectPosition = try database.prepare("SELECT next FROM positions WHERE topic = ?")
        upsertPosition = try database.prepare(
            "INSERT INTO positions VALUES (?, ?) ON CONFLICT (topic) DO UPDATE SET next = excluded.next")
    }

    private static func take(_ shape: Int, in database: borrowing Database) throws {
        let former = try database.prepare("SELECT number FROM shape").first { $0.integer(0) }
        guard former != Int64(shape) else { return }
        try database.transaction {
            try database.execute("DELETE FROM states")
            try database.execute("DELETE FROM positions")
            try database.prepare("UPDATE shape SET number = ?").run(.integer(shape))
        }
    }

    func state<State: Decodable>(of key: String) throws -> State? {
        guard let bytes = try select.first(.text(key), read: { $0.blob(0) }) else { return nil }
        return try JSON.decode(State.self, from: bytes)
    }

    func position(of topic: Topic) throws -> Position? {
        try selectPosition.first(.text(topic.rawValue)) { Position(next: $0.integer(0)) }
    }

    func due(at now: Instant, limit: Int) throws -> [DueAlarm] {
        try due.all(.integer(now.millisecondsSince1970), .integer(limit)) {
            DueAlarm(at: Instant(millisecondsSince1970: $0.integer(0)), key: $0.text(1))
        }
    }

    func waiting(after key: String, limit: Int) throws -> [String] {
        try waiting.all(.text(key), .integer(limit)) { $0.text(0) }
    }

    func nextAlarm() throws -> Instant? {
        try next.first { $0.integerIfPresent(0) }.flatMap { $0 }.map(Instant.init(millisecondsSince1970:))
    }

    func save<State: Encodable>(
        _ changes: [(key: String, state: State?, alarm: Instant?)], positions: [Topic: Position]
    ) throws {
        try database.transaction {
            guard try selectOwner.first(read: { $0.integer(0) }) == owner else {
                throw StoreTaken(file: file)
            }
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

/// Another loop of this process has the partition now. Nothing is lost: what was to be saved is on the log.
struct StoreTaken: Error, CustomStringConvertible {
    let file: String

    var description: String { "\(file) is another loop's now" }
}
