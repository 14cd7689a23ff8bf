public import Models

/// A table of readings as laboratories, stations and the national feed write them: one row for a section and
/// a moment, one column for a parameter.
///
/// Whole or not at all: what can't be read without guessing is a fault with its line and its column, and all
/// faults are told at once, up to `Limit.tableFaults`. What is left out is told too: columns that mean
/// nothing here, and rows that measured nothing.
///
/// 1. A column is known by its HJ 212 code or its Chinese or English name, in any case, with its unit in
/// brackets or without.
///    Another unit than ours is converted where that is a power of ten, else it is a fault.
/// 2. An empty cell, `--`, `—` and `/` mean that a value was withheld or not measured. So does a class of −1.
/// 3. `<0.01` and `0.01L` are below the detection limit of 0.01, and stay so: see `Measurement.Value.below`.
/// 4. A time without an offset is local. A section is named by its identifier or its Chinese name.
/// 5. Each row is a report of an automatic reading at its moment, not reviewed yet.
public struct ReadingTable: Hashable, Sendable {
    public let reports: [Report]
    /// As the header has them.
    public let ignoredColumns: [String]
    /// Rows without a single value, which lead to no reading.
    public let emptyRows: Int

    /// - Parameter section: the section that a text names, where there is exactly one.
    public init(
        _ bytes: [UInt8], localOffset: Duration, now: Instant, source: String? = nil,
        section: (String) -> SectionID?
    ) throws(Malformed) {
        let (table, faults) = CSVTable.read(bytes)
        var reader = RowReader(localOffset: localOffset, latest: now + Self.ahead, source: source)
        for fault in faults { reader.add(line: fault.line, fault.detail) }
        if !table.header.isEmpty { reader.read(header: table.header) }
        if reader.canReadRows {
            for row in table.rows where reader.faults.count <= Limit.tableFaults {
                reader.read(row, section)
            }
        }
        guard reader.faults.isEmpty else { throw Malformed(reader.faultsToTell) }
        reports = reader.reports
        ignoredColumns = reader.ignored
        emptyRows = reader.emptyRows
    }

    private static let ahead = Duration.milliseconds(Limit.readingAheadMilliseconds)
}

/// What is gathered on the way down the table.
private struct RowReader {
    let localOffset: Duration
    let latest: Instant
    let source: String?

    private var columns: [(index: Int, name: String, column: ReadingColumn)] = []
    /// By their names as bytes.
    private var sections: [[UInt8]: SectionID?] = [:]
    private var lines: [ReadingKey: Int] = [:]

    private(set) var ignored: [String] = []
    private(set) var reports: [Report] = []
    private(set) var emptyRows = 0
    private(set) var faults: [FieldFault] = []

    init(localOffset: Duration, latest: Instant, source: String?) {
        self.localOffset = localOffset
        self.latest = latest
        self.source = source
    }

    mutating func add(line: Int, column: String? = nil, _ detail: String) {
        faults.append(FieldFault("line \(line)" + (column.map { ", \($0)" } ?? ""), detail))
    }

    var faultsToTell: [FieldFault] {
        guard faults.count > Limit.tableFaults else { return faults }
        return faults.prefix(Limit.tableFaults) + [
            FieldFault("", "there are more faults; these are the first")
        ]
    }

    // MARK: The header

    var canReadRows: Bool {
        has(.section) && has(.observedAt) && columns.contains { $0.column.parameter != nil }
    }

    private func has(_ column: ReadingColumn) -> Bool { columns.contains { $0.column == column } }

    mutating func read(header: [String]) {
        for (index, name) in header.enumerated() {
            do throws(ReadingColumn.Unclear) {
                guard let column = try ReadingColumn(header: name) else {
                    ignored.append(name.excerpt(Limit.nameCharacters))
                    continue
                }
                if let twin = columns.first(where: { $0.column.means(column) }) {
                    add(line: 1, column: name, "means the same as \(twin.name)")
                } else {
                    columns.append((index, name, column))
                }
            } catch {
                add(line: 1, column: name, error.detail)
            }
        }
        if !has(.section) { add(line: 1, "no column names the section, such as 断面名称") }
        if !has(.observedAt) { add(line: 1, "no column has the time, such as 监测时间") }
        if faults.isEmpty, !canReadRows { add(line: 1, "no column is a parameter, such as 氨氮(mg/L)") }
    }

    // MARK: A row

    mutating func read(_ row: CSVTable.Row, _ find: (String) -> SectionID?) {
        let before = faults.count
        for (index, name, _) in columns where row.fields[index].utf8.count > ReadingCell.bytes {
            add(line: row.line, column: name, "is longer than \(ReadingCell.bytes) bytes")
        }
        guard faults.count == before else { return }
        let measurements = measurements(of: row)
        if measurements.isEmpty, faults.count == before {
            emptyRows += 1
            return
        }
        var section: SectionID?
        var observedAt: Instant?
        var publishedClass: WaterClass?
        var source = source
        for (index, name, column) in columns {
            let cell = ReadingCell(row.fields[index])
            switch column {
            case .section: section = self.section(cell, row.line, name, find)
            case .observedAt: observedAt = instant(cell, row.line, name)
            case .publishedClass: publishedClass = waterClass(cell, row.line, name)
            case .source: source = cell.isMissing ? source : cell.text
            case .value: continue
            }
        }
        guard let section, let observedAt, faults.count == before else { return }
        let report = Report(
            section: section, observedAt: observedAt, source: source, publishedClass: publishedClass,
            measurements: measurements)
        report.faults.forEach { add(line: row.line, "\($0)") }
        // A second row for the same moment would replace the first, and nobody could say which is right.
        if let line = lines.updateValue(row.line, forKey: report.key) {
            add(line: row.line, "is of the same section and time as line \(line)")
        }
        reports.append(report)
    }

    private mutating func measurements(of row: CSVTable.Row) -> [Parameter: Measurement] {
        var measurements: [Parameter: Measurement] = [:]
        for (index, name, column) in columns {
            guard case .value(let parameter, let scale, let unit) = column else { continue }
            let cell = ReadingCell(row.fields[index])
            guard !cell.isMissing else { continue }
            do throws(ReadingCell.Unreadable) {
                measurements[parameter] = try cell.measurement(of: parameter, scale: scale, unit: unit)
            } catch {
                add(line: row.line, column: name, error.detail)
            }
        }
        return measurements
    }

    private mutating func section(
        _ cell: ReadingCell, _ line: Int, _ column: String, _ find: (String) -> SectionID?
    ) -> SectionID? {
        let text = cell.text
        let found = sections[Array(text.utf8)] ?? find(text)
        sections[Array(text.utf8)] = .some(found)
        if found == nil { add(line: line, column: column, "\"\(cell.excerpt)\" is not a section here") }
        return found
    }

    private mutating func instant(_ cell: ReadingCell, _ line: Int, _ name: String) -> Instant? {
        guard let instant = cell.instant(localOffset: localOffset) else {
            add(line: line, column: name, "\"\(cell.excerpt)\" is not a time such as 2026-07-09 21:00")
            return nil
        }
        guard instant <= latest else {
            add(line: line, column: name, "\"\(cell.excerpt)\" lies in the future")
            return nil
        }
        return instant
    }

    private mutating func waterClass(_ cell: ReadingCell, _ line: Int, _ name: String) -> WaterClass? {
        do throws(ReadingCell.Unreadable) {
            return try cell.waterClass()
        } catch {
            add(line: line, column: name, error.detail)
            return nil
        }
    }
}
