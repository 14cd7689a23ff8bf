import Models
import Store
import Text

/// `scope/id/period/partition`: the key of one partial tally.
struct IndicatorKey: Equatable, Sendable {
    let scope: Scope
    let period: Month
    let partition: Int32

    init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let kind = Scope.Kind(rawValue: parts[0]), !parts[1].isEmpty,
            parts[1].utf8.count <= Limit.identifierBytes, let period = Month(parts[2]),
            let partition = Int32(parts[3]), partition >= 0
        else { throw Malformed("key", "is not scope/id/period/partition") }
        scope = Scope(kind: kind, id: parts[1])
        self.period = period
        self.partition = partition
    }
}

/// The tallies of each partition. They are summed when somebody asks for them.
final class IndicatorTable {
    private let database: Changes
    private let upsert: Statement
    private let delete: Statement

    /// More than any city can have in a month, and far below the limit of a sum over partitions.
    private static let figureLimit: Int64 = 1_000_000_000_000

    private static let columns = [
        "received", "open", "overdue", "accepted", "seconds_to_accept", "resolved", "seconds_to_resolve",
        "rated", "satisfied", "escalated", "supervised", "reopened",
    ]
    private static var figures: String { columns.joined(separator: ", ") }
    private static var excluded: String { columns.map { "excluded.\($0)" }.joined(separator: ", ") }

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO indicators VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (kind, period, id, partition) DO UPDATE SET (\(Self.figures)) = (\(Self.excluded))
                WHERE (\(Self.figures)) <> (\(Self.excluded))
            """)
        delete = try database.prepare(
            "DELETE FROM indicators WHERE kind = ? AND period = ? AND id = ? AND partition = ?")
    }

    func put(_ key: IndicatorKey, _ tally: Tally) throws -> Bool {
        let figures = [
            Int64(tally.received), Int64(tally.open), Int64(tally.overdue), Int64(tally.accepted),
            tally.secondsToAccept, Int64(tally.resolved), tally.secondsToResolve, Int64(tally.rated),
            Int64(tally.satisfied), Int64(tally.escalated), Int64(tally.supervised), Int64(tally.reopened),
        ]
        guard figures.allSatisfy({ (0...Self.figureLimit).contains($0) }) else {
            throw Malformed("tally", "holds a figure outside 0…\(Self.figureLimit)")
        }
        try upsert.run(name(of: key) + figures.map { .integer($0) })
        return try database.changed()
    }

    func remove(_ key: IndicatorKey) throws -> Bool {
        try delete.run(name(of: key))
        return try database.changed()
    }

    private func name(of key: IndicatorKey) -> [Value] {
        [
            .text(key.scope.kind.rawValue), .text(key.period.description), .text(key.scope.id),
            .integer(Int(key.partition)),
        ]
    }
}
