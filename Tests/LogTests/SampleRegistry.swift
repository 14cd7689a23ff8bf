import Geo
import Models

/// One entity of every kind with every field, one with as few as it can have, and one for each value of its
/// enumerations.
struct SampleRegistry {
    private let place = Coordinate(longitude: 120.1551, latitude: 30.2741)
    private let name = Name(zh: "余杭塘河", en: "Yuhang Canal")
    private let xihu = RegionID(literal: "xihu")
    private let river = RiverID(literal: "yuhang-canal")
    private let reach = ReachID(literal: "yuhang-canal-3")
    private let chief = ChiefID(literal: "chief-liuxia")
    private let ecology = DepartmentID(literal: "ecology")

    var entities: [RegistryEntity] {
        regions + waters + monitoring + people + promises + publications + gateways
    }

    private var square: Geometry {
        let corners = [(120.0, 30.0), (120.5, 30.0), (120.5, 30.5), (120.0, 30.0)]
        return .polygons([[corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }]])
    }

    private var line: Geometry {
        .lines([[place, Coordinate(longitude: 120.2, latitude: 30.28)]])
    }

    private var regions: [RegistryEntity] {
        [
            .region(
                Region(
                    id: xihu, name: Name(zh: "西湖区", en: "Xihu"), level: .district,
                    parent: RegionID(literal: "hangzhou"), dutyOffice: "治水办", dutyPhone: "+8600000000702",
                    boundary: square, timeZone: "Asia/Shanghai",
                    workingHours: WorkingHours("09:00-12:00 13:30-17:30"), policeChief: "李某",
                    supervisionPhone: "12345", emergencyPhone: "110",
                    footer: FooterLine.lines("浙ICP备00000000号（样例） https://beian.miit.gov.cn/ | 样例"))),
            .department(
                Department(
                    id: ecology, name: Name(zh: "生态环境局", en: "Ecology"), region: xihu, duties: "排污口执法",
                    phone: "+8600000000703")),
            .department(Department(id: ecology, name: Name(zh: "生态环境局", en: "Ecology"), region: xihu)),
        ] + Level.allCases.map { .region(Region(id: xihu, name: name, level: $0)) }
    }

    private var waters: [RegistryEntity] {
        let kinds: [RegistryEntity] = WaterKind.allCases.map {
            .river(River(id: river, name: name, kind: $0.id, level: .town, region: xihu))
        }
        let road = AssetKindID(literal: "county-road")
        let others: [RegistryEntity] =
            [.river(River(id: river, name: name, kind: road, level: .town, region: xihu))]
            + WaterKind.allCases.map {
                .assetKind(AssetKind(id: road, name: Name(zh: "县道", en: "county road"), like: $0))
            }
        let reaches: [RegistryEntity] = [line, square, .point(place)].map {
            .reach(
                Reach(
                    id: reach, river: river, name: name, region: xihu, level: .town, chiefs: [], geometry: $0)
            )
        }
        let outfalls: [RegistryEntity] = Outfall.Kind.allCases.map {
            .outfall(
                Outfall(id: OutfallID(literal: "outfall-1"), name: name, river: river, place: place, kind: $0)
            )
        }
        let (mill, outfall) = (EnterpriseID(literal: "paper-mill"), OutfallID(literal: "outfall-1"))
        let discharging: [RegistryEntity] =
            [
                .outfall(
                    Outfall(
                        id: outfall, name: name, river: river, reach: reach, place: place, kind: .industrial,
                        responsible: ecology, enterprise: mill)),
                .enterprise(
                    Enterprise(
                        id: mill, name: Name(zh: "样例纸厂", en: "Sample mill"),
                        industry: Name(zh: "造纸", en: "Paper"), region: xihu, address: "样例路1号", place: place,
                        permit: "91330000SAMPLE001P", responsible: ecology, url: "https://mill.example/")),
                .enterprise(
                    Enterprise(
                        id: mill, name: Name(zh: "样例纸厂", en: "Sample mill"), region: xihu,
                        responsible: ecology)),
            ]
            + [PermitLimit.atMost(60), .atMost(0.00005), .within(6...9)].map { limit in
                .permit(
                    Permit(
                        id: PermitID(literal: "outfall-1.cod"), outfall: outfall,
                        parameter: .chemicalOxygenDemand, hourly: limit, daily: limit,
                        from: Day(daysSince1970: 20_600), to: Day(daysSince1970: 20_900)))
            } + [
                .permit(
                    Permit(
                        id: PermitID(literal: "outfall-1.ss"), outfall: outfall, parameter: .suspendedSolids))
            ]
        return discharging + [
            .river(
                River(
                    id: river, name: name, kind: WaterKind.canal.id, level: .district, region: xihu,
                    lengthKilometres: 12.5,
                    start: "源头", end: "河口", targetClass: .III, supervisionPhone: "12345", policeChief: "李某",
                    contactDepartment: "生态环境局")),
            .reach(
                Reach(
                    id: reach, river: river, name: name, region: xihu, level: .town, chiefs: [chief],
                    lengthKilometres: 2.5, geometry: line)),
            .outfall(
                Outfall(
                    id: OutfallID(literal: "outfall-1"), name: name, river: river, reach: reach, place: place,
                    kind: .storm, responsible: ecology)),
        ] + kinds + others + reaches + outfalls
    }

    private var monitoring: [RegistryEntity] {
        let section = SectionID(literal: "jiekou")
        return [
            .section(
                Section(
                    id: section, name: Name(zh: "街口", en: "Jiekou"), river: river, reach: reach, body: .river,
                    functionClass: .III, targetClass: .II, place: place, region: xihu, expectedHours: 6)),
            .section(
                Section(
                    id: section, name: Name(zh: "街口", en: "Jiekou"), river: river, body: .lake,
                    place: place)),
            .station(
                Station(
                    id: StationID(literal: "station-jiekou"), section: section, name: "街口自动站",
                    deviceNumber: "330100000000001", units: [.mercury: "μg/L"],
                    passwordHash: KeyHash([UInt8](repeating: 0x5A, count: 32)),
                    addresses: ["192.0.2.0/24", "2001:db8::1"].compactMap { AddressBlock($0) },
                    timeZone: "Asia/Shanghai", takes: [.now, .days])),
            .station(
                Station(
                    id: StationID(literal: "station-jiekou"), section: section, name: "街口自动站",
                    deviceNumber: "330100000000001")),
        ]
    }

    private var people: [RegistryEntity] {
        guard let from = Day("2026-10-01"), let to = Day("2026-10-07") else { preconditionFailure("days") }
        return [
            .chief(
                Chief(
                    id: chief, name: Name(zh: "王某", en: "Wang"), title: "街道河长", level: .town, region: xihu,
                    superior: ChiefID(literal: "chief-xihu"), phone: "+8600000000704",
                    absences: [
                        Absence(from: from, to: to, deputy: ChiefID(literal: "chief-xihu")),
                        Absence(from: from, to: to),
                    ])),
            .chief(
                Chief(
                    id: chief, name: Name(zh: "王某", en: "Wang"), title: "街道河长", level: .town, region: xihu)),
        ]
    }

    private var promises: [RegistryEntity] {
        guard let day = Day("2026-10-01") else { preconditionFailure("a day") }
        let odour = CategoryCode(literal: "odour")
        let group = Name(zh: "水质", en: "Water quality")
        let categories: [RegistryEntity] = Urgency.allCases.map {
            .category(
                Models.Category(
                    code: odour, name: Name(zh: "臭味", en: "Odour"), group: group, urgency: $0,
                    acceptHours: 24,
                    resolveHours: 240))
        }
        let levels: [RegistryEntity] = Allowance.Unit.allCases.map {
            .serviceLevel(
                ServiceLevel(
                    id: ServiceLevelID(literal: "usual"), urgency: .ordinary, accept: Allowance(1, $0),
                    resolve: Allowance(10, $0)))
        }
        let days: [RegistryEntity] = CalendarDay.Kind.allCases.map {
            .calendarDay(CalendarDay(date: day, kind: $0, name: Name(zh: "国庆节", en: "National Day")))
        }
        return [
            .category(
                Models.Category(
                    code: odour, name: Name(zh: "臭味", en: "Odour"), group: group, urgency: .urgent,
                    acceptHours: 1.5, resolveHours: 48, responsible: ecology, requiresPhoto: false,
                    requiresVerification: true, checker: ecology, reachMetres: 150,
                    similarMetres: 100)),
            .serviceLevel(
                ServiceLevel(
                    id: ServiceLevelID(literal: "odour-urgent"), category: odour, urgency: .urgent,
                    accept: Allowance(1, .workingDays), resolve: Allowance(2.5, .workingDays))),
        ] + categories + levels + days
    }

    private var publications: [RegistryEntity] {
        guard let day = Day("2026-10-01") else { preconditionFailure("a day") }
        return [
            .plan(
                Plan(
                    id: PlanID(literal: "plan-1"), river: river, title: "一河一策", problems: "淤积", goals: "Ⅲ类",
                    measures: "清淤", periodFrom: "2026", periodTo: "2028", url: "https://city.example/plan-1",
                    file: "plan-1.pdf")),
            .plan(Plan(id: PlanID(literal: "plan-1"), river: river, title: "一河一策")),
            .news(
                News(
                    id: NewsID(literal: "news-1"), title: "清淤开始", text: "余杭塘河今日开始清淤。", date: day,
                    river: river,
                    region: xihu, url: "https://city.example/news-1")),
            .news(News(id: NewsID(literal: "news-1"), title: "清淤开始", text: "今日开始清淤。", date: day)),
        ]
    }

    private var gateways: [RegistryEntity] {
        let hotline = GatewayID(literal: "hotline")
        guard let hash = KeyHash([UInt8](0..<32)), let block = AddressBlock("192.0.2.0/24") else {
            preconditionFailure("a hash and a block of addresses")
        }
        let scopes: [Gateway.Scope] = [
            .complaints, .readings, .readingsOfSection(SectionID(literal: "jiekou")),
            .readingsOfStation(StationID(literal: "station-jiekou")), .actions(.office(xihu)),
            .actions(.chief(chief)), .actions(.department(ecology)), .receipts, .messages,
        ]
        return [
            .gateway(
                Gateway(
                    id: hotline, name: Name(zh: "热线", en: "Hotline"), channel: .hotline, scopes: scopes,
                    requestsPerMinute: 600, addresses: [block])),
            .gateway(
                Gateway(id: hotline, name: Name(zh: "热线", en: "Hotline"), channel: .hotline, scopes: [])),
            .gatewayKey(GatewayKey(gateway: hotline, sha256: hash, validUntil: SampleLog.start)),
            .gatewayKey(GatewayKey(gateway: hotline, sha256: hash)),
            .clerk(
                Clerk(
                    id: ClerkID(literal: "clerk-7"), name: Name(zh: "经办（示例）", en: "Clerk (sample)"),
                    office: RegionID(literal: "hangzhou"), phone: "+86 000 0000 0707")),
            .clerk(
                Clerk(
                    id: ClerkID(literal: "clerk-8"), name: Name(zh: "值班（示例）", en: "Duty (sample)"),
                    office: RegionID(literal: "hangzhou"))),
            .word(AssetWord(id: .keeper, name: Name(zh: "路长", en: "road chief"), several: "road chiefs")),
            .word(AssetWord(id: .realm, name: Name(zh: "道路", en: "roads"))),
        ] + sources(of: hotline)
    }

    private func sources(of gateway: GatewayID) -> [RegistryEntity] {
        let centre = SourceID(literal: "centre")
        guard let address = Source.Address("https://data.example.org/readings"),
            let interval = Source.Interval("10m")
        else { preconditionFailure("an address and an interval") }
        return [
            .source(
                Source(
                    id: centre, gateway: gateway, address: address, interval: interval, shape: .csv,
                    credential: "DAYU_SOURCE_CENTRE", skipsUnknown: true, skipsFaults: true,
                    columns: "采样位置:断面")),
            .source(
                Source(id: centre, gateway: gateway, address: address, interval: interval, shape: .json)),
        ]
    }
}
