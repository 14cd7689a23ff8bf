import Models

/// The fourth step: at what moments the rows were measured, by the clocks of their sections.
///
/// A time without an offset is local. When clocks are put back, they show one hour twice. Two rows of one
/// series with the same such time are the first and the second, if the table has the series in the order of
/// time. Otherwise such a row is refused, because it may be either.
struct RowClock {
    private let book: SectionBook
    private var lineWithTime: Int?
    /// The lines whose local time the clocks showed twice.
    private var lines: [Shown: [Int]] = [:]
    /// Whether the rows go forward in time; absent if they go neither forward nor backward.
    private var goesForward: [Series: Bool] = [:]
    private var dial: (zone: Int, day: Day, dial: Zone.Dial)?

    /// The rows whose readings could replace one another.
    private struct Series: Hashable {
        let section: Int
        let period: Period
        let origin: Origin

        init(_ row: TableRow) {
            section = row.section
            period = row.period ?? .instant
            origin = row.origin ?? .automatic
        }
    }

    private struct Shown: Hashable {
        let series: Series
        let day: Day
        let milliseconds: Int64
    }

    /// Why a row has no moment.
    struct Unclear: Error {
        let detail: String
    }

    /// - Parameter rows: all rows that could be read.
    init(_ rows: [TableRow], _ book: SectionBook) {
        self.book = book
        for row in rows {
            guard let time = row.time.milliseconds else { continue }
            lineWithTime = lineWithTime ?? row.line
            if row.time.offset == nil, case .twice = dial(of: row).showing(time) {
                lines[Shown(series: Series(row), day: row.time.day, milliseconds: time), default: []]
                    .append(row.line)
            }
        }
        // Nearly every table has no such time.
        let doubtful = Set(lines.filter { $0.value.count == 2 }.map(\.key.series))
        guard !doubtful.isEmpty else { return }
        for (series, rows) in Dictionary(grouping: rows, by: Series.init) where doubtful.contains(series) {
            // If both fit, there are only the two rows, and nothing says which is the first.
            let (forward, backward) = (isInOrder(rows, forward: true), isInOrder(rows, forward: false))
            if forward != backward { goesForward[series] = forward }
        }
    }

    /// Whether the moments of these rows only grow, or only shrink.
    private mutating func isInOrder(_ rows: [TableRow], forward: Bool) -> Bool {
        var last: Instant?
        for row in rows {
            guard let time = row.time.milliseconds else { continue }
            let moment: Instant
            if let offset = row.time.offset {
                moment = Self.moment(row.time.day, time, offset)
            } else {
                switch dial(of: row).showing(time) {
                case .once(let only): moment = only
                case .never: continue
                case .twice(let early, let late):
                    let twins = lines[Shown(series: Series(row), day: row.time.day, milliseconds: time)] ?? []
                    guard twins.count == 2 else { continue }
                    moment = (row.line == twins[0]) == forward ? early : late
                }
            }
            if let last, forward ? moment < last : moment > last { return false }
            last = moment
        }
        return true
    }

    private static func moment(_ day: Day, _ time: Int64, _ offset: Duration) -> Instant {
        Instant(millisecondsSince1970: Int64(day.daysSince1970) * 86_400_000 + time) - offset
    }

    private mutating func dial(of row: TableRow) -> Zone.Dial {
        let section = book.entries[row.section]
        if let dial, dial.zone == section.zoneNumber, dial.day == row.time.day { return dial.dial }
        let fresh = section.zone.dial(of: row.time.day)
        dial = (section.zoneNumber, row.time.day, fresh)
        return fresh
    }

    /// The moment of the row's reading, and how long a period it covers.
    mutating func moment(of row: TableRow) throws(Unclear) -> (Instant, Period, Origin) {
        guard let time = row.time.milliseconds else { return try day(of: row) }
        let series = Series(row)
        let moment =
            if let offset = row.time.offset {
                Self.moment(row.time.day, time, offset)
            } else {
                try local(row, time)
            }
        return (moment, series.period, series.origin)
    }

    /// A row with a day and no time is a manual sample. In a table that also has times, it is more likely
    /// midnight, with the time of day dropped by a spreadsheet; nobody can tell, so it is refused.
    private mutating func day(of row: TableRow) throws(Unclear) -> (Instant, Period, Origin) {
        switch row.period {
        case .day: break
        case .instant, .hour:
            throw Unclear(detail: "has only a day; a reading of a moment or an hour needs a time")
        case nil:
            if let lineWithTime {
                throw Unclear(
                    detail: "has only a day, but line \(lineWithTime) has a time; for midnight write 00:00")
            }
        }
        let start = book.entries[row.section].zone.start(of: row.time.day)
        return (start, .day, row.origin ?? (row.period == nil ? .manual : .automatic))
    }

    private mutating func local(_ row: TableRow, _ time: Int64) throws(Unclear) -> Instant {
        let zone = book.entries[row.section].zoneName ?? "this city"
        switch dial(of: row).showing(time) {
        case .once(let moment): return moment
        case .never:
            throw Unclear(
                detail:
                    "this time did not exist in \(zone): clocks were put forward; write the offset, such as Z"
            )
        case .twice(let early, let late):
            let series = Series(row)
            let twins = lines[Shown(series: series, day: row.time.day, milliseconds: time)] ?? []
            guard twins.count == 2, let forward = goesForward[series] else {
                let shown = Int64(row.time.day.daysSince1970) * 86_400_000 + time
                let (first, second) = (early.offset(showing: shown), late.offset(showing: shown))
                throw Unclear(
                    detail:
                        "this time came twice in \(zone): clocks were put back; write the offset: \(first) or \(second)"
                )
            }
            return (row.line == twins[0]) == forward ? early : late
        }
    }
}

extension Instant {
    /// `+02:00`, if at this instant clocks show this many milliseconds after 1970-01-01T00:00.
    fileprivate func offset(showing local: Int64) -> String {
        let minutes = (local - millisecondsSince1970) / 60_000
        func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return (minutes < 0 ? "-" : "+") + "\(twoDigits(abs(minutes) / 60)):\(twoDigits(abs(minutes) % 60))"
    }
}
