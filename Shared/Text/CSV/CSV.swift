/// A table as in RFC 4180: a header, then rows with the same number of fields.
///
/// It also accepts what is common in practice: lines that end with LF alone, a byte order mark at the
/// beginning, and empty lines, which are skipped. What can't be read without guessing is a fault with its
/// line.
public struct CSVTable: Hashable, Sendable {
    public struct Row: Hashable, Sendable {
        /// The line of the file in which the row begins; the header is line 1. A quoted field may span lines.
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

    /// Throws the first fault of every faulty row, named by line: `line 7`.
    public init(_ bytes: [UInt8]) throws(Malformed) {
        let (table, faults) = Self.read(bytes)
        guard faults.isEmpty else { throw Malformed(faults.map { FieldFault("line \($0.line)", $0.detail) }) }
        self = table
    }

    /// The good rows, and every fault, for a caller that collects faults of several kinds.
    ///
    /// A row with a wrong number of fields is left out. After a fault that makes the rest unsure, reading
    /// stops.
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

    /// The index of a column in each row's `fields`.
    public func column(_ name: String) -> Int? { header.firstIndex(of: name) }
}

extension Limit {
    public static let tableRows = 200_000
    public static let tableColumns = 512
    public static let columnNameBytes = 256
    public static let tableFieldBytes = 65_536
    /// How many faults of rows are reported at once; a sender with more repairs these first.
    public static let tableFaults = 100
}
