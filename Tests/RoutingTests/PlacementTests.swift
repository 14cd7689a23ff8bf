import Geo
import Models
import Testing

@testable import Routing

@Suite("Where a complaint belongs")
struct PlacementTests {
    private func placement(
        _ submission: Submission, _ more: [RegistryEntity] = [], rules: Rules = Rules()
    ) -> Placement {
        Whereabouts(registry: City.registry(with: more), rules: rules).placement(of: Matter(submission))
    }

    private func found(
        _ submission: Submission, _ more: [RegistryEntity] = [], rules: Rules = Rules()
    ) throws -> Placement.Found {
        guard case .atReach(let found) = placement(submission, more, rules: rules) else {
            throw Nowhere()
        }
        return found
    }

    private struct Nowhere: Error {}

    /// Away from all other waters of the city, in the district.
    private static let lonely = City.place(120.18, 30.28)

    /// A water by itself, as many metres north of `lonely` as is said.
    private func water(
        _ id: String, _ kind: WaterKind = .river, level: Level = .village, metresNorth: Double
    ) -> [RegistryEntity] {
        let latitude = Self.lonely.latitude + metresNorth / 111_195
        return [
            .river(
                River(
                    id: City.id("\(id)-water"), name: City.name(id), kind: kind.id, level: .district,
                    region: City.id("district"))),
            .reach(
                Reach(
                    id: City.id(id), river: City.id("\(id)-water"), name: City.name(id),
                    region: City.id("district"), level: level, chiefs: [],
                    geometry: .lines([[City.place(120.17, latitude), City.place(120.19, latitude)]]))),
        ]
    }

    private let alone = Rules(reachDistance: Distance(metres: 1600))

    @Test(
        "a wide water reaches farther than a small one",
        arguments: [
            (WaterKind.river, 1599.0, 1601.0), (.lake, 1599, 1601), (.reservoir, 1599, 1601),
            (.canal, 799, 801), (.ditch, 399, 401), (.pond, 399, 401),
        ])
    func kinds(_ kind: WaterKind, within: Double, beyond: Double) throws {
        let submission = Story.submission(at: Self.lonely)
        let inside = try found(submission, water("x", kind, metresNorth: within), rules: alone)
        #expect(inside.reach.id == City.id("x") && inside.why == .nearest)
        #expect(inside.chosen?.distanceMetres == within && inside.chosen?.limitMetres == within + 1)
        guard
            case .inRegion(let region, let near) = placement(
                submission, water("x", kind, metresNorth: beyond), rules: alone)
        else { throw Nowhere() }
        #expect(region.id == City.id("district"))
        #expect(near.first?.reach == City.id("x") && near.first?.distanceMetres == beyond)
    }

    @Test("a pond nearer than a river, but farther than a pond is seen, is not what he means")
    func nearerButSmall() throws {
        let more = water("pond", .pond, metresNorth: 450) + water("river", metresNorth: 900)
        let found = try found(Story.submission(at: Self.lonely), more, rules: alone)
        #expect(found.reach.id == City.id("river") && found.runnersUp.isEmpty)
    }

    @Test(
        "a category may say how far, and the kind has its part of that",
        arguments: [
            (600.0, 550.0, true), (600, 650, false), (4000, 3900, true), (-5, 1, false),
        ])
    func categories(_ metres: Double, _ distance: Double, _ isFound: Bool) throws {
        let category = RegistryEntity.category(
            Category(
                code: City.id("odour"), name: City.name("odour"), group: City.name("water"), acceptHours: 4,
                resolveHours: 48, reachMetres: metres))
        for (kind, share) in [(WaterKind.river, 1.0), (.canal, 0.5), (.ditch, 0.25)] {
            let more = water("x", kind, metresNorth: distance * share) + [category]
            let placement = placement(Story.submission(at: Self.lonely), more, rules: alone)
            guard case .atReach(let found) = placement else {
                #expect(!isFound, "\(kind)")
                continue
            }
            #expect(isFound && found.reach.id == City.id("x"), "\(kind)")
        }
    }

    @Test("a kind that the code does not know goes by the rules of the water that its row names")
    func road() throws {
        let kind = AssetKind(
            id: City.id("county-road"), name: City.name("county road"), like: .ditch)
        func road(_ metres: Double, _ row: [RegistryEntity]) -> [RegistryEntity] {
            row
                + water("x", metresNorth: metres).map { entity in
                    guard case .river(let river) = entity else { return entity }
                    return .river(
                        River(
                            id: river.id, name: river.name, kind: kind.id, level: river.level,
                            region: river.region))
                }
        }
        let submission = Story.submission(at: Self.lonely)
        let near = try found(submission, road(399, [.assetKind(kind)]), rules: alone)
        #expect(near.chosen?.limitMetres == 400)
        #expect(throws: Nowhere.self) {
            try found(submission, road(401, [.assetKind(kind)]), rules: alone)
        }
        // Before its row has been read it goes by the rules of rivers.
        #expect(try found(submission, road(401, []), rules: alone).chosen?.limitMetres == 1600)
    }

    @Test(
        "what a registry may say of a category neither stops anybody nor reaches beyond a pick",
        arguments: [1e300, -1e300, .infinity, .nan])
    func absurd(_ metres: Double) {
        let category = Category(
            code: City.id("x"), name: City.name("x"), group: City.name("x"), acceptHours: 1, resolveHours: 1,
            reachMetres: metres)
        for kind in WaterKind.allCases {
            let limit = Rules().limit(of: kind, for: category)
            #expect(limit >= Distance(metres: 0) && limit <= Rules().pickedDistance, "\(limit)")
        }
        // What an operator set himself is no absurdity.
        let far = Rules(reachDistance: Distance(metres: 50_000))
        #expect(far.limit(of: .river, for: nil) == far.reachDistance)
    }

    @Test("inside a lake's polygon nothing is nearer; on an island in it the shore is what counts")
    func lake() throws {
        func ring(_ size: Double) -> [Coordinate] {
            [(-size, -size), (size, -size), (size, size), (-size, size), (-size, -size)].map {
                City.place(Self.lonely.longitude + $0.0, Self.lonely.latitude + $0.1)
            }
        }
        func lake(_ rings: [[Coordinate]]) -> [RegistryEntity] {
            [
                .reach(
                    Reach(
                        id: City.id("lake"), river: City.id("lake"), name: City.name("lake"),
                        region: City.id("district"), level: .city, chiefs: [], geometry: .polygons([rings])))
            ]
        }
        let brook = water("brook", level: .city, metresNorth: 30)
        let submission = Story.submission(at: Self.lonely)
        let inside = try found(submission, lake([ring(0.01)]) + brook)
        #expect(inside.reach.id == City.id("lake") && inside.chosen?.distanceMetres == 0)
        #expect(inside.runnersUp.first?.reach == City.id("brook"))
        let island = try found(submission, lake([ring(0.01), ring(0.001)]) + brook)
        #expect(island.reach.id == City.id("brook"))
        #expect(island.runnersUp.first?.reach == City.id("lake"))
    }

    // MARK: Ties

    @Test("of two that are as near as a position can tell, the lower level; beyond that, the nearer")
    func nearTies() throws {
        let submission = Story.submission(at: Self.lonely)
        let tied = water("big", level: .city, metresNorth: 5) + water("small", metresNorth: -24)
        let found = try found(submission, tied)
        #expect(found.reach.id == City.id("small") && found.why == .lowerLevel)
        #expect(found.runnersUp.first?.reach == City.id("big"))
        #expect(found.chosen?.level == .village && found.runnersUp.first?.level == .city)
        let apart = water("big", level: .city, metresNorth: 5) + water("small", metresNorth: -26)
        let nearer = try self.found(submission, apart)
        #expect(nearer.reach.id == City.id("big") && nearer.why == .nearest)
        #expect(nearer.runnersUp.first?.reach == City.id("small"))
    }

    @Test("where more meet than are shown, the lower level among all of them")
    func mouth() throws {
        var many = (0..<8).flatMap { water("big-\($0)", level: .city, metresNorth: Double($0)) }
        many += water("small", metresNorth: 15)
        let found = try found(Story.submission(at: Self.lonely), many)
        #expect(found.reach.id == City.id("small") && found.why == .lowerLevel)
        #expect(found.runnersUp.map(\.reach) == (0..<3).map { City.id("big-\($0)") })
    }

    // MARK: What the citizen said

    @Test("what he picked or named comes first, and what would have been nearer is told")
    func said() throws {
        let picked = try found(Story.submission(reach: "brook-1"))
        #expect(picked.reach.id == City.id("brook-1") && picked.why == .picked)
        #expect(picked.runnersUp.map(\.reach) == [City.id("canal-1"), City.id("canal-2")])
        let named = try found(Story.submission(at: City.besideBrook, river: "canal"))
        #expect(named.reach.id == City.id("canal-1") && named.why == .named)
        #expect(named.runnersUp.map(\.reach) == [City.id("brook-1"), City.id("canal-2")])
        let both = try found(Story.submission(river: "canal", reach: "brook-1"))
        #expect(both.reach.id == City.id("brook-1") && both.why == .picked)
    }

    @Test("neither holds where it is absurdly far")
    func absurdlyFar() throws {
        let more =
            water("near", metresNorth: 10)
            + [City.reach("far", of: "far-river", at: 31.5, chiefs: ["district"])]
        for submission in [
            Story.submission(at: Self.lonely, reach: "far"),
            Story.submission(at: Self.lonely, river: "far-river"),
        ] {
            let found = try found(submission, more)
            #expect(found.reach.id == City.id("near") && found.why == .nearest)
        }
    }

    private func outfall(_ id: String, on river: String, reach: String?) -> RegistryEntity {
        .outfall(
            Outfall(
                id: City.id(id), name: City.name(id), river: City.id(river), reach: reach.map { City.id($0) },
                place: City.atCanal, kind: .storm))
    }

    private static let discharge = RegistryEntity.category(
        Category(
            code: City.id("discharge"), name: City.name("discharge"),
            group: Name(zh: "排污口", en: "Outfalls"), acceptHours: 4, resolveHours: 48))

    @Test("who complains about an outfall and stands at one means the water that it is registered with")
    func outfalls() throws {
        func reach(
            _ outfall: RegistryEntity, at place: Coordinate = City.atCanal, _ category: String = "discharge",
            river: String? = nil, reach: String? = nil
        ) throws -> String {
            let found = try found(
                Story.submission(at: place, category: category, river: river, reach: reach),
                [outfall, Self.discharge])
            return "\(found.reach.id) \(found.why.rawValue)"
        }
        let pipe = outfall("pipe", on: "brook", reach: "brook-1")
        #expect(try reach(pipe) == "brook-1 outfall")
        #expect(try reach(pipe, "odour") == "canal-1 nearest")
        #expect(try reach(pipe, at: City.place(120.122, 30.2502)) == "canal-1 nearest")
        #expect(try reach(pipe, river: "canal") == "canal-1 named")
        #expect(try reach(pipe, river: "brook") == "brook-1 outfall")
        #expect(try reach(pipe, reach: "canal-2") == "canal-2 picked")
        #expect(try reach(outfall("pipe", on: "brook", reach: nil)) == "brook-1 outfall")
        #expect(try reach(outfall("pipe", on: "brook", reach: "gone")) == "brook-1 outfall")
        #expect(try reach(outfall("pipe", on: "nowhere", reach: nil)) == "canal-1 nearest")
    }

    // MARK: Everywhere

    @Test("beyond every reach: the smallest region that holds the place, and what would be next")
    func beyond() throws {
        let rules = Rules(reachDistance: Distance(metres: 100))
        guard
            case .inRegion(let region, let near) = placement(Story.submission(at: City.inTown), rules: rules)
        else { throw Nowhere() }
        #expect(region.id == City.id("town"))
        #expect(near.map(\.reach) == ["canal-1", "brook-1", "canal-2"].map { City.id($0) })
        #expect(near.allSatisfy { $0.distanceMetres > $0.limitMetres && $0.limitMetres == 100 })
        #expect(placement(Story.submission(at: City.inSea)) == .outside)
    }

    @Test("any place on Earth, and what is none, has an answer")
    func anywhere() {
        for longitude in [-180.0, -179.999_999, 0, 120.12, 180, .nan, .infinity] {
            for latitude in [-90.0, -89.999_999, 0, 30.25, 90, .nan, -.infinity] {
                let place = City.place(longitude, latitude)
                let isHere = longitude == 120.12 && latitude == 30.25
                #expect((placement(Story.submission(at: place)) == .outside) != isHere, "\(place)")
                let empty = Whereabouts(registry: Registry(), rules: Rules())
                let matter = Matter(Story.submission(at: place, reach: "x"))
                #expect(empty.placement(of: matter) == .outside)
            }
        }
    }
}
