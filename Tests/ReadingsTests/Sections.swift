import Geo
import Models
import Processing
import Readings

/// Sections of an invented registry: three in China, one in France, and two of one name.
enum Sections {
    static func id<Entity>(_ text: String) -> EntityID<Entity> {
        guard let id = EntityID<Entity>(text) else { preconditionFailure("\(text) is no identifier") }
        return id
    }

    static let book: SectionBook = {
        func section(_ name: String, _ zh: String, region: String) -> RegistryEntity {
            .section(
                Section(
                    id: id(name), name: Name(zh: zh, en: "Bridge \(name)"), river: id("river"), body: .river,
                    place: Coordinate(longitude: 120, latitude: 30), region: id(region)))
        }
        let registry = Registry([
            .region(Region(id: id("city"), name: Name(zh: "市", en: "City"), level: .city)),
            .region(
                Region(
                    id: id("paris"), name: Name(zh: "巴黎", en: "Paris"), level: .city,
                    timeZone: "Europe/Paris")),
            .region(
                Region(
                    id: id("seine"), name: Name(zh: "区", en: "Ward"), level: .district, parent: id("paris"))),
            section("jiekou", "街口", region: "city"), section("tonglu", "桐庐", region: "city"),
            section("pont", "桥头", region: "seine"), section("sanjiang-1", "三江口", region: "city"),
            section("sanjiang-2", "三江口", region: "city"),
        ])
        guard let zone = Zone(offset: .seconds(8 * 3600)) else { preconditionFailure("+08:00 is no zone") }
        return SectionBook(registry, otherwise: zone)
    }()
}
