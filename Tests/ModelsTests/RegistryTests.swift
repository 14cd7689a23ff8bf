import Models
import Testing

@Suite("Registry")
struct RegistryTests {
    private static func id<Entity>(_ text: String) throws -> EntityID<Entity> { try #require(EntityID(text)) }

    private static func square(_ low: Double, _ high: Double) -> Geometry {
        let corners = [(low, low), (high, low), (high, high), (low, high), (low, low)]
        return .polygons([[corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }]])
    }

    private static func region(
        _ id: String, _ level: Level, parent: String? = nil, _ boundary: Geometry? = nil
    ) throws -> RegistryEntity {
        .region(
            Region(
                id: try Self.id(id), name: Name(zh: id, en: id), level: level,
                parent: try parent.map { try Self.id($0) }, boundary: boundary))
    }

    private static func registry() throws -> Registry {
        Registry([
            try region("province", .province), try region("city", .city, parent: "province", square(0, 100)),
            try region("west", .district, parent: "city", square(0, 50)),
            try region("town", .town, parent: "west", square(10, 20)),
            try region("twin", .town, parent: "west", square(10, 20)),
        ])
    }

    @Test("the smallest region that contains a place, the same one every time")
    func containing() throws {
        let registry = try Self.registry()
        func region(_ longitude: Double, _ latitude: Double) -> String? {
            registry.region(containing: Coordinate(longitude: longitude, latitude: latitude))?.id.rawValue
        }
        #expect(region(15, 15) == "town")
        #expect(region(5, 5) == "west")
        #expect(region(75, 75) == "city")
        #expect(region(-1, -1) == nil)
        #expect(Registry().region(containing: Coordinate(longitude: 0, latitude: 0)) == nil)
    }

    @Test("a chain leads upwards and ends, even where it is a circle")
    func chain() throws {
        var registry = try Self.registry()
        func chain(_ id: String) throws -> [String] {
            registry.regionChain(from: try Self.id(id)).map(\.id.rawValue)
        }
        #expect(try chain("town") == ["town", "west", "city", "province"])
        #expect(try chain("nowhere") == [])
        registry.put(try Self.region("province", .province, parent: "town"))
        #expect(try chain("town") == ["town", "west", "city", "province"])
    }

    @Test("what was put is there until it is removed")
    func folding() throws {
        var registry = try Self.registry()
        #expect(registry.entities.count == 5)
        #expect(Registry(registry.entities) == registry)
        registry.put(try Self.region("town", .town, parent: "city"))
        #expect(registry.entities.count == 5)
        registry.remove(RegistryKey(kind: .region, id: "town"))
        registry.remove(RegistryKey(kind: .river, id: "west"))
        registry.remove(RegistryKey(kind: .region, id: "Not an identifier"))
        #expect(registry.regions.keys.map(\.rawValue).sorted() == ["city", "province", "twin", "west"])
    }

    @Test("a section by its identifier or, where it is the only one, by its name")
    func sections() throws {
        var registry = Registry()
        for (id, name) in [("a", "桐君山"), ("b", "街口"), ("c", "街口")] {
            registry.put(
                .section(
                    Section(
                        id: try Self.id(id), name: Name(zh: name, en: id), river: try Self.id("r"),
                        body: .river,
                        place: Coordinate(longitude: 119, latitude: 29))))
        }
        #expect(registry.section(named: "a")?.id.rawValue == "a")
        #expect(registry.section(named: "桐君山")?.id.rawValue == "a")
        #expect(registry.section(named: "街口") == nil)
        #expect(registry.section(named: "") == nil)
    }

    @Test("every kind of entity goes through its bytes")
    func bytes() throws {
        let name = Name(zh: "名", en: "Name")
        let place = Coordinate(longitude: 120.1234, latitude: 30.5)
        let entities: [RegistryEntity] = [
            try Self.region("r", .city, parent: "p", Self.square(0, 1)),
            .river(
                River(
                    id: try Self.id("r"), name: name, level: .city, region: try Self.id("r"), targetClass: .II
                )),
            .reach(
                Reach(
                    id: try Self.id("r.a"), river: try Self.id("r"), name: name, region: try Self.id("r"),
                    level: .town,
                    chiefs: [try Self.id("c")], geometry: .lines([[place, place]]))),
            .section(
                Section(
                    id: try Self.id("s"), name: name, river: try Self.id("r"), reach: try Self.id("r.a"),
                    body: .lake,
                    targetClass: .III, place: place, region: try Self.id("r"))),
            .station(Station(id: try Self.id("t"), section: try Self.id("s"), name: "站", deviceNumber: "F0")),
            .chief(
                Chief(
                    id: try Self.id("c"), name: name, title: "河长", level: .town, region: try Self.id("r"),
                    superior: try Self.id("d"), phone: "110")),
            .plan(
                Plan(id: try Self.id("p"), river: try Self.id("r"), title: "一河一策", periodFrom: "2026-01-01")),
            .category(
                Category(
                    code: try Self.id("odour"), name: name, group: name, urgency: .urgent, acceptHours: 0.5,
                    resolveHours: 24)),
        ]
        #expect(Set(entities.map(\.kind)) == Set(RegistryEntity.Kind.allCases))
        for entity in entities {
            #expect(try RegistryEntity(kind: entity.kind, data: entity.data) == entity)
            #expect(RegistryKey(entity.key.description) == entity.key)
            var registry = Registry([entity])
            #expect(registry.entities == [entity])
            registry.remove(entity.key)
            #expect(registry == Registry())
        }
    }
}
