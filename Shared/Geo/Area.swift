/// A polygon: an outer ring and its holes. It is stored so that only few of its edges must be examined to say
/// whether it contains a place: a province's boundary has tens of thousands.
///
/// The answer equals that of `Geometry.contains`.
package struct Area: Sendable {
    /// Some successive edges of a ring. Only a ray between two latitudes can cross them.
    private struct Strip {
        let ring: Int32
        let points: Range<Int32>
        let south: Double
        let north: Double
    }

    private static let edgesInStrip = 32

    /// The arrays are the geometry's own, not copies.
    private let rings: [[Coordinate]]
    private let strips: [Strip]
    package let box: BoundingBox

    package init(_ rings: [[Coordinate]]) {
        self.rings = rings
        box = BoundingBox(around: rings.joined())
        strips = rings.enumerated().flatMap { number, ring in
            stride(from: 0, to: ring.count - 1, by: Self.edgesInStrip).map { start in
                let points = start..<min(start + Self.edgesInStrip + 1, ring.count)
                let box = BoundingBox(around: ring[points])
                return Strip(
                    ring: Int32(number), points: Int32(points.lowerBound)..<Int32(points.upperBound),
                    south: box.south, north: box.north)
            }
        }
    }

    package func holds(_ place: Coordinate) -> Bool {
        var crossings = 0
        for strip in strips where strip.south <= place.latitude && place.latitude < strip.north {
            let points = Int(strip.points.lowerBound)..<Int(strip.points.upperBound)
            crossings += Geometry.crossings(of: rings[Int(strip.ring)][points], eastOf: place)
        }
        return crossings % 2 == 1
    }
}
