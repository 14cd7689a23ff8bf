import Models
public import Text

/// How a table's characters became bytes.
public enum TableEncoding: String, Sendable {
    case utf8 = "UTF-8"
    case gb18030 = "GB18030"
    case utf16LittleEndian = "UTF-16LE"
    case utf16BigEndian = "UTF-16BE"

    /// The encoding that a `charset` names (RFC 2046, 4.1.2). Nil for a charset that is not read here, and
    /// for UTF-16 without a byte order, which the bytes tell.
    public init?(charset: String) {
        switch charset.lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936", "windows-936": self = .gb18030
        case "utf-16le": self = .utf16LittleEndian
        case "utf-16be": self = .utf16BigEndian
        default: return nil
        }
    }
}

/// The first step of reading a table: its bytes as UTF-8.
///
/// The encoding is found by rules, in this order:
///
/// 1. A byte order mark says it (Unicode, 23.8).
/// 2. The sender says it, with a `charset`.
/// 3. Only UTF-16 has zero bytes in a text. Its byte order is the one in which there is a line feed: read in
///    the wrong order a line feed would be U+0A00, which is no character.
/// 4. What is valid UTF-8 is UTF-8. One word in GB18030 can be valid UTF-8 by chance, a whole table hardly.
///    If it is, its sections have unknown names, and the table is refused.
/// 5. What is valid GB18030 is GB18030.
///
/// A result of rule 3 or 5 counts only if the header is then known; `ReadingTable` checks that.
struct TableText {
    let bytes: [UInt8]
    let encoding: TableEncoding
    /// The fault to report if the encoding was found from the bytes alone and the header is then not known.
    let doubt: FieldFault?

    init(_ raw: [UInt8], charset: TableEncoding?) throws(Malformed) {
        guard raw.count <= Limit.tableBytes else {
            throw Malformed("", "is longer than \(Limit.tableBytes) bytes; send it in parts")
        }
        if let kind = Self.spreadsheet(raw) {
            throw Malformed("", "is \(kind), not CSV; save it as CSV UTF-8 and send that")
        }
        for (mark, encoding) in Self.marks where raw.starts(with: mark) {
            bytes = try Self.decoded(raw.dropFirst(mark.count), encoding)
            self.encoding = encoding
            doubt = nil
            return
        }
        let isSaid = charset != nil
        var charset = charset
        if charset == nil, raw.contains(0) { charset = try Self.orderOfUTF16(raw) }
        if let charset {
            bytes = try Self.decoded(raw[...], charset)
            encoding = charset
            doubt =
                isSaid
                ? nil
                : FieldFault(
                    "", "holds zero bytes, but read as UTF-16 it has no known header; save it as CSV UTF-8")
            return
        }
        guard let line = CSVRows.lineOfInvalidUTF8(in: raw) else {
            bytes = raw
            encoding = .utf8
            doubt = nil
            return
        }
        bytes = try Self.decoded(raw[...], .gb18030)
        encoding = .gb18030
        doubt = FieldFault("line \(line)", "is not UTF-8, but read as GB18030 it has no known header")
    }

    private static let marks: [([UInt8], TableEncoding)] = [
        ([0xEF, 0xBB, 0xBF], .utf8), ([0xFF, 0xFE], .utf16LittleEndian), ([0xFE, 0xFF], .utf16BigEndian),
        ([0x84, 0x31, 0x95, 0x33], .gb18030),
    ]

    // MARK: Files that are no text

    private static func spreadsheet(_ bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return "an Excel file (.xlsx) or another archive" }
        if bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            return "an Excel file (.xls)"
        }
        let beginning = bytes.prefix(64).drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF || $0 <= 0x20 }
        return beginning.first == UInt8(ascii: "<") ? "HTML or XML, which some programs save as .xls" : nil
    }

    // MARK: Decoding

    private static let advice = "if it is GB18030, say charset=gb18030 or nothing"

    private static func decoded(
        _ bytes: ArraySlice<UInt8>, _ encoding: TableEncoding
    ) throws(Malformed) -> [UInt8] {
        let bytes = Array(bytes)
        switch encoding {
        case .utf8:
            if let line = CSVRows.lineOfInvalidUTF8(in: bytes) {
                throw Malformed("line \(line)", "is not valid UTF-8; \(advice)")
            }
            return bytes
        case .utf16LittleEndian: return try utf8(ofUTF16: bytes) { UInt16($0) | UInt16($1) << 8 }
        case .utf16BigEndian: return try utf8(ofUTF16: bytes) { UInt16($0) << 8 | UInt16($1) }
        case .gb18030:
            do throws(GB18030.Failure) {
                return try GB18030.decoded(bytes)
            } catch .malformed(let place) {
                let line = bytes[..<place].count { $0 == 0x0A } + 1
                throw Malformed("line \(line)", "is neither valid UTF-8 nor valid GB18030")
            } catch {
                throw Malformed(
                    "", "is not valid UTF-8, and this system can't read GB18030; save it as CSV UTF-8")
            }
        }
    }

    private static func orderOfUTF16(_ bytes: [UInt8]) throws(Malformed) -> TableEncoding {
        var (little, big) = (false, false)
        for index in stride(from: 0, to: bytes.count - 1, by: 2) {
            switch (bytes[index], bytes[index + 1]) {
            case (0x0A, 0): little = true
            case (0, 0x0A): big = true
            default: break
            }
        }
        guard little != big else {
            throw Malformed("", "holds zero bytes and is not UTF-16; save it as CSV UTF-8")
        }
        return little ? .utf16LittleEndian : .utf16BigEndian
    }

    private static func utf8(
        ofUTF16 bytes: [UInt8], _ unit: (UInt8, UInt8) -> UInt16
    ) throws(Malformed) -> [UInt8] {
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count * 3 / 2)
        let isBroken = transcode(
            units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: true
        ) { decoded.append($0) }
        guard !isBroken, bytes.count % 2 == 0 else {
            let line = decoded.count { $0 == 0x0A } + 1
            throw Malformed("line \(line)", "is not valid UTF-16")
        }
        return decoded
    }
}

extension Limit {
    /// A table that is sent in one piece: one year of 11 stations with hourly readings takes about 5 MB.
    public static let tableBytes = 8_388_608
}
