import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("Complaints that may be about the same")
struct SimilarTests {
    /// A degree of latitude has about 111,195 metres.
    private static func north(_ metres: Double) -> Double { 30.15 + metres / 111_195 }

    private static func days(_ count: Int) -> Instant { Life.noon + .seconds(count * 86_400) }

    private static func ask(_ category: String = "odour") -> String {
        "/api/complaints/similar?category=\(category)&longitude=120.15&latitude=30.15"
    }

    private func codes(_ world: World, _ target: String = ask()) throws -> [String] {
        try world.ask(target).column("complaints", "trackingCode")
    }

    @Test("open, near and not old, of the same group; the same category first, then the nearest")
    func found() throws {
        let far = Life(1, place: Town.at(120.15, Self.north(260)))
        let near = Life(2, place: Town.at(120.15, Self.north(240)))
        let colour = Life(3, category: "colour", place: Town.at(120.15, Self.north(10)))
        let surface = Life(4, category: "oil", place: Town.at(120.15, Self.north(10)))
        let placeless = Life(5, place: nil)
        var ended = Life(6)
        ended.assign()
        ended.close()
        let nearest = Life(7, place: Town.at(120.15, Self.north(-20)))
        let world = try World()
        try world.apply(far, near, colour, surface, placeless, ended, nearest)
        let reply = try world.ask(Self.ask())
        #expect(
            reply.column("complaints", "trackingCode")
                == [nearest, near, colour].map(\.code.description))
        #expect(reply.number("complaints.0.metres") == 20 && reply.number("metres") == 250)
        #expect(reply.string("complaints.0.text") == "水很臭" && reply.number("days") == 30)
        #expect(try codes(world, Self.ask("oil")) == [surface.code.description])
    }

    @Test("what was erased or is withheld is not offered: nobody can read what it is about")
    func unreadable() throws {
        let (shown, erased) = (Life(1), Life(2))
        var withheld = Life(3)
        withheld.withhold(1)
        let world = try World()
        try world.apply(shown, erased, withheld)
        try world.apply(erased.words.values.map { Record(erasing: $0.key) })
        #expect(try codes(world) == [shown.code.description])
    }

    @Test("for 30 days, counted from the newest news")
    func old() throws {
        let old = Life(1)
        let world = try World()
        try world.apply(old, Life(2, place: nil, at: Self.days(29)))
        #expect(try codes(world) == [old.code.description])
        try world.apply(Life(3, place: nil, at: Self.days(31)))
        #expect(try codes(world).isEmpty)
    }

    @Test("a category may have a distance of its own, and no more than five are listed")
    func distance() throws {
        let world = try World()
        let lives = (1...7).map { Life($0, place: Town.at(120.15, Self.north(Double($0 * 30)))) }
        try world.apply(lives.flatMap(\.records))
        #expect(try codes(world) == lives.prefix(5).map(\.code.description))
        let narrow = Category(
            code: Town.id("odour"), name: Town.name("odour"), group: Name(zh: "Water", en: "Water"),
            acceptHours: 4, resolveHours: 48, similarMetres: 70)
        try world.apply([Record(RegistryEntity.category(narrow))])
        #expect(try codes(world) == lives.prefix(2).map(\.code.description))
    }

    @Test(
        "what can't be asked is named",
        arguments: [
            ("category=odour", ["longitude", "latitude"]), ("longitude=120&latitude=30", ["category"]),
            ("category=none&longitude=120&latitude=30", ["category"]),
            ("category=odour&longitude=x&latitude=91", ["longitude", "latitude"]),
            ("category=odour&longitude=120&latitude=30&metres=9", ["metres"]),
        ])
    func refused(_ query: String, _ fields: [String]) throws {
        let reply = try World().ask("/api/complaints/similar?\(query)")
        #expect(reply.status == 400 && reply.column("errors", "field") == fields)
    }

    @Test("how many people follow a complaint is public, whichever comes first, and nothing else of them is")
    func follows() throws {
        let life = Life(1)
        func count(_ follows: Int) -> Record {
            let outgoing = Outgoing(
                .followCounts, key: life.code.compact, id: "\(life.code.compact)/follows",
                source: "dayu-notification.addressing", type: FollowCount.type, trail: Trail(at: Life.noon),
                data: JSON.encode(FollowCount(complaint: life.code, follows: follows)))
            return Record(
                .followCounts, key: outgoing.key, headers: outgoing.event.headers, outgoing.event.data)
        }
        let world = try World()
        try world.apply([count(3)])
        try world.apply(life)
        #expect(try world.ask("/api/complaints/\(life.code)").number("follows") == 3)
        #expect(try world.ask(Self.ask()).number("complaints.0.follows") == 3)
        try world.apply([count(2)])
        #expect(try world.ask("/api/complaints/\(life.code)").number("follows") == 2)
        try world.apply([count(-1)])
        #expect(world.model.skipped == 1)
        let other = Life(2)
        try world.apply(other)
        #expect(try world.ask("/api/complaints/\(other.code)").number("follows") == 0)
    }

    @Test("the city's zone, emergency number and the lines at the foot come from the registry")
    func about() throws {
        let world = try World()
        #expect(try world.ask("/api/about").string("timeZone") == "Asia/Shanghai")
        #expect(try world.ask("/api/about").isNull("emergencyPhone"))
        #expect(try world.ask("/api/about").count("footer") == 0)
        let lines = FooterLine.lines("X备00号 https://beian.example/ | 样例")
        let city = Region(
            id: Town.id("city"), name: Town.name("城市"), level: .city, timeZone: "Asia/Tokyo",
            emergencyPhone: "119", footer: lines)
        try world.apply([Record(RegistryEntity.region(city))])
        let reply = try world.ask("/api/about")
        #expect(reply.string("timeZone") == "Asia/Tokyo" && reply.string("emergencyPhone") == "119")
        #expect(reply.column("footer", "text") == ["X备00号", "样例"])
        #expect(reply.string("footer.0.link") == "https://beian.example/" && reply.isNull("footer.1.link"))
    }
}
