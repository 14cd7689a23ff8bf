public import Models
public import Text

/// An office's decisions as a table: one row for each measurement, with a verdict. The list of measurements
/// that wait for review is such a table; its column for the verdict is still empty.
///
/// A row without a verdict says nothing. Columns that mean nothing here are left out. The table is taken
/// whole or not at all: all faults are reported at once, up to `Limit.tableFaults`.
public struct ReviewTable: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        public let key: ReadingKey
        public let parameter: Parameter
        public let verdict: Review.Verdict
        /// When the reviewed measurement had been received; nil: the table does not say it.
        public let receivedAt: Instant?
    }

    public private(set) var rows: [Row] = []
    public private(set) var undecidedRows = 0

    private enum Column: String, CaseIterable {
        case section, observedAt, period, origin, parameter, verdict, receivedAt

        var isNeeded: Bool {
            switch self {
            case .section, .observedAt, .parameter, .verdict: true
            case .period, .origin, .receivedAt: false
            }
        }
    }

    public init(_ bytes: [UInt8], sections book: SectionBook, charset: TableEncoding? = nil) throws(Malformed)
    {
        let text = try TableText(bytes, charset: charset)
        var faults: [TableFault] = []
        var lines: [ReviewedMeasurement: Int] = [:]
        do throws(CSVTable.Fault) {
            var scanner = CSVRows(text.bytes, separator: try Self.separator(of: text.bytes))
            let places = try Self.columns(try scanner.next()?.fields ?? [])
            while faults.count <= Limit.tableFaults, let row = try scanner.next() {
                guard rows.count < Limit.tableRows else {
                    throw CSVTable.Fault(
                        line: row.line, detail: "the table has more than \(Limit.tableRows) rows")
                }
                var cells = Cells(row, places, book)
                guard let verdict = cells.verdict() else {
                    if cells.faults.isEmpty { undecidedRows += 1 }
                    faults += cells.faults
                    continue
                }
                let measured = cells.measurement()
                let receivedAt = cells.receivedAt()
                faults += cells.faults
                guard let measured, cells.faults.isEmpty else { continue }
                if let line = lines.updateValue(row.line, forKey: measured) {
                    faults.append(
                        TableFault(line: row.line, detail: "is of the same measurement as line \(line)"))
                }
                rows.append(
                    Row(
                        key: measured.key, parameter: measured.parameter, verdict: verdict,
                        receivedAt: receivedAt))
            }
        } catch {
            throw Malformed("line \(error.line)", error.detail)
        }
        guard faults.isEmpty else { throw Malformed(faults.prefix(Limit.tableFaults).map(\.told)) }
    }

    /// The separator with which the header has a column for the verdict.
    private static func separator(of bytes: [UInt8]) throws(CSVTable.Fault) -> UInt8 {
        for separator in [",", ";", "\t"].compactMap(\.utf8.first) {
            var scanner = CSVRows(bytes, separator: separator)
            if try columns(of: scanner.next()?.fields ?? [])[.verdict] != nil { return separator }
        }
        throw CSVTable.Fault(line: 1, detail: "the header has no column verdict")
    }

    private static func columns(of header: [String]) -> [Column: Int] {
        var places: [Column: Int] = [:]
        for (place, name) in header.enumerated() where name.utf8.count <= Limit.columnNameBytes {
            let plain = ColumnNames.plain(name)
            guard let column = Column.allCases.first(where: { ColumnNames.plain($0.rawValue) == plain })
            else { continue }
            places[column] = places[column] ?? place
        }
        return places
    }

    private static func columns(_ header: [String]) throws(CSVTable.Fault) -> [Column: Int] {
        let places = columns(of: header)
        let missing = Column.allCases.filter { $0.isNeeded && places[$0] == nil }.map(\.rawValue)
        guard missing.isEmpty else {
            throw CSVTable.Fault(
                line: 1, detail: "the header has no column \(missing.joined(separator: ", "))")
        }
        return places
    }

    private struct ReviewedMeasurement: Hashable {
        let key: ReadingKey
        let parameter: Parameter
    }

    /// One row, and what is wrong with it.
    private struct Cells {
        private let row: CSVTable.Row
        private let places: [Column: Int]
        private let book: SectionBook
        private(set) var faults: [TableFault] = []

        init(_ row: CSVTable.Row, _ places: [Column: Int], _ book: SectionBook) {
            self.row = row
            self.places = places
            self.book = book
        }

        private subscript(_ column: Column) -> ReadingCell? {
            guard let place = places[column], place < row.fields.count,
                row.fields[place].utf8.count <= ReadingCell.bytes
            else { return nil }
            let cell = ReadingCell(row.fields[place])
            return cell.isMissing ? nil : cell
        }

        private mutating func add(_ column: Column, _ detail: String) {
            faults.append(TableFault(line: row.line, column: column.rawValue, detail: detail))
        }

        private mutating func word<Word: RawRepresentable<String> & CaseIterable>(
            _ column: Column, _ type: Word.Type, _ others: [String: Word]
        ) -> Word? {
            guard let cell = self[column] else { return nil }
            do throws(ReadingCell.Unreadable) { return try cell.word(type, others) } catch {
                add(column, error.detail)
                return nil
            }
        }

        mutating func verdict() -> Review.Verdict? {
            word(
                .verdict, Review.Verdict.self,
                ["有效": .valid, "通过": .valid, "撤回": .withdrawn, "作废": .withdrawn])
        }

        mutating func receivedAt() -> Instant? { moment(.receivedAt) }

        mutating func measurement() -> ReviewedMeasurement? {
            let section = section()
            let observedAt = moment(.observedAt)
            if observedAt == nil, faults.allSatisfy({ $0.column != Column.observedAt.rawValue }) {
                add(.observedAt, "is missing")
            }
            let period = word(.period, Period.self, RowReader.periods) ?? .instant
            let origin = word(.origin, Origin.self, RowReader.origins) ?? .automatic
            let parameter = self[.parameter].flatMap { cell in
                cell.text.utf8.count <= Limit.columnNameBytes
                    ? ColumnNames.parameters[ColumnNames.plain(cell.text)] : nil
            }
            if parameter == nil { add(.parameter, "is not a known parameter") }
            guard let section, let observedAt, let parameter else { return nil }
            return ReviewedMeasurement(
                key: ReadingKey(section: section, observedAt: observedAt, period: period, origin: origin),
                parameter: parameter)
        }

        private mutating func section() -> SectionID? {
            let places = self[.section].map { book.places(named: $0.plainText) } ?? []
            guard places.count == 1 else {
                add(
                    .section,
                    places.isEmpty ? "is not a section of the registry" : "is the name of several sections")
                return nil
            }
            return book.entries[places[0]].id
        }

        private mutating func moment(_ column: Column) -> Instant? {
            guard let cell = self[column] else { return nil }
            if let moment = Instant(rfc3339: cell.text) { return moment }
            add(column, "\"\(cell.excerpt)\" is not a time with an offset such as 2026-07-09T21:00:00+08:00")
            return nil
        }
    }
}
