import FoundationEssentials
import Geo
import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("An office says which measurements are valid")
struct ReviewsTests {
    private static let north = GatewayKeyText(secret: [UInt8](repeating: 7, count: 32))
    private static let south = GatewayKeyText(secret: [UInt8](repeating: 8, count: 32))

    /// The city, of which the bridge is in the north.
    private static let registry: Registry = {
        func region(_ id: String) -> RegistryEntity {
            .region(
                Region(
                    id: Counter.id(id), name: Name(zh: id, en: id), level: .district,
                    parent: Counter.id("city")))
        }
        func desk(_ office: String, _ key: GatewayKeyText) -> [RegistryEntity] {
            [
                .gateway(
                    Gateway(
                        id: Counter.id("desk-\(office)"), name: Name(zh: office, en: office), channel: .web,
                        scopes: [.actions(.office(Counter.id(office)))])),
                .gatewayKey(GatewayKey(gateway: Counter.id("desk-\(office)"), sha256: key.hash)),
            ]
        }
        let bridge = Section(
            id: Counter.id("bridge"), name: Name(zh: "桥", en: "桥"), river: Counter.id("canal"), body: .river,
            place: Coordinate(longitude: 120.2, latitude: 30.2), region: Counter.id("north"))
        let works: [RegistryEntity] = [
            .department(
                Department(
                    id: Counter.id("ecology"), name: Name(zh: "局", en: "Bureau"),
                    region: Counter.id("north"))),
            .department(
                Department(
                    id: Counter.id("sewers"), name: Name(zh: "处", en: "Sewers"),
                    region: Counter.id("north"))),
            .enterprise(
                Enterprise(
                    id: Counter.id("works"), name: Name(zh: "厂", en: "Works"), region: Counter.id("north"),
                    responsible: Counter.id("ecology"))),
            .outfall(
                Outfall(
                    id: Counter.id("works-1"), name: Name(zh: "总排口", en: "Drain"), river: Counter.id("canal"),
                    place: Coordinate(longitude: 120.2, latitude: 30.2), kind: .industrial,
                    enterprise: Counter.id("works"))),
        ]
        let more =
            [region("north"), region("south"), .section(bridge)] + works + desk("north", north)
            + desk("south", south)
        return more.reduce(into: Counter.registry) { $0.put($1) }
    }()

    private func post(
        _ body: String, key: GatewayKeyText? = north, type: String = "application/json",
        query: [String: String] = [:]
    ) throws(Problem) -> API.Plan {
        var headers: Headers = [("Content-Type", type)]
        if let key { headers.add("Authorization", "Bearer \(key.text)") }
        var request = Request(method: .post, headers: headers, body: Array(body.utf8))
        request.query = query
        return try Counter(registry: Self.registry).api.reviews(request)
    }

    private func body(
        office: String = "north", _ more: String = #","verdict":"valid""#, section: String = "bridge"
    ) -> String {
        let review = #""section":"\#(section)","observedAt":"2026-07-09T13:00:00Z"\#(more)"#
        return #"{"office":"\#(office)","reviews":[{\#(review)}]}"#
    }

    private func reviews(_ plan: API.Plan) throws -> [Review] {
        try plan.records.map { try JSON.decode(Review.self, from: try #require($0.event.data)) }
    }

    @Test("202, and a record under the section that names the office and its gateway")
    func accepted() throws {
        let plan = try post(
            body(
                #","period":"hour","origin":"manual","parameters":["w01001"],"verdict":"withdrawn","#
                    + #""receivedAt":"2026-07-09T14:00:00Z""#))
        #expect(plan.answer.status == 202)
        let record = try #require(plan.records.first)
        #expect(record.topic == .reports && record.key == "bridge")
        #expect(record.event.type == "org.dayu.reading.reviewed.v1" && record.event.time == Counter.now)
        let review = try #require(try reviews(plan).first)
        #expect(review.key.description == "bridge/2026-07-09T13:00:00.000Z/hour/manual")
        #expect(
            review.reviewer == Actor(role: .office, id: "north") && review.gateway?.rawValue == "desk-north")
        #expect(review.parameters == [.pH] && review.verdict == .withdrawn)
        #expect(review.seenAt.description == "2026-07-09T14:00:00.000Z")
        let plain = try #require(try reviews(try post(body())).first)
        #expect(plain.parameters.isEmpty && plain.seenAt == Counter.now)
        let ahead = #","verdict":"valid","receivedAt":"2099-01-01T00:00:00Z""#
        #expect(try reviews(try post(body(ahead))).first?.seenAt == Counter.now)
    }

    @Test("the office above may; the one beside, a gateway without the scope and a stranger may not")
    func rights() throws {
        #expect(try post(body(office: "city"), key: Counter.office).answer.status == 202)
        func status(_ body: String, _ key: GatewayKeyText?) -> Int? {
            refusal { () throws(Problem) in try post(body, key: key) }?.status
        }
        #expect(status(body(office: "south"), Self.south) == 403, "not its region")
        #expect(status(body(office: "north"), Self.south) == 403, "not its office")
        #expect(status(body(office: "city"), Self.north) == 403, "the one above")
        #expect(status(body(), Counter.app) == 403 && status(body(), nil) == 401)
        #expect(status(body(), GatewayKeyText(secret: [UInt8](repeating: 9, count: 32))) == 401)
        #expect(status(body(office: "nowhere"), Self.north) == 403)
    }

    @Test("an outfall is reviewed by its enterprise's department and the offices of its region, by no others")
    func outfall() throws {
        func asked(_ who: String, section: String = "works-1") -> String {
            body(section: section).replacing(#""office":"north""#, with: who)
        }
        let plan = try post(asked(#""department":"ecology""#))
        let review = try #require(try reviews(plan).first)
        #expect(review.reviewer == Actor(role: .department, id: "ecology"))
        #expect(plan.records.first?.key == "works-1")
        func status(_ body: String, _ key: GatewayKeyText? = Self.north) -> Int? {
            refusal { () throws(Problem) in try post(body, key: key) }?.status
        }
        #expect(status(asked(#""department":"sewers""#)) == 403, "another department")
        #expect(status(asked(#""office":"south""#), Self.south) == 403, "the office of another region")
        let byOffice = try #require(try reviews(try post(asked(#""office":"north""#))).first)
        #expect(byOffice.reviewer == Actor(role: .office, id: "north"))
        #expect(status(asked(#""department":"ecology""#, section: "bridge")) == 403, "a section")
        #expect(status(asked(#""department":"ecology""#), Self.south) == 403, "a gateway of another region")
        #expect(status(asked(#""department":"ecology","office":"north""#)) == 422)
        let table = "section,observedAt,parameter,verdict\nworks-1,2026-07-09T13:00:00Z,w01018,withdrawn"
        let sent = try post(table, type: "text/csv", query: ["department": "ecology"])
        #expect(try reviews(sent).map(\.verdict) == [.withdrawn])
        for query in [["department": "!"], ["department": "ecology", "office": "north"]] {
            let problem = refusal { () throws(Problem) in try post(table, type: "text/csv", query: query) }
            #expect(problem?.status == 422)
        }
    }

    @Test("from the desk of the department, as the department")
    func desk() throws {
        let reception = Reception(
            atlas: Atlas(Self.registry), identities: Identities(key: [UInt8](repeating: 7, count: 32)),
            links: nil)
        func take(_ person: Actor, _ department: String) throws(TurnedAway) -> Receipt {
            let key = ReadingKey(
                section: Counter.id("works-1"), observedAt: Counter.now, period: .hour, origin: .automatic)
            let item = ReviewsDraft.Item(key: key, parameters: [], verdict: .valid, seenAt: Counter.now)
            return try reception.take(
                .reviews(ReviewsDraft(by: .department(Counter.id(department)), items: [item])),
                from: Sender(
                    proof: .desk(person), channel: .web, idempotencyKey: "1", content: [], traceparent: nil),
                in: Circumstances(now: Counter.now, identity: UUID(), trace: UUID(), span: 1))
        }
        let person = Actor(role: .department, id: "ecology")
        #expect(try take(person, "ecology").stages.flatMap(\.self).count == 1)
        #expect(throws: TurnedAway.self) { try take(person, "sewers") }
        #expect(throws: TurnedAway.self) { try take(Actor(role: .office, id: "ecology"), "ecology") }
    }

    @Test("a table: rows of one reading that say the same are one review")
    func table() throws {
        let rows = ["w01001,valid", "w21003,valid", "w01009,withdrawn", "w01003,"]
        let text =
            (["section,observedAt,parameter,verdict"] + rows.map { "bridge,2026-07-09T13:00:00Z,\($0)" })
            .joined(separator: "\n")
        let plan = try post(text, type: "text/csv", query: ["office": "north"])
        let found = try reviews(plan)
        #expect(found.map(\.parameters) == [[.pH, .ammoniaNitrogen], [.dissolvedOxygen]])
        #expect(found.map(\.verdict) == [.valid, .withdrawn])
        guard case .bytes(let bytes) = plan.answer.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self) == #"{"accepted":2,"undecidedRows":1}"#)
        for query in [[:], ["office": "NORTH!"], ["office": "north", "dry-run": "true"]] {
            let problem = refusal { () throws(Problem) in try post(text, type: "text/csv", query: query) }
            #expect(problem?.status == 422)
        }
    }

    @Test("every wrong field is named by its place")
    func wrong() {
        func fields(_ body: String) -> [String] {
            refusal { () throws(Problem) in try post(body) }?.fields ?? []
        }
        #expect(fields("{}") == ["office", "reviews"])
        #expect(fields(#"{"office":"north","reviews":[]}"#) == ["reviews"])
        #expect(fields(#"{"office":"north","reviews":[7]}"#) == ["reviews.0"])
        #expect(fields(body("")) == ["reviews.0.verdict"])
        #expect(fields(body(#","verdict":"maybe""#)) == ["reviews.0.verdict"])
        #expect(fields(body(#","verdict":"valid","parameters":["w9"]"#)) == ["reviews.0.parameters"])
        #expect(fields(body(section: "nowhere")) == ["reviews.0.section"])
        // Without it the review would cover the whole reading.
        #expect(fields(body(#","verdict":"valid","parameter":["w01001"]"#)) == ["reviews.0.parameter"])
        let text = refusal { () throws(Problem) in try post("x", type: "text/plain") }
        #expect(text?.status == 415)
    }
}
