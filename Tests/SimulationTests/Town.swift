import Geo
import Links
import Models

@testable import Analytics
@testable import Notification

/// A small town: one river with three reaches, four chiefs above each other, two offices.
enum Town {
    static let numbers: NumberKey = {
        do { return try NumberKey(String(repeating: "5a", count: 32)) } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// The numbers of samples belong to nobody, and no plan knows them.
    static let mobiles: MobileNumbers = {
        do { return try MobileNumbers(also: "+86000") } catch { preconditionFailure("\(error)") }
    }()

    static let links: LinkWriter = {
        do {
            return LinkWriter(
                key: try LinkKey(String(repeating: "5b", count: 32)), site: Workload.site,
                validity: .seconds(30 * 86_400))
        } catch { preconditionFailure("\(error)") }
    }()

    static let addressing = addressing(by: registry)

    static func addressing(by registry: Registry, _ manner: Manner = Manner()) -> Addressing {
        Addressing(
            registry: registry, language: .en, numbers: numbers, mobiles: mobiles, links: links,
            manner: manner)
    }

    /// The registry before its last record.
    static let formerRegistry: Registry = {
        var former = registry
        former.remove(RegistryKey(kind: .chief, id: "street"))
        return former
    }()

    static let atlas = Atlas(registry)
    static let registry = Registry([
        .region(
            Region(
                id: id("town"), name: Name(zh: "市", en: "Town"), level: .city, dutyOffice: "市值班室",
                dutyPhone: "+86 000 0001 0001", boundary: square(120.0, 30.0, 120.5, 30.5))),
        .region(
            Region(
                id: id("east"), name: Name(zh: "东区", en: "East"), level: .district, parent: id("town"),
                dutyOffice: "区值班室", dutyPhone: "+86 000 0001 0002", boundary: square(120.2, 30.0, 120.5, 30.5)
            )),
        .river(
            River(id: id("brook"), name: Name(zh: "溪", en: "Brook"), level: .district, region: id("east"))),
        .reach(reach("upper", 30.30, chiefs: ["village"])),
        // Its chief has no phone: his superior answers.
        .reach(reach("middle", 30.20, chiefs: ["silent"])),
        .reach(reach("lower", 30.10, chiefs: [])),
        .chief(chief("village", .village, superior: "street", phone: "+86 000 0001 0011")),
        .chief(chief("silent", .village, superior: "street", phone: nil)),
        .chief(chief("street", .town, superior: "mayor", phone: "+86 000 0001 0012")),
        // He answers the office's own number.
        .chief(chief("mayor", .city, superior: nil, phone: "+86 000 0001 0001")),
        .category(
            Category(
                code: id("odour"), name: Name(zh: "异味", en: "Odour"), group: Name(zh: "水", en: "Water"),
                acceptHours: 4, resolveHours: 48, requiresPhoto: false)),
        .category(
            Category(
                code: id("outfall"), name: Name(zh: "排污口", en: "Outfall"), group: Name(zh: "水", en: "Water"),
                acceptHours: 4, resolveHours: 48, requiresPhoto: false, requiresVerification: true,
                checker: id("bureau"))),
        .department(
            Department(
                id: id("bureau"), name: Name(zh: "生态环境局", en: "Bureau"), region: id("town"),
                phone: "+86 000 0001 0021")),
        .section(
            Section(
                id: id("bridge"), name: Name(zh: "桥", en: "Bridge"), river: id("brook"), body: .river,
                targetClass: .III, place: Coordinate(longitude: 120.3, latitude: 30.3))),
        .enterprise(
            Enterprise(
                id: id("works"), name: Name(zh: "厂", en: "Works"), region: id("east"),
                responsible: id("bureau"))),
        .outfall(
            Outfall(
                id: id("drain"), name: Name(zh: "总排口", en: "Drain"), river: id("brook"),
                place: Coordinate(longitude: 120.32, latitude: 30.3), kind: .industrial,
                enterprise: id("works"))),
        .permit(
            Permit(
                id: id("drain.cod"), outfall: id("drain"), parameter: .chemicalOxygenDemand,
                hourly: .atMost(dischargeLimit))),
    ])

    /// What the outfall may discharge, in mg/L.
    static let dischargeLimit = 50.0

    /// Few readings tell, and none of them is too old: what is open in the end can be counted.
    static let alarmRules: AlarmRules = {
        var rules = AlarmRules()
        rules.goodReadings = 3
        rules.recentWithin = .seconds(400 * 86_400)
        rules.gap = .seconds(400 * 86_400)
        return rules
    }()

    /// On a reach, in a district without one, in the town alone, and outside.
    static let places = [
        Coordinate(longitude: 120.31, latitude: 30.301), Coordinate(longitude: 120.31, latitude: 30.201),
        Coordinate(longitude: 120.31, latitude: 30.101), Coordinate(longitude: 120.45, latitude: 30.45),
        Coordinate(longitude: 120.05, latitude: 30.05),
    ]
    static let outside = Coordinate(longitude: 121.5, latitude: 31.2)

    private static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    private static func reach(_ name: String, _ latitude: Double, chiefs: [String]) -> Reach {
        Reach(
            id: id(name), river: id("brook"), name: Name(zh: name, en: name), region: id("east"),
            level: .village,
            chiefs: chiefs.map(id),
            geometry: .lines([
                [
                    Coordinate(longitude: 120.25, latitude: latitude),
                    Coordinate(longitude: 120.40, latitude: latitude),
                ]
            ]))
    }

    private static func chief(_ name: String, _ level: Level, superior: String?, phone: String?) -> Chief {
        Chief(
            id: id(name), name: Name(zh: name, en: name), title: "河长", level: level, region: id("east"),
            superior: superior.map(id), phone: phone)
    }

    private static func square(_ west: Double, _ south: Double, _ east: Double, _ north: Double) -> Geometry {
        let corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        return .polygons([[corners.map { Coordinate(longitude: $0.0, latitude: $0.1) }]])
    }
}
