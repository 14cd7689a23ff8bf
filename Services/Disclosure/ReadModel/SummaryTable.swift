import Models
import Store

/// The summaries of each section: its days, and its months, which are sums of days.
///
/// When a day changes, its month changes by the difference. That is exact (`ExactSum`), so it is the same as
/// adding up all days again.
final class SummaryTable {
    private let selectDay: Statement
    private let putDay: Statement
    private let removeDay: Statement
    private let selectMonth: Statement
    private let putMonth: Statement
    private let removeMonth: Statement

    init(_ database: borrowing Database) throws {
        selectDay = try database.prepare("SELECT summary FROM day_summaries WHERE section = ? AND day = ?")
        putDay = try database.prepare(
            """
            INSERT INTO day_summaries VALUES (?, ?, ?)
            ON CONFLICT (section, day) DO UPDATE SET summary = excluded.summary
            """)
        removeDay = try database.prepare("DELETE FROM day_summaries WHERE section = ? AND day = ?")
        selectMonth = try database.prepare(
            "SELECT summary FROM month_summaries WHERE section = ? AND month = ?")
        putMonth = try database.prepare(
            """
            INSERT INTO month_summaries VALUES (?, ?, ?)
            ON CONFLICT (section, month) DO UPDATE SET summary = excluded.summary
            """)
        removeMonth = try database.prepare("DELETE FROM month_summaries WHERE section = ? AND month = ?")
    }

    /// Returns whether the summary was news. An empty one removes the day.
    func put(_ new: DaySummary) throws -> Bool {
        let day: [Value] = [.text(new.section.rawValue), .integer(new.day.daysSince1970)]
        let former = try summary(selectDay, day)
        guard former != new.summary else { return false }
        try store(new.summary, day, putDay, removeDay)
        let month: [Value] = [.text(new.section.rawValue), .integer(MonthNumber(new.day).rawValue)]
        try store(try summary(selectMonth, month) - former + new.summary, month, putMonth, removeMonth)
        return true
    }

    private func summary(_ select: borrowing Statement, _ key: [Value]) throws -> Summary {
        try select.all(key) { try Summary(packed: $0.blob(0)) }.first ?? Summary()
    }

    private func store(
        _ summary: Summary, _ key: [Value], _ put: borrowing Statement, _ remove: borrowing Statement
    ) throws {
        if summary.isEmpty { try remove.run(key) } else { try put.run(key + [.blob(summary.packed)]) }
    }
}

/// A month as a number that grows by one from month to month.
struct MonthNumber: RawRepresentable, Hashable {
    let rawValue: Int

    init(rawValue: Int) { self.rawValue = rawValue }

    init(_ day: Day) { self.init(Month(of: day)) }

    init(_ month: Month) { rawValue = month.year * 12 + month.month - 1 }

    var month: Month { Month(year: rawValue / 12, month: rawValue % 12 + 1) }
}

// MARK: Reading

/// The summary of a part of a month.
struct StoredSummary: Sendable {
    let first: Day
    let summary: Summary
}

extension Reader {
    /// The newest month of each section.
    func latestMonths(
        of sections: some Sequence<Section>
    ) throws -> [SectionID: (month: Month, summary: Summary)] {
        let select = try database.prepare(
            "SELECT month, summary FROM month_summaries WHERE section = ? ORDER BY month DESC LIMIT 1")
        var months: [SectionID: (month: Month, summary: Summary)] = [:]
        for section in sections {
            months[section.id] = try select.first(.text(section.id.rawValue)) { row in
                (
                    MonthNumber(rawValue: Int(row.integer(0))).month,
                    try Summary(packed: row.blob(1))
                )
            }
        }
        return months
    }

    /// The first and the last day with a summary at any of the sections.
    func summarisedDays(of sections: some Sequence<Section>) throws -> ClosedRange<Day>? {
        let select = try database.prepare("SELECT min(day), max(day) FROM day_summaries WHERE section = ?")
        var days: ClosedRange<Day>?
        for section in sections {
            let found = try select.first(.text(section.id.rawValue)) { row -> ClosedRange<Day>? in
                guard let first = row.integerIfPresent(0), let last = row.integerIfPresent(1) else {
                    return nil
                }
                return Day(daysSince1970: Int(first))...Day(daysSince1970: Int(last))
            }.flatMap(\.self)
            guard let found else { continue }
            days =
                days.map {
                    min($0.lowerBound, found.lowerBound)...max($0.upperBound, found.upperBound)
                } ?? found
        }
        return days
    }

    /// The summaries of a section from one day until before another: its months, or its days where a period
    /// is shorter than a month.
    func summaries(
        of section: SectionID, from first: Day, before end: Day, byMonth: Bool
    ) throws -> [StoredSummary] {
        let sql =
            byMonth
            ? "SELECT month, summary FROM month_summaries WHERE section = ? AND month BETWEEN ? AND ?"
            : "SELECT day, summary FROM day_summaries WHERE section = ? AND day BETWEEN ? AND ?"
        let last = end.adding(days: -1)
        let span =
            byMonth
            ? (MonthNumber(first).rawValue, MonthNumber(last).rawValue)
            : (first.daysSince1970, last.daysSince1970)
        return try database.prepare(sql)
            .all(.text(section.rawValue), .integer(span.0), .integer(span.1)) { row in
                let number = Int(row.integer(0))
                return StoredSummary(
                    first: byMonth
                        ? MonthNumber(rawValue: number).month.first : Day(daysSince1970: number),
                    summary: try Summary(packed: row.blob(1)))
            }
    }
}
