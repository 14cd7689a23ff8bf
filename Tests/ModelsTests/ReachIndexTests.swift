import Geo
import Models
import Support
import Testing

/// Measuring every reach is the definition of the answer; the index may only be quicker.
@Suite("The index of reaches")
struct ReachIndexTests {
    private static let rivers: [RiverID] = ["canal", "brook", "lake", "tide"].compactMap { RiverID($0) }
    private static let region = RegionID("region")

    @Test("finds what measuring all of them finds, ties and rivers included", arguments: UInt64(0)..<10)
    func same(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let reaches = try (0..<Int.random(in: 0...400, using: &random)).map { number in
            try Self.reach(number, &random)
        }
        let index = ReachIndex(reaches)
        for _ in 0..<300 {
            let place = Self.place(&random)
            let river = random.once(in: 3) ? random.one(of: Self.rivers) : nil
            let limit = Distance(metres: random.one(of: [0, 300, 2000, 20_000, .infinity]))
            let found = index.nearest(to: place, of: river, within: limit)
            let expected = Self.nearest(in: reaches, to: place, of: river, within: limit)
            #expect(found?.reach.id == expected?.reach.id, "seed \(seed), \(place), \(limit)")
            #expect(found?.distance == expected?.distance, "seed \(seed), \(place), \(limit)")
        }
    }

    @Test("a shape without points is nowhere, and shapes all over the Earth are found")
    func corners() throws {
        let id = try #require(Self.region)
        func reach(_ name: String, _ geometry: Geometry) throws -> Reach {
            Reach(
                id: try #require(ReachID(name)), river: Self.rivers[0], name: Name(zh: "", en: ""),
                region: id,
                level: .town, chiefs: [], geometry: geometry)
        }
        let nowhere = try [
            Geometry.lines([]), .lines([[]]), .polygons([]), .polygons([[]]), .polygons([[[]]]),
        ]
        .enumerated().map { try reach("nowhere-\($0)", $1) }
        let place = Coordinate(longitude: 120, latitude: 30)
        let everywhere = Distance(metres: .infinity)
        #expect(ReachIndex(nowhere).nearest(to: place, within: Distance(metres: 1e9)) == nil)
        let far = try reach("far", .point(Coordinate(longitude: -180, latitude: -90)))
        let wide = try reach(
            "wide",
            .lines([[Coordinate(longitude: -180, latitude: 90), Coordinate(longitude: 180, latitude: 29)]]))
        let index = ReachIndex(nowhere + [far, wide])
        #expect(index.nearest(to: place, within: everywhere)?.reach.id == wide.id)
        #expect(
            index.nearest(to: Coordinate(longitude: -179, latitude: -89), within: everywhere)?.reach.id
                == far.id)
    }

    @Test(
        "finds the nearest few in order, each once, each within what its kind allows",
        arguments: UInt64(0)..<10)
    func several(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var reaches = try (0..<Int.random(in: 0...300, using: &random)).map { number in
            try Self.reach(number, &random)
        }
        // Some lie exactly where another does.
        for number in reaches.indices where random.once(in: 5) {
            reaches[number] = reaches[number].moved(to: random.one(of: reaches).geometry)
        }
        let kinds = Dictionary(
            uniqueKeysWithValues: Self.rivers.map { ($0, random.one(of: WaterKind.allCases)) })
        let index = ReachIndex(reaches) { kinds[$0] ?? .river }
        for _ in 0..<100 {
            let place = Self.place(&random)
            let river = random.once(in: 4) ? random.one(of: Self.rivers) : nil
            let count = random.one(of: [0, 1, 2, 4, 30, .max])
            let limits = Dictionary(
                uniqueKeysWithValues: WaterKind.allCases.map {
                    ($0, Distance(metres: random.one(of: [-1, 0, 300, 2000, 20_000, .infinity])))
                })
            func limit(_ kind: WaterKind) -> Distance { limits[kind] ?? Distance(metres: 0) }
            let found = index.nearest(count, to: place, of: river, within: limit)
            let expected = Self.measured(reaches, from: place, of: river)
                .filter { reach, distance in kinds[reach.river].map { distance <= limit($0) } == true }
                .prefix(count)
            #expect(found.map(\.reach.id) == expected.map(\.reach.id), "seed \(seed), \(place), \(limits)")
            #expect(found.map(\.distance) == expected.map(\.distance), "seed \(seed), \(place), \(limits)")
            #expect(found.allSatisfy { $0.kind == kinds[$0.reach.river] })
        }
    }

    @Test("of those that are as near as the nearest none is left out", arguments: UInt64(0)..<5)
    func tied(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let reaches = try (0..<Int.random(in: 0...300, using: &random)).map { try Self.reach($0, &random) }
        let index = ReachIndex(reaches)
        for _ in 0..<100 {
            let place = Self.place(&random)
            let count = random.one(of: [0, 1, 4])
            let tie = Distance(metres: random.one(of: [0, 20, 2000]))
            let found = index.nearest(count, tie: tie, to: place) { _ in Distance(metres: 20_000) }
            let within = Self.measured(reaches, from: place, of: nil).filter { $0.distance.metres <= 20_000 }
            let last = within.first.map { $0.distance.metres + tie.metres } ?? 0
            let expected = within.enumerated()
                .filter { $0.offset < count || $0.element.distance.metres <= last }
                .map(\.element.reach.id)
            #expect(found.map(\.reach.id) == expected, "seed \(seed), \(place), \(tie)")
        }
    }

    @Test("all over the Earth, at the poles and where the longitudes meet too", arguments: UInt64(0)..<5)
    func everywhere(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func place() -> Coordinate {
            Coordinate(
                longitude: random.one(of: [-180, -179.99, -90, 0, 179.98, 180]),
                latitude: random.one(of: [-90, -89.9, -30, 0, 0.01, 60, 90]))
        }
        let reaches = try (0..<100).map { number in
            let start = place()
            // As short as a reach is; what crosses the antimeridian is drawn in two (RFC 7946 §3.1.9).
            let end = Coordinate(
                longitude: min(max(start.longitude + .random(in: -0.1...0.1, using: &random), -180), 180),
                latitude: min(max(start.latitude + .random(in: -0.1...0.1, using: &random), -90), 90))
            return try Self.reach(number, &random).moved(to: .lines([[start, end]]))
        }
        let index = ReachIndex(reaches)
        for _ in 0..<100 {
            let place = place()
            for limit in [1000, 50_000, .infinity] {
                let found = index.nearest(5, to: place) { _ in Distance(metres: limit) }
                let expected = Self.measured(reaches, from: place, of: nil)
                    .filter { $0.distance.metres <= limit }.prefix(5)
                #expect(found.map(\.reach.id) == expected.map(\.reach.id), "seed \(seed), \(place)")
            }
        }
    }

    @Test("what is no place at all has nothing near, and stops nobody")
    func nowhere() throws {
        var random = SplitMix64(seed: 1)
        let index = ReachIndex(try (0..<50).map { try Self.reach($0, &random) })
        for number in [Double.nan, .infinity, -.infinity] {
            let place = Coordinate(longitude: number, latitude: number)
            #expect(index.nearest(to: place, within: Distance(metres: 1e7)) == nil)
        }
        #expect(ReachIndex([]).nearest(to: Self.place(&random), within: Distance(metres: .infinity)) == nil)
    }

    private static func measured(
        _ reaches: [Reach], from place: Coordinate, of river: RiverID?
    ) -> [(reach: Reach, distance: Distance)] {
        reaches.filter { river == nil || $0.river == river }
            .map { ($0, $0.geometry.distance(from: place)) }
            .sorted { ($0.1, $0.0.level, $0.0.id) < ($1.1, $1.0.level, $1.0.id) }
    }

    private static func nearest(
        in reaches: [Reach], to place: Coordinate, of river: RiverID?, within limit: Distance
    ) -> (reach: Reach, distance: Distance)? {
        measured(reaches, from: place, of: river).first { $0.distance <= limit }
    }

    /// On a coarse lattice, where places lie on lines, shapes share points and many distances are equal.
    private static func place(_ random: inout SplitMix64) -> Coordinate {
        guard random.once(in: 2) else {
            return Coordinate(
                longitude: .random(in: 119.9...120.3, using: &random),
                latitude: .random(in: 29.9...30.3, using: &random))
        }
        return Coordinate(
            longitude: 120 + Double(Int.random(in: 0...12, using: &random)) / 64,
            latitude: 30 + Double(Int.random(in: 0...12, using: &random)) / 64)
    }

    private static func reach(_ number: Int, _ random: inout SplitMix64) throws -> Reach {
        Reach(
            id: try #require(ReachID("reach-\(number)")), river: random.one(of: rivers),
            name: Name(zh: "河", en: "Reach"), region: try #require(region),
            level: random.one(of: Level.allCases), chiefs: [], geometry: geometry(&random))
    }

    private static func geometry(_ random: inout SplitMix64) -> Geometry {
        switch Int.random(in: 0...5, using: &random) {
        case 0: return .point(place(&random))
        case 1:
            let corner = place(&random)
            let size = Double(Int.random(in: 1...4, using: &random)) / 64
            return .polygons([[ring(corner, size), ring(corner, size / 4)], [ring(place(&random), 1 / 64)]])
        default:
            return .lines(
                (0..<Int.random(in: 1...2, using: &random)).map { _ in
                    (0..<Int.random(in: 2...30, using: &random)).map { _ in place(&random) }
                })
        }
    }

    private static func ring(_ corner: Coordinate, _ size: Double) -> [Coordinate] {
        [(0, 0), (size, 0), (size, size), (0, size), (0, 0)].map {
            Coordinate(longitude: corner.longitude + $0.0, latitude: corner.latitude + $0.1)
        }
    }
}

extension Reach {
    func moved(to geometry: Geometry) -> Reach {
        Reach(
            id: id, river: river, name: name, region: region, level: level, chiefs: chiefs, geometry: geometry
        )
    }
}
