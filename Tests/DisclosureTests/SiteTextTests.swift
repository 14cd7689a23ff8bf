import Foundation
import Models
import Testing

@testable import Disclosure

/// The site's table of words is JavaScript; this reads it as it stands there.
@Suite("The site has words in both languages for everything that the API may say")
struct SiteTextTests {
    private static let site = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Services/Disclosure/Site").standardizedFileURL
    private let keys: [String]

    init() throws {
        let script = try String(
            contentsOf: Self.site.appendingPathComponent("strings.js"), encoding: .utf8)
        let line = #/"([\w.-]+)": \["[^"]+", (?:"[^"]+"|\["[^"]+", "[^"]+"\])\]/#
        keys = script.matches(of: line).map { String($0.1) }
    }

    private func values<Value: CaseIterable & RawRepresentable<String>>(_ type: Value.Type) -> [String] {
        type.allCases.map(\.rawValue)
    }

    @Test("every status, event, reason, mark, grade and role has its words")
    func families() {
        let families: [(String, [String])] = [
            ("status", values(ComplaintStatus.self)), ("event", values(ComplaintEvent.Kind.self)),
            ("why", values(ComplaintEvent.Assigned.Why.self)),
            ("reopening", values(ComplaintEvent.Reopened.Why.self)),
            ("parting", values(ComplaintEvent.Parted.Why.self)),
            ("refusal", values(ComplaintEvent.Rejected.Reason.self)),
            ("closing", values(ComplaintEvent.Closed.Reason.self)),
            ("declined", values(ActionRefusal.Reason.self)), ("grade", values(Grade.self)),
            ("role", values(Role.self)), ("level", values(Level.self)), ("checked", ["passed", "failed"]),
            ("words", ["none"] + values(WordsState.self).filter { $0 != WordsState.shown.rawValue }),
            ("withheld", values(Passage.Reason.self) + [Hidden.review]), ("part", ["all", "text"]),
            ("markword", values(ListedComplaint.Mark.self)),
            ("flag", values(Measurement.Flag.self)), ("certainty", values(Measurement.Status.self)),
            ("rating", values(Rating.self)), ("trend", values(Trend.self)),
            ("trophic", values(TrophicState.Grade.self)),
            ("month.method", values(Evaluation.Method.self)),
        ]
        let known = Set(keys)
        for (family, values) in families {
            for value in values { #expect(known.contains("\(family).\(value)"), "\(family).\(value)") }
        }
    }

    @Test("every word that a script asks for by its whole name stands there")
    func asked() throws {
        let files = FileManager.default.enumerator(at: Self.site, includingPropertiesForKeys: nil)
        let scripts = (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "js" }
        #expect(scripts.count > 20)
        let table = try String(
            contentsOf: Self.site.appendingPathComponent("strings.js"), encoding: .utf8)
        let known = Set(table.matches(of: #/"([\w.-]+)": \[/#).map { String($0.1) })
        for script in scripts {
            let text = try String(contentsOf: script, encoding: .utf8)
            for key in text.matches(of: #/\bt\("([\w.-]+)"/#).map({ String($0.1) }) {
                #expect(known.contains(key), "\(key) in \(script.lastPathComponent)")
            }
        }
    }

    @Test("what Intake may answer has its words: too often, an ended proof")
    func refusals() throws {
        func script(_ name: String) throws -> String {
            try String(contentsOf: Self.site.appendingPathComponent(name), encoding: .utf8)
        }
        #expect(try script("parts.js").contains("failure?.status === 429"))
        #expect(try script("links.js").contains("urn:dayu:complaint-erased"))
        for key in [
            "error.often", "soon.later", "soon.seconds", "soon.minutes", "link.erased", "link.erased.text",
        ] {
            #expect(keys.contains(key), "\(key)")
        }
    }

    @Test("no script puts a proof into an address")
    func addresses() throws {
        let api = try String(contentsOf: Self.site.appendingPathComponent("api.js"), encoding: .utf8)
        #expect(api.contains("send(\"/v1/actions\", action, key, bearer(token))"))
        // From the desk the address names the complaint's code, which everybody may know.
        #expect(
            api.contains("send(`/v1/complaints/${encodeURIComponent(code)}/actions`, action, key, bearer("))
        // The codes of many stand in the body.
        #expect(api.contains("${await intake()}/v1/complaints/actions`"))
        #expect(api.components(separatedBy: "/v1/complaints/").count == 3)
    }

    @Test("no key stands there twice: the later one would hide the other")
    func once() {
        #expect(keys.count > 300)
        for (key, found) in Dictionary(grouping: keys, by: \.self) where found.count > 1 {
            Issue.record("\(key) stands there \(found.count) times")
        }
    }

    @Test("the list can be narrowed to every status")
    func filters() throws {
        let script = try String(
            contentsOf: Self.site.appendingPathComponent("views/complaints.js"), encoding: .utf8)
        let list = try #require(script.firstMatch(of: #/const states = \[(.*)\]/#)?.1)
        let states = Set(list.matches(of: #/"(\w+)"/#).map { String($0.1) })
        #expect(states == Set(values(ComplaintStatus.self)))
    }

    @Test("a link's token leaves the address and the history before anything is drawn")
    func token() throws {
        func script(_ name: String) throws -> String {
            try String(contentsOf: Self.site.appendingPathComponent(name), encoding: .utf8)
        }
        // EndToEnd/test_browser.py tries it, where there is a browser.
        let taking = try script("links.js")
        for removal in ["location.replace(address)", "history.replaceState(history.state, \"\", address)"] {
            #expect(taking.contains(removal))
        }
        let app = try script("app.js")
        #expect(
            app.contains("\nconst leaving = takeLink() === \"leaving\"\n")
                && app.contains("\nif (!leaving) show("))
        #expect(app.contains("api.enterBy(leaving ? new Promise(() => {}) : openDesk())"))
    }
}
