import HTTP
import Models
import Processing
import Testing

@testable import Intake

@Suite("An action is taken")
struct ActionTests {
    private let citizen = #""by":{"role":"citizen"}"#

    private func taken(_ plan: Intake.Plan) throws -> ComplaintAction {
        #expect(plan.answer.status == 202 && plan.records.count == 1)
        let record = plan.records[0]
        #expect(record.topic == .actions && record.key == Counter.complaint.description)
        return try JSON.decode(ComplaintAction.self, from: try #require(record.event.data))
    }

    @Test("each verb in the form of the wire")
    func verbs() throws {
        let officer = Counter(isOfficer: true)
        let chief = #""by":{"role":"chief","id":"wang"}"#
        let expected: [(String, ComplaintAction.Verb)] = [
            (#""action":"accept""#, .accept),
            (#""action":"note","text":"a""#, .note(text: "a", media: [], isPublic: true)),
            (#""action":"note","text":"a","public":false"#, .note(text: "a", media: [], isPublic: false)),
            (
                #""action":"resolve","text":"a","media":["https://example.org/a"]"#,
                .resolve(text: "a", media: ["https://example.org/a"])
            ),
            (#""action":"rate","grade":"very-satisfied""#, .rate(.verySatisfied, remark: nil)),
            (#""action":"rate","grade":"dissatisfied","text":"a""#, .rate(.dissatisfied, remark: "a")),
            (#""action":"reopen","text":"a""#, .reopen(reason: "a")),
            (#""action":"close""#, .close(reason: nil)),
            (#""action":"close","text":"a""#, .close(reason: "a")),
        ]
        for (fields, verb) in expected {
            let action = try taken(officer.action("{\(fields),\(chief)}"))
            #expect(action.verb == verb && action.complaint == Counter.complaint)
            #expect(action.by == Actor(role: .chief, id: "wang"))
        }
    }

    @Test("a citizen needs no token; his identity is the address he knows")
    func citizens() throws {
        #expect(try taken(Counter().action(#"{"action":"reopen","text":"a",\#(citizen)}"#)).by == .citizen)
    }

    @Test(
        "an officer's action without the officers' token is 403",
        arguments: [#"{"role":"chief","id":"wang"}"#, #"{"role":"office","id":"city"}"#])
    func token(_ by: String) throws {
        let body = #"{"action":"accept","by":\#(by)}"#
        #expect(refusal { () throws(Problem) in try Counter().action(body) }?.status == 403)
        #expect(try Counter(isOfficer: true).action(body).answer.status == 202)
    }

    @Test("nobody is the system, with a token or without")
    func system() {
        for isOfficer in [true, false] {
            let problem = refusal { () throws(Problem) in
                try Counter(isOfficer: isOfficer).action(
                    #"{"action":"note","text":"a","by":{"role":"system"}}"#)
            }
            #expect(problem?.status == 422 && problem?.fields == ["by.role"])
        }
    }

    @Test("what complaints ask of each other is neither taken from a caller nor offered to him")
    func internalActions() {
        for action in ["join", "part", "inform"] {
            let problem = refusal { () throws(Problem) in
                try Counter(isOfficer: true).action(#"{"action":"\#(action)",\#(citizen)}"#)
            }
            #expect(problem?.fields == ["action"])
            #expect(problem?.errors.first?.detail.contains("merge") == true)
            #expect(problem?.errors.first?.detail.contains(action) == false)
        }
    }

    @Test("an address that is no complaint's is 404")
    func address() {
        for id in ["", "abc", TrackingCode(Counter.complaint).compact, "\(Counter.complaint)x"] {
            let problem = refusal { () throws(Problem) in
                try Counter().action(#"{"action":"accept",\#(citizen)}"#, on: id)
            }
            #expect(problem?.status == 404)
        }
    }

    @Test("every wrong field is named at once")
    func faults() {
        let wrong: [(String, [String])] = [
            ("{}", ["action", "by"]),
            (#"{"action":"abolish","by":"me"}"#, ["action", "by"]),
            (#"{"action":"note",\#(citizen)}"#, ["text"]),
            (#"{"action":"resolve","text":"",\#(citizen)}"#, ["text"]),
            (#"{"action":"rate",\#(citizen)}"#, ["grade"]),
            (#"{"action":"rate","grade":5,\#(citizen)}"#, ["grade"]),
            (#"{"action":"accept","by":{"role":"chief"}}"#, ["by.id"]),
            (#"{"action":"accept","by":{"role":"chief","id":"Not One"}}"#, ["by.id"]),
            (#"{"action":"accept","by":{"id":"wang"}}"#, ["by.role"]),
            (
                #"{"action":"note","text":"a\u0000","media":["x"],"public":1,\#(citizen)}"#,
                ["media.0", "public", "text"]
            ),
            (#"{"action":"note","text":"a","media":["x"]}"#, ["by", "media.0"]),
            (#"{"action":"close","text":"\#(String(repeating: "a", count: 2001))",\#(citizen)}"#, ["text"]),
            (#"{"action":"accept","idempotencyKey":"",\#(citizen)}"#, ["idempotencyKey"]),
        ]
        for (body, expected) in wrong {
            let problem = refusal { () throws(Problem) in try Counter(isOfficer: true).action(body) }
            #expect(
                problem?.fields == expected && problem?.status == 422,
                "\(body.prefix(120)): \(problem?.fields ?? [])")
        }
    }

    @Test("with a key, in the body or in the header, the same action again has the same identity")
    func idempotency() throws {
        let plain = #"{"action":"close",\#(citizen)}"#
        let inBody = #"{"action":"close","idempotencyKey":"tap",\#(citizen)}"#
        let ids = [
            try Counter().action(plain, [("Idempotency-Key", "tap")]),
            try Counter(chance: Counter.other).action(plain, [("Idempotency-Key", "tap")]),
            try Counter(chance: Counter.other).action(inBody),
        ].map(\.records[0].event.id)
        #expect(Set(ids).count == 1)
        let other = try Counter().action(plain, [("Idempotency-Key", "another")]).records[0].event.id
        let elsewhere = try Counter()
            .action(plain, [("Idempotency-Key", "tap")], on: ComplaintID(Counter.other).description).records[
                0
            ].event.id
        #expect(Set(ids + [other, elsewhere]).count == 3)
        let without = [try Counter().action(plain), try Counter(chance: Counter.other).action(plain)]
        #expect(Set(without.map(\.records[0].event.id)).count == 2)
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
