import Foundation
import Kafka
import Models
import Processing
import Store

/// The live store: keeps the states, wake-ups and positions of one partition in one SQLite file.
///
/// A new store is built under a temporary name, and renamed when everything is restored into it and on the
/// disk. Until then it needs no journal and no index. A file that a crash or a power cut leaves is not a
/// store: it is deleted, and the restore begins again.
///
/// Opening a store takes ownership of it. The loops of one process share the folder, and a partition may move
/// to another loop while the former owner is between its commit and its save. The former owner's changes are
/// older than the store, so its save throws.
final class StateFile: StateStore {
    private let path: String
    private let owner: Int64
    /// How long the bytes of erased states may stay in the files.
    private let tidyWithin: Duration
    private var connection: Connection
    /// Nil once the file is complete.
    private var building: Building?
    private var isReading = false
    /// Nil while the file is built: such a file has no write-ahead log.
    private var log: LogTidying?

    private struct Building {
        let path: String
        /// Most restored keys are new; the filter saves the look-up for them.
        var filter = KeyFilter()
    }

    static let tidyWithin: Duration = .seconds(30)

    // MARK: Opening

    /// Opens the store and takes ownership; the previous owner's next save throws `StoreTaken`.
    ///
    /// - Parameter shape: the processor's `stateShape`. A store of another shape is deleted and restored.
    init(folder: String, partition: Int32, shape: Int, tidyWithin: Duration = tidyWithin) throws {
        self.tidyWithin = tidyWithin
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let name = "partition-\(partition).sqlite"
        path = "\(folder)/\(name)"
        // First delete what another loop may be building here: afterwards it can't be renamed to the name of
        // the store that we look for next.
        try Self.removeFiles(named: "\(name).", in: folder)
        if let former = try Self.former(at: path, shape) {
            owner = try former.claim()
            connection = former
            log = try LogTidying(former.database, within: tidyWithin)
            return
        }
        try Self.removeFiles(named: name, in: folder)
        let building = Building(path: "\(path).\(UUID().uuidString)")
        connection = try Connection(building.path, .building)
        owner = try connection.claim()
        self.building = building
        // One transaction that lasts until everything is restored. The indexes are made at its end, all at
        // once.
        try connection.database.prepare("UPDATE shape SET number = ?").run(.integer(shape))
        try connection.database.execute("DROP INDEX wake_ups; DROP INDEX waiting; BEGIN")
    }

    deinit {
        if let building { try? FileManager.default.removeItem(atPath: building.path) }
    }

    /// The existing store; nil if there is none of this shape.
    private static func former(at path: String, _ shape: Int) throws -> Connection? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try Connection(path)
        return try file.shape() == Int64(shape) ? file : nil
    }

    private static func removeFiles(named beginning: String, in folder: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name.hasPrefix(beginning) {
            try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    func restored() throws {
        guard let building else { return }
        try connection.database.execute("\(Connection.wakeUps); \(Connection.waiting); COMMIT")
        do {
            try FileManager.default.moveItem(atPath: building.path, toPath: path)
        } catch {
            throw StoreTaken(file: path)
        }
        connection = try Connection(path)
        log = try LogTidying(connection.database, within: tidyWithin)
        self.building = nil
    }

    // MARK: Reading

    func state(of key: String) throws -> [UInt8]? {
        if building?.filter.mayHold(key) == false { return nil }
        try beginReading()
        return try connection.select.first(.text(key)) { $0.blob(0) }
    }

    func position(of topic: Topic) throws -> Position? {
        try connection.selectPosition.first(.text(topic.rawValue)) { Position(next: $0.integer(0)) }
    }

    func due(at now: Instant, limit: Int) throws -> [DueWakeUp] {
        try connection.due.all(.integer(now.millisecondsSince1970), .integer(limit)) {
            DueWakeUp(at: Instant(millisecondsSince1970: $0.integer(0)), key: $0.text(1))
        }
    }

    func nextWakeUp() throws -> Instant? {
        try connection.next.first { $0.integerIfPresent(0) }.flatMap { $0 }.map(
            Instant.init(millisecondsSince1970:))
    }

    func waiting(after key: String, limit: Int) throws -> [String] {
        try connection.waiting.all(.text(key), .integer(limit)) { $0.text(0) }
    }

    /// All reads between two writes are one transaction. A batch reads thousands of states, and without it
    /// SQLite would lock the file for each of them.
    private func beginReading() throws {
        guard building == nil, !isReading else { return }
        try connection.database.execute("BEGIN")
        isReading = true
    }

    private func endReading() throws {
        if isReading { try connection.database.execute("COMMIT") }
        isReading = false
    }

    // MARK: Writing

    func save(_ changes: some Sequence<StateChange>, positions: [Topic: Position]) throws {
        guard building == nil else { return try write(changes, positions) }
        try endReading()
        try connection.database.transaction {
            guard try connection.owner() == owner else { throw StoreTaken(file: path) }
            try write(changes, positions)
        }
        log?.note()
    }

    private func write(_ changes: some Sequence<StateChange>, _ positions: [Topic: Position]) throws {
        for change in changes {
            building?.filter.insert(change.key)
            if let state = change.state {
                try connection.upsert.run(
                    .text(change.key), .blob(state), .integer(orNull: change.wakeUp?.millisecondsSince1970))
            } else {
                try connection.delete.run(.text(change.key))
            }
        }
        for (topic, position) in positions {
            try connection.upsertPosition.run(.text(topic.rawValue), .integer(position.next))
        }
    }

    func tidy() throws {
        guard let log, log.isDue else { return }
        do { try endReading() } catch let error as StoreError where error.isOfDisk { return }
        try log.tidy()
    }
}

/// An open file with its schema and the statements prepared for it. They are closed together, because a newly
/// built store is opened again under its final name.
private final class Connection {
    let database: Database
    let select: Statement
    let upsert: Statement
    let delete: Statement
    let due: Statement
    let next: Statement
    let waiting: Statement
    let selectPosition: Statement
    let upsertPosition: Statement
    let selectOwner: Statement

    /// Room for the index pages of about a hundred thousand keys. Keys arrive in no order, so each insert
    /// touches another page. SQLite allocates it on demand.
    private static let cacheKibibytes = 8192

    /// Only a few of all states ever stored still have a wake-up, so both indexes are partial.
    static let wakeUps = "CREATE INDEX wake_ups ON states (wake_up) WHERE wake_up IS NOT NULL"
    /// This index contains the wake-up, so the query does not read the table.
    static let waiting = "CREATE INDEX waiting ON states (key, wake_up) WHERE wake_up IS NOT NULL"

    init(_ path: String, _ access: Database.Access = .readWrite) throws {
        database = try Database(path: path, access: access)
        // `states` has row numbers, so new states are appended, and only the index on the key is in the order
        // of the keys. WITHOUT ROWID would insert each state between the others. SQLite advises it only for
        // rows smaller than a twentieth of a page (<https://www.sqlite.org/withoutrowid.html> §4), and here
        // it was Routing's largest cost.
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

    /// The stored form of its states (`Processor.stateShape`); 0 in a new file.
    func shape() throws -> Int64? { try database.prepare("SELECT number FROM shape").first { $0.integer(0) } }

    func owner() throws -> Int64 { try selectOwner.first { $0.integer(0) } ?? 0 }

    func claim() throws -> Int64 {
        try database.execute("UPDATE owner SET number = number + 1")
        return try owner()
    }
}

/// Another loop of this process owns the partition now. Nothing is lost: the unsaved changes are on the log.
struct StoreTaken: Error, CustomStringConvertible {
    let file: String

    var description: String { "\(file) belongs to another loop now" }
}
