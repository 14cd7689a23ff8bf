import Foundation
import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("An official acts from the desk")
struct DeskActionTests {
    private static let clerk = Clerk(
        id: Counter.id("clerk-1"), name: Name(zh: "经办", en: "Clerk"), office: Counter.id("city"))
    private static let monitors = Department(
        id: Counter.id("monitors"), name: Name(zh: "查验", en: "Monitors"), region: Counter.id("city"))
    private static let office = Actor(role: .office, id: "city", clerk: clerk.id)
    private static let name = [UInt8](repeating: 7, count: 32)
    private let key: LinkKey
    private let links: LinkWriter

    init() throws {
        key = try LinkKey(String(repeating: "5a", count: 32))
        links = LinkWriter(key: key, site: "https://rivers.example", validity: .seconds(86_400))
    }

    private func act(
        _ body: String, as person: Actor = office, kind: DeskProof.Kind = .pass,
        until end: Instant = Counter.now + .seconds(60), link: DeskLink? = nil,
        registry: [RegistryEntity] = [.clerk(clerk), .department(monitors)], isRead: Bool = true
    ) throws(Problem) -> API.Plan {
        let pass = DeskProof(person: person, link: Self.name, expiresAt: end).text(kind, key)
        let api = api(
            of: link ?? DeskLink(desk: person, expiresAt: Counter.now + .seconds(3600)), registry, isRead)
        return try api.action(
            request(pass, body, parameters: ["complaint": Counter.complaint.code.compact]))
    }

    private func api(of known: DeskLink, _ registry: [RegistryEntity], _ isRead: Bool = true) -> API {
        var counter = Counter(links: links)
        for entity in registry { counter.registry.put(entity) }
        var api = counter.api
        api.deskLink = { name throws(LinkRefusal) in
            guard isRead, name == Self.name else { throw .notReadYet }
            return known
        }
        return api
    }

    private func request(_ pass: String, _ body: String, parameters: [String: String] = [:]) -> Request {
        Request(
            method: .post,
            headers: [("Authorization", "Bearer \(pass)"), ("Content-Type", "application/json")],
            body: Array(body.utf8), parameters: parameters)
    }

    private func action(_ plan: API.Plan) throws -> ComplaintAction {
        let record = try #require(plan.records.last)
        return try JSON.decode(ComplaintAction.self, from: try #require(record.event.data))
    }

    @Test("the action names the office and the clerk, and whatever the body says, nobody else")
    func clerk() throws {
        let taken = try action(try act(#"{"action":"accept"}"#))
        #expect(taken.by == Self.office && taken.complaint == Counter.complaint.code)
        let named = try action(try act(#"{"action":"accept","by":{"role":"office","id":"city"}}"#))
        #expect(named.by == Self.office)
        for by in [
            #"{"role":"chief","id":"wang"}"#, #"{"role":"office","id":"other"}"#, #"{"role":"citizen"}"#,
        ] {
            #expect(
                refusal { () throws(Problem) in try act(#"{"action":"accept","by":\#(by)}"#) }?.status == 403)
        }
    }

    @Test("a department checks in its other role")
    func checker() throws {
        let department = Actor(role: .department, id: "monitors")
        let body = #"{"action":"verify","passed":true,"text":"好","by":{"role":"checker","id":"monitors"}}"#
        #expect(try action(try act(body, as: department)).by == Actor(role: .checker, id: "monitors"))
        let other = #"{"action":"verify","passed":true,"text":"好","by":{"role":"checker","id":"city-water"}}"#
        #expect(refusal { () throws(Problem) in try act(other, as: department) }?.status == 403)
    }

    @Test("an office releases a bulletin and reviews readings from its desk; nobody does it for another one")
    func decisions() throws {
        let publication =
            #"{"office":"city","kind":"bulletin","month":"2026-10","verdict":"released","#
            + #""fingerprint":"00112233445566778899aabbccddeeff"}"#
        let review =
            #"{"office":"city","reviews":[{"section":"bridge","observedAt":"2027-01-14T00:00:00Z","#
            + #""verdict":"valid","receivedAt":"2027-01-14T00:10:00Z"}]}"#
        let chief = Actor(role: .chief, id: "wang")
        for (body, door) in [(publication, API.publications), (review, API.reviews)] {
            func send(as person: Actor) throws(Problem) -> API.Plan {
                let end = Counter.now + .seconds(60)
                let pass = DeskProof(person: person, link: Self.name, expiresAt: end).text(.pass, key)
                let api = api(of: DeskLink(desk: person, expiresAt: end), [.clerk(Self.clerk)])
                return try door(api)(request(pass, body))
            }
            let plan = try send(as: Self.office)
            #expect(plan.answer.status == 202 && plan.records.count == 1)
            let data = String(decoding: try #require(plan.records.first?.event.data), as: UTF8.self)
            #expect(data.contains(#""clerk":"clerk-1""#) && !data.contains("gateway"), "\(data)")
            #expect(refusal { () throws(Problem) in try send(as: chief) }?.status == 403)
        }
    }

    @Test("a pass ends with its time, its link, and its person's place in the registry; a session is none")
    func ended() {
        let body = #"{"action":"accept"}"#
        let link = DeskLink(desk: Self.office, expiresAt: Counter.now + .seconds(3600))
        let chief = DeskLink(desk: Actor(role: .chief, id: "wang"), expiresAt: Counter.now + .seconds(3600))
        let another = DeskLink(
            desk: Self.office, expiresAt: Counter.now + .seconds(3600), holder: "name/0000")
        let moved = Clerk(id: Self.clerk.id, name: Self.clerk.name, office: Counter.id("elsewhere"))
        let refusals: [(Problem?, String)] = [
            (refusal { () throws(Problem) in try act(body, until: Counter.now) }, "urn:dayu:link-expired"),
            (
                refusal { () throws(Problem) in try act(body, link: link.revoked(at: Counter.now)) },
                "urn:dayu:link-revoked"
            ),
            (refusal { () throws(Problem) in try act(body, link: chief) }, "urn:dayu:link-revoked"),
            (refusal { () throws(Problem) in try act(body, link: another) }, "urn:dayu:link-revoked"),
            (refusal { () throws(Problem) in try act(body, registry: []) }, "urn:dayu:link-revoked"),
            (
                refusal { () throws(Problem) in try act(body, registry: [.clerk(moved)]) },
                "urn:dayu:link-revoked"
            ),
            (refusal { () throws(Problem) in try act(body, kind: .session) }, "urn:dayu:link-not-valid"),
        ]
        for (problem, type) in refusals { #expect(problem?.status == 401 && problem?.type == type) }
        #expect(refusal { () throws(Problem) in try act(body, isRead: false) }?.status == 503)
    }

    // MARK: Many at once

    private static let codes = (1...3).map { TrackingCode(digest: [UInt8](repeating: UInt8($0), count: 8)) }

    private func pass(_ person: Actor = office) -> String {
        DeskProof(person: person, link: Self.name, expiresAt: Counter.now + .seconds(60)).text(.pass, key)
    }

    private func many(
        _ codes: [String], _ action: String = #""action":"note","public":false,"text":"交班""#,
        key idempotencyKey: String? = "k", bearer: String? = nil, keyed: Bool = true
    ) throws(Problem) -> API.Plan {
        var counter = Counter(links: links)
        for entity in [RegistryEntity.clerk(Self.clerk)] { counter.registry.put(entity) }
        var api = counter.api
        api.deskLink = { _ in DeskLink(desk: Self.office, expiresAt: Counter.now + .seconds(3600)) }
        let list = codes.map { #""\#($0)""# }.joined(separator: ",")
        let named = idempotencyKey.map { #","idempotencyKey":"\#($0)""# } ?? ""
        var headers: Headers = [("Content-Type", "application/json")]
        if keyed { headers.add("Authorization", "Bearer \(bearer ?? pass())") }
        return try api.actions(
            Request(
                method: .post, headers: headers,
                body: Array(#"{"complaints":[\#(list)],\#(action)\#(named)}"#.utf8)))
    }

    @Test("one request acts on each complaint once, words first; the list may change, the content may not")
    func manyAtOnce() throws {
        let names = Self.codes.map(\.description)
        let plan = try many(names + [names[0]])
        #expect(plan.answer.status == 202 && plan.stages.map(\.count) == [3, 3])
        #expect(plan.stages[0].allSatisfy { $0.topic == .words })
        #expect(plan.stages[1].map(\.key) == Self.codes.map(\.compact))
        for record in plan.stages[1] {
            let action = try JSON.decode(ComplaintAction.self, from: try #require(record.event.data))
            #expect(action.by == Self.office && action.verb.name == .note)
        }
        let ids = plan.stages[1].map(\.event.id)
        #expect(Set(ids).count == 3)
        guard case .bytes(let body) = plan.answer.body else { return }
        for (id, code) in zip(ids, names) {
            let text = String(decoding: body, as: UTF8.self)
            #expect(text.contains(code) && text.contains(id.dropFirst(Reception.actionPrefix.count)))
        }
        // Sent again after one has left the list, the others are the same actions.
        #expect(try many(Array(names.dropFirst())).stages[1].map(\.event.id) == Array(ids.dropFirst()))
        let other = try many(names, #""action":"note","public":false,"text":"另一句""#)
        #expect(Set(other.stages[1].map(\.event.id)).isDisjoint(with: ids))
        #expect(try Set(many(names, key: "other").stages[1].map(\.event.id)).isDisjoint(with: ids))
        let accepted = try many(names, #""action":"accept""#)
        #expect(accepted.stages.map(\.count) == [3])
    }

    @Test("what can't be done on many is refused as a whole, with each fault")
    func manyRefused() {
        let names = Self.codes.map(\.description)
        func problem(
            _ codes: [String], _ action: String = #""action":"accept""#, key: String? = "k",
            bearer: String? = nil, keyed: Bool = true
        ) -> Problem? {
            refusal { () throws(Problem) in try many(codes, action, key: key, bearer: bearer, keyed: keyed) }
        }
        #expect(problem(names, key: nil)?.errors.map(\.field) == ["idempotencyKey"])
        #expect(problem([])?.errors.map(\.field) == ["complaints"])
        #expect(problem([names[0], "x", "7"])?.errors.map(\.field) == ["complaints.1", "complaints.2"])
        #expect(problem(names, #""action":"resolve","text":"好""#)?.errors.map(\.field) == ["action"])
        #expect(
            problem(names, #""action":"note","text":"x","media":["upload-0"]"#)?.errors.map(\.field) == [
                "media"
            ])
        #expect(problem(names, #""action":"note""#)?.errors.map(\.field) == ["text"])
        let limit = API.ManyActions.complaints
        let lots = (0...limit).map { number in
            TrackingCode(digest: (0..<8).map { UInt8(truncatingIfNeeded: (number + 1) >> (8 * $0)) })
                .description
        }
        #expect(problem(lots)?.errors.map(\.field) == ["complaints"])
        #expect(problem(Array(lots.dropLast())) == nil)
        #expect(problem(names, keyed: false)?.status == 401)
        #expect(problem(names, bearer: Counter.app.text, keyed: true)?.status == 422, "a gateway names by")
        let office = Counter.office.text
        let by = #""action":"accept","by":{"role":"office","id":"city"}"#
        #expect(problem(names, by, bearer: office) == nil)
        #expect(problem(names, by, bearer: Counter.app.text)?.status == 403)
    }

    @Test("each action's outcome, in the order in which they were asked")
    func manyOutcomes() throws {
        var api = Counter(links: links).api
        let known = "0190a0b0-0000-8000-8000-000000000001"
        let unknown = "0190a0b0-0000-8000-8000-000000000002"
        api.outcome = { action, code in
            action == known && code == Self.codes[0]
                ? ActionOutcome(state: .refused, reason: .status) : .pending
        }
        func ask(_ body: String, key: String = Counter.office.text) throws(Problem) -> API.Plan {
            try api.outcomes(
                Request(
                    method: .post, headers: [("Authorization", "Bearer \(key)")], body: Array(body.utf8)))
        }
        func one(_ code: TrackingCode, _ action: String) -> String {
            #"{"trackingCode":"\#(code)","action":"\#(action)"}"#
        }
        let list = [one(Self.codes[0], known), one(Self.codes[1], known), one(Self.codes[0], unknown)]
        let plan = try ask(#"{"actions":[\#(list.joined(separator: ","))]}"#)
        guard case .bytes(let bytes) = plan.answer.body else { return }
        let found = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: [[String: Any]]]
        #expect(plan.stages.isEmpty)
        let outcomes = try #require(found?["outcomes"])
        #expect(
            outcomes.map { ($0["outcome"] as? [String: Any])?["state"] as? String } == [
                "refused", "pending", "pending",
            ])
        #expect((outcomes[0]["outcome"] as? [String: Any])?["reason"] as? String == "status")
        for body in [#"{"actions":[{"trackingCode":"x","action":"y"}]}"#, #"{"actions":7}"#, "{}"] {
            #expect(refusal { () throws(Problem) in try ask(body) }?.status == 422, "\(body)")
        }
        #expect(
            refusal { () throws(Problem) in try ask(#"{"actions":[]}"#, key: "none") }?.status == 401)
    }

    @Test("the security log says on how many complaints somebody acted, and nothing of who asks for outcomes")
    func manyInTheLog() throws {
        let plan = try many(Self.codes.map(\.description))
        func entry(_ route: String, _ plan: API.Plan?, status: Int = 202) -> SecurityEntry? {
            SecurityEntry(
                Request(method: .post, headers: [("Authorization", "Bearer \(pass())")]), route: route,
                .init(status: status, plan: plan), registry: Counter.registry, link: { _ in nil },
                pass: { DeskProof($0, .pass, key) }, at: Counter.now)
        }
        let written = entry(API.ManyActions.route, plan)
        #expect(written?.complaints == 3 && written?.complaint == nil && written?.wanted == "action.note")
        #expect(entry(API.ManyActions.outcomesRoute, nil, status: 200) == nil)
        #expect(entry(API.ManyActions.outcomesRoute, nil, status: 401) != nil)
    }

    @Test("the security log says who it was, and never the pass")
    func log() throws {
        let pass = DeskProof(person: Self.office, link: Self.name, expiresAt: Counter.now).text(.pass, key)
        let request = Request(
            method: .post, headers: [("Authorization", "Bearer \(pass)")],
            parameters: ["complaint": Counter.complaint.code.compact])
        let entry = SecurityEntry(
            request, route: "/v1/complaints/{complaint}/actions", .init(status: 202),
            registry: Counter.registry, link: { _ in nil }, pass: { DeskProof($0, .pass, key) },
            at: Counter.now)
        #expect(entry?.proof == .desk && entry?.holder == Self.office)
        let line = String(decoding: JSON.encode(entry), as: UTF8.self)
        #expect(!line.contains(pass) && line.contains("clerk-1"))
    }
}
