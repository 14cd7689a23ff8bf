import Geo
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
                    id: try Self.id("r"), name: name, kind: WaterKind.lake.id, level: .city,
                    region: try Self.id("r"),
                    targetClass: .II
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
            .station(
                Station(
                    id: try Self.id("t"), section: try Self.id("s"), name: "站", deviceNumber: "F0",
                    units: [.lead: "μg/L"], passwordHash: KeyHash([UInt8](repeating: 7, count: 32)),
                    addresses: [try #require(AddressBlock("192.0.2.0/24"))], timeZone: "Europe/Paris",
                    takes: [.now, .days])),
            .chief(
                Chief(
                    id: try Self.id("c"), name: name, title: "河长", level: .town, region: try Self.id("r"),
                    superior: try Self.id("d"), phone: "110",
                    absences: [
                        Absence(
                            from: try #require(Day("2026-11-01")), to: try #require(Day("2026-11-30")),
                            deputy: try Self.id("d"))
                    ])),
            .plan(
                Plan(id: try Self.id("p"), river: try Self.id("r"), title: "一河一策", periodFrom: "2026-01-01")),
            .category(
                Category(
                    code: try Self.id("odour"), name: name, group: name, urgency: .urgent, acceptHours: 0.5,
                    resolveHours: 24, responsible: try Self.id("bureau"), requiresPhoto: false,
                    requiresVerification: true, checker: try Self.id("inspection"), reachMetres: 500)),
            .department(
                Department(id: try Self.id("bureau"), name: name, region: try Self.id("r"), duties: "执法")),
            .clerk(
                Clerk(
                    id: try Self.id("k"), name: name, office: try Self.id("r"), phone: "+86 000 0000 8001")),
            .word(AssetWord(id: .keeper, name: name, several: "road chiefs")),
            .assetKind(AssetKind(id: try Self.id("county-road"), name: name, like: .canal)),
            .outfall(
                Outfall(
                    id: try Self.id("o"), name: name, river: try Self.id("r"), reach: try Self.id("r.a"),
                    place: place, kind: .sewageWorks, responsible: try Self.id("bureau"),
                    enterprise: try Self.id("e"))),
            .enterprise(
                Enterprise(
                    id: try Self.id("e"), name: name, industry: name, region: try Self.id("r"),
                    address: "路 1 号", place: place, permit: "SAMPLE-1", responsible: try Self.id("bureau"),
                    url: "https://example.org/e")),
            .permit(
                Permit(
                    id: try Self.id("o.w21003"), outfall: try Self.id("o"), parameter: .ammoniaNitrogen,
                    hourly: PermitLimit("8"), daily: PermitLimit("5"), from: Day("2026-01-01"),
                    to: Day("2028-12-31"))),
            .serviceLevel(
                ServiceLevel(
                    id: try Self.id("l"), category: try Self.id("odour"), urgency: .urgent,
                    accept: Allowance(4, .workingHours), resolve: Allowance(10, .workingDays))),
            .calendarDay(CalendarDay(date: try #require(Day("2026-10-01")), kind: .holiday, name: name)),
            .news(
                News(
                    id: try Self.id("n"), title: "题", text: "文", date: try #require(Day("2026-02-28")),
                    river: try Self.id("r"))),
            .gateway(
                Gateway(
                    id: try Self.id("g"), name: name, channel: .hotline,
                    scopes: [.complaints, .actions(.office(try Self.id("r"))), .readings],
                    requestsPerMinute: 60,
                    addresses: try ["10.0.0.0/8", "::1"].map { try #require(AddressBlock($0)) })),
            .gatewayKey(
                GatewayKey(
                    gateway: try Self.id("g"), sha256: try #require(KeyHash((0..<32).map { $0 })),
                    validUntil: Instant(millisecondsSince1970: 1_800_000_000_000))),
            .source(
                Source(
                    id: try Self.id("centre"), gateway: try Self.id("g"),
                    address: try #require(Source.Address("https://data.example/readings?hours=48")),
                    interval: try #require(Source.Interval("10m")), shape: .csv,
                    credential: "DAYU_SOURCE_CENTRE", skipsUnknown: true, skipsFaults: true, columns: "位置:断面")
            ),
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

    @Test("what a region does not tell, the region above does")
    func inheritance() throws {
        var registry = try Self.registry()
        let town: RegionID = try Self.id("town")
        #expect(registry.timeZone(in: town) == "Asia/Shanghai")
        #expect(registry.workingHours(in: town) == .usual)
        #expect(registry.supervisionPhone(in: town) == nil)
        registry.put(
            .region(
                Region(
                    id: try Self.id("city"), name: Name(zh: "市", en: "City"), level: .city,
                    timeZone: "Asia/Urumqi", workingHours: WorkingHours("10:00-14:00"), policeChief: "警",
                    supervisionPhone: "110")))
        #expect(registry.timeZone(in: town) == "Asia/Urumqi")
        #expect(registry.workingHours(in: town).minutes == 240)
        #expect(registry.policeChief(in: town) == "警")
        #expect(registry.supervisionPhone(in: town) == "110")
        for (id, region) in [("b", "city"), ("a", "city"), ("c", "town"), ("d", "twin")] {
            registry.put(
                .department(
                    Department(id: try Self.id(id), name: Name(zh: id, en: id), region: try Self.id(region))))
        }
        #expect(registry.departments(in: town).map(\.id.rawValue) == ["c", "a", "b"])
    }

    @Test("a category's own service level goes before the one for all")
    func serviceLevels() throws {
        func level(_ id: String, _ category: String?, _ urgency: Urgency) throws -> RegistryEntity {
            .serviceLevel(
                ServiceLevel(
                    id: try Self.id(id), category: try category.map { try Self.id($0) }, urgency: urgency,
                    accept: Allowance(1, .hours), resolve: Allowance(2, .workingDays)))
        }
        let registry = Registry([
            try level("all", nil, .urgent), try level("own", "odour", .urgent),
            try level("other", "silt", .emergency),
        ])
        #expect(registry.serviceLevel(of: try Self.id("odour"), .urgent)?.id.rawValue == "own")
        #expect(registry.serviceLevel(of: try Self.id("silt"), .urgent)?.id.rawValue == "all")
        #expect(registry.serviceLevel(of: try Self.id("odour"), .emergency) == nil)
    }

    @Test("the calendar says what the weekday does not")
    func calendar() throws {
        func day(_ text: String) throws -> Day { try #require(Day(text)) }
        let name = Name(zh: "国庆节", en: "National Day")
        let registry = Registry([
            .calendarDay(CalendarDay(date: try day("2026-10-01"), kind: .holiday, name: name)),
            .calendarDay(CalendarDay(date: try day("2026-10-10"), kind: .workday, name: name)),
        ])
        #expect(try !registry.isWorkingDay(day("2026-10-01")))
        #expect(try registry.isWorkingDay(day("2026-10-09")))
        #expect(try registry.isWorkingDay(day("2026-10-10")))
        #expect(try !registry.isWorkingDay(day("2026-10-11")))
    }

    @Test("an absence covers both of its days; of two the one that ends last counts")
    func absences() throws {
        func day(_ text: String) throws -> Day { try #require(Day(text)) }
        let chief = Chief(
            id: try Self.id("c"), name: Name(zh: "名", en: "Name"), title: "河长", level: .town,
            region: try Self.id("r"),
            absences: [
                Absence(from: try day("2026-11-02"), to: try day("2026-11-04"), deputy: try Self.id("d")),
                Absence(from: try day("2026-11-04"), to: try day("2026-11-05")),
            ])
        #expect(try chief.absence(on: day("2026-11-01")) == nil)
        #expect(try chief.absence(on: day("2026-11-02"))?.deputy?.rawValue == "d")
        #expect(try chief.absence(on: day("2026-11-04")).map(\.deputy) == .some(nil))
        #expect(try chief.absence(on: day("2026-11-06")) == nil)
    }
}
