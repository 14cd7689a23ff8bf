/// A table as RFC 4180 writes it: a header, then rows of as many fields.
///
/// Beyond the letter of it, as tables are met in practice: lines may end with LF alone, a byte order mark may
/// stand first, and lines that hold nothing at all are skipped. What can't be read without guessing is a
/// fault with its line.
public struct CSVTable: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        /// Where the row begins in the file, 1 being the header's line; a quoted field may span lines.
        public let line: Int
        public let fields: [String]
    }

    /// What is wrong, and on which line.
    public struct Fault: Error, Hashable, Sendable {
        public let line: Int
        public let detail: String
    }

    public let header: [String]
    public let rows: [Row]

    /// Every row is whole, or the first fault of each that is not is thrown, under its line: `line 7`.
    public init(_ bytes: [UInt8]) throws(Malformed) {
        let (table, faults) = Self.read(bytes)
        guard faults.isEmpty else { throw Malformed(faults.map { FieldFault("line \($0.line)", $0.detail) }) }
        self = table
    }

    /// The rows that are whole, and every fault: whoever gathers faults of several kinds wants both.
    ///
    /// A row with another number of fields is left out. After a fault that makes the rest unsure nothing more
    /// is read.
    public static func read(_ bytes: [UInt8]) -> (table: CSVTable, faults: [Fault]) {
        var scanner = CSVScanner(bytes)
        var header: [String] = []
        var rows: [Row] = []
        var faults: [Fault] = []
        do throws(Fault) {
            try scanner.validate()
            guard let first = try scanner.row() else {
                throw Fault(line: 1, detail: "the table has no header")
            }
            header = first.fields
            try checkHeader(first)
            while let row = try scanner.row() {
                if row.fields.count != header.count {
                    let detail = "has \(row.fields.count) fields, the header has \(header.count)"
                    faults.append(Fault(line: row.line, detail: detail))
                    if faults.count == Limit.tableFaults { break }
                    continue
                }
                guard rows.count < Limit.tableRows else {
                    throw Fault(line: row.line, detail: "the table has more than \(Limit.tableRows) rows")
                }
                rows.append(row)
            }
        } catch {
            faults.append(error)
        }
        return (CSVTable(header: header, rows: rows), faults)
    }

    private init(header: [String], rows: [Row]) {
        self.header = header
        self.rows = rows
    }

    private static func checkHeader(_ row: Row) throws(Fault) {
        var seen: Set<[UInt8]> = []
        for (index, name) in row.fields.enumerated() {
            guard name.utf8.count <= Limit.columnNameBytes else {
                let most = "longer than \(Limit.columnNameBytes) bytes"
                throw Fault(line: row.line, detail: "the name of column \(index + 1) is \(most)")
            }
            if name.isEmpty { throw Fault(line: row.line, detail: "column \(index + 1) has no name") }
            if !seen.insert(Array(name.utf8)).inserted {
                throw Fault(line: row.line, detail: "the header names \"\(name)\" twice")
            }
        }
    }

    /// Where a column stands in each row's `fields`.
    public func column(_ name: String) -> Int? { header.firstIndex(of: name) }
}

extension Limit {
    public static let tableRows = 200_000
    public static let tableColumns = 512
    public static let columnNameBytes = 256
    public static let tableFieldBytes = 65_536
    /// Faults of rows told at once; whoever has more repairs these first.
    public static let tableFaults = 100
}

private struct CSVScanner {
    private let bytes: [UInt8]
    private var index: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Once for the whole, so that the fields need not be asked again.
    func validate() throws(CSVTable.Fault) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let before = bytes[..<error.byteOffsets.lowerBound].count { $0 == Self.lineFeed }
            throw CSVTable.Fault(line: before + 1, detail: "is not valid UTF-8")
        }
    }

    /// The next row that is not an empty line; nil at the end.
    mutating func row() throws(CSVTable.Fault) -> CSVTable.Row? {
        while index < bytes.count, try skipLineEnd() {}
        guard index < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        while true {
            guard fields.count < Limit.tableColumns else {
                throw CSVTable.Fault(line: start, detail: "has more than \(Limit.tableColumns) fields")
            }
            fields.append(try field())
            guard index < bytes.count else { break }
            if bytes[index] == Self.comma {
                index += 1
            } else if try skipLineEnd() {
                break
            } else {
                throw CSVTable.Fault(line: line, detail: "text follows a closing quote")
            }
        }
        return CSVTable.Row(line: start, fields: fields)
    }

    private mutating func skipLineEnd() throws(CSVTable.Fault) -> Bool {
        switch bytes[index] {
        case Self.lineFeed: index += 1
        case Self.carriageReturn:
            guard index + 1 < bytes.count, bytes[index + 1] == Self.lineFeed else {
                throw CSVTable.Fault(line: line, detail: "holds a carriage return without a line feed")
            }
            index += 2
        default: return false
        }
        line += 1
        return true
    }

    private mutating func field() throws(CSVTable.Fault) -> String {
        if index < bytes.count, bytes[index] == Self.quote { return try quotedField() }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Self.comma || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            if byte == Self.quote {
                throw CSVTable.Fault(
                    line: line, detail: "holds a quote in a field that does not begin with one")
            }
            index += 1
        }
        return try text(bytes[start..<index], from: line)
    }

    private mutating func quotedField() throws(CSVTable.Fault) -> String {
        let firstLine = line
        index += 1
        var start = index
        var unescaped: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == Self.lineFeed { line += 1 }
            guard byte == Self.quote else { continue }
            if index < bytes.count, bytes[index] == Self.quote {
                // Two quotes stand for one: take what was read including the first, and leave out the second.
                unescaped += bytes[start..<index]
                index += 1
                start = index
                continue
            }
            let rest = bytes[start..<index - 1]
            return try text(unescaped.isEmpty ? rest : ArraySlice(unescaped + rest), from: firstLine)
        }
        throw CSVTable.Fault(line: firstLine, detail: "a quote is opened here and never closed")
    }

    private func text(_ bytes: ArraySlice<UInt8>, from line: Int) throws(CSVTable.Fault) -> String {
        guard bytes.count <= Limit.tableFieldBytes else {
            throw CSVTable.Fault(
                line: line, detail: "holds a field longer than \(Limit.tableFieldBytes) bytes")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
