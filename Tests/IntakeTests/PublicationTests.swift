import Geo
import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("An office releases a bulletin")
struct PublicationTests {
    private static let city = GatewayKeyText(secret: [UInt8](repeating: 7, count: 32))
    private static let north = GatewayKeyText(secret: [UInt8](repeating: 8, count: 32))
    private static let fingerprint = "00112233445566778899aabbccddeeff"

    private static let registry: Registry = {
        func desk(_ office: String, _ key: GatewayKeyText) -> [RegistryEntity] {
            [
                .gateway(
                    Gateway(
                        id: Counter.id("desk-\(office)"), name: Name(zh: office, en: office), channel: .web,
                        scopes: [.actions(.office(Counter.id(office)))])),
                .gatewayKey(GatewayKey(gateway: Counter.id("desk-\(office)"), sha256: key.hash)),
            ]
        }
        let district = RegistryEntity.region(
            Region(
                id: Counter.id("north"), name: Name(zh: "北", en: "North"), level: .district,
                parent: Counter.id("city")))
        return ([district] + desk("city", city) + desk("north", north))
            .reduce(into: Counter.registry) { $0.put($1) }
    }()

    private func post(_ body: String, key: GatewayKeyText? = city) throws(Problem) -> API.Plan {
        var headers: Headers = [("Content-Type", "application/json")]
        if let key { headers.add("Authorization", "Bearer \(key.text)") }
        let request = Request(method: .post, headers: headers, body: Array(body.utf8))
        return try Counter(registry: Self.registry).api.publications(request)
    }

    private func body(
        office: String = "city", month: String = "2026-10", verdict: String = "released",
        fingerprint: String = fingerprint
    ) -> String {
        #"{"office":"\#(office)","kind":"bulletin","month":"\#(month)","verdict":"\#(verdict)","#
            + #""fingerprint":"\#(fingerprint)"}"#
    }

    @Test("202, and a record under the bulletin's key that names the office and what it saw")
    func accepted() throws {
        for verdict in Publication.Verdict.allCases {
            let plan = try post(body(verdict: verdict.rawValue))
            #expect(plan.answer.status == 202)
            let record = try #require(plan.records.first)
            #expect(record.topic == .publications && record.key == "bulletin/2026-10")
            #expect(record.event.type == "org.dayu.publication.decided.v1")
            let publication = try JSON.decode(Publication.self, from: try #require(record.event.data))
            #expect(publication.verdict == verdict && publication.by == Actor(role: .office, id: "city"))
            #expect(publication.fingerprint == Self.fingerprint && publication.faults.isEmpty)
            #expect(publication.gateway?.rawValue == "desk-city")
        }
    }

    @Test("a month that is not over is not released; what was released may be taken back whenever")
    func open() throws {
        let now = Counter.now
        let today = Self.registry.cityZone.day(at: now)
        let month = Month(of: today)
        let open = #expect(throws: Problem.self) { try post(body(month: month.description)) }
        #expect(open?.status == 422 && open?.errors.map(\.field) == ["month"])
        let later = #expect(throws: Problem.self) { try post(body(month: "2099-01")) }
        #expect(later?.errors.map(\.field) == ["month"])
        let last = Month(of: month.first.adding(days: -1))
        #expect(try post(body(month: last.description)).answer.status == 202)
        #expect(try post(body(month: month.description, verdict: "withdrawn")).answer.status == 202)
    }

    @Test("nobody without the office's key, and no office of a district")
    func refused() throws {
        #expect(throws: Problem.self) { try post(body(), key: nil) }
        let other = #expect(throws: Problem.self) { try post(body(), key: Self.north) }
        #expect(other?.status == 403)
        let district = #expect(throws: Problem.self) { try post(body(office: "north"), key: Self.north) }
        #expect(district?.status == 403)
    }

    @Test("each wrong field is named")
    func faults() {
        let wrong = #expect(throws: Problem.self) {
            try post(body(month: "October", verdict: "maybe", fingerprint: "12"))
        }
        #expect(wrong?.status == 422)
        #expect(Set(wrong?.errors.map(\.field) ?? []) == ["month", "verdict", "fingerprint"])
    }
}
