import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("Whoever holds a link acts as the one it was written for")
struct LinkTests {
    private static let chief = Actor(role: .chief, id: "wang")
    private let counter: Counter
    private let links: LinkWriter

    init() throws {
        links = try Self.writer("5a")
        let held =
            [Self.chief, Actor(role: .chief, id: "li"), Actor(role: .office, id: "wang"), .citizen]
            + [Actor(role: .office, id: "city")]
        let ages: [Duration] = [.zero, .seconds(3600), .seconds(86_400)]
        let links = links
        let written = held.flatMap { actor in
            ages.map { age in
                links.link(to: Self.code, for: actor, since: Counter.now + .seconds(-age.wholeSeconds))
            }
        }
        counter = Counter(
            links: links, book: Dictionary(uniqueKeysWithValues: written.map { ($0.handle, $0.link) }))
    }

    private static func writer(_ byte: String) throws -> LinkWriter {
        LinkWriter(
            key: try LinkKey(String(repeating: byte, count: 32)), site: "https://rivers.example.org",
            validity: .seconds(86_400))
    }

    @Test("the same complaint again within the hour has the same link; with another key it has another one")
    func repeated() throws {
        func link(_ key: String, minute: Int64) throws -> String {
            var counter = Counter(links: links)
            let hour = Counter.now.millisecondsSince1970 / 3_600_000 * 3_600_000
            counter.moment = Instant(millisecondsSince1970: hour + minute * 60_000)
            let plan = try counter.complaint(complaint(more: #""idempotencyKey":"\#(key)""#))
            return try #require(plan.stages.joined().first { $0.topic == .links }).key
        }
        #expect(try link("a", minute: 5) == link("a", minute: 55))
        #expect(try link("a", minute: 5) != link("b", minute: 5))
    }

    @Test("a link that was taken back is not written again by a repetition")
    func takenBack() throws {
        var counter = Counter(links: links)
        func written() throws -> [Outgoing] {
            try counter.complaint(complaint(more: #""idempotencyKey":"a""#)).stages.joined()
                .filter { $0.topic == .links }
        }
        let record = try #require(try written().first)
        let handle = try #require(LinkHandle(record.key))
        let link = try JSON.decode(ActionLink.self, from: try #require(record.event.data))
        counter.book[handle] = link
        #expect(try written().count == 1)
        counter.book[handle] = link.revoked(at: Counter.now)
        #expect(try written().isEmpty)
        // Nor another one, when the same is sent again a day later.
        counter.moment = Counter.now + .seconds(86_400)
        #expect(try written().isEmpty)
    }

    private static let code = Counter.complaint.code

    private func token(_ actor: Actor = chief, age: Duration = .zero) -> String {
        links.link(to: Self.code, for: actor, since: Counter.now + .seconds(-age.wholeSeconds)).handle.text
    }

    private func bearer(_ token: String) -> Headers { [("Authorization", "Bearer \(token)")] }

    private func action(in plan: API.Plan) throws -> ComplaintAction {
        #expect(plan.answer.status == 202)
        let record = try #require(plan.records.last)
        #expect(record.topic == .actions && record.key == Self.code.compact)
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
                .resolve
            ),
            (office, #"{"action":"close","text":"a"}"#, .close),
            (.citizen, #"{"action":"rate","grade":"satisfied"}"#, .rate(.satisfied)),
        ]
        for (actor, body, verb) in cases {
            let taken = try action(in: counter.ownAction(body, bearer(token(actor))))
            #expect(taken.by == actor && taken.verb == verb && taken.complaint == Self.code)
        }
    }

    @Test("the answer tells no chief the citizen's capability")
    func capability() throws {
        let plan = try counter.ownAction(#"{"action":"accept"}"#, bearer(token()))
        #expect(!body(plan.answer).contains(Counter.complaint.text))
        #expect(body(plan.answer).contains(Self.code.description))
        let held = try counter.heldLink(bearer(token()))
        #expect(!body(held.answer).contains(Counter.complaint.text))
    }

    @Test("a body that says who acts is refused, as is every other wrong field")
    func faults() {
        let wrong: [(String, [String])] = [
            (#"{"action":"accept","by":{"role":"office","id":"city"}}"#, ["by"]),
            ("{}", ["action"]), (#"{"action":"resolve","media":["x"]}"#, ["media.0", "text"]),
        ]
        for (body, fields) in wrong {
            let problem = refusal { () throws(Problem) in
                try counter.ownAction(body, bearer(token()))
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
            return try #require(try counter.ownAction(plain, headers).records.last).event.id
        }
        let first = try identity(counter, Self.chief)
        // A later SMS has another link of the same holder.
        let later = try identity(
            Counter(chance: Counter.other, links: links, book: counter.book), Self.chief, .seconds(3600))
        #expect(first == later)
        let others = [Actor.citizen, Actor(role: .office, id: "wang"), Actor(role: .chief, id: "li")]
        let identities = try others.map { try identity(counter, $0) }
        #expect(Set(identities + [first]).count == 4)
    }

    // MARK: Refused

    /// Each with the problem's type and whether RFC 6750 §3.1 lets the challenge name an error.
    @Test("without a link, with one that is not ours, is over or was taken back it is 401, and says which")
    func refused() throws {
        let foreign = try Self.writer("5b").link(to: Self.code, for: Self.chief, since: Counter.now)
        var revoking = counter
        for (handle, link) in counter.book { revoking.book[handle] = link.revoked(at: Counter.now) }
        let cases: [(Counter, Headers, String, String)] = [
            (counter, [], "about:blank", #"Bearer realm="dayu""#),
            (counter, [("Authorization", "Basic \(token())")], "about:blank", #"Bearer realm="dayu""#),
            (counter, bearer("forged"), "urn:dayu:link-not-valid", "the link is not valid"),
            (counter, bearer(foreign.handle.text), "urn:dayu:link-not-valid", "invalid_token"),
            (counter, bearer(token(age: .seconds(86_400))), "urn:dayu:link-expired", "the link has expired"),
            (revoking, bearer(token()), "urn:dayu:link-revoked", "the link was taken back"),
        ]
        for (counter, headers, type, challenge) in cases {
            let problems = [
                refusal { () throws(Problem) in
                    try counter.ownAction(#"{"action":"accept"}"#, headers)
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

    @Test("a handle that may be written and not read yet is 503: come again")
    func notRead() {
        var behind = counter
        behind.isCurrent = false
        behind.book = [:]
        let problem = refusal { () throws(Problem) in try behind.heldLink(bearer(token())) }
        #expect(problem?.status == 503 && problem?.type == "urn:dayu:link-not-read")
    }

    @Test("a link is no gateway's key: elsewhere it gives no right")
    func elsewhere() {
        let byCode = refusal { () throws(Problem) in
            try counter.action(#"{"action":"accept"}"#, bearer(token()), on: Self.code.compact)
        }
        #expect(byCode?.status == 401)
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
                "trackingCode": Self.code.description, "role": "chief", "id": "wang",
                "expiresAt": (Counter.now + .seconds(86_400)).description,
            ])
        #expect(body(try counter.heldLink(bearer(token(.citizen))).answer).contains(#""role":"citizen""#))
    }

    @Test("whoever complains gets his own link, where links are written")
    func given() throws {
        struct Answer: Decodable {
            let link: String?
        }
        let plan = try counter.complaint(complaint())
        let answer = try JSON.decode(Answer.self, from: Array(body(plan.answer).utf8))
        let parts = try #require(answer.link).split(separator: "#").map(String.init)
        let code = ComplaintID(Counter.chance).code
        #expect(parts[0] == "https://rivers.example.org/complaints/\(code.compact)")
        // The record of the handle is on the log before the submission.
        let record = try #require(plan.stages.first?.first { $0.topic == .links })
        #expect(record.key == parts[1])
        let link = try JSON.decode(ActionLink.self, from: try #require(record.event.data))
        #expect(link.complaint == code && link.actor == .citizen)
        let without = try Counter().complaint(complaint())
        #expect(try JSON.decode(Answer.self, from: Array(body(without.answer).utf8)).link == nil)
        #expect(!without.records.contains { $0.topic == .links })
    }

    // MARK: Numbers

    @Test("a link that went out by SMS confirms its number, as often as it is opened; no other link does")
    func confirms() throws {
        let number = NumberHandle([UInt8](0..<16))
        let sent = links.link(to: Self.code, for: .citizen, since: Counter.now, number: number)
        var counter = counter
        counter.book[sent.handle] = sent.link
        for _ in 0..<2 {
            let plan = try counter.confirmation(bearer(sent.handle.text))
            #expect(plan.answer.status == 204 && body(plan.answer) == "" && plan.records.count == 1)
            let record = try #require(plan.records.first)
            #expect(
                record.topic == .messages && record.key == number.text
                    && record.event.id == "number/\(number)")
            #expect(record.event.type == "org.dayu.number.confirmed.v1")
            #expect(
                try JSON.decode(NumberConfirmed.self, from: try #require(record.event.data)).handle == number)
        }
        for actor in [Actor.citizen, Self.chief] {
            let problem = refusal { () throws(Problem) in try counter.confirmation(bearer(token(actor))) }
            #expect(problem?.status == 403)
        }
        #expect(refusal { () throws(Problem) in try counter.confirmation([]) }?.status == 401)
        counter.book[sent.handle] = sent.link.revoked(at: Counter.now)
        let revoked = refusal { () throws(Problem) in try counter.confirmation(bearer(sent.handle.text)) }
        #expect(revoked?.status == 401)
    }

    @Test("the link that is answered to a complaint is not the one that goes out by SMS: it confirms nothing")
    func answered() throws {
        let plan = try counter.complaint(complaint(more: #""contact":{"phone":"+86 000 0000 0701"}"#))
        let record = try #require(plan.records.first { $0.topic == .links })
        let link = try JSON.decode(ActionLink.self, from: try #require(record.event.data))
        #expect(link.number == nil)
        let handle = try #require(LinkHandle(record.key))
        var counter = counter
        counter.book[handle] = link
        #expect(refusal { () throws(Problem) in try counter.confirmation(bearer(record.key)) }?.status == 403)
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
