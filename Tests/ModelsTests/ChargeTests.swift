import Models
import Testing

@Suite("Who is in charge of a complaint")
struct ChargeTests {
    private static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }
    private static func name(_ text: String) -> Name { Name(zh: text, en: text) }
    private static let now = Instant(millisecondsSince1970: 1_790_000_000_000)

    private let registry = Registry([
        .region(Region(id: id("city"), name: name("市"), level: .city)),
        .region(Region(id: id("north"), name: name("北"), level: .district, parent: id("city"))),
        .region(Region(id: id("south"), name: name("南"), level: .district, parent: id("city"))),
        .chief(Chief(id: id("top"), name: name("上"), title: "", level: .city, region: id("city"))),
        .chief(
            Chief(
                id: id("low"), name: name("下"), title: "", level: .town, region: id("north"),
                superior: id("top"),
                phone: "1",
                absences: [Absence(from: day("2026-09-01"), to: day("2026-12-31"), deputy: id("deputy"))])),
        .chief(
            Chief(id: id("deputy"), name: name("代"), title: "", level: .town, region: id("south"), phone: "2")
        ),
        .department(Department(id: id("sewers"), name: name("水"), region: id("north"))),
    ])

    private static func day(_ text: String) -> Day {
        guard let day = Day(text) else { preconditionFailure("\(text) is no day") }
        return day
    }

    private func roles(
        _ official: String, has assignee: (Assignee.Kind, String)?, checks: String? = nil,
        in region: String? = "north"
    ) throws -> [Role] {
        func named(_ kind: Assignee.Kind, _ id: String) -> Assignee {
            Assignee(kind: kind, id: id, name: Self.name(id), level: .town)
        }
        let charge = Charge(
            assignee: assignee.map { named($0.0, $0.1) }, checker: checks.map { named(.department, $0) },
            region: region.map { Self.id($0) })
        return registry.roles(of: try #require(Official(official)), in: charge, at: Self.now)
    }

    @Test("a chief, whoever stands in for him, and all above him; nobody beside him")
    func chiefs() throws {
        for (official, isInCharge) in [("low", true), ("top", true), ("deputy", true), ("nobody", false)] {
            #expect(try roles("chief/\(official)", has: (.chief, "low")) == (isInCharge ? [.chief] : []))
        }
        #expect(try roles("chief/low", has: (.chief, "top")) == [])
        #expect(try roles("chief/low", has: (.office, "low")) == [])
        #expect(try roles("chief/low", has: nil) == [])
    }

    @Test("the office of the region, those above it, and the one that has it")
    func offices() throws {
        for (office, isInCharge) in [("north", true), ("city", true), ("south", false)] {
            #expect(try roles("office/\(office)", has: (.chief, "low")) == (isInCharge ? [.office] : []))
        }
        #expect(try roles("office/south", has: (.office, "south")) == [.office])
        // What lies nowhere is nobody's to see. Routing lets any office act on it.
        #expect(try roles("office/city", has: nil, in: nil) == [])
    }

    @Test("a department has it, checks it, or both")
    func departments() throws {
        #expect(try roles("department/sewers", has: (.department, "sewers")) == [.department])
        #expect(try roles("department/sewers", has: (.chief, "low"), checks: "sewers") == [.checker])
        #expect(
            try roles("department/sewers", has: (.department, "sewers"), checks: "sewers") == [
                .department, .checker,
            ])
        #expect(try roles("department/sewers", has: (.chief, "sewers")) == [])
    }
}
