import HTTP
import Links
import Models
import Processing
import Testing

@testable import Intake

@Suite("Whoever holds a link acts as the one it was written for")
struct LinkTests {
    private static let chief = Actor(role: .chief, id: "wang")
    private let counter: Counter
    private let links: LinkWriter

    init() throws {
        links = LinkWriter(
            keys: try LinkKeys(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(86_400))
        counter = Counter(links: links)
    }

    private func token(_ actor: Actor = chief, age: Duration = .zero) -> String {
        let address = links.address(
            of: Counter.complaint, for: actor, since: Counter.now + .seconds(-age.wholeSeconds))
        return String(address.drop { $0 != "#" }.dropFirst())
    }

    private func bearer(_ token: String) -> Headers { [("Authorization", "Bearer \(token)")] }

    private func action(in plan: Intake.Plan) throws -> ComplaintAction {
        #expect(plan.answer.status == 202 && plan.records.count == 1)
        let record = plan.records[0]
        #expect(record.topic == .actions && record.key == Counter.complaint.description)
        return try JSON.decode(ComplaintAction.self, from: try #require(record.event.data))
    }

    private func body(_ response: Response) -> String {
        if case .bytes(let bytes) = response.body { String(decoding: bytes, as: UTF8.self) } else { "" }
    }

    // MARK: Acting

    @Test("complaint and actor are the link's, the rest is the body's")
    func acts() throws {
        let office = Actor(role: .office, id: "city")
        let cases: [(Actor, String, ComplaintAction.Verb)] = [
            (Self.chief, #"{"action":"accept"}"#, .accept),
            (
                Self.chief, #"{"action":"resolve","text":"a","media":["https://example.org/a"]}"#,
                .resolve(text: "a", media: ["https://example.org/a"])
            ),
            (office, #"{"action":"close","text":"a"}"#, .close(reason: "a")),
            (.citizen, #"{"action":"rate","grade":"satisfied"}"#, .rate(.satisfied, remark: nil)),
        ]
        for (actor, body, verb) in cases {
            let taken = try action(in: counter.actionByLink(body, bearer(token(actor))))
            #expect(taken.by == actor && taken.verb == verb && taken.complaint == Counter.complaint)
        }
    }

    @Test("the answer tells no chief the citizen's capability")
    func capability() throws {
        let plan = try counter.actionByLink(#"{"action":"accept"}"#, bearer(token()))
        #expect(!body(plan.answer).contains(Counter.complaint.description))
        #expect(body(plan.answer).contains(TrackingCode(Counter.complaint).description))
        let held = try counter.heldLink(bearer(token()))
        #expect(!body(held.answer).contains(Counter.complaint.description))
    }

    @Test("a body that says who acts is refused, as is every other wrong field")
    func faults() {
        let wrong: [(String, [String])] = [
            (#"{"action":"accept","by":{"role":"office","id":"city"}}"#, ["by"]),
            (#"{"action":"accept","by":null}"#, ["by"]),
            ("{}", ["action"]), (#"{"action":"resolve","media":["x"]}"#, ["media.0", "text"]),
        ]
        for (body, fields) in wrong {
            let problem = refusal { () throws(Problem) in
                try counter.actionByLink(body, bearer(token()))
            }
            #expect(problem?.status == 422 && problem?.fields == fields, "\(body): \(problem?.fields ?? [])")
        }
    }

    @Test("a holder's key is his own: the same again is the same action, another's same key is another")
    func idempotency() throws {
        let plain = #"{"action":"note","text":"a"}"#
        let key: Headers = [("Idempotency-Key", "tap")]
        func identity(_ counter: Counter, _ actor: Actor, _ age: Duration = .zero) throws -> String {
            var headers = bearer(token(actor, age: age))
            for (name, value) in key { headers.add(name, value) }
            return try counter.actionByLink(plain, headers).records[0].event.id
        }
        let first = try identity(counter, Self.chief)
        // A later SMS has another link of the same holder.
        let later = try identity(Counter(chance: Counter.other, links: links), Self.chief, .seconds(3600))
        #expect(first == later)
        let others = [Actor.citizen, Actor(role: .office, id: "wang"), Actor(role: .chief, id: "li")]
        let identities = try others.map { try identity(counter, $0) }
        #expect(Set(identities + [first]).count == 4)
    }

    // MARK: Refused

    /// Each with the problem's type and whether RFC 6750 §3.1 lets the challenge name an error.
    @Test("without a link, with one that is not ours and with one that is over it is 401, and says which")
    func refused() throws {
        let foreign = LinkWriter(
            keys: try LinkKeys(String(repeating: "5b", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(86_400))
        let forged = foreign.address(of: Counter.complaint, for: Self.chief, since: Counter.now)
        let cases: [(Counter, Headers, String, String)] = [
            (counter, [], "about:blank", #"Bearer realm="dayu""#),
            (counter, [("Authorization", "Basic \(token())")], "about:blank", #"Bearer realm="dayu""#),
            (counter, bearer("forged"), "urn:dayu:link-not-valid", "the link is not valid"),
            (
                counter, bearer(String(forged.drop { $0 != "#" }.dropFirst())), "urn:dayu:link-not-valid",
                "invalid_token"
            ),
            (counter, bearer(token(age: .seconds(86_400))), "urn:dayu:link-expired", "the link has expired"),
            (Counter(), bearer(token()), "urn:dayu:link-not-valid", "links are not used here"),
        ]
        for (counter, headers, type, challenge) in cases {
            let problems = [
                refusal { () throws(Problem) in
                    try counter.actionByLink(#"{"action":"accept"}"#, headers)
                },
                refusal { () throws(Problem) in try counter.heldLink(headers) },
            ]
            for problem in problems {
                let response = try #require(problem).response
                #expect(response.status == 401 && problem?.type == type)
                #expect(response.headers["www-authenticate"]?.contains(challenge) == true)
                let names = response.headers["www-authenticate"]?.contains("error=") == true
                #expect(names == (type != "about:blank"))
            }
        }
    }

    @Test("a link is no officers' token: elsewhere it gives no right")
    func elsewhere() {
        let problem = refusal { () throws(Problem) in
            try counter.action(#"{"action":"accept","by":{"role":"chief","id":"li"}}"#, bearer(token()))
        }
        #expect(problem?.status == 403)
    }

    // MARK: What a link is

    @Test("its holder is told what it is, and no cache keeps it")
    func told() throws {
        let plan = try counter.heldLink(bearer(token()))
        #expect(plan.stages.isEmpty && plan.answer.status == 200)
        #expect(plan.answer.headers["cache-control"] == "no-store")
        let fields = try JSON.decode([String: String].self, from: Array(body(plan.answer).utf8))
        #expect(
            fields == [
                "trackingCode": TrackingCode(Counter.complaint).description, "role": "chief", "id": "wang",
                "expiresAt": (Counter.now + .seconds(86_400)).description,
            ])
        #expect(body(try counter.heldLink(bearer(token(.citizen))).answer).contains(#""role":"citizen""#))
    }

    @Test("whoever complains gets his own link, where links are written")
    func given() throws {
        struct Answer: Decodable {
            let id: ComplaintID
            let link: String?
        }
        let answer = try JSON.decode(
            Answer.self, from: Array(body(try counter.complaint(complaint()).answer).utf8))
        let parts = try #require(answer.link).split(separator: "#").map(String.init)
        #expect(parts[0] == "https://rivers.example.org/complaints/\(TrackingCode(answer.id).compact)")
        let link = try links.keys.link(of: parts[1], at: Counter.now)
        #expect(link.complaint == answer.id && link.actor == .citizen)
        let without = try Counter().complaint(complaint()).answer
        #expect(try JSON.decode(Answer.self, from: Array(body(without).utf8)).link == nil)
    }

    @Test(
        "the bearer's token is read as RFC 6750 writes it, and nothing else is taken for one",
        arguments: [
            ("Bearer abc", "abc"), ("bearer  abc", "abc"), ("BEARER abc", "abc"), ("Bearer", nil),
            ("Basic abc", nil), ("Bearerabc", nil), ("", nil), (" Bearer abc", nil),
        ])
    func header(_ field: String, _ token: String?) {
        #expect(Bearer.token(in: [("Authorization", field)]) == token)
    }
}
