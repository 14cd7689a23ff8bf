import Geo
import Models

extension TrackingCode {
    /// A complaint of a test. Names of up to seven characters have codes of their own.
    static func named(_ name: String) -> TrackingCode {
        TrackingCode(digest: Array(name.utf8) + [UInt8](repeating: 0, count: 8))
    }
}

/// A small invented city: two rivers, four chiefs one above the other, a district in a city, and a town
/// without an office.
///
/// The canal runs west to east at 30.250, its second reach at 30.260; the brook at 30.255, between them.
enum City {
    static let inTown = place(120.105, 30.205)
    static let inDistrict = place(120.180, 30.280)
    static let inCity = place(120.350, 30.350)
    static let inSea = place(122.0, 30.0)
    static let atCanal = place(120.120, 30.2502)
    static let besideBrook = place(120.120, 30.2549)

    static func place(_ longitude: Double, _ latitude: Double) -> Coordinate {
        Coordinate(longitude: longitude, latitude: latitude)
    }

    static func name(_ text: String) -> Name { Name(zh: text, en: text) }

    /// An identifier written by hand.
    static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    static func box(_ west: Double, _ south: Double, _ east: Double, _ north: Double) -> Geometry {
        .polygons([
            [
                [
                    place(west, south), place(east, south), place(east, north), place(west, north),
                    place(west, south),
                ]
            ]
        ])
    }

    static func line(at latitude: Double) -> Geometry {
        .lines([[place(120.10, latitude), place(120.14, latitude)]])
    }

    static func chief(_ id: String, _ level: Level, above: String?, phone: String?) -> RegistryEntity {
        .chief(
            Chief(
                id: City.id(id), name: name(id), title: "河长", level: level, region: City.id("district"),
                superior: above.map { City.id($0) }, phone: phone))
    }

    static func reach(
        _ id: String, of river: String, at latitude: Double, level: Level = .village, chiefs: [String],
        region: String = "district"
    ) -> RegistryEntity {
        .reach(
            Reach(
                id: City.id(id), river: City.id(river), name: name(id), region: City.id(region), level: level,
                chiefs: chiefs.map { City.id($0) }, geometry: line(at: latitude)))
    }

    static func category(
        _ code: String, accept: Double, resolve: Double, responsible: String? = nil,
        requiresPhoto: Bool = false, checker: String? = nil
    ) -> RegistryEntity {
        .category(
            Category(
                code: id(code), name: name(code), group: name("water"), acceptHours: accept,
                resolveHours: resolve, responsible: responsible.map { id($0) }, requiresPhoto: requiresPhoto,
                requiresVerification: checker != nil, checker: checker.map { id($0) }))
    }

    static func department(_ id: String, in region: String) -> RegistryEntity {
        .department(
            Department(
                id: City.id(id), name: name(id), region: City.id(region), phone: "+86 000 0000 0800"))
    }

    static func river(_ id: String) -> RegistryEntity {
        .river(River(id: City.id(id), name: name(id), level: .district, region: City.id("district")))
    }

    /// `village` answers first; `town` has no phone; above them `district` and, on top, `city`.
    static let entities: [RegistryEntity] = [
        .region(
            Region(
                id: id("city"), name: name("city"), level: .city, dutyOffice: "市值班室",
                dutyPhone: "+86 000 0000 0900", boundary: box(120.0, 30.1, 120.4, 30.4))),
        .region(
            Region(
                id: id("district"), name: name("district"), level: .district, parent: id("city"),
                dutyOffice: "区值班室", dutyPhone: "+86 000 0000 0901", boundary: box(120.1, 30.2, 120.2, 30.3))),
        .region(
            Region(
                id: id("town"), name: name("town"), level: .town, parent: id("district"),
                boundary: box(120.10, 30.20, 120.11, 30.21))),
        river("canal"), river("brook"),
        reach("canal-1", of: "canal", at: 30.250, chiefs: ["village", "town"]),
        reach("canal-2", of: "canal", at: 30.260, chiefs: ["town"]),
        reach("brook-1", of: "brook", at: 30.255, chiefs: ["district"]),
        chief("village", .village, above: "town", phone: "+86 000 0000 0101"),
        chief("town", .town, above: "district", phone: nil),
        chief("district", .district, above: "city", phone: "+86 000 0000 0103"),
        chief("city", .city, above: nil, phone: "+86 000 0000 0104"),
        category("odour", accept: 4, resolve: 48),
        category("station-alarm", accept: 4, resolve: 48),
        category("spill", accept: 0, resolve: 0),
        category(
            "outfall", accept: 4, resolve: 48, responsible: "enforcement", requiresPhoto: true,
            checker: "monitors"),
        department("enforcement", in: "district"), department("monitors", in: "city"),
    ]

    static func registry(with more: [RegistryEntity] = []) -> Registry { Registry(entities + more) }
}
