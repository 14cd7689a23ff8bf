import HTTP
import Links
import Models
import Testing
import Text

@testable import Intake

@Suite("The security log tells who used which proof for what")
struct SecurityEntryTests {
    private static let route = "/v1/complaints/{complaint}/actions"
    private static let chief = ActionLink(
        complaint: Counter.complaint.code, actor: Actor(role: .chief, id: "wang"), expiresAt: Counter.now)
    private let handle: LinkHandle

    init() throws {
        handle = try #require(LinkHandle("AAECAwQFBgcICQoLDA0ODw"))
    }

    private func entry(
        method: Method = .post, to route: String = route, bearer: String? = nil, complaint: String? = nil,
        action: String? = nil, body: String = "密", _ answer: SecurityEntry.Answer, link: ActionLink? = chief
    ) -> SecurityEntry? {
        let headers: Headers = bearer.map { [("Authorization", "Bearer \($0)")] } ?? []
        let named = ["complaint": complaint, "action": action].compactMapValues(\.self)
        let request = Request(
            method: method, headers: headers, body: Array(body.utf8), peerAddress: "192.0.2.7",
            parameters: named)
        return SecurityEntry(
            request, route: route, answer, registry: Counter.registry,
            link: { $0 == handle ? link : nil }, at: Counter.now)
    }

    private func text(_ entry: SecurityEntry?) -> String {
        String(decoding: JSON.encode(entry), as: UTF8.self)
    }

    @Test("a gateway that acts for an official: which key, as whom, on what, from where, under which trace")
    func key() throws {
        let counter = Counter(key: Counter.office)
        let plan = try counter.action(#"{"action":"accept","by":{"role":"office","id":"city"}}"#)
        let told = entry(
            bearer: Counter.office.text, complaint: Counter.complaint.code.compact,
            .init(status: 202, plan: plan))
        let entry = try #require(told)
        #expect(entry.proof == .key && entry.gateway?.rawValue == "office" && entry.status == 202)
        #expect(entry.fingerprint == String(Counter.office.hash.description.prefix(8)))
        #expect(entry.complaint == Counter.complaint.code && entry.wanted == "action.accept")
        #expect(entry.by == Actor(role: .office, id: "city") && entry.address == "192.0.2.7")
        #expect(entry.trace == plan.trace && entry.refusal == nil)
        #expect(entry.request == "POST \(Self.route)")
    }

    @Test("refusals: no proof at all, a key that has ended, a key that nobody knows, a token that is neither")
    func refused() {
        let answer = SecurityEntry.Answer(status: 401, detail: "the key is not valid")
        let ended = entry(bearer: Counter.former.text, answer)
        #expect(ended?.gateway?.rawValue == "app" && ended?.refusal == "the key is not valid")
        let unknown = GatewayKeyText(secret: [UInt8](repeating: 9, count: 32))
        #expect(entry(bearer: unknown.text, answer)?.proof == .key)
        #expect(entry(bearer: unknown.text, answer)?.gateway == nil)
        let neither = entry(bearer: "hunter2", answer)
        #expect(neither?.proof == .unreadable && neither?.fingerprint == nil)
        #expect(entry(answer)?.proof == SecurityEntry.Proof.none)
    }

    @Test("a refusal tells what was wanted, and as whom")
    func wish() {
        let forbidden = SecurityEntry.Answer(status: 403, detail: "no")
        let told = entry(
            bearer: Counter.app.text, complaint: Counter.complaint.code.compact,
            body: #"{"action":"close","by":{"role":"office","id":"city"},"text":"密"}"#, forbidden)
        #expect(told?.wanted == "action.close" && told?.by == Actor(role: .office, id: "city"))
        #expect(told?.complaint == Counter.complaint.code && !text(told).contains("密"))
        // From the head alone the route is known and no body.
        let head = SecurityEntry.Answer(status: 401, detail: "the key is not valid")
        #expect(
            entry(to: "/v1/readings", bearer: Counter.former.text, body: "", head)?.wanted
                == "reading.reported")
        #expect(
            entry(to: "/v1/complaints", bearer: Counter.former.text, body: "", head)?.wanted
                == "complaint.submitted")
        #expect(entry(bearer: Counter.former.text, body: "", head)?.wanted == nil)
    }

    @Test(
        "what stands in the place of a verb, a role or an official, and is none, is not told",
        arguments: [
            #"{"action":"ID","by":{"role":"office","id":"ID"}}"#, #"{"by":{"role":"chief","id":"ID"}}"#,
            #"{"by":{"role":"ID","id":"city"}}"#, #"{"by":{"role":"citizen","id":"ID"}}"#, #"{"by":"ID"}"#,
        ])
    func strangers(_ body: String) {
        let id = Counter.complaint.text
        let told = entry(
            bearer: Counter.app.text, body: body.replacing("ID", with: id), .init(status: 403, detail: "no"))
        #expect(told != nil && !text(told).contains(id))
        #expect(told?.wanted == nil && told?.by?.id == nil)
    }

    @Test("a link by its fingerprint and its holder; a citizen's address stays out")
    func links() {
        let done = SecurityEntry.Answer(status: 200)
        let official = entry(method: .get, bearer: handle.text, done)
        #expect(official?.holder == Self.chief.actor && official?.complaint == Self.chief.complaint)
        #expect(official?.address == "192.0.2.7" && official?.fingerprint?.count == 8)
        let own = ActionLink(complaint: Self.chief.complaint, actor: .citizen, expiresAt: Counter.now)
        let citizen = entry(method: .get, bearer: handle.text, done, link: own)
        #expect(citizen?.holder == .citizen && citizen?.address == nil)
        let byID = entry(to: "/v1/actions", bearer: Counter.complaint.text, .init(status: 202))
        #expect(byID?.proof == .id && byID?.complaint == Counter.complaint.code && byID?.address == nil)
    }

    @Test("a station by its name and its kind of proof, never by its password or its device")
    func stations() throws {
        var counter = StationCounter()
        let calls = [
            counter.hear(StationCounter.segment(cn: "9015", cp: "")),
            counter.hear(
                StationCounter.segment(cn: "9015", mn: "T1_mill", cp: ""), from: StationCounter.home),
            counter.hear(StationCounter.segment(cn: "9015", pw: "guess-1", cp: ""), on: 2),
            counter.hear(StationCounter.segment(cn: "9015", pw: "guess-2", mn: "stranger", cp: ""), on: 2),
        ].flatMap(\.noted)
        let entries = calls.map { SecurityEntry($0, at: Counter.now) }
        #expect(entries.map(\.proof) == [.password, .address, .none, .none])
        #expect(entries.map { $0.station?.rawValue } == ["bridge-1", "mill-1", "bridge-1", nil])
        #expect(entries.map { $0.refusal == nil } == [true, true, false, false])
        #expect(entries.allSatisfy { $0.request == "HJ 212" && $0.address != nil })
        let lines = entries.map { text($0) }.joined()
        for secret in ["guess", StationCounter.password, StationCounter.device, "stranger", "T1_mill"] {
            #expect(!lines.contains(secret), "\(secret)")
        }
    }

    @Test("no line holds a key, a handle, an id or a word of the body")
    func secrets() {
        let answers = [SecurityEntry.Answer(status: 202), .init(status: 401, detail: "no")]
        for answer in answers {
            let lines = [
                entry(bearer: Counter.office.text, answer), entry(bearer: handle.text, answer),
                entry(bearer: handle.text, answer, link: nil), entry(bearer: "hunter2", answer),
                entry(bearer: Counter.complaint.text, answer),
                entry(complaint: Counter.complaint.text, answer),
            ].map(text).joined(separator: "\n")
            for secret in [Counter.office.text, handle.text, Counter.complaint.text, "hunter2", "密"] {
                #expect(!lines.contains(secret), "\(secret)")
            }
        }
    }

    @Test("the public that asks for nothing special leaves no line, nor does a page that asks for an outcome")
    func silent() {
        #expect(entry(.init(status: 201)) == nil && entry(.init(status: 422)) == nil)
        let key = Counter.office.text
        #expect(entry(method: .get, bearer: key, complaint: "x", action: "a", .init(status: 200)) == nil)
        #expect(entry(method: .get, bearer: key, complaint: "x", action: "a", .init(status: 401)) != nil)
    }
}
