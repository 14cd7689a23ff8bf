import Foundation
import Geo
import Support
import Testing
import Text

@Suite("Geometry")
struct GeometryTests {
    private static func place(_ longitude: Double, _ latitude: Double) -> Coordinate {
        Coordinate(longitude: longitude, latitude: latitude)
    }

    /// The great-circle distance on the sphere of the IUGG mean radius: another formula than the one under
    /// test.
    private static func haversine(_ a: Coordinate, _ b: Coordinate) -> Double {
        let (latitudeA, latitudeB) = (a.latitude * .pi / 180, b.latitude * .pi / 180)
        let half = sin((latitudeB - latitudeA) / 2)
        let turn = sin((b.longitude - a.longitude) * .pi / 360)
        return 2 * 6_371_008.8
            * asin((half * half + cos(latitudeA) * cos(latitudeB) * turn * turn).squareRoot())
    }

    private static func nearestOfMany(_ place: Coordinate, _ start: Coordinate, _ end: Coordinate) -> Double {
        (0...4000).map { step in
            let along = Double(step) / 4000
            return haversine(
                place,
                Self.place(
                    start.longitude + (end.longitude - start.longitude) * along,
                    start.latitude + (end.latitude - start.latitude) * along))
        }.min() ?? .infinity
    }

    @Test("the distance to a segment is that to the nearest of many points on it")
    func segment() {
        for seed in UInt64(0)..<150 {
            var random = SplitMix64(seed: seed)
            let centre = Self.place(
                .random(in: 118...121, using: &random), .random(in: 29...31, using: &random))
            func near() -> Coordinate {
                Self.place(
                    centre.longitude + .random(in: -0.05...0.05, using: &random),
                    centre.latitude + .random(in: -0.05...0.05, using: &random))
            }
            let (start, end) = (near(), near())
            let expected = Self.nearestOfMany(centre, start, end)
            let distance = centre.distance(toSegmentFrom: start, to: end).metres
            // 4,000 steps over at most 15 km leave 2 m between the samples.
            #expect(
                abs(distance - expected) <= 2 + expected / 1000, "seed \(seed): \(distance), not \(expected)")
        }
    }

    @Test("the nearest point may be an end, and a segment may be a point")
    func ends() {
        let (west, east) = (Self.place(120.1, 30.2), Self.place(120.2, 30.2))
        let beyond = Self.place(120.25, 30.2)
        #expect(abs(beyond.distance(toSegmentFrom: west, to: east).metres - Self.haversine(beyond, east)) < 1)
        #expect(abs(beyond.distance(toSegmentFrom: east, to: east).metres - Self.haversine(beyond, east)) < 1)
        #expect(east.distance(toSegmentFrom: west, to: east).metres == 0)
    }

    @Test("where the longitudes meet, what lies beyond is as near as it is on the ground")
    func antimeridian() {
        let place = Self.place(-179.99, -16.8)
        let (start, end) = (Self.place(179.98, -16.9), Self.place(180, -16.7))
        let expected = Self.nearestOfMany(place, start, end)
        for distance in [
            place.distance(toSegmentFrom: start, to: end), place.distance(toSegmentFrom: end, to: start),
            Geometry.lines([[start, end]]).distance(from: place),
        ] {
            #expect(abs(distance.metres - expected) <= 2 + expected / 1000, "\(distance), not \(expected)")
        }
    }

    /// A square with a square hole, and another square away from it.
    private static let shape = Geometry.polygons([
        [square(from: 0, to: 10), square(from: 4, to: 6)],
        [square(from: 20, to: 21)],
    ])

    private static func square(from low: Double, to high: Double) -> [Coordinate] {
        [place(low, low), place(high, low), place(high, high), place(low, high), place(low, low)]
    }

    @Test("a polygon's hole is outside of it")
    func hole() {
        for inside in [(1, 1), (5, 1), (3.9, 5), (6.1, 5), (5, 6.1), (20.5, 20.5)] {
            #expect(Self.shape.contains(Self.place(inside.0, inside.1)), "\(inside)")
            #expect(Self.shape.distance(from: Self.place(inside.0, inside.1)).metres == 0, "\(inside)")
        }
        for outside in [(5, 5), (4.1, 4.1), (-1, 5), (11, 5), (5, -1), (5, 11), (15, 15), (21.1, 20.5)] {
            #expect(!Self.shape.contains(Self.place(outside.0, outside.1)), "\(outside)")
            #expect(Self.shape.distance(from: Self.place(outside.0, outside.1)).metres > 0, "\(outside)")
        }
        let toHole = Self.shape.distance(from: Self.place(5, 4.5)).metres
        #expect(abs(toHole - Self.haversine(Self.place(5, 4.5), Self.place(5, 4))) < 100)
    }

    @Test("neighbours that share an edge share no place", arguments: UInt64(0)..<20)
    func neighbours(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let edge = (0...8).map { Self.place(.random(in: 4...6, using: &random), Double($0)) }
        let west = Geometry.polygons([[edge + [Self.place(0, 8), Self.place(0, 0), edge[0]]]])
        let east = Geometry.polygons([[edge + [Self.place(10, 8), Self.place(10, 0), edge[0]]]])
        for _ in 0..<200 {
            let place = Self.place(
                .random(in: 0.1...9.9, using: &random), .random(in: 0.1...7.9, using: &random))
            #expect(west.contains(place) != east.contains(place), "\(place)")
        }
    }

    @Test("lines and points hold nothing, and are as far as their nearest part")
    func linesAndPoints() {
        let lines = Geometry.lines([
            [Self.place(0, 0), Self.place(0, 1)], [Self.place(2, 0), Self.place(2, 1)],
        ])
        #expect(!lines.contains(Self.place(0, 0.5)))
        #expect(lines.distance(from: Self.place(0, 0.5)).metres == 0)
        #expect(
            abs(
                lines.distance(from: Self.place(1.5, 0.5)).metres
                    - Self.haversine(Self.place(1.5, 0.5), Self.place(2, 0.5))) < 10)
        let point = Geometry.point(Self.place(1, 1))
        #expect(point.distance(from: Self.place(1, 1)).metres == 0)
        #expect(point.coordinates == [Self.place(1, 1)])
    }

    private func decode(_ type: String, _ coordinates: String) throws(Malformed) -> Geometry {
        try JSON.decode(
            Geometry.self,
            from: Array("{\"type\":\"\(type)\",\"coordinates\":\(coordinates),\"bbox\":[0]}".utf8))
    }

    @Test("GeoJSON's shapes (RFC 7946 §3.1), and what they decode to is encoded again")
    func geoJSON() throws {
        let line = [Self.place(120, 30), Self.place(120.5, 30.25)]
        let ring = [Self.place(0, 0), Self.place(1, 0), Self.place(1, 1), Self.place(0, 0)]
        let shapes: [(type: String, coordinates: String, expected: Geometry)] = [
            ("Point", "[120, 30]", .point(line[0])),
            ("LineString", "[[120,30],[120.5,30.25,12]]", .lines([line])),
            ("MultiLineString", "[[[120,30],[120.5,30.25]],[[120,30],[120.5,30.25]]]", .lines([line, line])),
            ("Polygon", "[[[0,0],[1,0],[1,1],[0,0]]]", .polygons([[ring]])),
            ("MultiPolygon", "[[[[0,0],[1,0],[1,1],[0,0]]]]", .polygons([[ring]])),
        ]
        for shape in shapes {
            let decoded = try decode(shape.type, shape.coordinates)
            #expect(decoded == shape.expected, "\(shape.type)")
            #expect(try JSON.decode(Geometry.self, from: JSON.encode(decoded)) == decoded, "\(shape.type)")
        }
    }

    @Test(
        "shapes that are none",
        arguments: [
            ("Point", "[120]"), ("Point", "[]"), ("Point", "[181, 30]"), ("Point", "[30.2, 120.1]"),
            ("Point", "null"),
            ("Point", "[1e999, 0]"), ("LineString", "[]"), ("LineString", "[[120, 30]]"),
            ("LineString", "[120, 30]"),
            ("MultiLineString", "[]"), ("MultiLineString", "[[]]"), ("Polygon", "[]"), ("Polygon", "[[]]"),
            ("Polygon", "[[[0,0],[1,0],[0,0]]]"), ("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"),
            ("MultiPolygon", "[]"),
            ("MultiPolygon", "[[]]"), ("GeometryCollection", "[]"), ("Circle", "[0,0]"),
        ])
    func refused(type: String, coordinates: String) {
        #expect(throws: Malformed.self) { try decode(type, coordinates) }
    }
}
