public import Models
public import Text

/// A table of readings as laboratories, stations and the national feed write them: one row for a section and
/// a moment, one column for a parameter.
///
/// It is read in steps that can be studied one by one: `TableText` (bytes to UTF-8), `CSVRows` (rows),
/// `TableHead` (separator, header, columns), `RowReader` (cells), `RowClock` (moments).
///
/// A table is taken whole or not at all, unless `Options` say otherwise. Whatever can't be read without
/// guessing is a fault with its line and column, and all faults are reported at once, up to
/// `Limit.tableFaults`. What is left out is reported too: columns that mean nothing here, and rows without a
/// value.
///
/// 1. A column is known by its HJ 212 code or its Chinese or English name, with its unit or without. A unit
///    other than ours is converted if a power of ten does it; otherwise it is a fault.
/// 2. An empty cell, `--`, `—`, `/` and 停测 mean that a value was withheld or not measured. A class of −1
///    means the same.
/// 3. `<0.01` and `0.01L` are below the detection limit of 0.01, and stay like that: see
///    `Measurement.Value.below`.
/// 4. A time without an offset is local. A section is named by its identifier or its name.
/// 5. A row is an automatic reading at its moment, not reviewed yet. A row with a day and no time is a manual
///    sample of that day. Columns for period, origin and status can say otherwise.
public struct ReadingTable: Hashable, Sendable {
    public struct Options: Hashable, Sendable {
        /// The encoding that the sender named.
        public var charset: TableEncoding?
        public var columns = ColumnMap.empty
        /// Rows of sections that are not known here are left out and reported.
        public var skipsUnknown = false
        /// Rows with faults are left out and reported.
        public var skipsFaults = false
        /// The source, if the table names none.
        public var source: String?

        public init() {}
    }

    /// A section that the table names and that is not known here.
    public struct UnknownSection: Hashable, Sendable {
        public let name: String
        public let firstLine: Int
        public fileprivate(set) var rows: Int
    }

    public let encoding: TableEncoding
    public let separator: Character
    public private(set) var reports: [Report] = []
    /// As the header writes them.
    public let ignoredColumns: [String]
    /// Rows without a single value; they lead to no reading.
    public private(set) var emptyRows = 0
    /// In the order of the table; only if `skipsUnknown`.
    public private(set) var unknownSections: [UnknownSection] = []
    /// What is wrong with the rows that were left out, by line; only if `skipsFaults`.
    public private(set) var faults: [FieldFault] = []
    /// Rows that were left out because of a fault.
    public private(set) var faultyRows = 0
    /// Values with a star behind them.
    public private(set) var starredValues = 0

    public init(
        _ bytes: [UInt8], sections book: SectionBook, now: Instant, options: Options = Options()
    ) throws(Malformed) {
        let text = try TableText(bytes, charset: options.charset)
        let head = TableHead(text.bytes, options.columns)
        if !head.faults.isEmpty {
            var faults = head.faults.map(\.told)
            if !head.isFound, let doubt = text.doubt { faults.insert(doubt, at: 0) }
            throw Malformed(Self.first(faults, Limit.tableFaults))
        }
        encoding = text.encoding
        separator = Character(Unicode.Scalar(head.separator))
        ignoredColumns = head.ignored
        let most = options.skipsFaults ? Limit.skippedFaults : Limit.tableFaults
        var gathering = Gathering(head, book, options, now: now)
        try gathering.readRows(of: text.bytes, most: most)
        gathering.findMoments(most: most)
        let faults = gathering.faults.sorted { $0.line < $1.line }.map(\.told)
        reports = gathering.reports
        guard faults.isEmpty || options.skipsFaults && faults.count <= most && !reports.isEmpty else {
            throw Malformed(Self.first(faults, Limit.tableFaults))
        }
        emptyRows = gathering.emptyRows
        unknownSections = gathering.unknown
        self.faults = faults
        faultyRows = gathering.faultyRows
        starredValues = gathering.stars
    }

    private static func first(_ faults: [FieldFault], _ most: Int) -> [FieldFault] {
        guard faults.count > most else { return faults }
        return faults.prefix(most) + [FieldFault("", "there are more faults; these are the first")]
    }

    // MARK: - What is collected while reading down

    private struct Gathering {
        private var reader: RowReader
        private let book: SectionBook
        private let latest: Instant
        private var rows: [TableRow] = []
        private var unknownPlaces: [[UInt8]: Int] = [:]
        private(set) var unknown: [UnknownSection] = []
        private(set) var emptyRows = 0
        private(set) var faultyRows = 0
        private var taken: [(report: Report, row: TableRow)] = []
        /// Indices in `taken` of rows that have a second row for the same moment.
        private var doubles: Set<Int> = []
        private var later: [TableFault] = []

        var faults: [TableFault] { reader.faults + later }
        var reports: [Report] { single.map(\.report) }
        var stars: Int { single.reduce(0) { $0 + $1.row.stars } }

        private var single: [(report: Report, row: TableRow)] {
            doubles.isEmpty ? taken : taken.indices.filter { !doubles.contains($0) }.map { taken[$0] }
        }

        init(_ head: TableHead, _ book: SectionBook, _ options: Options, now: Instant) {
            reader = RowReader(head, book, source: options.source, skipsUnknown: options.skipsUnknown)
            self.book = book
            latest = now + .milliseconds(Limit.readingAheadMilliseconds)
        }

        /// A fault that makes all further rows unsure refuses the whole table, whatever `Options` allow to
        /// skip.
        mutating func readRows(of bytes: [UInt8], most: Int) throws(Malformed) {
            var scanner = CSVRows(bytes, separator: reader.head.separator)
            var count = 0
            do throws(CSVTable.Fault) {
                while reader.faults.count <= most, let row = try scanner.next() {
                    count += 1
                    if count <= reader.head.rowCount { continue }
                    guard count - reader.head.rowCount <= Limit.tableRows else {
                        throw CSVTable.Fault(
                            line: row.line, detail: "the table has more than \(Limit.tableRows) rows")
                    }
                    take(reader.read(row), line: row.line)
                    guard unknown.count <= Limit.unknownSections else {
                        throw CSVTable.Fault(
                            line: row.line,
                            detail: "more than \(Limit.unknownSections) sections are unknown")
                    }
                }
            } catch {
                let faults = reader.faults.map(\.told) + [FieldFault("line \(error.line)", error.detail)]
                throw Malformed(ReadingTable.first(faults, Limit.tableFaults))
            }
        }

        private mutating func take(_ outcome: RowReader.Outcome, line: Int) {
            switch outcome {
            case .row(let row): rows.append(row)
            case .empty: emptyRows += 1
            case .faulty: faultyRows += 1
            case .unknown(let name):
                let bytes = Array(name.utf8)
                if let place = unknownPlaces[bytes] {
                    unknown[place].rows += 1
                } else {
                    unknownPlaces[bytes] = unknown.count
                    unknown.append(UnknownSection(name: name, firstLine: line, rows: 1))
                }
            }
        }

        mutating func findMoments(most: Int) {
            var clock = RowClock(rows, book)
            var places: [ReadingKey: Int] = [:]
            taken.reserveCapacity(rows.count)
            for row in rows where faults(fewerThan: most) {
                do throws(RowClock.Unclear) {
                    let (moment, period, origin) = try clock.moment(of: row)
                    let report = Report(
                        section: book.entries[row.section].id, observedAt: moment, period: period,
                        origin: origin, source: row.source, publishedClass: row.publishedClass,
                        measurements: row.measurements)
                    if let fault = fault(of: report, row) {
                        add(row, fault.column, fault.detail)
                    } else {
                        take(report, row, &places)
                    }
                } catch {
                    add(row, row.timeColumn, error.detail)
                }
            }
        }

        private func faults(fewerThan most: Int) -> Bool { reader.faults.count + later.count <= most }

        private mutating func add(_ row: TableRow, _ column: String?, _ detail: String) {
            later.append(TableFault(line: row.line, column: column, detail: detail))
            faultyRows += 1
        }

        /// A second row for the same moment would replace the first, and nobody could say which is right.
        private mutating func take(_ report: Report, _ row: TableRow, _ places: inout [ReadingKey: Int]) {
            guard let first = places[report.key] else {
                places[report.key] = taken.count
                taken.append((report, row))
                return
            }
            let same = "is of the same section and time as line"
            if doubles.insert(first).inserted { add(taken[first].row, nil, "\(same) \(row.line)") }
            add(row, nil, "\(same) \(taken[first].row.line)")
        }

        private func fault(of report: Report, _ row: TableRow) -> (column: String?, detail: String)? {
            guard (Instant.earliest...Instant.latest).contains(report.observedAt) else {
                return (row.timeColumn, "lies outside the years 0 to 9999")
            }
            guard report.observedAt <= latest else { return (row.timeColumn, "lies in the future") }
            return report.faults.first.map { (nil, "\($0)") }
        }
    }
}

extension Limit {
    /// The most faults that are reported for rows that were left out. A table with more is refused: something
    /// is wrong with the table and not with some rows.
    public static let skippedFaults = 10_000
    /// The most unknown sections whose rows are left out; a table with more belongs to another city.
    public static let unknownSections = 1000
}
