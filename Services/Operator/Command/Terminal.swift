import Foundation

/// What the operator reads. Answers go to standard output, everything else to standard error.
enum Terminal {
    static func say(_ text: String) {
        write(text, to: .standardOutput)
    }

    static func complain(_ text: String) {
        write(text, to: .standardError)
    }

    /// Unbuffered, so that whoever waits for an answer on a pipe gets it at once. If the reader has left,
    /// that is no reason to fail.
    private static func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data("\(text)\n".utf8))
    }

    /// Columns as wide as their widest field.
    static func aligned(_ rows: [[String]]) -> [String] {
        let widths = rows.reduce(into: [Int]()) { widths, row in
            for (index, field) in row.enumerated() {
                if index == widths.count { widths.append(0) }
                widths[index] = max(widths[index], field.count)
            }
        }
        return rows.map { row in
            let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            let line = cells.joined(separator: "  ")
            return String(
                line.prefix(upTo: line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex))
        }
    }

    /// A text that came from outside, on one line and without characters that control a terminal.
    ///
    /// Control and format characters (C0, C1, bidirectional overrides) are shown as `\u{1B}`.
    static func harmless(_ text: String, lineFeeds: Bool = false) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isKept: Bool =
                switch scalar.properties.generalCategory {
                case .control: lineFeeds && (scalar == "\n" || scalar == "\t")
                case .format, .lineSeparator, .paragraphSeparator, .unassigned: false
                default: true
                }
            if isKept {
                result.append(scalar)
            } else {
                let code = String(scalar.value, radix: 16, uppercase: true)
                result.append(contentsOf: "\\u{\(code)}".unicodeScalars)
            }
        }
        return String(result)
    }
}
