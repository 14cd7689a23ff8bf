import Models
import Store
import Text

/// `scope/id/day/partition`: the key of one partial tally.
struct IndicatorKey: Equatable, Sendable {
    let scope: Scope
    let day: Day
    let partition: Int32

    /// Nil for a month: such tallies were published before days were.
    init?(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let kind = Scope.Kind(rawValue: parts[0]), !parts[1].isEmpty,
            parts[1].utf8.count <= Limit.identifierBytes, let partition = Int32(parts[3]), partition >= 0
        else { throw Malformed("key", "is not scope/id/day/partition") }
        guard let day = Day(parts[2]) else {
            guard Month(parts[2]) != nil else { throw Malformed("key", "is not scope/id/day/partition") }
            return nil
        }
        scope = Scope(kind: kind, id: parts[1])
        self.day = day
        self.partition = partition
    }
}

/// The tallies of each day and partition as they are on the topic, and of each month, which are sums of them.
///
/// When a day changes, its month changes by the difference, as with summaries (`SummaryTable`).
final class IndicatorTable {
    private let selectDay: Statement
    private let putDay: Statement
    private let removeDay: Statement
    private let selectMonth: Statement
    private let putMonth: Statement
    private let removeMonth: Statement

    init(_ database: borrowing Database) throws {
        let day = "kind = ? AND id = ? AND day = ? AND partition = ?"
        selectDay = try database.prepare("SELECT tally FROM indicators WHERE \(day)")
        putDay = try database.prepare(
            """
            INSERT INTO indicators VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (kind, id, day, partition) DO UPDATE
                SET open = excluded.open, tally = excluded.tally
            """)
        removeDay = try database.prepare("DELETE FROM indicators WHERE \(day)")
        let month = "kind = ? AND month = ? AND id = ?"
        selectMonth = try database.prepare("SELECT tally FROM month_indicators WHERE \(month)")
        putMonth = try database.prepare(
            """
            INSERT INTO month_indicators VALUES (?, ?, ?, ?)
            ON CONFLICT (kind, month, id) DO UPDATE SET tally = excluded.tally
            """)
        removeMonth = try database.prepare("DELETE FROM month_indicators WHERE \(month)")
    }

    func put(_ key: IndicatorKey, _ tally: Tally) throws -> Bool {
        guard tally.isPlausible else {
            throw Malformed("tally", "holds a figure outside 0…\(Tally.figureLimit)")
        }
        guard let former = try stored(selectDay, key.values) else {
            try store(tally, key)
            try add(tally, key)
            return true
        }
        guard former != tally else { return false }
        try store(tally, key)
        try add(tally - former, key)
        return true
    }

    func remove(_ key: IndicatorKey) throws -> Bool {
        guard let former = try stored(selectDay, key.values) else { return false }
        try removeDay.run(key.values)
        try add(Tally() - former, key)
        return true
    }

    private func store(_ tally: Tally, _ key: IndicatorKey) throws {
        try putDay.run(key.values + [.integer(tally.open), .blob(JSON.encode(tally))])
    }

    private func add(_ difference: Tally, _ key: IndicatorKey) throws {
        let month: [Value] = [
            .text(key.scope.kind.rawValue), .integer(MonthNumber(key.day).rawValue), .text(key.scope.id),
        ]
        let sum = (try stored(selectMonth, month) ?? Tally()) + difference
        if sum == Tally() {
            try removeMonth.run(month)
        } else {
            try putMonth.run(month + [.blob(JSON.encode(sum))])
        }
    }

    private func stored(_ select: borrowing Statement, _ key: [Value]) throws -> Tally? {
        try select.all(key) { try JSON.decode(Tally.self, from: $0.blob(0)) }.first
    }
}

extension IndicatorKey {
    fileprivate var values: [Value] {
        [
            .text(scope.kind.rawValue), .text(scope.id), .integer(day.daysSince1970),
            .integer(Int(partition)),
        ]
    }
}

// MARK: Reading

extension Reader {
    struct Total: Equatable, Sendable {
        let scope: Scope
        let period: String
        let tally: Tally
    }

    /// The sums of each scope, those with most complaints first; for one month, or for every month, newest
    /// first.
    func totals(of kind: Scope.Kind, in period: Month?, limit: Int) throws -> [Total] {
        let condition = period == nil ? "" : "AND month = ?"
        let values: [Value] =
            [.text(kind.rawValue)] + (period.map { [.integer(MonthNumber($0).rawValue)] } ?? [])
        let all = try database.prepare(
            "SELECT month, id, tally FROM month_indicators WHERE kind = ? \(condition)"
        ).all(values) { row in
            (
                month: MonthNumber(rawValue: Int(row.integer(0))).month, id: row.text(1),
                tally: try JSON.decode(Tally.self, from: row.blob(2))
            )
        }
        let sorted = all.sorted {
            ($0.month, $0.tally.received, $1.id) > ($1.month, $1.tally.received, $0.id)
        }
        return sorted.prefix(limit).map {
            Total(scope: Scope(kind: kind, id: $0.id), period: $0.month.description, tally: $0.tally)
        }
    }

    /// The sums of each scope over a period: of its months, or of its days if it is shorter than a month.
    func tallies(of kind: Scope.Kind, in period: EvaluationPeriod) throws -> [String: Tally] {
        let last = period.end.adding(days: -1)
        let byMonth = period.kind == .month || period.consistsOfMonths
        let sql =
            byMonth
            ? "SELECT id, tally FROM month_indicators WHERE kind = ? AND month BETWEEN ? AND ?"
            : "SELECT id, tally FROM indicators WHERE kind = ? AND day BETWEEN ? AND ?"
        let span =
            byMonth
            ? (MonthNumber(period.first).rawValue, MonthNumber(last).rawValue)
            : (period.first.daysSince1970, last.daysSince1970)
        let rows = try database.prepare(sql)
            .all(.text(kind.rawValue), .integer(span.0), .integer(span.1)) { row in
                (row.text(0), try JSON.decode(Tally.self, from: row.blob(1)))
            }
        return rows.reduce(into: [:]) { $0[$1.0, default: Tally()] = ($0[$1.0] ?? Tally()) + $1.1 }
    }

    /// How many complaints that each day before `end` brought are still open, by scope.
    func openByDay(of kind: Scope.Kind, before end: Day) throws -> [String: [Day: Int]] {
        let rows = try database.prepare(
            """
            SELECT id, day, sum(open) FROM indicators WHERE kind = ? AND open > 0 AND day < ?
            GROUP BY id, day
            """
        ).all(.text(kind.rawValue), .integer(end.daysSince1970)) { row in
            (id: row.text(0), day: Day(daysSince1970: Int(row.integer(1))), open: Int(row.integer(2)))
        }
        return rows.reduce(into: [:]) { $0[$1.id, default: [:]][$1.day] = $1.open }
    }
}
