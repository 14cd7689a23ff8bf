import Models
import Text

/// A row of a table, understood as far as that is possible without the other rows.
struct TableRow {
    let line: Int
    /// An index in `SectionBook.entries`.
    let section: Int
    let time: TableTime
    let timeColumn: String
    let period: Period?
    let origin: Origin?
    let source: String?
    let publishedClass: WaterClass?
    let measurements: [Parameter: Measurement]
    let stars: Int
}

/// The third step: reads a row's cells by the columns they are in.
struct RowReader {
    enum Outcome {
        case row(TableRow)
        /// The row has no value at all.
        case empty
        /// The row is about a section that is not known here.
        case unknown(name: String)
        case faulty
    }

    let head: TableHead
    let book: SectionBook
    let source: String?
    let skipsUnknown: Bool

    private(set) var faults: [TableFault] = []
    /// Looked up by the text of the cell, because a table names few sections, and each of them often.
    private var found: [[UInt8]: [Int]] = [:]

    init(_ head: TableHead, _ book: SectionBook, source: String?, skipsUnknown: Bool) {
        self.head = head
        self.book = book
        self.source = source
        self.skipsUnknown = skipsUnknown
    }

    mutating func read(_ row: CSVTable.Row) -> Outcome {
        let before = faults.count
        if isFootnote(row) { return .empty }
        guard fits(row) else { return .faulty }
        let (measurements, stars) = measurements(of: row, flag: flag(of: row))
        if measurements.isEmpty, faults.count == before { return .empty }
        let place: Int
        switch section(of: row) {
        case .known(let known): place = known
        case .unknown(let name):
            // The row is not about a section of ours, so its other faults do not matter.
            faults.removeSubrange(before...)
            return .unknown(name: name)
        case .faulty: place = -1
        }
        var publishedClass: WaterClass?
        var (period, origin, status) = (Period?.none, Origin?.none, Status?.none)
        var source = source
        let time = self.time(of: row)
        for column in head.columns where column.meaning.isWord {
            let cell = ReadingCell(row.fields[column.place])
            do throws(ReadingCell.Unreadable) {
                if column.meaning == .publishedClass { publishedClass = try cell.waterClass() }
                if cell.isMissing { continue }
                switch column.meaning {
                case .period: period = try cell.word(Period.self, Self.periods)
                case .origin: origin = try cell.word(Origin.self, Self.origins)
                case .status: status = try cell.word(Status.self, Self.statuses)
                case .source: source = cell.plainText
                default: break
                }
            } catch {
                add(row.line, column.name, error.detail)
            }
        }
        guard let time, place >= 0, faults.count == before else { return .faulty }
        return .row(
            TableRow(
                line: row.line, section: place, time: time.time, timeColumn: time.column, period: period,
                origin: origin, source: source, publishedClass: publishedClass,
                measurements: measurements.mapValues { $0.standing(as: status) },
                stars: stars))
    }

    static let periods: [String: Period] = [
        "瞬时": .instant, "实时": .instant, "小时": .hour, "小时均值": .hour, "日": .day, "日均值": .day,
    ]
    static let origins: [String: Origin] = [
        "自动": .automatic, "自动监测": .automatic, "手工": .manual, "手工监测": .manual, "人工": .manual,
        "人工监测": .manual,
    ]
    private static let statuses: [String: Status] = [
        "已审核": .valid, "未审核": .provisional, "待审核": .provisional, "撤回": .withdrawn, "已撤回": .withdrawn,
        "作废": .withdrawn,
    ]
    /// The letters are from HJ 212-2017, table 8.
    private static let flags: [String: Measurement.Flag] = [
        "N": .valid, "正常": .valid, "有效": .valid, "F": .stopped, "停运": .stopped, "M": .maintenance,
        "维护": .maintenance, "S": .entered, "手工输入": .entered, "D": .fault, "故障": .fault, "C": .calibration,
        "校准": .calibration, "T": .overRange, "超上限": .overRange, "超量程": .overRange, "B": .communication,
        "通讯异常": .communication, "存疑": .suspect,
    ]

    /// The status of a whole row.
    enum Status: String, CaseIterable {
        case provisional, valid
        /// The values of the row are withdrawn, whatever they are.
        case withdrawn
    }

    private mutating func add(_ line: Int, _ column: String?, _ detail: String) {
        faults.append(TableFault(line: line, column: column, detail: detail))
    }

    // MARK: Cells

    /// A line below the table that says what a star means. A row that was cut off does not begin like one.
    private func isFootnote(_ row: CSVTable.Row) -> Bool {
        guard head.width > 1, row.fields.count == 1 else { return false }
        let text = row.fields[0].trimmed.folded.utf8
        return Self.footnoteMarks.contains { text.starts(with: $0.utf8) }
    }

    private static let footnoteMarks = ["注", "备注", "说明", "*", "Note", "note", "Remark"]

    /// As many fields as the header has. A field beyond the header, or under no name, must be blank.
    private mutating func fits(_ row: CSVTable.Row) -> Bool {
        let fields = row.fields
        guard fields.count >= head.width, fields[head.width...].allSatisfy(\.isBlank) else {
            add(row.line, nil, "has \(fields.count) fields, the header has \(head.width)")
            return false
        }
        let before = faults.count
        for place in head.nameless where !fields[place].isBlank {
            add(row.line, "column \(place + 1)", "has no name in the header")
        }
        for column in head.columns where fields[column.place].utf8.count > ReadingCell.bytes {
            add(row.line, column.name, "is longer than \(ReadingCell.bytes) bytes")
        }
        return faults.count == before
    }

    /// The flag is read before the values: what a broken device sends need not be plausible.
    private mutating func flag(of row: CSVTable.Row) -> Measurement.Flag {
        guard let column = head.columns.first(where: { $0.meaning == .flag }) else { return .valid }
        let cell = ReadingCell(row.fields[column.place])
        do throws(ReadingCell.Unreadable) { return try cell.word(Measurement.Flag.self, Self.flags) } catch {
            if !cell.isMissing { add(row.line, column.name, error.detail) }
            return .valid
        }
    }

    private mutating func measurements(
        of row: CSVTable.Row, flag: Measurement.Flag
    ) -> ([Parameter: Measurement], stars: Int) {
        var measurements: [Parameter: Measurement] = [:]
        var stars = 0
        for column in head.columns {
            guard case .value(let parameter, let unit) = column.meaning else { continue }
            let cell = ReadingCell(row.fields[column.place])
            guard !cell.isMissing else { continue }
            do throws(ReadingCell.Unreadable) {
                let (measurement, hasStar) = try cell.measurement(of: parameter, unit: unit, flag: flag)
                measurements[parameter] = measurement
                stars += hasStar ? 1 : 0
            } catch {
                add(row.line, column.name, error.detail)
            }
        }
        return (measurements, stars)
    }

    private enum FoundSection {
        case known(Int)
        case unknown(name: String)
        case faulty
    }

    /// Several columns may name sections, since a table may have a name and another system's code. At least
    /// one must name a section that is known here, and all that do must mean the same one.
    private mutating func section(of row: CSVTable.Row) -> FoundSection {
        var places: [Int]?
        var named: TableHead.Column?
        var unknown: (TableHead.Column, ReadingCell)?
        for column in head.columns where column.meaning == .section {
            let cell = ReadingCell(row.fields[column.place])
            if cell.isMissing { continue }
            let here = self.places(named: cell.plainText)
            if here.isEmpty {
                unknown = unknown ?? (column, cell)
                continue
            }
            let both = places.map { $0.filter(here.contains) } ?? here
            if both.isEmpty {
                add(
                    row.line, column.name,
                    "\"\(cell.excerpt)\" is not the section in \(named?.name ?? "")")
                return .faulty
            }
            places = both
            named = named ?? column
        }
        if let places, let named {
            if places.count == 1 { return .known(places[0]) }
            let ids = places.prefix(5).map { book.entries[$0].id.rawValue }.joined(separator: ", ")
            add(row.line, named.name, "is the name of \(places.count) sections; write the identifier: \(ids)")
            return .faulty
        }
        guard let (column, cell) = unknown else {
            let column = head.columns.first { $0.meaning == .section }
            add(row.line, column?.name, "has no section; only the first row of a merged cell has it")
            return .faulty
        }
        if skipsUnknown { return .unknown(name: cell.excerpt) }
        add(row.line, column.name, "\"\(cell.excerpt)\" is not a section of the registry")
        return .faulty
    }

    private mutating func places(named text: String) -> [Int] {
        let bytes = Array(text.utf8)
        if let known = found[bytes] { return known }
        let places = book.places(named: text)
        if found.count < Limit.tableFaults * 10 { found[bytes] = places }
        return places
    }

    /// The time from one column, or a day from one column and the time of day from another.
    private mutating func time(of row: CSVTable.Row) -> (time: TableTime, column: String)? {
        var day: (time: TableTime, column: String)?
        var result: (time: TableTime, column: String)?
        for column in head.columns where column.meaning == .date {
            let cell = ReadingCell(row.fields[column.place])
            guard let time = cell.time else {
                add(row.line, column.name, "\"\(cell.excerpt)\" is not a day such as 2026-07-09")
                return nil
            }
            day = (time, column.name)
        }
        for column in head.columns {
            guard case .observedAt(let offset) = column.meaning else { continue }
            let cell = ReadingCell(row.fields[column.place])
            if day != nil, cell.isMissing { continue }
            guard var time = cell.time ?? day.flatMap({ cell.time(on: $0.time.day) }) else {
                add(row.line, column.name, "\"\(cell.excerpt)\" is not a time such as 2026-07-09 21:00")
                return nil
            }
            if let day, cell.time != nil, time.day != day.time.day {
                add(row.line, column.name, "\"\(cell.excerpt)\" is not the day in \(day.column)")
                return nil
            }
            if time.milliseconds != nil { time.offset = time.offset ?? offset }
            result = (time, column.name)
        }
        return result ?? day
    }
}

extension ReadingColumn {
    /// Whether it holds one word or text, and not a section, a time or a value.
    fileprivate var isWord: Bool {
        switch self {
        case .publishedClass, .source, .period, .origin, .status: true
        case .section, .date, .observedAt, .value, .flag, .ignored: false
        }
    }
}

extension Measurement {
    fileprivate func standing(as status: RowReader.Status?) -> Measurement {
        switch status {
        case .valid: asValid
        case .withdrawn: Measurement(.withdrawn, status: .valid)
        case .provisional, nil: self
        }
    }
}
