import FoundationEssentials
import Geo
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

    @Test("a corrected place is converted as a complaint's is, and an unknown datum is refused")
    func correctedPlace() throws {
        func edit(_ place: String) throws(Problem) -> API.Plan {
            try Counter(key: Counter.office).action(
                #"{"action":"edit","text":"t","place":{\#(place)},"by":{"role":"office","id":"city"}}"#)
        }
        let action = try taken(try edit(#""longitude":120.2546,"latitude":30.1976,"datum":"gcj02""#))
        guard case .edit(let correction) = action.verb, let place = correction.place else {
            Issue.record("\(action.verb)")
            return
        }
        // The map is shifted by some five hundred metres.
        #expect(abs(place.longitude - 120.25) < 0.002 && abs(place.latitude - 30.2) < 0.002)
        for (more, field) in [(#""datum":"utm""#, "place.datum"), (#""crs":"GCJ-02""#, "place.crs")] {
            let problem = refusal { () throws(Problem) in
                try edit(#""longitude":120.25,"latitude":30.2,"# + more)
            }
            #expect(problem?.fields == [field])
        }
    }

    @Test("a citizen needs no key; the complaint's id is his token, and makes him nobody else")
    func citizens() throws {
        #expect(try taken(Counter().action(#"{"action":"reopen","text":"a",\#(citizen)}"#)).by == .citizen)
        let plan = try Counter().action(#"{"action":"reopen","text":"a"}"#)
        let action = try taken(plan)
        #expect(action.by == .citizen && action.fingerprint == Counter.complaint.fingerprint)
        let problem = refusal { () throws(Problem) in
            try Counter().action(#"{"action":"accept","by":{"role":"chief","id":"wang"}}"#)
        }
        #expect(problem?.status == 403)
    }

    @Test("the id stands in no address: neither in one that is taken, nor in one that is answered")
    func addresses() throws {
        let body = #"{"action":"reopen","text":"a"}"#
        let problem = refusal { () throws(Problem) in
            try Counter().action(body, on: Counter.complaint.text)
        }
        #expect(problem?.status == 400 && problem?.detail?.contains("bearer token") == true)
        #expect(problem?.detail?.contains(Counter.complaint.text) == false)
        let location = try #require(try Counter().action(body).answer.headers["location"])
        #expect(location.hasPrefix("/v1/actions/") && !location.contains(Counter.complaint.text))
        let id = String(location.dropFirst("/v1/actions/".count))
        #expect(try Counter().outcome(of: id, by: Counter.complaint.text).answer.status == 200)
        for other in ["", "x", id.uppercased(), "\(id)0"] {
            let problem = refusal { () throws(Problem) in
                try Counter().outcome(of: other, by: Counter.complaint.text)
            }
            #expect(problem?.status == 404, "\(other)")
        }
    }

    @Test("only what can be a complaint's id is one: a UUID of version 8 with its variant")
    func form() {
        let id = Counter.complaint.text
        var wrong = ["", "0", "\(id) ", "{\(id)}", id.replacing("-", with: ""), String(id.dropLast())]
        for version in "012345679af" {
            var text = Array(id)
            text[14] = version
            wrong.append(String(text))
        }
        for variant in "01234567cdef" {
            var text = Array(id)
            text[19] = variant
            wrong.append(String(text))
        }
        for text in wrong {
            #expect(ComplaintID(text) == nil, "\(text)")
            let problem = refusal { () throws(Problem) in
                try Counter().ownAction(#"{"action":"reopen","text":"a"}"#, by: text)
            }
            #expect(problem?.status == 401, "\(text)")
        }
        #expect(ComplaintID(id)?.text == id && ComplaintID(id.uppercased())?.text == id)
        // Whatever Intake draws or derives has this form.
        for chance in [Counter.trace, Counter.chance] {
            let given = Identities(key: [UInt8](repeating: 1, count: 32))
                .complaint(.init(sender: "", idempotencyKey: nil, content: []), chance: chance)
            #expect(ComplaintID(given.text) == given)
        }
    }

    @Test("after the erasure of who complained, the complaint's id ends like his links")
    func erased() throws {
        let counter = Counter(erased: [Self.code])
        for body in [#"{"action":"rate","grade":"satisfied"}"#, #"{"action":"note","text":"a"}"#] {
            let problem = refusal { () throws(Problem) in try counter.action(body) }
            #expect(problem?.status == 401 && problem?.type == "urn:dayu:complaint-erased")
        }
        let asked = refusal { () throws(Problem) in
            try counter.outcome(of: Counter.complaint.text, by: Counter.complaint.text)
        }
        #expect(asked?.status == 401)
        #expect(try counter.ownAction(#"{"action":"urge"}"#, by: Counter.id2.text).answer.status == 202)
    }

    @Test("the complaint's id ends when a citizen's link to it is revoked, and no other id does")
    func takenBack() throws {
        func counter(_ actor: Actor, revokedAt: Instant?) throws -> Counter {
            let link = ActionLink(
                complaint: Self.code, actor: actor, expiresAt: Counter.now + .seconds(60),
                revokedAt: revokedAt)
            return Counter(book: [try #require(LinkHandle("AAECAwQFBgcICQoLDA0ODw")): link])
        }
        let urge = #"{"action":"urge"}"#
        let taken = try counter(.citizen, revokedAt: Counter.now)
        let problem = refusal { () throws(Problem) in try taken.action(urge) }
        #expect(problem?.status == 401 && problem?.type == "urn:dayu:complaint-id-revoked")
        #expect(try taken.ownAction(urge, by: Counter.id2.text).answer.status == 202)
        #expect(try counter(.citizen, revokedAt: nil).action(urge).answer.status == 202)
        let chief = try counter(Actor(role: .chief, id: "wang"), revokedAt: Counter.now)
        #expect(try chief.action(urge).answer.status == 202, "it was a chief's link")
        var unread = taken
        unread.isBookReadable = false
        let unknown = refusal { () throws(Problem) in try unread.action(urge) }
        #expect(unknown?.status == 503, "a lost file revives nobody's proof")
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
        for id in ["", "abc", "\(Counter.complaint.text)x", UUID().uuidString] {
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
            (#"{"action":"close","text":"\#(String(repeating: "a", count: 4001))",\#(citizen)}"#, ["text"]),
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
            _ body: String, _ headers: Headers = [], chance: UUID = Counter.chance,
            by complaint: ComplaintID = Counter.complaint
        ) throws -> String {
            let plan = try Counter(chance: chance).ownAction(body, headers, by: complaint.text)
            return try #require(plan.records.last).event.id
        }
        let tap: Headers = [("Idempotency-Key", "tap")]
        #expect(try id(plain, tap) == id(plain, tap, chance: Counter.other))
        #expect(try id(inBody) == id(inBody, chance: Counter.other))
        let others = try [
            id(plain, tap), id(plain, [("Idempotency-Key", "another")]), id(inBody),
            id(#"{"action":"accept",\#(citizen)}"#, tap), id(plain, tap, by: Counter.id2), id(plain),
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
