import Text

/// Rows as a table for a spreadsheet (RFC 4180).
enum Spreadsheet {
    /// The byte order mark tells spreadsheets that the bytes are UTF-8. It stands before the first row.
    static let mark = Array("\u{FEFF}".utf8)

    static func csv(_ rows: [[String]]) -> [UInt8] { mark + lines(rows) }

    /// Further rows of a table that is written bit by bit.
    static func lines(_ rows: [[String]]) -> [UInt8] {
        Array(rows.map { $0.map(cell).joined(separator: ",") + "\r\n" }.joined().utf8)
    }

    private static func cell(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        guard safe.unicodeScalars.contains(where: needsQuotes) else { return safe }
        var quoted = "\"".unicodeScalars
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted.append(scalar) }
            quoted.append(scalar)
        }
        quoted.append("\"")
        return String(quoted)
    }

    /// Whether a spreadsheet would compute the text, so that it gets an apostrophe. Some drop the blanks and
    /// the invisible characters before a sign, so these don't hide it. A number with a sign is no formula.
    ///
    /// Code points are compared, as spreadsheets do, and not characters: with a combining mark after it, a
    /// quote or an equals sign is another `Character`.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        let isSeparator = ["\t", "\r", "\n"].contains(first)
        let shown = text.unicodeScalars.first { !$0.isBlank }
        return (isSeparator || shown.map(signs.contains) ?? false) && Double(text) == nil
    }

    /// Also those of full and of small width, and the minus of mathematics.
    private static let signs = Set("=+-@＝＋－＠﹦﹢﹣﹫−".unicodeScalars)

    private static func needsQuotes(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ",", "\"", "\n"..."\r", "\u{85}", "\u{2028}", "\u{2029}": true
        default: false
        }
    }
}
