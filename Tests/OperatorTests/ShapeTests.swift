import Geo
import Models
import Support
import Testing

@testable import Operator

@Suite("Shapes")
struct ShapeTests {
    private static func line(_ places: (Double, Double)...) -> [Coordinate] {
        places.map { Coordinate(longitude: $0.0, latitude: $0.1) }
    }

    @Test("a shape is told what is wrong with it, and where")
    func flaws() {
        let square = Self.line((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
        let bow = Self.line((0, 0), (1, 1), (1, 0), (0, 1), (0, 0))
        let hole = Self.line((0.5, 0.5), (1.5, 0.5), (1.5, 0.6), (0.5, 0.5))
        #expect(Geometry.polygons([[square]]).flaw == nil)
        #expect(Geometry.polygons([[bow]]).flaw == "has a ring that crosses itself near 0.5, 0.5")
        #expect(Geometry.polygons([[square], [bow]]).flaw != nil)
        #expect(Geometry.polygons([[square, hole]]).flaw == "has a ring that crosses itself near 1.0, 0.5")
        let flat = Self.line((0, 0), (1, 1), (2, 2), (0, 0))
        #expect(Geometry.polygons([[flat]]).flaw == "has a ring with no area at 0.0, 0.0")
        #expect(Geometry.lines([square, bow]).flaw == nil)
        #expect(
            Geometry.lines([square, Self.line((3, 4), (3, 4))]).flaw
                == "has a line with no length at 3.0, 4.0")
    }

    /// Three numbers have the sign of the side that the third place lies on.
    private static func side(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Double {
        (b.longitude - a.longitude) * (c.latitude - a.latitude)
            - (b.latitude - a.latitude) * (c.longitude - a.longitude)
    }

    @Test(
        "a crossing is found where comparing every edge with every other finds one",
        arguments: UInt64(0)..<200)
    func crossings(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 3...12, using: &random)
        // Around a centre, a little out of order: some of the rings cross themselves, some do not.
        let angles = (0..<count).map { Double($0) + Double.random(in: 0...1.4, using: &random) }
        var ring = angles.map { angle in
            let radius = Double.random(in: 0.5...1, using: &random)
            let turn = angle / Double(count) * 4
            // A diamond's outline in place of a circle's: no sine is needed.
            let x = abs((turn + 1).truncatingRemainder(dividingBy: 4) - 2) - 1
            let y = abs(turn.truncatingRemainder(dividingBy: 4) - 2) - 1
            return Coordinate(longitude: x * radius, latitude: y * radius)
        }
        ring.append(ring[0])
        let edges = Array(zip(ring, ring.dropFirst()))
        let crosses = edges.indices.contains { first in
            edges.indices.contains { second in
                let (a, b) = (edges[first], edges[second])
                return first < second && Self.side(a.0, a.1, b.0) * Self.side(a.0, a.1, b.1) < 0
                    && Self.side(b.0, b.1, a.0) * Self.side(b.0, b.1, a.1) < 0
            }
        }
        #expect((Geometry.polygons([[ring]]).flaw != nil) == crosses, "seed \(seed)")
    }

    @Test("frames are apart by as much as their nearest sides")
    func gaps() throws {
        let frame = try #require(Frame(around: Self.line((120, 30), (121, 31))))
        func gap(_ west: Double, _ south: Double, _ east: Double, _ north: Double) throws -> Double {
            let other = try #require(Frame(around: Self.line((east, south), (west, north))))
            #expect(other.gap(to: frame) == frame.gap(to: other) || frame.gap(to: other).metres > 0)
            return frame.gap(to: other).metres
        }
        #expect(try gap(120.5, 30.5, 122, 32) == 0)
        #expect(try gap(119, 29, 122, 32) == 0)
        #expect(try (111_000...111_400).contains(gap(120, 32, 121, 33)))
        #expect(try (111_000...111_400).contains(gap(120.2, 28, 120.4, 29)))
        #expect(try (95_000...97_000).contains(gap(122, 30, 123, 31)))
        #expect(try (95_000...97_000).contains(gap(118, 30, 119, 31)))
        #expect(Frame(around: []) == nil)
        #expect(try #require(Frame(around: Self.line((30, 120)))).swapped.gap(to: frame).metres == 0)
    }

    @Test("lines have a length, areas have none")
    func lengths() throws {
        let lines = Geometry.lines([Self.line((120, 30), (120, 31)), Self.line((120, 30), (120, 30.5))])
        #expect(try (166_000...167_000).contains(#require(lines.drawnLength).metres))
        #expect(Geometry.polygons([[Self.line((0, 0), (1, 0), (1, 1), (0, 0))]]).drawnLength == nil)
    }
}
