import Models

/// The fourth step: at what moments the rows were measured, by the clocks of their sections.
///
/// A time without an offset is local. When clocks are put back, they show one hour twice. Two rows of one
/// section with the same such time are the first and the second, in the order of the table. A single such row
/// is refused, because it may be either.
struct RowClock {
    private let book: SectionBook
    /// For each section whether its rows go forward in time; absent if they go neither forward nor backward.
    private var goesForward: [Int: Bool] = [:]
    private var lineWithTime: Int?
    /// The lines whose local time the clocks showed twice.
    private var lines: [Shown: [Int]] = [:]
    private var dial: (zone: Int, day: Day, dial: Zone.Dial)?

    fileprivate struct Shown: Hashable {
        let section: Int
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
        var ends: [Int: (first: TableTime, last: TableTime)] = [:]
        for row in rows {
            ends[row.section] = (ends[row.section]?.first ?? row.time, row.time)
            if row.time.milliseconds != nil { lineWithTime = lineWithTime ?? row.line }
            guard let time = row.time.milliseconds, row.time.offset == nil else { continue }
            if case .twice = dial(of: row).showing(time) {
                lines[Shown(section: row.section, day: row.time.day, milliseconds: time), default: []]
                    .append(row.line)
            }
        }
        for (section, ends) in ends where ends.first.shown != ends.last.shown {
            goesForward[section] = ends.first.shown < ends.last.shown
        }
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
        let moment: Instant
        if let offset = row.time.offset {
            let local = Int64(row.time.day.daysSince1970) * 86_400_000 + time
            moment = Instant(millisecondsSince1970: local) - offset
        } else {
            moment = try local(row, time)
        }
        return (moment, row.period ?? .instant, row.origin ?? .automatic)
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
            let shown = Shown(section: row.section, day: row.time.day, milliseconds: time)
            let twins = lines[shown, default: []]
            guard twins.count == 2, let forward = goesForward[row.section] else {
                let (first, second) = (early.offset(showing: shown.local), late.offset(showing: shown.local))
                throw Unclear(
                    detail:
                        "this time came twice in \(zone): clocks were put back; write the offset: \(first) or \(second)"
                )
            }
            return (row.line == twins[0]) == forward ? early : late
        }
    }
}

extension RowClock.Shown {
    fileprivate var local: Int64 { Int64(day.daysSince1970) * 86_400_000 + milliseconds }
}

extension TableTime {
    /// The time that clocks showed, as a number to compare.
    fileprivate var shown: Int64 { Int64(day.daysSince1970) * 86_400_000 + (milliseconds ?? 0) }
}

extension Instant {
    /// `+02:00`, if at this instant clocks show this many milliseconds after 1970-01-01T00:00.
    fileprivate func offset(showing local: Int64) -> String {
        let minutes = (local - millisecondsSince1970) / 60_000
        func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return (minutes < 0 ? "-" : "+") + "\(twoDigits(abs(minutes) / 60)):\(twoDigits(abs(minutes) % 60))"
    }
}
