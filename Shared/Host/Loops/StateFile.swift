import Kafka
import Models
import Processing
import Store

/// One partition's states, alarms and positions in one SQLite file.
final class StateFile {
    let path: String
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
    /// While it is being built: most of what is restored is new, and need not be looked for.
    private var filter: KeyFilter?
    private var isReading = false

    /// Room for the keys of a hundred thousand states, which come in no order: each new one is put somewhere
    /// else among them. SQLite takes the room as it needs it.
    private static let cacheKibibytes = 8192

    private static let alarms = "CREATE INDEX alarms ON states (alarm) WHERE alarm IS NOT NULL"
    /// What waits is little of what there ever was. With the alarm in it the index answers alone.
    private static let waiting = "CREATE INDEX waiting ON states (key, alarm) WHERE alarm IS NOT NULL"

    init(_ path: String, _ access: Database.Access = .readWrite) throws {
        self.path = path
        database = try Database(path: path, access: access)
        // The states lie in the order in which they came and their keys apart from them. Without a row number
        // each new state would go among the others, which SQLite advises for rows of less than a twentieth of
        // a page (<https://www.sqlite.org/withoutrowid.html> §4) and which was Routing's largest cost.
        try database.migrate([
            """
            CREATE TABLE states (key TEXT PRIMARY KEY, state BLOB NOT NULL, alarm INTEGER);
            \(Self.alarms);
            CREATE TABLE positions (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
            """,
            "CREATE TABLE owner (number INTEGER NOT NULL); INSERT INTO owner VALUES (0);",
            Self.waiting,
            "CREATE TABLE shape (number INTEGER NOT NULL); INSERT INTO shape VALUES (0);",
        ])
        try database.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
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
        selectOwner = try database.prepare("SELECT number FROM owner")
    }

    // MARK: Whose and of what kind

    /// Which shape its states have; 0 in a new file.
    func shape() throws -> Int64? { try database.prepare("SELECT number FROM shape").first { $0.integer(0) } }

    func owner() throws -> Int64 { try selectOwner.first { $0.integer(0) } ?? 0 }

    /// Whoever owned it before does so no more.
    func claim() throws -> Int64 {
        try database.execute("UPDATE owner SET number = number + 1")
        return try owner()
    }

    // MARK: Building

    /// One transaction until `finish`. What waits is sorted once at the end of it, not state by state.
    func begin(shape: Int) throws {
        try database.prepare("UPDATE shape SET number = ?").run(.integer(shape))
        try database.execute("DROP INDEX alarms; DROP INDEX waiting; BEGIN")
        filter = KeyFilter()
    }

    func finish() throws { try database.execute("\(Self.alarms); \(Self.waiting); COMMIT") }

    // MARK: Reading and writing

    func state(of key: String) throws -> [UInt8]? {
        if filter?.mayHold(key) == false { return nil }
        try beginReading()
        return try select.first(.text(key)) { $0.blob(0) }
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

    func transaction(_ body: () throws -> Void) throws {
        if isReading { try database.execute("COMMIT") }
        isReading = false
        try database.transaction(body)
    }

    /// All that is read between two writes is one transaction: a batch asks for thousands of states, and
    /// SQLite would lock the file for each.
    private func beginReading() throws {
        guard filter == nil, !isReading else { return }
        try database.execute("BEGIN")
        isReading = true
    }

    func write(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws {
        for change in changes {
            filter?.insert(change.key)
            if let state = change.state {
                try upsert.run(
                    .text(change.key), .blob(state), .integer(orNull: change.alarm?.millisecondsSince1970))
            } else {
                try delete.run(.text(change.key))
            }
        }
        for (topic, position) in positions {
            try upsertPosition.run(.text(topic.rawValue), .integer(position.next))
        }
    }
}
