import Foundation
import Models
import Testing

@testable import Routing

/// Services/Routing/README.md draws the state machine; this is the drawing, made from the table in the code.
@Suite("The page's picture of a complaint's life is the code's")
struct LifeDocumentTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Services/Routing/README.md")
    private static let marks = (
        begin: "<!-- life: drawn from Services/Routing/Life.swift -->\n", end: "<!-- /life -->"
    )

    /// What time alone leads to, for the picture; `silence()` sees that it is so.
    private static let silence: [(from: ComplaintStatus, to: ComplaintStatus, what: String)] = [
        (.assigned, .assigned, "a deadline passes"), (.accepted, .assigned, "a deadline passes"),
        (.verifying, .resolved, "the checker says nothing"), (.resolved, .closed, "7 days"),
    ]

    private static let drawing: String = {
        func list(_ names: some Sequence<String>) -> String { names.joined(separator: ", ") }
        let inOrder = ComplaintStatus.allCases
        var lines = ["| action | by | while it is | then it is |", "|---|---|---|---|"]
        for row in Life.table {
            let by = list(Role.allCases.filter(row.by.contains).map(\.rawValue))
            let isAlways = row.from.count == inOrder.count
            let from = isAlways ? "anything" : list(inOrder.filter(row.from.contains).map(\.rawValue))
            let to = row.to.isEmpty ? "as before" : list(inOrder.filter(row.to.contains).map(\.rawValue))
            lines.append("| `\(row.verb.rawValue)` | \(by) | \(from) | \(to) |")
        }
        lines += ["", "```mermaid", "stateDiagram-v2", "    [*] --> received", "    received --> assigned"]
        lines.append("    received --> rejected: outside the city")
        // Between hands a complaint is returned only as long as one decision takes.
        for from in inOrder where from != .received && from != .returned {
            for to in inOrder {
                let verbs = Life.table.filter { $0.from.contains(from) && $0.to.contains(to) }
                    .map(\.verb.rawValue)
                let times = silence.filter { $0.from == from && $0.to == to }.map(\.what)
                let reasons = verbs + times
                if !reasons.isEmpty {
                    lines.append("    \(from.rawValue) --> \(to.rawValue): \(list(reasons))")
                }
            }
        }
        return (lines + ["```", ""]).joined(separator: "\n")
    }()

    @Test("the drawing is up to date; DAYU_DRAW=1 draws it anew")
    func drawn() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        let begin = try #require(text.range(of: Self.marks.begin)?.upperBound)
        let end = try #require(text.range(of: Self.marks.end)?.lowerBound)
        if ProcessInfo.processInfo.environment["DAYU_DRAW"] != nil {
            let fresh = text.replacingCharacters(in: begin..<end, with: Self.drawing)
            try fresh.write(to: Self.page, atomically: true, encoding: .utf8)
        } else {
            #expect(
                String(text[begin..<end]) == Self.drawing, "DAYU_DRAW=1 swift test --filter LifeDocumentTests"
            )
        }
    }

    @Test("time alone leads where the picture says")
    func silence() throws {
        for (from, to, _) in Self.silence {
            var story = Story()
            try story.submit(Story.submission(category: from == .verifying ? "outfall" : "odour"))
            switch from {
            case .accepted: try story.act(.accept)
            case .verifying:
                let department = Actor(role: .department, id: "enforcement")
                try story.act(.resolve, by: department, words: Story.shown)
            case .resolved: try story.act(.resolve)
            default: break
            }
            #expect(story.complaint?.status == from)
            try story.wait(.days(30))
            #expect(story.complaint?.status == to && story.facts.count > 2)
        }
    }
}
