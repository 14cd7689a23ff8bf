import Geo
import Models
import Support

/// A registry by chance in which nothing is wrong: of every kind some, every field filled or empty, texts of
/// any script.
struct ArbitraryRegistry {
    private(set) var entities: [RegistryEntity] = []
    private var random: SplitMix64

    init(seed: UInt64) throws {
        random = SplitMix64(seed: seed)
        try make()
    }

    private mutating func make() throws {
        let regions: [RegionID] = try ids("region")
        for (number, id) in regions.enumerated() {
            let parent = number == 0 ? nil : maybe(random.one(of: Array(regions[..<number])))
            put(.region(region(id, parent: parent)))
        }
        let departments: [DepartmentID] = try ids("department")
        for id in departments {
            let (duties, region) = (maybe(text()), random.one(of: regions))
            put(.department(Department(id: id, name: name(), region: region, duties: duties, phone: phone())))
        }
        for id: ClerkID in try ids("clerk") {
            put(.clerk(Clerk(id: id, name: name(), office: random.one(of: regions), phone: phone())))
        }
        for key in AssetWord.Key.allCases where maybe(true) == true {
            put(.word(AssetWord(id: key, name: name(), several: maybe(text()))))
        }
        let kinds: [AssetKindID] = try ids("kind")
        for id in kinds {
            put(.assetKind(AssetKind(id: id, name: name(), like: random.one(of: WaterKind.allCases))))
        }
        let chiefs: [ChiefID] = try ids("chief")
        for (number, id) in chiefs.enumerated() {
            put(.chief(chief(id, of: random.one(of: regions), above: Array(chiefs[..<number]))))
        }
        let rivers: [RiverID] = try ids("river")
        for id in rivers { put(.river(river(id, of: kinds, in: random.one(of: regions)))) }
        let reaches: [ReachID] = try ids("reach")
        var riverOf: [ReachID: RiverID] = [:]
        for id in reaches {
            let river = random.one(of: rivers)
            riverOf[id] = river
            let answering = chiefs.filter { _ in random.once(in: 2) }.shuffled(using: &random)
            put(.reach(reach(id, of: river, in: random.one(of: regions), answering)))
        }
        let enterprises: [EnterpriseID] = try ids("enterprise")
        for id in enterprises {
            let (region, department) = (random.one(of: regions), random.one(of: departments))
            put(
                .enterprise(
                    Enterprise(
                        id: id, name: name(), industry: maybe(name()), region: region, address: maybe(text()),
                        place: maybe(place()), permit: maybe(text()), responsible: department, url: link())))
        }
        let outfalls: [OutfallID] = try ids("outfall")
        for (number, id) in outfalls.enumerated() {
            let (river, reach) = water(riverOf)
            let responsible = maybe(random.one(of: departments))
            // The first one has an enterprise, so that there is a permit.
            let enterprise = number == 0 ? enterprises[0] : maybe(random.one(of: enterprises))
            put(
                .outfall(
                    Outfall(
                        id: id, name: name(), river: river, reach: reach, place: place(),
                        kind: random.one(of: Outfall.Kind.allCases), responsible: responsible,
                        enterprise: enterprise)))
        }
        makePermits(of: outfalls[0])
        let sections: [SectionID] = try ids("section")
        for id in sections {
            let (river, reach) = water(riverOf)
            let (function, target) = (maybe(waterClass()), maybe(waterClass()))
            put(
                .section(
                    Section(
                        id: id, name: name(), river: river, reach: reach,
                        body: random.one(of: WaterBody.allCases), functionClass: function,
                        targetClass: target,
                        place: place(), region: maybe(random.one(of: regions)),
                        expectedHours: maybe(Int.random(in: 1...744, using: &random)))))
        }
        for (number, id) in try (ids("station") as [StationID]).enumerated() {
            let units: [Parameter: String] =
                random.once(in: 2) ? [:] : [.lead: "μg/L", .conductivity: "mS/m"]
            let places = ["192.0.2.0/24", "2001:db8::1"].compactMap { AddressBlock($0) }
            let takes: [[Station.Series]] = [Station.usualSeries, [.now], [.minutes, .days], [.days]]
            put(
                .station(
                    Station(
                        id: id, section: random.one(of: sections), name: text(), deviceNumber: "F\(number)",
                        units: units, passwordHash: maybe(KeyHash(random.bytes(32))) ?? nil,
                        addresses: maybe(places) ?? [], timeZone: maybe("Europe/Paris"),
                        takes: random.one(of: takes))))
        }
        try makePromises(departments)
        for id: PlanID in try ids("plan") { put(.plan(plan(id, of: random.one(of: rivers)))) }
        for id: NewsID in try ids("news") {
            let (river, region) = (maybe(random.one(of: rivers)), maybe(random.one(of: regions)))
            put(
                .news(
                    News(
                        id: id, title: text(), text: text(), date: day(), river: river, region: region,
                        url: link())))
        }
        try makeGateways(sections, chiefs, regions, departments)
    }

    private mutating func makePermits(of outfall: OutfallID) {
        let (from, most) = (day(), number(1...500))
        let limits: [(Parameter, PermitLimit, PermitLimit)] = [
            (.chemicalOxygenDemand, .atMost(most), .atMost(most / 2)),
            (.pH, .within(6...9), .within(6.5...8.5)),
            (.mercury, .atMost(0.00005), .atMost(0.00005)),
        ]
        for (number, (parameter, hourly, daily)) in limits.enumerated() {
            guard let id = PermitID("permit-\(number)") else { continue }
            let hasDays = random.once(in: 2)
            put(
                .permit(
                    Permit(
                        id: id, outfall: outfall, parameter: parameter, hourly: maybe(hourly), daily: daily,
                        from: hasDays ? from : nil, to: hasDays ? from.adding(days: 365) : nil)))
        }
    }

    private mutating func makeGateways(
        _ sections: [SectionID], _ chiefs: [ChiefID], _ regions: [RegionID], _ departments: [DepartmentID]
    ) throws {
        let scopes: [Gateway.Scope] =
            [.complaints, .readings, .receipts, .messages] + sections.map { .readingsOfSection($0) }
            + chiefs.map { .actions(.chief($0)) } + regions.map { .actions(.office($0)) }
            + departments.map { .actions(.department($0)) } + [
                .readingsOfStation(EntityID(literal: "station-0"))
            ]
        let addresses = ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32", "::1", "0.0.0.0/0"]
            .compactMap { AddressBlock($0) }
        let channels = Channel.allCases.filter { $0 != .station }
        for id: GatewayID in try ids("gateway") {
            let chosen = scopes.shuffled(using: &random).prefix(Int.random(in: 1...4, using: &random))
            let places = addresses.shuffled(using: &random).prefix(Int.random(in: 0...3, using: &random))
            let requests = maybe(Int.random(in: 1...1_000_000, using: &random))
            put(
                .gateway(
                    Gateway(
                        id: id, name: name(), channel: random.one(of: channels), scopes: Array(chosen),
                        requestsPerMinute: requests, addresses: Array(places))))
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                guard let hash = KeyHash(random.bytes(32)) else { continue }
                let end = Instant(
                    millisecondsSince1970: Int64.random(in: 0...4_000_000_000_000, using: &random))
                put(.gatewayKey(GatewayKey(gateway: id, sha256: hash, validUntil: maybe(end))))
            }
            if chosen.contains(where: Self.isForReadings) { makeSources(of: id) }
        }
    }

    private static func isForReadings(_ scope: Gateway.Scope) -> Bool {
        scope.description.hasPrefix("readings")
    }

    private mutating func makeSources(of gateway: GatewayID) {
        let addresses = ["https://data.example/r?from=1&to=2", "http://127.0.0.1:8000/", "https://[::1]/x"]
        for number in 0..<Int.random(in: 0...2, using: &random) {
            guard let id = SourceID("source-\(gateway)-\(number)"),
                let address = Source.Address(random.one(of: addresses)),
                let interval = Source.Interval(random.one(of: ["1s", "90s", "10m", "36h", "31d"]))
            else { continue }
            let shape = random.one(of: Source.Shape.allCases)
            let isTable = shape == .csv
            put(
                .source(
                    Source(
                        id: id, gateway: gateway, address: address, interval: interval, shape: shape,
                        credential: maybe("DAYU_SOURCE_A_1"), skipsUnknown: isTable && random.once(in: 2),
                        skipsFaults: isTable && random.once(in: 2),
                        columns: isTable ? maybe("采样位置:断面;#7:ignore") : nil)))
        }
    }

    private mutating func makePromises(_ departments: [DepartmentID]) throws {
        let categories: [CategoryCode] = try ids("category")
        for code in categories {
            let chosen = departments.shuffled(using: &random)
            let accept = number(0...24)
            let verified = random.once(in: 2)
            put(
                .category(
                    Category(
                        code: code, name: name(), group: name(), urgency: random.one(of: Urgency.allCases),
                        acceptHours: accept, resolveHours: accept + number(0...100),
                        responsible: maybe(chosen[0]), requiresPhoto: random.once(in: 2),
                        requiresVerification: verified, checker: verified ? maybe(chosen[1]) : nil,
                        reachMetres: maybe(number(0...5000)),
                        similarMetres: maybe(number(0...5000)))))
        }
        // One for each category, and one for all of them.
        let levels: [ServiceLevelID] = try ids("level")
        for (number, id) in levels.prefix(categories.count + 1).enumerated() {
            let unit = random.one(of: Allowance.Unit.allCases)
            let accept = self.number(0...20)
            put(
                .serviceLevel(
                    ServiceLevel(
                        id: id, category: number < categories.count ? categories[number] : nil,
                        urgency: .urgent, accept: Allowance(accept, unit),
                        resolve: Allowance(accept + self.number(0...20), unit))))
        }
        for _ in 0..<3 {
            let kind = random.one(of: CalendarDay.Kind.allCases)
            put(.calendarDay(CalendarDay(date: day(), kind: kind, name: name())))
        }
    }

    private mutating func put(_ entity: RegistryEntity) {
        if !entities.contains(where: { $0.key == entity.key }) { entities.append(entity) }
    }

    // MARK: Entities of many fields

    private mutating func region(_ id: RegionID, parent: RegionID?) -> Region {
        let hours = random.one(of: ["09:00-17:00", "08:30-12:00 13:30-18:00"])
        return Region(
            id: id, name: name(), level: random.one(of: Level.allCases), parent: parent,
            dutyOffice: parent == nil ? text() : maybe(text()), dutyPhone: maybe(phone()),
            boundary: maybe(.polygons([[ring(radius: 0.2)]])), timeZone: maybe("Asia/Urumqi"),
            workingHours: maybe(hours).flatMap { WorkingHours($0) }, policeChief: maybe(text()),
            supervisionPhone: maybe(phone()), emergencyPhone: maybe(phone()),
            footer: maybe("X备00号 https://beian.example/ | 样例").flatMap { FooterLine.lines($0) })
    }

    private mutating func chief(_ id: ChiefID, of region: RegionID, above: [ChiefID]) -> Chief {
        let absences = (0..<Int.random(in: 0...2, using: &random)).map { _ in
            let from = day()
            return Absence(
                from: from, to: from.adding(days: Int.random(in: 0...20, using: &random)),
                deputy: above.isEmpty ? nil : maybe(random.one(of: above)))
        }
        return Chief(
            id: id, name: name(), title: text(), level: random.one(of: Level.allCases), region: region,
            superior: above.isEmpty ? nil : maybe(random.one(of: above)), phone: maybe(phone()),
            absences: absences)
    }

    private mutating func river(_ id: RiverID, of kinds: [AssetKindID], in region: RegionID) -> River {
        River(
            id: id, name: name(), kind: random.one(of: kinds + WaterKind.allCases.map(\.id)),
            level: random.one(of: Level.allCases), region: region, lengthKilometres: maybe(number(0...500)),
            start: maybe(text()), end: maybe(text()), targetClass: maybe(waterClass()),
            supervisionPhone: maybe(phone()), policeChief: maybe(text()), contactDepartment: maybe(text()))
    }

    private mutating func reach(
        _ id: ReachID, of river: RiverID, in region: RegionID, _ chiefs: [ChiefID]
    ) -> Reach {
        let geometry: Geometry =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: .lines([line()])
            case 1: .lines([line(), line()])
            case 2: .polygons([[ring(radius: 0.02)]])
            default: .polygons([[ring(radius: 0.02), ring(radius: 0.001)], [ring(radius: 0.01)]])
            }
        return Reach(
            id: id, river: river, name: name(), region: region, level: random.one(of: Level.allCases),
            chiefs: chiefs, lengthKilometres: maybe(number(0...100)), geometry: geometry)
    }

    private mutating func plan(_ id: PlanID, of river: RiverID) -> Plan {
        let from = day()
        return Plan(
            id: id, river: river, title: text(), problems: maybe(text()), goals: maybe(text()),
            measures: maybe(text()), periodFrom: maybe(from.description),
            periodTo: maybe(from.adding(days: 365).description), url: link(), file: maybe(text()))
    }

    // MARK: Fields

    private mutating func maybe<Value>(_ value: Value) -> Value? { random.once(in: 3) ? nil : value }

    private mutating func ids<Entity>(_ word: String) throws -> [EntityID<Entity>] {
        (0..<Int.random(in: 2...4, using: &random)).compactMap { EntityID("\(word)-\($0)") }
    }

    /// What somebody could have written into a field.
    private mutating func text() -> String {
        let scalars = random.text(1...10).unicodeScalars
            .filter { $0 == "\n" || $0.properties.generalCategory != .control }
        var text = String(String.UnicodeScalarView(scalars))
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text.isEmpty ? "河" : text
    }

    private mutating func name() -> Name { Name(zh: text(), en: text()) }

    private mutating func phone() -> String { "+86 000 0000 \(Int.random(in: 1000...9999, using: &random))" }

    private mutating func link() -> String? { maybe("https://example.org/?a=\"1\",2") }

    private mutating func number(_ range: ClosedRange<Double>) -> Double {
        let number = Double.random(in: range, using: &random)
        return random.once(in: 2) ? number.rounded() : number
    }

    private mutating func day() -> Day { Day(daysSince1970: Int.random(in: 20_000...21_000, using: &random)) }

    private mutating func waterClass() -> WaterClass { random.one(of: [.I, .II, .III, .IV, .V]) }

    private mutating func water(_ riverOf: [ReachID: RiverID]) -> (RiverID, ReachID?) {
        let (reach, river) = random.one(of: riverOf.sorted { $0.key < $1.key })
        return (river, maybe(reach))
    }

    private mutating func place() -> Coordinate {
        Coordinate(
            longitude: Double.random(in: 120.0...120.01, using: &random),
            latitude: Double.random(in: 30.0...30.01, using: &random))
    }

    private mutating func line() -> [Coordinate] { [place(), place(), place()] }

    /// A lozenge, so that it crosses nothing.
    private mutating func ring(radius: Double) -> [Coordinate] {
        let (centre, width) = (Coordinate(longitude: 120.005, latitude: 30.005), radius * number(0.5...1))
        let corners = [(width, 0), (0, radius), (-width, 0), (0, -radius), (width, 0)]
        return corners.map {
            Coordinate(longitude: centre.longitude + $0.0, latitude: centre.latitude + $0.1)
        }
    }
}
