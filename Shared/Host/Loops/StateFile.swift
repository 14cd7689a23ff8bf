import Kafka
import Models
import Processing
import Store

/// The SQL of one partition's store: its states, wake-ups and positions in one SQLite file.
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
    /// Only while the file is being built: most restored keys are new, and the filter saves looking them up.
    private var filter: KeyFilter?
    private var isReading = false

    /// Room for the index pages of about a hundred thousand keys. Keys arrive in no order, so each insert
    /// touches another page. SQLite allocates it on demand.
    private static let cacheKibibytes = 8192

    /// Few states of all that there ever were still wait, so both indexes are partial.
    private static let wakeUps = "CREATE INDEX wake_ups ON states (wake_up) WHERE wake_up IS NOT NULL"
    /// With the wake-up in the index, the table is not read.
    private static let waiting = "CREATE INDEX waiting ON states (key, wake_up) WHERE wake_up IS NOT NULL"

    init(_ path: String, _ access: Database.Access = .readWrite) throws {
        self.path = path
        database = try Database(path: path, access: access)
        // `states` has row numbers, so new states are appended, and only the key's index is in the order of
        // the keys. WITHOUT ROWID would insert each state among the others. SQLite advises it only for rows
        // below a twentieth of a page (<https://www.sqlite.org/withoutrowid.html> §4), and it was Routing's
        // largest cost.
        try database.migrate([
            """
            CREATE TABLE states (key TEXT PRIMARY KEY, state BLOB NOT NULL, alarm INTEGER);
            CREATE INDEX alarms ON states (alarm) WHERE alarm IS NOT NULL;
            CREATE TABLE positions (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
            """,
            "CREATE TABLE owner (number INTEGER NOT NULL); INSERT INTO owner VALUES (0);",
            "CREATE INDEX waiting ON states (key, alarm) WHERE alarm IS NOT NULL",
            "CREATE TABLE shape (number INTEGER NOT NULL); INSERT INTO shape VALUES (0);",
            """
            ALTER TABLE states RENAME COLUMN alarm TO wake_up;
            DROP INDEX alarms;
            DROP INDEX waiting;
            \(Self.wakeUps);
            \(Self.waiting);
            """,
        ])
        // A state may hold what a person wrote. When it is replaced or deleted its bytes go, too
        // (<https://www.sqlite.org/pragma.html#pragma_secure_delete>).
        try database.execute("PRAGMA secure_delete = ON")
        try database.execute("PRAGMA cache_size = -\(Self.cacheKibibytes)")
        select = try database.prepare("SELECT state FROM states WHERE key = ?")
        upsert = try database.prepare(
            """
            INSERT INTO states (key, state, wake_up) VALUES (?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET state = excluded.state, wake_up = excluded.wake_up
            """)
        delete = try database.prepare("DELETE FROM states WHERE key = ?")
        due = try database.prepare(
            "SELECT wake_up, key FROM states WHERE wake_up <= ? ORDER BY wake_up, key LIMIT ?")
        next = try database.prepare("SELECT min(wake_up) FROM states WHERE wake_up IS NOT NULL")
        waiting = try database.prepare(
            """
            SELECT key FROM states INDEXED BY waiting WHERE wake_up IS NOT NULL AND key > ?
            ORDER BY key LIMIT ?
            """)
        selectPosition = try database.prepare("SELECT next FROM positions WHERE topic = ?")
        upsertPosition = try database.prepare(
            "INSERT INTO positions VALUES (?, ?) ON CONFLICT (topic) DO UPDATE SET next = excluded.next")
        selectOwner = try database.prepare("SELECT number FROM owner")
    }

    // MARK: Owner and shape

    /// The stored form of its states (`Processor.stateShape`); 0 in a new file.
    func shape() throws -> Int64? { try database.prepare("SELECT number FROM shape").first { $0.integer(0) } }

    func owner() throws -> Int64 { try selectOwner.first { $0.integer(0) } ?? 0 }

    /// Takes ownership; the previous owner's next save throws `StoreTaken`.
    func claim() throws -> Int64 {
        try database.execute("UPDATE owner SET number = number + 1")
        return try owner()
    }

    // MARK: Building

    /// Begins one transaction that lasts until `finish`. The indexes are made there, all at once.
    func begin(shape: Int) throws {
        try database.prepare("UPDATE shape SET number = ?").run(.integer(shape))
        try database.execute("DROP INDEX wake_ups; DROP INDEX waiting; BEGIN")
        filter = KeyFilter()
    }

    func finish() throws { try database.execute("\(Self.wakeUps); \(Self.waiting); COMMIT") }

    // MARK: Reading and writing

    /// Brings everything from the write-ahead log into the file and cuts the log to nothing: it holds former
    /// versions of pages until it is written over.
    func emptyLog() throws {
        if isReading { try database.execute("COMMIT") }
        isReading = false
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    func state(of key: String) throws -> [UInt8]? {
        if filter?.mayHold(key) == false { return nil }
        try beginReading()
        return try select.first(.text(key)) { $0.blob(0) }
    }

    func position(of topic: Topic) throws -> Position? {
        try selectPosition.first(.text(topic.rawValue)) { Position(next: $0.integer(0)) }
    }

    func due(at now: Instant, limit: Int) throws -> [DueWakeUp] {
        try due.all(.integer(now.millisecondsSince1970), .integer(limit)) {
            DueWakeUp(at: Instant(millisecondsSince1970: $0.integer(0)), key: $0.text(1))
        }
    }

    func waiting(after key: String, limit: Int) throws -> [String] {
        try waiting.all(.text(key), .integer(limit)) { $0.text(0) }
    }

    func nextWakeUp() throws -> Instant? {
        try next.first { $0.integerIfPresent(0) }.flatMap { $0 }.map(Instant.init(millisecondsSince1970:))
    }

    func transaction(_ body: () throws -> Void) throws {
        if isReading { try database.execute("COMMIT") }
        isReading = false
        try database.transaction(body)
    }

    /// All reads between two writes are one transaction. A batch reads thousands of states, and without it
    /// SQLite would lock the file for each of them.
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
                    .text(change.key), .blob(state), .integer(orNull: change.wakeUp?.millisecondsSince1970))
            } else {
                try delete.run(.text(change.key))
            }
        }
        for (topic, position) in positions {
            try upsertPosition.run(.text(topic.rawValue), .integer(position.next))
        }
    }
}
