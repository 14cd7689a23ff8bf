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
        var counter = Counter(links: links)
        for entity in registry { counter.registry.put(entity) }
        var api = counter.api
        let known = link ?? DeskLink(desk: person, expiresAt: Counter.now + .seconds(3600))
        api.deskLink = { name throws(LinkRefusal) in
            guard isRead, name == Self.name else { throw .notReadYet }
            return known
        }
        let pass = DeskProof(person: person, link: Self.name, expiresAt: end).text(kind, key)
        return try api.action(
            Request(
                method: .post,
                headers: [("Authorization", "Bearer \(pass)"), ("Content-Type", "application/json")],
                body: Array(body.utf8), parameters: ["complaint": Counter.complaint.code.compact]))
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

    @Test("a pass ends with its time, its link, and its person's place in the registry; a session is none")
    func ended() {
        let body = #"{"action":"accept"}"#
        let link = DeskLink(desk: Self.office, expiresAt: Counter.now + .seconds(3600))
        let chief = DeskLink(desk: Actor(role: .chief, id: "wang"), expiresAt: Counter.now + .seconds(3600))
        let moved = Clerk(id: Self.clerk.id, name: Self.clerk.name, office: Counter.id("elsewhere"))
        let refusals: [(Problem?, String)] = [
            (refusal { () throws(Problem) in try act(body, until: Counter.now) }, "urn:dayu:link-expired"),
            (
                refusal { () throws(Problem) in try act(body, link: link.revoked(at: Counter.now)) },
                "urn:dayu:link-revoked"
            ),
            (refusal { () throws(Problem) in try act(body, link: chief) }, "urn:dayu:link-revoked"),
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
