import Foundation
import Models
import Testing

@testable import Routing

/// The site's forms are data in JavaScript; this reads them as they stand there.
@Suite("What the site offers is what the table of life allows")
struct OfferedFormsTests {
    private struct Form {
        let name: String
        let verb: ComplaintAction.Name
        let by: Set<Role>
        let during: Set<ComplaintStatus>
        let fields: [String]
    }

    private static let site = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Services/Disclosure/Site").standardizedFileURL
    private let script: String
    private let forms: [Form]

    init() throws {
        let script = try String(
            contentsOf: Self.site.appendingPathComponent("actions.js"), encoding: .utf8)
        self.script = script
        let line = #/\{ name: "(\w+)",(?: action: "(\w+)",)? by: (\S.*?), during: (\S.*?), fields: \[(.*?)\]/#
        forms = try script.matches(of: line).map { match in
            let verb = match.2 ?? match.1
            return Form(
                name: String(match.1), verb: try #require(ComplaintAction.Name(rawValue: String(verb))),
                by: Set(
                    try Self.words(in: match.3, script).map { try #require(Role(rawValue: $0)) }),
                during: Set(
                    try Self.words(in: match.4, script).map { try #require(ComplaintStatus(rawValue: $0)) }),
                fields: try Self.words(in: match.5, script))
        }
    }

    /// `["a", "b"]`, `name` of such a list, or `[...name, "c"]`.
    private static func words(in text: Substring, _ script: String) throws -> [String] {
        let quoted = text.matches(of: #/"([^"]+)"/#).map { String($0.1) }
        let names = text.replacing(#/"[^"]*"/#, with: "").matches(of: #/\w+/#).map { String($0.0) }
        return try quoted
            + names.flatMap { name in
                let list = try #require(
                    script.matches(of: #/const (\w+) = \[(.*?)\]/#).first { $0.1 == name }, "\(name)")
                return try words(in: list.2, script)
            }
    }

    @Test("to each role every verb that it has, while the complaint stands where it counts, and no other")
    func offered() {
        #expect(forms.count >= 14)
        for row in Life.table {
            for role in Role.allCases where role != .system {
                let offered = forms.filter { $0.verb == row.verb && $0.by.contains(role) }
                let during = offered.reduce(into: Set<ComplaintStatus>()) { $0.formUnion($1.during) }
                #expect(during == (row.by.contains(role) ? row.from : []), "\(row.verb) by \(role)")
            }
        }
    }

    @Test("every reason for rejecting can be chosen")
    func reasons() throws {
        let list = try #require(script.firstMatch(of: #/choice\("reason", \[(.*?)\]/#)?.1)
        let reasons = try Self.words(in: list, script)
        #expect(Set(reasons) == Set(ComplaintEvent.Rejected.Reason.allCases.map(\.rawValue)))
    }

    @Test("every reason for withholding can be chosen")
    func secrecy() throws {
        let list = try #require(script.firstMatch(of: #/choice\("secrecy", \[(.*?)\]/#)?.1)
        #expect(Set(try Self.words(in: list, script)) == Set(Passage.Reason.allCases.map(\.rawValue)))
    }

    @Test("every form and every reason for declining has its words in the string table")
    func words() throws {
        let table = try String(
            contentsOf: Self.site.appendingPathComponent("strings.js"), encoding: .utf8)
        for reason in ActionRefusal.Reason.allCases {
            #expect(table.contains("\"declined.\(reason.rawValue)\": ["), "declined.\(reason.rawValue)")
        }
        for form in forms {
            let text = form.fields.contains { $0.hasPrefix("text") } ? [".text"] : []
            for part in ["", ".lead", ".button", ".sent"] + text {
                #expect(table.contains("\"do.\(form.name)\(part)\": ["), "do.\(form.name)\(part)")
            }
        }
    }
}
