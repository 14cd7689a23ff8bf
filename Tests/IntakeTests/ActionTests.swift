import FoundationEssentials
import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("An action is taken")
struct ActionTests {
    private let citizen = #""by":{"role":"citizen"}"#

    private static let code = Counter.complaint.code

    private func taken(_ plan: API.Plan) throws -> ComplaintAction {
        #expect(plan.answer.status == 202)
        let record = try #require(plan.records.last)
        #expect(record.topic == .actions && record.key == Self.code.compact)
        return try JSON.decode(ComplaintAction.self, from: try #require(record.event.data))
    }

    private func words(_ plan: API.Plan) throws -> Words? {
        guard let record = plan.records.first(where: { $0.topic == .words }) else { return nil }
        let acted = try #require(plan.records.last)
        #expect(plan.stages.map { $0.map(\.topic) } == [[.words], [.actions]])
        let key = try WordsKey(record.key)
        #expect(key == WordsKey(complaint: Self.code, cause: acted.event.asCause))
        return try JSON.decode(Words.self, from: try #require(record.event.data))
    }

    @Test("each verb in the form of the wire, its words beside it")
    func verbs() throws {
        let office = Counter(key: Counter.office)
        let chief = #""by":{"role":"chief","id":"wang"}"#
        let text = Words(text: "a")
        let photo = Words(text: "a", media: ["https://example.org/a"])
        let expected: [(String, ComplaintAction.Verb, Words?)] = [
            (#""action":"accept""#, .accept, nil),
            (#""action":"note","text":"a""#, .note(isPublic: true), text),
            (#""action":"note","text":"a","public":false"#, .note(isPublic: false), text),
            (#""action":"resolve","text":"a","media":["https://example.org/a"]"#, .resolve, photo),
            (#""action":"rate","grade":"very-satisfied""#, .rate(.verySatisfied), nil),
            (#""action":"rate","grade":"dissatisfied","text":"a""#, .rate(.dissatisfied), text),
            (#""action":"reopen","text":"a""#, .reopen, text),
            (#""action":"merge","into":"\#(Counter.id2.code)""#, .merge(into: Counter.id2.code), nil),
            (#""action":"close""#, .close, nil),
            (#""action":"close","text":"a""#, .close, text),
        ]
        for (fields, verb, said) in expected {
            let plan = try office.action("{\(fields),\(chief)}")
            let action = try taken(plan)
            #expect(action.verb == verb && action.complaint == Self.code && action.words == said?.outline)
            #expect(action.by == Actor(role: .chief, id: "wang"))
            #expect(try words(plan) == said)
        }
    }

    @Test("a citizen needs no key; his identity is the address he knows, and makes him nobody else")
    func citizens() throws {
        #expect(try taken(Counter().action(#"{"action":"reopen","text":"a",\#(citizen)}"#)).by == .citizen)
        let action = try taken(Counter().action(#"{"action":"reopen","text":"a"}"#))
        #expect(action.by == .citizen && action.fingerprint == Counter.complaint.fingerprint)
        let problem = refusal { () throws(Problem) in
            try Counter().action(#"{"action":"accept","by":{"role":"chief","id":"wang"}}"#)
        }
        #expect(problem?.status == 403)
    }

    @Test("a tracking code is known to everybody: without a key nobody acts by it")
    func codes() {
        let problem = refusal { () throws(Problem) in
            try Counter().action(#"{"action":"reopen","text":"a",\#(citizen)}"#, on: Self.code.compact)
        }
        #expect(problem?.status == 401)
    }

    @Test("a key acts for those whom its scopes name, and for nobody else")
    func scopes() {
        let cases: [(GatewayKeyText, String, Int?)] = [
            (Counter.office, #"{"role":"chief","id":"wang"}"#, nil),
            (Counter.office, #"{"role":"office","id":"city"}"#, nil),
            (Counter.office, #"{"role":"chief","id":"nobody"}"#, 403),
            (Counter.office, #"{"role":"citizen"}"#, 403),
            (Counter.app, #"{"role":"chief","id":"wang"}"#, 403),
        ]
        for (key, by, status) in cases {
            let problem = refusal { () throws(Problem) in
                try Counter(key: key).action(#"{"action":"accept","by":\#(by)}"#)
            }
            #expect(problem?.status == status, "\(by)")
        }
        let nobody = refusal { () throws(Problem) in
            try Counter(key: Counter.office).action(#"{"action":"accept"}"#)
        }
        #expect(nobody?.fields == ["by"])
    }

    @Test("nobody is the suite itself")
    func system() {
        let problem = refusal { () throws(Problem) in
            try Counter(key: Counter.office).action(
                #"{"action":"note","text":"a","by":{"role":"system"}}"#)
        }
        #expect(problem?.status == 422 && problem?.fields == ["by.role"])
    }

    @Test("what complaints ask of each other is neither taken from a caller nor offered to him")
    func internalActions() {
        for action in ["join", "part", "inform"] {
            let problem = refusal { () throws(Problem) in
                try Counter(key: Counter.office).action(#"{"action":"\#(action)",\#(citizen)}"#)
            }
            #expect(problem?.fields == ["action"])
            #expect(problem?.errors.first?.detail.contains("merge") == true)
            #expect(problem?.errors.first?.detail.contains(action) == false)
        }
    }

    @Test("an address that is no complaint's is 404")
    func address() {
        for id in ["", "abc", "\(Counter.complaint.text)x"] {
            let problem = refusal { () throws(Problem) in
                try Counter().action(#"{"action":"accept",\#(citizen)}"#, on: id)
            }
            #expect(problem?.status == 404)
        }
    }

    @Test("every wrong field is named at once")
    func faults() {
        let wrong: [(String, [String])] = [
            ("{}", ["action"]),
            (#"{"action":"abolish","by":"me"}"#, ["action", "by"]),
            (#"{"action":"note",\#(citizen)}"#, ["text"]),
            (#"{"action":"resolve","text":"",\#(citizen)}"#, ["text"]),
            (#"{"action":"note","text":"\u200b\u2800 \u3164",\#(citizen)}"#, ["text"]),
            (#"{"action":"rate",\#(citizen)}"#, ["grade"]),
            (#"{"action":"rate","grade":5,\#(citizen)}"#, ["grade"]),
            (#"{"action":"accept","by":{"role":"chief"}}"#, ["by.id"]),
            (#"{"action":"accept","by":{"role":"chief","id":"Not One"}}"#, ["by.id"]),
            (#"{"action":"accept","by":{"id":"wang"}}"#, ["by.role"]),
            (
                #"{"action":"note","text":"a\u0000","media":["x"],"public":1,\#(citizen)}"#,
                ["media.0", "public", "text"]
            ),
            (#"{"action":"note","text":"a","media":["x"]}"#, ["media.0"]),
            (#"{"action":"close","text":"\#(String(repeating: "a", count: 2001))",\#(citizen)}"#, ["text"]),
            (#"{"action":"accept","idempotencyKey":"",\#(citizen)}"#, ["idempotencyKey"]),
        ]
        for (body, expected) in wrong {
            let problem = refusal { () throws(Problem) in try Counter(key: Counter.office).action(body) }
            #expect(
                problem?.fields == expected && problem?.status == 422,
                "\(body.prefix(120)): \(problem?.fields ?? [])")
        }
    }

    @Test("with a key, in the body or in the header, the same action again has the same identity")
    func idempotency() throws {
        let plain = #"{"action":"close",\#(citizen)}"#
        let inBody = #"{"action":"close","idempotencyKey":"tap",\#(citizen)}"#
        func id(
            _ body: String, _ headers: Headers = [], chance: UUID = Counter.chance, on name: String? = nil
        ) throws -> String {
            try #require(try Counter(chance: chance).action(body, headers, on: name).records.last).event.id
        }
        let tap: Headers = [("Idempotency-Key", "tap")]
        #expect(try id(plain, tap) == id(plain, tap, chance: Counter.other))
        #expect(try id(inBody) == id(inBody, chance: Counter.other))
        let others = try [
            id(plain, tap), id(plain, [("Idempotency-Key", "another")]), id(inBody),
            id(#"{"action":"accept",\#(citizen)}"#, tap), id(plain, tap, on: Counter.id2.text), id(plain),
            id(plain, chance: Counter.other),
        ]
        #expect(Set(others).count == others.count)
    }

    @Test("an empty or endless key is refused and does not make every action the same")
    func emptyKey() {
        for key in ["", String(repeating: "k", count: 256)] {
            let problem = refusal { () throws(Problem) in
                try Counter().action(#"{"action":"close",\#(citizen)}"#, [("Idempotency-Key", key)])
            }
            #expect(problem?.fields == ["idempotencyKey"])
        }
    }
}
