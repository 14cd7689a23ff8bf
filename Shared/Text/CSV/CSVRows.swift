/// The rows of a table one after the other, with any byte as separator.
public struct CSVRows {
    private let bytes: [UInt8]
    private let separator: UInt8
    private var index: Int
    private var line = 1

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Parameter bytes: UTF-8, see `lineOfInvalidUTF8`.
    public init(_ bytes: [UInt8], separator: UInt8 = UInt8(ascii: ",")) {
        self.bytes = bytes
        self.separator = separator
        index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Call it once for the whole table, so that the fields need not be checked again.
    public static func lineOfInvalidUTF8(in bytes: [UInt8]) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return bytes[..<error.byteOffsets.lowerBound].count { $0 == lineFeed } + 1
        }
    }

    /// The next row that is not an empty line; nil at the end.
    public mutating func next() throws(CSVTable.Fault) -> CSVTable.Row? {
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
            if bytes[index] == separator {
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
            if byte == separator || byte == Self.lineFeed || byte == Self.carriageReturn { break }
            if byte == Self.quote {
                throw CSVTable.Fault(
                    line: line, detail: "holds a quote in the middle of a field that is not quoted")
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
                // Two quotes stand for one: keep the text up to and including the first, and skip the second.
                unescaped += bytes[start..<index]
                index += 1
                start = index
                continue
            }
            let rest = bytes[start..<index - 1]
            return try text(unescaped.isEmpty ? rest : ArraySlice(unescaped + rest), from: firstLine)
        }
        throw CSVTable.Fault(line: firstLine, detail: "a quoted field begins here and never ends")
    }

    private func text(_ bytes: ArraySlice<UInt8>, from line: Int) throws(CSVTable.Fault) -> String {
        guard bytes.count <= Limit.tableFieldBytes else {
            throw CSVTable.Fault(
                line: line, detail: "holds a field longer than \(Limit.tableFieldBytes) bytes")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
