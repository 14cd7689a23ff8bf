import Readings

/// The charsets in which gateways hand over what phones send.
enum MessageCharset: Equatable {
    case utf8, utf16BE, gb18030, latin1, windows1252

    /// - Parameters:
    ///   - name: as the gateway writes it; nil or empty if it names none.
    ///   - coding: Kannel's word for the alphabet of the air interface, which decides if there is no name: 2
    ///     is UCS-2 (User Guide, "SMS-service group", `%c`).
    init?(_ name: String?, coding: String?) {
        switch name.map({ $0.lowercased().filter { $0.isLetter || $0.isNumber } }) ?? "" {
        case "": self = coding == "2" ? .utf16BE : .utf8
        // Kannel calls a text 8-BIT whose charset it does not know.
        case "utf8", "usascii", "ascii", "8bit": self = .utf8
        case "utf16be", "utf16", "ucs2", "ucs2be", "iso10646ucs2": self = .utf16BE
        // Each is a part of GB 18030.
        case "gb18030", "gbk", "cp936", "windows936", "gb2312", "euccn": self = .gb18030
        case "iso88591", "latin1": self = .latin1
        case "windows1252", "cp1252": self = .windows1252
        default: return nil
        }
    }

    /// Nil for bytes that are no text in this charset.
    func text(_ bytes: [UInt8]) -> String? {
        switch self {
        case .utf8: String(validating: bytes, as: UTF8.self)
        case .utf16BE: Self.utf16BE(bytes)
        case .gb18030: try? String(validating: GB18030.decoded(bytes), as: UTF8.self)
        case .latin1: Self.text(bytes.map { Unicode.Scalar($0) })
        case .windows1252:
            Self.text(
                bytes.map { (0x80...0x9F).contains($0) ? Self.above80[Int($0) - 0x80] : Unicode.Scalar($0) })
        }
    }

    private static func utf16BE(_ bytes: [UInt8]) -> String? {
        guard bytes.count.isMultiple(of: 2) else { return nil }
        let units = stride(from: 0, to: bytes.count, by: 2).map { index in
            UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    /// The 32 places in which windows-1252 differs from ISO 8859-1; five of them have no character.
    private static let above80 = Array(
        "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8D}Ž\u{8F}\u{90}‘’“”•–—˜™š›œ\u{9D}žŸ".unicodeScalars)
}
