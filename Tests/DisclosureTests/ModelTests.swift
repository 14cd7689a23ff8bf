import Models
import Processing
import Support
import Testing
import Text

@testable import Disclosure

@Suite("The registry as the public sees it")
struct RegistryTests {
    @Test("categories stand in their groups")
    func categories() throws {
        let reply = try World().ask("/api/categories")
        #expect(reply.string("groups.0.name.en") == "Surface")
        #expect(reply.column("groups.1.categories", "code") == ["colour", "odour"])
        #expect(reply.string("groups.1.categories.0.urgency") == "urgent")
    }

    @Test("departments that can be told stand with their region; one without a phone takes no complaint")
    func departments() throws {
        let world = try World()
        #expect(try world.ask("/api/departments").count("departments") == 0)
        let harbour = Department(
            id: Town.id("harbour"), name: Town.name("港口"), region: Town.id("north"),
            phone: "+86 000 0000 0311")
        try world.apply([Record(.department(harbour))])
        let reply = try world.ask("/api/departments")
        #expect(reply.column("departments", "id") == ["harbour"])
        #expect(reply.string("departments.0.name.zh") == "港口")
        #expect(reply.string("departments.0.region.id") == "north")
        #expect(!reply.text.contains("0311"), "its number is for messages")
    }

    @Test("regions with a boundary are drawn")
    func regions() throws {
        let reply = try World().ask("/api/regions.geojson")
        #expect(reply.count("features") == 1)
        #expect(reply.string("features.0.properties.level") == "district")
        #expect(reply.string("features.0.geometry.type") == "MultiPolygon")
    }

    @Test("a kind is called what its row says, and what goes by a lake's rules is judged as lakes are")
    func kinds() throws {
        let world = try World()
        let canal = try world.ask("/api/rivers/canal")
        #expect(canal.string("kind") == "river" && canal.string("kindName.zh") == "河流")
        #expect(canal["standing"] as? Bool == false)
        let moat: AssetKindID = Town.id("moat")
        let river = River(
            id: Town.id("canal"), name: Town.name("护城河"), kind: moat, level: .city, region: Town.id("north"))
        let kind = AssetKind(id: moat, name: Town.name("城壕"), like: .lake)
        try world.apply([Record(.assetKind(kind)), Record(.river(river))])
        let reply = try world.ask("/api/rivers/canal")
        #expect(reply.string("kind") == "moat" && reply.string("kindName.zh") == "城壕")
        #expect(reply["standing"] as? Bool == true)
        func lakes(_ more: [RegistryEntity]) -> [String] {
            Gazetteer(Registry(Town.entities + [.river(river)] + more))
                .subjects(of: .lake, city: Town.name("城市")).map(\.reference.id)
        }
        #expect(lakes([.assetKind(kind)]) == ["canal"] && lakes([]) == [])
        // A city may do without its row again; then the kind has no name and goes by the rules of rivers.
        try world.apply([Record(.registry, key: "asset-kind/moat", nil)])
        #expect(try world.ask("/api/rivers/canal").string("kindName.zh") == "moat")
    }

    @Test("a tombstone removes, a newer entity replaces, the same one changes nothing")
    func changes() throws {
        let world = try World()
        let version = try world.version
        try world.apply(Town.records)
        #expect(try world.version == version)
        try world.apply([
            Record(.registry, key: "river/lake", nil), Record(.registry, key: "river/none", nil),
        ])
        #expect(try world.version == version + 1)
        #expect(try world.ask("/api/rivers").column("rivers", "id") == ["canal"])
        let renamed = River(
            id: Town.id("canal"), name: Town.name("新运河"), level: .city, region: Town.id("gone"))
        try world.apply([Record(.river(renamed))])
        let reply = try world.ask("/api/rivers/canal")
        #expect(reply.string("name.zh") == "新运河")
        #expect(
            reply.string("region.name.zh") == "gone",
            "what the registry does not know is called by its identifier")
    }
}

@Suite("Indicators")
struct IndicatorTests {
    private func partial(
        _ kind: Scope.Kind, _ id: String, _ month: Int = 11, partition: Int32, _ change: (inout Tally) -> Void
    ) -> Record {
        var tally = Tally()
        change(&tally)
        return Record(
            Indicator(
                scope: Scope(kind: kind, id: id), period: Town.day(month, 5),
                partition: partition,
                tally: tally))
    }

    @Test("partitions are summed, and means are made of the sums")
    func sums() throws {
        let world = try World()
        try world.apply([
            partial(.region, "north", partition: 0) {
                $0.received = 5
                $0.accepted = 1
                $0.secondsToAccept = 100
            },
            partial(.region, "north", partition: 1) {
                $0.received = 2
                $0.accepted = 3
                $0.secondsToAccept = 500
                $0.rated = 2
                $0.satisfied = 1
                $0.escalated = 4
                $0.supervised = 3
                $0.reopened = 1
            },
            partial(.region, "north", partition: 2) { $0.escalated = 1 },
            partial(.region, "city", partition: 1) { $0.received = 9 },
            partial(.region, "north", 10, partition: 0) { $0.received = 70 },
            partial(.city, "all", partition: 0) { $0.received = 9 },
        ])
        let reply = try world.ask("/api/indicators?scope=region&period=2026-11")
        #expect(reply.count("indicators") == 2)
        #expect(reply.string("indicators.0.scope.name.zh") == "城市")
        #expect(reply.string("indicators.1.scope.name.zh") == "北区")
        #expect(reply.number("indicators.1.received") == 7)
        #expect(reply.number("indicators.1.meanSecondsToAccept") == 150)
        #expect(reply.isNull("indicators.1.meanSecondsToResolve"))
        #expect(reply.number("indicators.1.satisfied") == 1)
        let figures = ["escalated", "supervised", "reopened"].map { reply.number("indicators.1.\($0)") }
        #expect(figures == [5, 3, 1])
        let city = try world.ask("/api/indicators?scope=city&period=2026-11")
        #expect(city.string("indicators.0.scope.name.en") == "Hangzhou")
        let months = try world.ask("/api/indicators?scope=region")
        #expect(months.column("indicators", "period") == ["2026-11", "2026-11", "2026-10"])
    }

    @Test("a snapshot replaces the one before it; a tombstone takes it away; a repeat changes nothing")
    func replaces() throws {
        let world = try World()
        let first = partial(.chief, "low", partition: 0) { $0.received = 5 }
        let second = partial(.chief, "low", partition: 0) { $0.received = 6 }
        try world.apply([first, second])
        let version = try world.version
        try world.apply([second])
        #expect(try world.version == version)
        #expect(try world.ask("/api/indicators?scope=chief").number("indicators.0.received") == 6)
        try world.apply([Record(.indicators, key: "chief/low/2026-11-05/0", nil)])
        #expect(try world.ask("/api/indicators?scope=chief").count("indicators") == 0)
    }

    @Test("a wrong scope or month is named")
    func faults() throws {
        let reply = try World().ask("/api/indicators?scope=planet&period=2026-13")
        #expect(reply.status == 400)
        #expect(reply.column("errors", "field") == ["scope", "period"])
    }
}

@Suite("What comes in, and in which order")
struct IntakeTests {
    @Test(
        "what can't be understood is skipped and counted, and what follows is taken in",
        arguments: [
            Record(.events, key: "x", Array("{}".utf8)), Record(.events, key: "x", nil),
            Record(.assessments, key: "x", Array("{".utf8)), Record(.assessments, key: "x", nil),
            Record(.registry, key: "river", Array("{}".utf8)),
            Record(.registry, key: "river/x", Array("{}".utf8)),
            Record(.registry, key: "river/other", RegistryEntity.river(Self.river).data),
            Record(.indicators, key: "city/all/2026-13-01/0", nil),
            Record(.indicators, key: "", Array("{}".utf8)),
            Record(.actions, key: "x", Array("{}".utf8)),
            Record(.words, key: "x", Array("{}".utf8)), Record(.words, key: "7KQ29XM4T1H0C/", nil),
            Record(.words, key: "\(Life(1).code.compact)/x", Array("{}".utf8)),
        ])
    func malformed(_ record: Record) throws {
        let world = try World([])
        try world.apply([record, Record(.river(Self.river))])
        #expect(world.model.skipped == 1)
        #expect(try world.version == 1)
    }

    static let river = River(
        id: Town.id("canal"), name: Town.name("运河"), level: .city, region: Town.id("city"))

    @Test("an event of a version not known here is skipped")
    func versions() throws {
        let assessment = Assessment("bridge", hours: 0, [.pH: 7])
        let event = CloudEvent(
            id: "1", source: "x", type: "org.dayu.reading.assessed.v2", trail: Trail(at: Life.noon),
            data: JSON.encode(assessment))
        let world = try World()
        try world.apply([Record(.assessments, key: "bridge", headers: event.headers, event.data)])
        #expect(world.model.skipped == 1)
    }

    @Test("a figure that no city has is refused")
    func figures() throws {
        var tally = Tally()
        tally.received = .max
        let indicator = Indicator(
            scope: .city, period: Town.day(11, 5), partition: 0, tally: tally)
        let world = try World()
        try world.apply([Record(indicator)])
        #expect(world.model.skipped == 1)
    }

    @Test("topics and keys may interleave in any way, and anything may come twice: the model is the same")
    func interleaving() throws {
        let streams = Self.streams()
        let straight = try World(streams.flatMap { $0 })
        let expected = try straight.contents
        for seed in 0..<20 {
            var random = SplitMix64(seed: UInt64(seed))
            var rest = streams
            var records: [Record] = []
            while let index = rest.indices.filter({ !rest[$0].isEmpty }).randomElement(using: &random) {
                records.append(rest[index].removeFirst())
                // What was read may be read again from an earlier position, of the same key at least.
                if Int.random(in: 0..<10, using: &random) == 0 {
                    let from = streams[index].count - rest[index].count - 1
                    rest[index].insert(contentsOf: streams[index][max(0, from - 2)...max(0, from)], at: 0)
                    if rest[index].count > 200 { rest[index].removeAll() }
                }
            }
            #expect(try World(records).contents == expected, "seed \(seed)")
        }
    }

    /// One stream for each key: in itself ordered, to others not.
    private static func streams() -> [[Record]] {
        let lives = (0..<6).map { number in
            var life = Life(number)
            life.assign()
            if number % 2 == 0 { life.escalate() }
            life.note("内部", by: Actor(role: .office, id: "north"), isPublic: false)
            life.resolve()
            life.rate(number % 3 == 0 ? .dissatisfied : .satisfied, "评语")
            if number % 3 == 0 {
                life.assign(why: .reopened)
                life.reject(.abuse, "不当")
            } else {
                life.close()
            }
            return life
        }
        let events = lives.map { $0.facts.map(Record.init) }
        let words = lives.flatMap { life in
            life.words.values.map { said in
                let isErased = life.code == lives[1].code
                return [Record(said.key, said.words)] + (isErased ? [Record(erasing: said.key)] : [])
            }
        }
        let readings: [[Record]] = ["bridge", "mill"].map { section in
            (0..<5).map { Record(Assessment(section, hours: $0, [.ammoniaNitrogen: Double($0) / 2])) }
        }
        return events + words + readings + Town.records.map { [$0] }
    }
}
