import Foundation
import Models
import Text

/// Shared/Models/README.md, read: its tables under their headings.
struct Page {
    struct Row: Hashable {
        let name: String
        let form: String
        let isOptional: Bool
    }

    /// The rows of a heading, and whose rows hold there, too.
    struct Shape {
        var rows: [Row] = []
        var base: String?
    }

    /// Topics by name: key, partition, written by, read by, kept, restricted.
    private(set) var topics: [String: [String]] = [:]
    private(set) var headers: Set<String> = []
    /// What each type's value is: the name of a shape.
    private(set) var types: [String: String] = [:]
    /// JSON's kind of each form that is no shape: text, number, true or false, list.
    private(set) var forms: [String: String] = [:]
    private(set) var enumerations: [String: [String]] = [:]
    private(set) var shapes: [String: Shape] = [:]
    private(set) var faults: [String] = []

    static let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Shared/Models/README.md")

    init() throws {
        self.init(try String(contentsOf: Self.path, encoding: .utf8))
    }

    init(_ text: String) {
        var headings: [String] = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") {
                let heading = line.drop { $0 == "#" }.dropFirst().replacing("`", with: "")
                headings = heading.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                for name in headings where line.hasPrefix("### ") {
                    if shapes.updateValue(Shape(), forKey: name) != nil {
                        faults.append("\(name) stands twice")
                    }
                }
            } else if let base = line.firstMatch(of: /^Also every field of (\w+)/) {
                for name in headings { shapes[name]?.base = String(base.1) }
            } else if line.hasPrefix("| `") || line.hasPrefix("| **") {
                let cells = line.split(separator: "|").map {
                    $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "").replacing("**", with: "")
                }
                take(cells, under: headings)
            }
        }
    }

    private mutating func take(_ cells: [String], under headings: [String]) {
        guard let heading = headings.first, cells.count >= 2 else { return }
        switch heading {
        case "Headers": headers.insert(cells[0])
        case "Topics": topics[cells[0]] = Array(cells.dropFirst())
        case "Types of events":
            for type in cells[0].split(separator: ",") {
                types[type.trimmingCharacters(in: .whitespaces)] = cells[1]
            }
        case "Forms": forms[cells[0]] = cells[1]
        case "Enumerations":
            enumerations[cells[0]] = cells[1].split(separator: ",").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
        default:
            guard shapes[heading] != nil else { return }
            let optional = ", optional"
            let isOptional = cells[1].hasSuffix(optional)
            let form = isOptional ? String(cells[1].dropLast(optional.count)) : cells[1]
            for name in headings {
                shapes[name]?.rows.append(Row(name: cells[0], form: form, isOptional: isOptional))
            }
        }
    }

    /// The rows of a shape with those of its base.
    func rows(of shape: String) -> [Row] {
        guard let known = shapes[shape] else { return [] }
        return known.rows + (known.base.map { rows(of: $0) } ?? [])
    }
}

/// Walks values beside the page and notes what does not fit.
struct Walk {
    let page: Page
    private(set) var faults: Set<String> = []
    /// How often each row of each shape was there, and how often it was not.
    private(set) var present: [String: Set<String>] = [:]
    private(set) var absent: [String: Set<String>] = [:]
    private(set) var visited: Set<String> = []

    init(_ page: Page) { self.page = page }

    mutating func value(_ value: JSONValue, of shape: String, at path: String) {
        guard page.shapes[shape] != nil else {
            faults.insert("\(path): the page has no \(shape)")
            return
        }
        guard case .object(let members) = value else {
            faults.insert("\(path): is not an object, as \(shape) is")
            return
        }
        visited.insert(shape)
        let rows = page.rows(of: shape)
        for (name, member) in members {
            guard let row = rows.first(where: { $0.name == name }) else {
                faults.insert("the page lacks \(name) of \(shape), which stands at \(path)")
                continue
            }
            present[shape, default: []].insert(name)
            leaf(member, row.form, at: "\(path).\(name)")
        }
        for row in rows where members[row.name] == nil {
            absent[shape, default: []].insert(row.name)
            if !row.isOptional {
                faults.insert("\(path): \(row.name) of \(shape) is missing and not optional")
            }
        }
    }

    private mutating func leaf(_ value: JSONValue, _ form: String, at path: String) {
        if form.hasPrefix("list of ") {
            guard case .list(let elements) = value else {
                faults.insert("\(path): is no list")
                return
            }
            for element in elements { leaf(element, String(form.dropFirst("list of ".count)), at: path) }
        } else if form.hasSuffix(" by parameter") {
            guard case .object(let members) = value else {
                faults.insert("\(path): is no object")
                return
            }
            for (name, member) in members {
                if Parameter(rawValue: name) == nil { faults.insert("\(path): \(name) is no parameter") }
                leaf(member, String(form.dropLast(" by parameter".count)), at: path)
            }
        } else if let values = page.enumerations[form] {
            guard case .text(let text) = value, values.contains(text) else {
                faults.insert("\(path): \(value) is none of the page's \(form)")
                return
            }
        } else if let kind = page.forms[form] {
            if kind != Self.kind(of: value) { faults.insert("\(path): \(value) is not a \(form)") }
        } else {
            self.value(value, of: form, at: path)
        }
    }

    private static func kind(of value: JSONValue) -> String {
        switch value {
        case .null: "nothing"
        case .flag: "true or false"
        case .number: "number"
        case .text: "text"
        case .list: "list"
        case .object: "object"
        }
    }
}
