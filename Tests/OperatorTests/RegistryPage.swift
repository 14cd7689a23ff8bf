import Foundation

/// deploy/sample/README.md, read: its tables, and the files of its smallest registry.
struct RegistryPage {
    struct Column: Equatable {
        let name: String
        let mayBeEmpty: Bool
        /// Of a column that holds one of a few words.
        let choices: [String]
    }

    struct Table {
        let isRequired: Bool
        var columns: [Column] = []
    }

    struct Factor {
        let code: String
        let unit: String
        let otherUnits: [String]
    }

    /// By the names of the files.
    private(set) var tables: [String: Table] = [:]
    private(set) var factors: [Factor] = []
    private(set) var scopes: [String] = []
    /// The bytes of each file, by name.
    private(set) var smallest: [String: [UInt8]] = [:]

    init() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("deploy/sample/README.md")
        read(try String(contentsOf: page, encoding: .utf8))
    }

    private mutating func read(_ page: String) {
        var table = ""
        var kind = ""
        var file = ""
        var isCode = false
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isCode.toggle()
            } else if isCode {
                smallest[file, default: []] += Array("\(line)\n".utf8)
            } else if let heading = line.firstMatch(of: /^### `([\w.-]+)`/) {
                table = String(heading.1)
                tables[table] = Table(isRequired: line.hasSuffix("(required)"))
            } else if let name = line.wholeMatch(of: /`([\w.-]+)`/) {
                file = String(name.1)
            } else if line.hasPrefix("| `") {
                take(line, in: kind, of: table)
            } else if line.hasPrefix("| ") {
                kind = Self.cells(of: line)[0]
            }
        }
    }

    private mutating func take(_ line: Substring, in kind: String, of table: String) {
        let cells = Self.cells(of: line)
        let words = Self.quoted(cells[0])
        switch kind {
        case "column":
            tables[table]?.columns.append(
                Column(name: words[0], mayBeEmpty: cells[1] == "yes", choices: Self.choices(in: cells[2])))
        case "code":
            factors.append(
                Factor(
                    code: words[0], unit: Self.quoted(cells[2]).first ?? "", otherUnits: Self.quoted(cells[3])
                ))
        case "scope": scopes += words
        default: break
        }
    }

    /// `one of a, b: what it means`
    private static func choices(in text: String) -> [String] {
        guard text.hasPrefix("one of ") else { return [] }
        return quoted(String(text.prefix { $0 != ":" && $0 != ";" }))
    }

    private static func quoted(_ text: String) -> [String] {
        text.matches(of: /`([^`]+)`/).map { String($0.1) }
    }

    private static func cells(of line: Substring) -> [String] {
        line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
