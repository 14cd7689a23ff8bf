import Host
import Models
import Processing
import Store
import Text

/// The figures of the city, its regions, reaches, chiefs and departments, day by day, over one partition of
/// `complaints.events`.
///
/// It keeps what each complaint adds now (`CountedComplaint.share`) and changes each tally by the difference
/// that a fact makes. So a tally is never counted again from the beginning and never drifts. Which regions
/// lie above a complaint is taken from the registry when it is assigned, and kept with it. A later reform of
/// the regions affects only complaints that are assigned after the reform.
final class Tallies: Projection {
    static let name = "dayu-analytics.counting"
    static let topics: [Topic] = [.events]
    /// 3: departments have figures.
    static let version = 3

    static let schema = [
        """
        CREATE TABLE complaints (code TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE tallies (
            kind TEXT NOT NULL, id TEXT NOT NULL, period TEXT NOT NULL, partition INTEGER NOT NULL,
            tally BLOB NOT NULL,
            revision INTEGER NOT NULL, changed_at INTEGER NOT NULL, is_published INTEGER NOT NULL,
            PRIMARY KEY (kind, id, period, partition)
        ) WITHOUT ROWID;
        CREATE INDEX unpublished ON tallies (is_published) WHERE is_published = 0
        """
    ]

    private let city: City
    private let selectComplaint: Statement
    private let upsertComplaint: Statement
    private let selectTally: Statement
    private let upsertTally: Statement
    private let selectUnpublished: Statement
    private let markPublished: Statement

    /// Days are those of UTC, and no region has another above it.
    convenience init(_ database: borrowing Database) throws {
        try self.init(database, city: City(utcOffset: .zero, regionChain: { [$0] }))
    }

    init(_ database: borrowing Database, city: City) throws {
        self.city = city
        selectComplaint = try database.prepare("SELECT state FROM complaints WHERE code = ?")
        upsertComplaint = try database.prepare(
            "INSERT INTO complaints VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET state = excluded.state")
        selectTally = try database.prepare(
            "SELECT tally FROM tallies WHERE kind = ? AND id = ? AND period = ? AND partition = ?")
        upsertTally = try database.prepare(
            """
            INSERT INTO tallies VALUES (?, ?, ?, ?, ?, 1, ?, 0)
            ON CONFLICT (kind, id, period, partition) DO UPDATE SET tally = excluded.tally,
                revision = revision + 1, changed_at = max(changed_at, excluded.changed_at), is_published = 0
            """)
        selectUnpublished = try database.prepare(
            """
            SELECT kind, id, period, partition, tally, revision, changed_at
            FROM tallies WHERE is_published = 0 ORDER BY kind, id, period, partition
            """)
        markPublished = try database.prepare("UPDATE tallies SET is_published = 1 WHERE is_published = 0")
    }

    // MARK: Counting

    func apply(_ record: Record) throws {
        let fact: ComplaintFact
        do throws(Malformed) {
            fact = try ComplaintFact(try record.cloudEvent())
        } catch {
            return
        }
        let code = fact.complaint.compact
        let before = try complaint(code)
        guard let after = try CountedComplaint.evolve(before, fact, in: city), after != before else { return }
        try upsertComplaint.run(.text(code), .blob(JSON.encode(after)))
        let difference = Self.difference(from: before?.share ?? [:], to: after.share)
        for (scope, tally) in difference {
            try add(tally, to: scope, after.period, partition: record.partition, at: fact.at)
        }
    }

    private func complaint(_ code: String) throws -> CountedComplaint? {
        guard let bytes = try selectComplaint.first(.text(code), read: { $0.blob(0) }) else { return nil }
        return try JSON.decode(CountedComplaint.self, from: bytes)
    }

    private static func difference(from before: [Scope: Tally], to after: [Scope: Tally]) -> [Scope: Tally] {
        var difference = after
        for (scope, tally) in before { difference[scope] = difference[scope, default: Tally()] - tally }
        return difference.filter { $0.value != Tally() }
    }

    private func add(
        _ difference: Tally, to scope: Scope, _ period: String, partition: Int32, at moment: Instant
    ) throws {
        let key: [Value] = [
            .text(scope.kind.rawValue), .text(scope.id), .text(period), .integer(Int(partition)),
        ]
        let before = try selectTally.all(key) { try JSON.decode(Tally.self, from: $0.blob(0)) }.first
        let after = (before ?? Tally()) + difference
        try upsertTally.run(key + [.blob(JSON.encode(after)), .integer(moment.millisecondsSince1970)])
    }

    // MARK: Publishing

    func pending() throws -> [Outgoing] {
        try selectUnpublished.all { row in try Self.outgoing(row) }
    }

    func published() throws {
        try markPublished.run()
    }

    private static func outgoing(_ row: borrowing Row) throws -> Outgoing {
        guard let kind = Scope.Kind(rawValue: row.text(0)), let period = Day(row.text(2)) else {
            preconditionFailure("the store holds a tally of \(row.text(0)) and \(row.text(2))")
        }
        let indicator = Indicator(
            scope: Scope(kind: kind, id: row.text(1)), period: period, partition: Int32(row.integer(3)),
            tally: try JSON.decode(Tally.self, from: row.blob(4)))
        // Each revision is one difference, so after a restart the same facts give the same id.
        return Outgoing(
            .indicators, key: indicator.key, id: "\(indicator.key)/\(row.integer(5))",
            source: Self.name, type: EventType("indicator", "counted"),
            trail: Trail(at: Instant(millisecondsSince1970: row.integer(6))), data: JSON.encode(indicator))
    }
}
