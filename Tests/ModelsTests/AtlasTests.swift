import Geo
import Models
import Support
import Testing

@Suite("An atlas")
struct AtlasTests {
    private static func id<Entity>(_ text: String) throws -> EntityID<Entity> { try #require(EntityID(text)) }

    private static func reach(_ id: String, at latitude: Double) throws -> RegistryEntity {
        .reach(
            Reach(
                id: try Self.id(id), river: try Self.id("canal"), name: Name(zh: id, en: id),
                region: try Self.id("city"), level: .town, chiefs: [],
                geometry: .lines([
                    [
                        Coordinate(longitude: 120, latitude: latitude),
                        Coordinate(longitude: 121, latitude: latitude),
                    ]
                ])))
    }

    private static func river(_ kind: WaterKind) throws -> RegistryEntity {
        .river(
            River(
                id: try id("canal"), name: Name(zh: "", en: ""), kind: kind.id, level: .city,
                region: try id("city")))
    }

    private static func region(_ east: Double) throws -> RegistryEntity {
        let ring = [(120, 30), (east, 30), (east, 31), (120, 31), (120, 30)].map {
            Coordinate(longitude: $0.0, latitude: $0.1)
        }
        return .region(
            Region(
                id: try id("city"), name: Name(zh: "", en: ""), level: .city, boundary: .polygons([[ring]])))
    }

    private static func outfall(_ latitude: Double) throws -> RegistryEntity {
        .outfall(
            Outfall(
                id: try id("pipe"), name: Name(zh: "", en: ""), river: try id("canal"),
                place: Coordinate(longitude: 120.5, latitude: latitude), kind: .storm))
    }

    @Test("follows its registry: what is put, changed and taken away is looked up as it now is")
    func adopting() throws {
        var registry = Registry()
        var atlas = Atlas()
        let place = Coordinate(longitude: 120.5, latitude: 30.5)
        func look() -> [String] {
            let near = Distance(metres: 100)
            return [
                atlas.reaches.nearest(to: place, within: near).map { "\($0.reach.id) \($0.kind)" } ?? "-",
                atlas.regions.smallest(holding: place)?.id.rawValue ?? "-",
                atlas.outfalls.nearest(to: place, within: near)?.id.rawValue ?? "-",
            ]
        }
        #expect(look() == ["-", "-", "-"])
        let steps: [(RegistryEntity, [String])] = [
            (try Self.reach("canal-1", at: 30.5), ["canal-1 river", "-", "-"]),
            (try Self.river(.ditch), ["canal-1 ditch", "-", "-"]),
            (
                .assetKind(
                    AssetKind(
                        id: WaterKind.ditch.id, name: Name(zh: "", en: ""), like: .canal)),
                ["canal-1 canal", "-", "-"]
            ),
            (
                .assetKind(AssetKind(id: WaterKind.ditch.id, name: Name(zh: "", en: ""), like: .ditch)),
                ["canal-1 ditch", "-", "-"]
            ),
            (try Self.region(120.7), ["canal-1 ditch", "city", "-"]),
            (try Self.outfall(30.5), ["canal-1 ditch", "city", "pipe"]),
            (try Self.reach("canal-1", at: 30.9), ["-", "city", "pipe"]),
            (try Self.region(120.3), ["-", "-", "pipe"]),
            (try Self.outfall(30.7), ["-", "-", "-"]),
        ]
        for (entity, expected) in steps {
            registry.put(entity)
            atlas.adopt(registry)
            #expect(look() == expected && atlas.registry == registry, "\(entity)")
        }
    }

    @Test("the outfall that a place is at: the nearest, into one river or any, within a distance")
    func outfalls() throws {
        func outfall(_ id: String, _ river: String, _ longitude: Double) throws -> Outfall {
            Outfall(
                id: try Self.id(id), name: Name(zh: "", en: ""), river: try Self.id(river),
                place: Coordinate(longitude: longitude, latitude: 30), kind: .storm)
        }
        let index = OutfallIndex([
            try outfall("c", "brook", 120.0002), try outfall("b", "canal", 120.001),
            try outfall("a", "canal", 120.001),
        ])
        let place = Coordinate(longitude: 120, latitude: 30)
        func nearest(_ metres: Double, into river: String? = nil) throws -> String? {
            let river: RiverID? = try river.map { try Self.id($0) }
            return index.nearest(to: place, into: river, within: Distance(metres: metres))?.id.rawValue
        }
        #expect(try nearest(100) == "c" && nearest(10) == nil)
        #expect(try nearest(100, into: "canal") == "a" && nearest(90, into: "canal") == nil)
        #expect(try nearest(1000, into: "lake") == nil)
    }
}
