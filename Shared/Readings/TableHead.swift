import Models
public import Text

/// The second step: finds how a table's fields are separated, and which rows are its header.
///
/// There may be titles above the header, and the header may have two rows: names above units, or groups above
/// names. The first separator that gives a header counts.
struct TableHead {
    struct Column {
        let place: Int
        /// As the table writes it, for faults.
        let name: String
        let meaning: ReadingColumn
    }

    let separator: UInt8
    /// The number of rows up to the last row of the header.
    let rowCount: Int
    let width: Int
    private(set) var columns: [Column] = []
    private(set) var ignored: [String] = []
    /// Columns without a name: all their cells must be blank.
    private(set) var nameless: [Int] = []
    private(set) var faults: [TableFault] = []
    let isFound: Bool

    private static let separators = ",\t;".utf8

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8], _ map: ColumnMap) {
        let views = Self.separators.map { View(bytes, separator: $0, map) }
        // If no row is a header, the fault is about the row that is most like one.
        let best = views.first(where: \.isWhole) ?? views.max { $0.likeness < $1.likeness }
        guard let view = best, let line = view.line else {
            separator = UInt8(ascii: ",")
            rowCount = 0
            width = 0
            isFound = false
            faults = [views.first?.fault ?? TableFault(line: 1, detail: "the table has no header")]
            return
        }
        separator = view.separator
        rowCount = view.rowCount
        width = view.names.count
        isFound = view.isWhole
        read(view.names, line, map)
        checkUnits(above: view.above)
    }

    private mutating func read(_ names: [String], _ line: Int, _ map: ColumnMap) {
        var used: Set<String> = []
        for (place, name) in names.enumerated() {
            guard name.utf8.count <= Limit.columnNameBytes else {
                let most = "longer than \(Limit.columnNameBytes) bytes"
                add(line, nil, "the name of column \(place + 1) is \(most)")
                continue
            }
            let mapped = map.meaning(of: name, at: place)
            if let mapped { used.insert(mapped.entry) }
            do throws(ReadingColumn.Unclear) {
                guard let meaning = try ReadingColumn(header: mapped?.header ?? name), meaning != .ignored
                else {
                    if mapped == nil, name.isBlank {
                        nameless.append(place)
                    } else {
                        ignored.append(name.excerpt(Limit.nameCharacters))
                    }
                    continue
                }
                let twin = columns.first { $0.meaning.means(meaning) }
                if let twin, meaning != .section {
                    add(line, name, "means the same as \(twin.name)")
                } else {
                    columns.append(
                        Column(place: place, name: name.isEmpty ? "#\(place + 1)" : name, meaning: meaning))
                }
            } catch {
                add(line, name, error.detail)
            }
        }
        for entry in map.unused(used) {
            add(line, nil, "the header has no column \"\(entry.excerpt(40))\" of columns=")
        }
        if !has(.section) { add(line, nil, "there is no column for the section, such as 断面名称") }
        if !has(.date), !columns.contains(where: \.meaning.isTime) {
            add(line, nil, "there is no column for the time, such as 监测时间")
        }
        if faults.isEmpty, !columns.contains(where: { $0.meaning.parameter != nil }) {
            add(line, nil, "there is no column for a parameter, such as 氨氮(mg/L)")
        }
    }

    private func has(_ meaning: ReadingColumn) -> Bool { columns.contains { $0.meaning == meaning } }

    private mutating func add(_ line: Int, _ column: String?, _ detail: String) {
        faults.append(TableFault(line: line, column: column, detail: detail))
    }

    // MARK: Units above the header

    /// A title may say 单位：μg/L. If that is not the unit in which a column without a unit is read, the
    /// column's own header must say its unit.
    private mutating func checkUnits(above rows: [CSVTable.Row]) {
        for row in rows {
            for unit in row.fields.flatMap(Self.units) {
                for column in columns {
                    guard case .value(let parameter, nil) = column.meaning,
                        let found = ColumnUnit(unit, of: parameter), found.scale != 0
                    else { continue }
                    add(
                        row.line, column.name,
                        "the line has the unit \(unit); write the unit into the column's header")
                }
            }
        }
    }

    /// The text behind the word "unit", and the text in brackets.
    private static func units(in field: String) -> [String] {
        guard field.utf8.count <= Limit.columnNameBytes else { return [] }
        let text = field.folded
        let pieces = text.split { "()[],;:、 \n".contains($0) }.map(String.init)
        return pieces.map { $0.replacing("单位", with: "").replacing("为", with: "") }.filter {
            $0.contains("/")
        }
    }
}

/// The first rows of a table, split by one separator, and which of them is the header.
private struct View {
    let separator: UInt8
    private(set) var line: Int?
    private(set) var names: [String] = []
    private(set) var rowCount = 0
    private(set) var above: [CSVTable.Row] = []
    private(set) var isWhole = false
    private(set) var likeness = 0
    private(set) var fault: TableFault?

    init(_ bytes: [UInt8], separator: UInt8, _ map: ColumnMap) {
        self.separator = separator
        var scanner = CSVRows(bytes, separator: separator)
        var rows: [CSVTable.Row] = []
        do throws(CSVTable.Fault) {
            while rows.count < Limit.titleRows + 2, let row = try scanner.next() { rows.append(row) }
        } catch {
            fault = TableFault(line: error.line, detail: error.detail)
        }
        let headers = rows.map { Header($0.fields, map) }
        for (index, row) in rows.prefix(Limit.titleRows + 1).enumerated() {
            let next = index + 1 < rows.count ? rows[index + 1] : nil
            let alone = headers[index]
            if alone.isWhole {
                let isDouble = next.map { alone.goesOn(in: $0.fields) } ?? false
                take(
                    rows, index, isDouble ? alone.joined(with: next?.fields ?? []) : row.fields,
                    isDouble ? 2 : 1)
                isWhole = true
                return
            }
            if let next, alone.known > 0, !headers[index + 1].isWhole {
                let names = alone.joined(with: next.fields)
                if Header(names, map).isWhole {
                    take(rows, index, names, 2)
                    isWhole = true
                    return
                }
            }
            if alone.known > likeness || line == nil {
                take(rows, index, row.fields, 1)
                likeness = alone.known
            }
        }
    }

    private mutating func take(_ rows: [CSVTable.Row], _ index: Int, _ names: [String], _ count: Int) {
        line = rows[index].line
        self.names = names
        rowCount = index + count
        // The upper row of two may group columns and name a unit for all of them.
        above = Array(rows[..<(index + count - 1)])
    }
}

/// A row that may be a header.
private struct Header {
    private let fields: [String]
    private let meanings: [ReadingColumn?]
    /// How many of its columns mean something, or would mean something if they were clear.
    let known: Int

    init(_ fields: [String], _ map: ColumnMap) {
        self.fields = fields
        var known = 0
        meanings = fields.enumerated().map { place, name in
            do throws(ReadingColumn.Unclear) {
                let column = try ReadingColumn(header: map.meaning(of: name, at: place)?.header ?? name)
                known += column == nil ? 0 : 1
                return column
            } catch {
                known += 1
                return nil
            }
        }
        self.known = known
    }

    /// Whether it says where and when a measurement was made.
    var isWhole: Bool {
        meanings.contains(.section) && meanings.contains { $0 == .date || $0?.isTime == true }
    }

    /// Whether the next row belongs to the header: it is blank below the section and the time, and has a unit
    /// or a name below the others.
    func goesOn(in next: [String]) -> Bool {
        guard next.count <= fields.count else { return false }
        var isHeader = false
        for (place, below) in next.enumerated() where !below.isBlank {
            guard below.utf8.count <= Limit.columnNameBytes else { return false }
            switch meanings[place] {
            case .value(let parameter, _) where ColumnUnit(below.trimmed.dropBrackets, of: parameter) != nil:
                isHeader = true
            case .section, .date, .observedAt:
                if ColumnNames.plain(below) != ColumnNames.plain(fields[place]) { return false }
            default:
                if Self.meaning(below) != nil || Self.isUnit(below) { isHeader = true }
            }
        }
        return isHeader
    }

    /// Joins two rows into one. A field that was merged across columns in the spreadsheet has its text only
    /// in the first of them.
    func joined(with next: [String]) -> [String] {
        var group = ""
        return (0..<max(fields.count, next.count)).map { place in
            let above = place < fields.count ? fields[place] : ""
            let below = place < next.count ? next[place] : ""
            if !above.isBlank { group = above }
            if below.isBlank { return above }
            if above.isBlank {
                // 类别 below 氨氮 is the class of that parameter, not the class of the water.
                let isPart = Self.meaning(group)?.parameter != nil && Self.meaning(below)?.parameter == nil
                return isPart ? "\(group) \(below)" : below
            }
            let isGroup = Self.meaning(above) == nil && Self.meaning(below) != nil
            return isGroup || above == below ? below : "\(above) \(below)"
        }
    }

    /// A unit of any parameter: the name above may be unclear without it.
    private static func isUnit(_ text: String) -> Bool {
        Parameter.allCases.contains { ColumnUnit(text.trimmed.dropBrackets, of: $0) != nil }
    }

    private static func meaning(_ header: String) -> ReadingColumn? { try? ReadingColumn(header: header) }
}

extension StringProtocol {
    fileprivate var dropBrackets: String {
        String(filter { !"()[]（）".contains($0) })
    }
}

/// What is wrong, on which line and in which column.
struct TableFault {
    let line: Int
    var column: String?
    let detail: String

    var told: FieldFault { FieldFault("line \(line)" + (column.map { ", \($0)" } ?? ""), detail) }
}

extension Limit {
    /// The most rows that may stand above the header.
    public static let titleRows = 10
}
