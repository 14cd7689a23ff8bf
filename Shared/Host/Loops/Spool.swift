import Models
import Processing
import Store
import Text

/// Records that wait for Kafka, on disk, in the order in which they arrived. Each lane is read and emptied by
/// itself.
///
/// It is a table and not a file format of our own: SQLite's write-ahead log with `synchronous = FULL` has
/// each commit on the disk before it returns (<https://www.sqlite.org/pragma.html#pragma_synchronous>), and
/// SQLite repairs the file after a crash.
final class Spool {
    private let database: Database
    private let insert: Statement
    private let select: Statement
    private let delete: Statement
    private let mark: Statement
    /// The records hold texts that citizens wrote. When the records are on Kafka, no trace of them may stay
    /// here.
    private let log: LogTidying
    private let limit: Int
    /// How many entries wait in each lane; a lane without entries is absent.
    private var counts: [Lane: Int] = [:]
    /// Entries that Kafka refused for good. They are kept without blocking others, and wait again after the
    /// next start: by then somebody may have removed the reason of the refusal.
    private(set) var asideCount = 0

    struct Entry {
        let number: Int64
        let record: Outgoing
    }

    init(path: String, limit: Int) throws {
        database = try Database(path: path)
        try database.execute("PRAGMA synchronous = FULL")
        try database.migrate([
            """
            CREATE TABLE records (
                number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL,
                headers BLOB NOT NULL, value BLOB
            )
            """,
            """
            ALTER TABLE records ADD COLUMN refused TEXT;
            CREATE INDEX waiting ON records (number) WHERE refused IS NULL
            """,
            """
            ALTER TABLE records ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
            DROP INDEX waiting;
            CREATE INDEX waiting ON records (lane, number) WHERE refused IS NULL
            """,
        ])
        insert = try database.prepare(
            "INSERT INTO records (lane, topic, key, headers, value) VALUES (?, ?, ?, ?, ?)")
        select = try database.prepare(
            """
            SELECT number, topic, key, headers, value FROM records WHERE refused IS NULL AND lane = ?
            ORDER BY number LIMIT ?
            """)
        delete = try database.prepare("DELETE FROM records WHERE number = ?")
        mark = try database.prepare("UPDATE records SET refused = ? WHERE number = ?")
        try database.execute("UPDATE records SET refused = NULL WHERE refused IS NOT NULL")
        // Entries of a former process go first, all in their order.
        try database.execute("UPDATE records SET lane = 0 WHERE lane <> 0")
        let count = try Int(database.prepare("SELECT count(*) FROM records").first { $0.integer(0) } ?? 0)
        if count > 0 { counts[.unknown] = count }
        log = try LogTidying(database, within: .zero)
        self.limit = limit
        // A former process may have died before it truncated the log.
        if isEmpty { try? log.truncate() }
    }

    /// How many entries wait.
    var count: Int { counts.values.reduce(0, +) }

    /// Whether nothing waits.
    var isEmpty: Bool { counts.isEmpty }

    /// The lanes that have waiting entries.
    var lanes: Set<Lane> { Set(counts.keys) }

    /// Whether nothing waits before a record of this lane. Entries in the unknown lane come before those of
    /// every lane.
    func isClear(_ lane: Lane) -> Bool {
        isEmpty || (lane != .unknown && counts[lane] == nil && counts[.unknown] == nil)
    }

    /// Whether four fifths of its room are taken.
    var isNearlyFull: Bool { (count + asideCount) * 5 >= limit * 4 }

    func hasRoom(for records: Int) -> Bool { count + asideCount + records <= limit }

    /// Once it returns, the records survive a crash of the process and a power cut.
    func append(_ records: [(record: Outgoing, lane: Lane)]) throws {
        // Until the unknown lane is empty, new records join it.
        let isKnown = counts[.unknown] == nil
        let records = records.map { (record: $0.record, lane: isKnown ? $0.lane : .unknown) }
        try database.transaction {
            for (record, lane) in records {
                let headers = Dictionary(record.event.headers.map { ($0.name, $0.value) }) { first, _ in first
                }
                try insert.run(
                    .integer(lane.rawValue), .text(record.topic.rawValue), .text(record.key),
                    .blob(JSON.encode(headers)),
                    record.event.data.map(Value.blob) ?? .null)
            }
        }
        for (_, lane) in records { counts[lane, default: 0] += 1 }
    }

    /// Throws if the disk would not take a large record now. The trial leaves nothing behind.
    ///
    /// With `secure_delete` SQLite also writes the pages whose content is deleted in the same transaction, so
    /// this really tests the disk.
    func tryDisk() throws {
        try database.transaction {
            try database.execute(
                "CREATE TABLE trial AS SELECT zeroblob(\(Self.trialBytes)) AS bytes; DROP TABLE trial")
        }
        if isEmpty { try? log.truncate() }
    }

    /// The size of a large record.
    private static let trialBytes = 65_536

    /// The oldest entries that wait in a lane.
    func first(_ limit: Int, of lane: Lane) throws -> [Entry] {
        try select.all(.integer(lane.rawValue), .integer(limit)) { row in
            let headers = try JSON.decode([String: String].self, from: row.blob(3)).map { ($0.key, $0.value) }
            let event = try CloudEvent(headers: headers, data: row.isNull(4) ? nil : row.blob(4))
            guard let topic = Topic(rawValue: row.text(1)) else {
                throw Malformed("topic", "is not a topic of this suite")
            }
            return Entry(
                number: row.integer(0), record: Outgoing(topic: topic, key: row.text(2), event: event))
        }
    }

    /// Deletes entries of a lane that are on the log, and sets aside those that the log will never take, each
    /// with the reason.
    func settle(_ lane: Lane, delivered: [Int64], refused: [(number: Int64, reason: String)]) throws {
        guard !delivered.isEmpty || !refused.isEmpty else { return }
        try database.transaction {
            for number in delivered { try delete.run(.integer(number)) }
            for (number, reason) in refused { try mark.run(.text(reason), .integer(number)) }
        }
        let left = counts[lane, default: 0] - delivered.count - refused.count
        counts[lane] = left > 0 ? left : nil
        asideCount += refused.count
        // The write-ahead log holds former versions of pages until it is overwritten. If a full disk prevents
        // the truncation, it is done the next time that the spool is empty.
        if isEmpty { try? log.truncate() }
    }
}
