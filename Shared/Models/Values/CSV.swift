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

        public init(line: Int, detail: String) {
            self.line = line
            self.detail = detail
        }
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
        var scanner = CSVRows(bytes)
        var header: [String] = []
        var rows: [Row] = []
        var faults: [Fault] = []
        do throws(Fault) {
            if let line = CSVRows.lineOfInvalidUTF8(in: bytes) {
                throw Fault(line: line, detail: "is not valid UTF-8")
            }
            guard let first = try scanner.next() else {
                throw Fault(line: 1, detail: "the table has no header")
            }
            header = first.fields
            try checkHeader(first)
            while let row = try scanner.next() {
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
