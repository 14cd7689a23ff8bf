import Geo
import Models
import Support
import Testing

/// Asking every region is the definition of the answer; the index may only be quicker.
@Suite("The index of regions")
struct RegionIndexTests {
    private static func smallest(of regions: [Region], holding place: Coordinate) -> Region? {
        regions.filter { $0.boundary?.contains(place) == true }
            .min { ($0.level, $0.id) < ($1.level, $1.id) }
    }

    private static func ring(_ west: Double, _ south: Double, _ size: Double) -> [Coordinate] {
        [(0, 0), (size, 0), (size, size), (0, size), (0, 0)].map {
            Coordinate(longitude: west + $0.0, latitude: south + $0.1)
        }
    }

    private static func region(_ id: String, _ level: Level, _ boundary: Geometry?) throws -> Region {
        Region(
            id: try #require(RegionID(id)), name: Name(zh: id, en: id), level: level, boundary: boundary)
    }

    @Test("the smallest region that holds a place, the same one every time")
    func nested() throws {
        func square(_ low: Double, _ size: Double) -> Geometry { .polygons([[Self.ring(low, low, size)]]) }
        let regions = try [
            Self.region("province", .province, nil), Self.region("city", .city, square(0, 80)),
            Self.region("west", .district, square(0, 50)), Self.region("twin", .town, square(10, 10)),
            Self.region("town", .town, square(10, 10)),
        ]
        for index in [RegionIndex(regions), RegionIndex(regions.reversed())] {
            func region(_ longitude: Double, _ latitude: Double) -> String? {
                index.smallest(holding: Coordinate(longitude: longitude, latitude: latitude))?.id.rawValue
            }
            #expect(region(15, 15) == "town")
            #expect(region(5, 5) == "west")
            #expect(region(75, 75) == "city")
            #expect(region(-1, -1) == nil && region(180, 90) == nil && region(.nan, .infinity) == nil)
        }
        #expect(RegionIndex([]).smallest(holding: Coordinate(longitude: 0, latitude: 0)) == nil)
    }

    @Test("finds what asking all of them finds: nested, with holes, in parts", arguments: UInt64(0)..<10)
    func same(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // On a lattice, so that places lie on edges and corners, and neighbours share them.
        func lattice() -> Double { Double(Int.random(in: 0...32, using: &random)) / 32 }
        let regions = try (0..<Int.random(in: 0...200, using: &random)).map { number in
            let size = Double(Int.random(in: 1...16, using: &random)) / 32
            let corner = (120 + lattice(), 30 + lattice())
            var polygons = [[Self.ring(corner.0, corner.1, size), Self.ring(corner.0, corner.1, size / 2)]]
            if random.once(in: 2) { polygons[0].removeLast() }
            if random.once(in: 2) { polygons.append([Self.ring(120 + lattice(), 30 + lattice(), 1 / 32)]) }
            return try Self.region(
                "region-\(number)", random.one(of: Level.allCases),
                random.once(in: 10) ? nil : .polygons(polygons))
        }
        let index = RegionIndex(regions)
        for _ in 0..<300 {
            let place =
                random.once(in: 2)
                ? Coordinate(longitude: 120 + lattice(), latitude: 30 + lattice())
                : Coordinate(
                    longitude: .random(in: 119.9...121.6, using: &random),
                    latitude: .random(in: 29.9...31.6, using: &random))
            #expect(
                index.smallest(holding: place)?.id == Self.smallest(of: regions, holding: place)?.id,
                "seed \(seed), \(place)")
        }
    }

    @Test("a long ragged boundary with an island in it", arguments: UInt64(0)..<5)
    func ragged(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        /// Out along one side and back along the other, in and out at every step.
        func ragged(_ steps: Int, _ low: Double, _ high: Double) -> [Coordinate] {
            let sides = [(low, 1.0), (high, -1.0)].flatMap { side, direction in
                (0..<steps).map { step in
                    let along = Double(direction > 0 ? step : steps - 1 - step) / Double(steps)
                    return Coordinate(
                        longitude: 120 + along,
                        latitude: 30 + side + .random(in: 0...0.1, using: &random))
                }
            }
            return sides + [sides[0]]
        }
        let boundary = Geometry.polygons([[ragged(1500, 0, 0.8), ragged(77, 0.3, 0.5)]])
        let index = RegionIndex([try Self.region("ragged", .city, boundary)])
        for _ in 0..<300 {
            let place = Coordinate(
                longitude: .random(in: 119.9...121.1, using: &random),
                latitude: .random(in: 29.9...31, using: &random))
            #expect((index.smallest(holding: place) != nil) == boundary.contains(place), "\(seed), \(place)")
        }
    }
}
