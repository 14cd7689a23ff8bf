import Host
import Models
import Processing
import Store
import Text

/// The figures of the city, its regions, reaches and chiefs, month by month, over one partition of
/// `complaints.events`.
///
/// It keeps what each complaint adds now (`CountedComplaint.share`) and changes each tally by the difference
/// that a fact makes. So a tally is never counted again from the beginning and never drifts. Which regions
/// lie above a complaint is taken from the registry when it is assigned, and kept with it. A later reform of
/// the regions affects only complaints that are assigned after the reform.
final class Tallies: Projection {
    static let name = "dayu-analytics.counting"
    static let topics: [Topic] = [.events]

    static let schema = [
        """
        CREATE TABLE complaints (code TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
        CREATE TABLE tallies (
            kind TEXT NOT NULL, id TEXT NOT NULL, period TEXT NOT NULL, partition INTEGER NOT NULL,
            received INTEGER NOT NULL, open INTEGER NOT NULL, overdue INTEGER NOT NULL,
            accepted INTEGER NOT NULL, seconds_to_accept INTEGER NOT NULL,
            resolved INTEGER NOT NULL, seconds_to_resolve INTEGER NOT NULL,
            rated INTEGER NOT NULL, satisfied INTEGER NOT NULL, escalated INTEGER NOT NULL,
            supervised INTEGER NOT NULL, reopened INTEGER NOT NULL,
            revision INTEGER NOT NULL, changed_at INTEGER NOT NULL, is_published INTEGER NOT NULL,
            PRIMARY KEY (kind, id, period, partition)
        ) WITHOUT ROWID;
        CREATE INDEX unpublished ON tallies (is_published) WHERE is_published = 0
        """
    ]

    private let city: City
    private let selectComplaint: Statement
    private let upsertComplaint: Statement
    private let addToTally: Statement
    private let selectUnpublished: Statement
    private let markPublished: Statement

    /// Months are those of UTC, and no region has another above it.
    convenience init(_ database: borrowing Database) throws {
        try self.init(database, city: City(utcOffset: .zero, regionChain: { [$0] }))
    }

    init(_ database: borrowing Database, city: City) throws {
        self.city = city
        selectComplaint = try database.prepare("SELECT state FROM complaints WHERE code = ?")
        upsertComplaint = try database.prepare(
            "INSERT INTO complaints VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET state = excluded.state")
        addToTally = try database.prepare(
            """
            INSERT INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, 0)
            ON CONFLICT (kind, id, period, partition) DO UPDATE SET
                received = received + excluded.received, open = open + excluded.open,
                overdue = overdue + excluded.overdue, accepted = accepted + excluded.accepted,
                seconds_to_accept = seconds_to_accept + excluded.seconds_to_accept,
                resolved = resolved + excluded.resolved,
                seconds_to_resolve = seconds_to_resolve + excluded.seconds_to_resolve,
                rated = rated + excluded.rated, satisfied = satisfied + excluded.satisfied,
                escalated = escalated + excluded.escalated, supervised = supervised + excluded.supervised,
                reopened = reopened + excluded.reopened,
                revision = revision + 1, changed_at = max(changed_at, excluded.changed_at), is_published = 0
            """)
        selectUnpublished = try database.prepare(
            """
            SELECT kind, id, period, partition, received, open, overdue, accepted, seconds_to_accept, resolved,
                seconds_to_resolve, rated, satisfied, escalated, supervised, reopened, revision, changed_at
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

    private func add(_ tally: Tally, to scope: Scope, _ period: String, partition: Int32, at moment: Instant)
        throws
    {
        try addToTally.run(
            .text(scope.kind.rawValue), .text(scope.id), .text(period), .integer(Int(partition)),
            .integer(tally.received), .integer(tally.open), .integer(tally.overdue),
            .integer(tally.accepted), .integer(tally.secondsToAccept),
            .integer(tally.resolved), .integer(tally.secondsToResolve),
            .integer(tally.rated), .integer(tally.satisfied), .integer(tally.escalated),
            .integer(tally.supervised), .integer(tally.reopened), .integer(moment.millisecondsSince1970))
    }

    // MARK: Publishing

    func pending() throws -> [Outgoing] {
        try selectUnpublished.all { row in Self.outgoing(row) }
    }

    func published() throws {
        try markPublished.run()
    }

    private static func outgoing(_ row: borrowing Row) -> Outgoing {
        guard let kind = Scope.Kind(rawValue: row.text(0)), let period = Month(row.text(2)) else {
            preconditionFailure("the store holds a tally of \(row.text(0)) and \(row.text(2))")
        }
        let indicator = Indicator(
            scope: Scope(kind: kind, id: row.text(1)), period: period, partition: Int32(row.integer(3)),
            tally: tally(row))
        // Each revision is one difference, so after a restart the same facts give the same id.
        return Outgoing(
            .indicators, key: indicator.key, id: "\(indicator.key)/\(row.integer(16))",
            source: Self.name, type: EventType("indicator", "counted"),
            trail: Trail(at: Instant(millisecondsSince1970: row.integer(17))), data: JSON.encode(indicator))
    }

    private static func tally(_ row: borrowing Row) -> Tally {
        var tally = Tally()
        tally.received = Int(row.integer(4))
        tally.open = Int(row.integer(5))
        tally.overdue = Int(row.integer(6))
        tally.accepted = Int(row.integer(7))
        tally.secondsToAccept = row.integer(8)
        tally.resolved = Int(row.integer(9))
        tally.secondsToResolve = row.integer(10)
        tally.rated = Int(row.integer(11))
        tally.satisfied = Int(row.integer(12))
        tally.escalated = Int(row.integer(13))
        tally.supervised = Int(row.integer(14))
        tally.reopened = Int(row.integer(15))
        return tally
    }
}

extension Tally {
    static func - (left: Tally, right: Tally) -> Tally {
        var difference = left
        difference.received -= right.received
        difference.open -= right.open
        difference.overdue -= right.overdue
        difference.accepted -= right.accepted
        difference.secondsToAccept -= right.secondsToAccept
        difference.resolved -= right.resolved
        difference.secondsToResolve -= right.secondsToResolve
        difference.rated -= right.rated
        difference.satisfied -= right.satisfied
        difference.escalated -= right.escalated
        difference.supervised -= right.supervised
        difference.reopened -= right.reopened
        return difference
    }
}
