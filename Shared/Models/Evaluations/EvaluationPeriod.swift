import Text

/// A period of the calendar for which waters are judged: a day, ten days (旬), a month, a quarter, a year.
public struct EvaluationPeriod: Hashable, Sendable, Comparable, CustomStringConvertible {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case day
        /// The 1st to 10th, the 11th to 20th, and the rest of a month.
        case tenDays = "ten-days"
        case month, quarter, year
    }

    public let kind: Kind
    public let first: Day

    /// The period of this kind to which the day belongs.
    public init(_ kind: Kind, of day: Day) {
        self.kind = kind
        first =
            switch kind {
            case .day: day
            case .tenDays: Self.day(day.year, day.month, min((day.day - 1) / 10, 2) * 10 + 1)
            case .month: Self.day(day.year, day.month, 1)
            case .quarter: Self.day(day.year, (day.month - 1) / 3 * 3 + 1, 1)
            case .year: Self.day(day.year, 1, 1)
            }
    }

    /// The first day after it.
    public var end: Day {
        switch kind {
        case .day: first.adding(days: 1)
        case .tenDays: first.day == 21 ? Self.firstDay(after: first, months: 1) : first.adding(days: 10)
        case .month: Self.firstDay(after: first, months: 1)
        case .quarter: Self.firstDay(after: first, months: 3)
        case .year: Self.firstDay(after: first, months: 12)
        }
    }

    public var next: Self { Self(kind, of: end) }
    public var previous: Self { Self(kind, of: first.adding(days: -1)) }

    /// The same period of the year before; a day of the 29th of February has none.
    public var yearBefore: Self? {
        Day(year: first.year - 1, month: first.month, day: first.day).map { Self(kind, of: $0) }
    }

    public func contains(_ day: Day) -> Bool { first <= day && day < end }

    /// Whether it is judged by the means of its months.
    public var consistsOfMonths: Bool { kind == .quarter || kind == .year }

    /// `2026-07-09`, `2026-07-T1` to `-T3`, `2026-07`, `2026-Q3`, `2026`.
    public var description: String {
        let month = Month(year: first.year, month: first.month).description
        return switch kind {
        case .day: first.description
        case .tenDays: "\(month)-T\(first.day / 10 + 1)"
        case .month: month
        case .quarter: "\(padded(Int64(first.year), 4))-Q\((first.month + 2) / 3)"
        case .year: padded(Int64(first.year), 4)
        }
    }

    public init?(_ text: String) {
        guard text.utf8.count <= Limit.wordBytes else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let (month, part) = (parts.dropFirst().first ?? "", parts.dropFirst(2).first)
        guard let year = parts.first, parts.count <= 3, year.utf8.count == 4 else { return nil }
        let (kind, day): (Kind, String) =
            switch (month, part) {
            case ("", nil) where parts.count == 1: (.year, "\(year)-01-01")
            case ("Q1", nil): (.quarter, "\(year)-01-01")
            case ("Q2", nil): (.quarter, "\(year)-04-01")
            case ("Q3", nil): (.quarter, "\(year)-07-01")
            case ("Q4", nil): (.quarter, "\(year)-10-01")
            case (_, nil): (.month, "\(year)-\(month)-01")
            case (_, "T1"?): (.tenDays, "\(year)-\(month)-01")
            case (_, "T2"?): (.tenDays, "\(year)-\(month)-11")
            case (_, "T3"?): (.tenDays, "\(year)-\(month)-21")
            case (_, let part?): (.day, "\(year)-\(month)-\(part)")
            }
        guard let first = Day(day) else { return nil }
        self.init(kind, of: first)
    }

    fileprivate static func day(_ year: Int, _ month: Int, _ day: Int) -> Day {
        guard let day = Day(year: year, month: month, day: day) else {
            preconditionFailure("no day \(year)-\(month)-\(day)")
        }
        return day
    }

    private static func firstDay(after first: Day, months: Int) -> Day {
        let month = first.month - 1 + months
        return day(first.year + month / 12, month % 12 + 1, 1)
    }

    public static func < (left: Self, right: Self) -> Bool { left.first < right.first }
}

extension Month {
    public init(of day: Day) { self.init(year: day.year, month: day.month) }

    public var first: Day { EvaluationPeriod.day(year, month, 1) }
}
