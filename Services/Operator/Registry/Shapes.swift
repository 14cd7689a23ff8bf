import Geo
import Models

extension Geometry {
    /// What is wrong with the shape itself; nil if nothing is.
    var flaw: String? {
        switch self {
        case .point: nil
        case .lines(let lines):
            lines.first { Set($0).count == 1 }.map { "has a line with no length at \(Self.text($0[0]))" }
        case .polygons(let polygons):
            polygons.lazy.compactMap { rings in
                // It is not defined what is inside such a ring (OGC 06-103r4, 6.1.11.1).
                if let place = Self.crossing(of: rings) {
                    return "has a ring that crosses itself near \(Self.text(place))"
                }
                return rings.first { Self.area(of: $0) < Self.nothing }
                    .map { "has a ring with no area at \(Self.text($0[0]))" }
            }.first
        }
    }

    /// The total length of the lines; nil for a shape that has no length.
    var drawnLength: Distance? {
        guard case .lines(let lines) = self else { return nil }
        let metres = lines.joined { $0.metres(to: $1) }
        return Distance(metres: metres)
    }

    private static func text(_ place: Coordinate) -> String { "\(place.longitude), \(place.latitude)" }

    /// Areas below this count as none: some square centimetres, in square degrees.
    private static let nothing = 1e-13

    /// The area in square degrees: exact enough to tell whether there is any.
    private static func area(of ring: [Coordinate]) -> Double {
        // Measured from a corner, so that little precision is lost when small differences of large numbers
        // are multiplied.
        let corner = ring[0]
        let twice = zip(ring, ring.dropFirst()).reduce(0.0) { sum, edge in
            let (from, to) = edge
            return sum + (from.longitude - corner.longitude) * (to.latitude - corner.latitude)
                - (to.longitude - corner.longitude) * (from.latitude - corner.latitude)
        }
        return abs(twice) / 2
    }

    /// Where two edges of a polygon cross. The edges are taken from west to east. Each is compared only with
    /// earlier edges that reach as far east as its own western end.
    private static func crossing(of rings: [[Coordinate]]) -> Coordinate? {
        let edges = rings.flatMap { ring in zip(ring, ring.dropFirst()).map(Edge.init) }
            .sorted { $0.west < $1.west }
        var open: [Edge] = []
        for edge in edges {
            open.removeAll { $0.east < edge.west }
            for other in open {
                if let place = edge.crossing(other) { return place }
            }
            open.append(edge)
        }
        return nil
    }
}

private struct Edge {
    let start: Coordinate
    let end: Coordinate

    var west: Double { min(start.longitude, end.longitude) }
    var east: Double { max(start.longitude, end.longitude) }

    /// Where the two edges cross; edges that only touch do not cross.
    func crossing(_ other: Edge) -> Coordinate? {
        let (a, b) = (side(of: other.start), side(of: other.end))
        guard a * b < 0, other.side(of: start) * other.side(of: end) < 0 else { return nil }
        let along = a / (a - b)
        return Coordinate(
            longitude: Self.rounded(other.start.longitude, other.end.longitude, along),
            latitude: Self.rounded(other.start.latitude, other.end.latitude, along))
    }

    /// Positive to the left of the edge, negative to its right.
    private func side(of place: Coordinate) -> Double {
        (end.longitude - start.longitude) * (place.latitude - start.latitude)
            - (end.latitude - start.latitude) * (place.longitude - start.longitude)
    }

    /// Rounded to about ten metres: enough to find the place on a map.
    private static func rounded(_ from: Double, _ to: Double, _ along: Double) -> Double {
        ((from + (to - from) * along) * 10_000).rounded() / 10_000
    }
}

extension [[Coordinate]] {
    fileprivate func joined(_ length: (Coordinate, Coordinate) -> Double) -> Double {
        reduce(0) { sum, line in
            zip(line, line.dropFirst()).reduce(sum) { $0 + length($1.0, $1.1) }
        }
    }
}

extension Coordinate {
    func metres(to other: Coordinate) -> Double { distance(toSegmentFrom: other, to: other).metres }
}

/// The smallest rectangle of longitudes and latitudes around some places: exact enough to see that something
/// is far away.
struct Frame {
    private let west: Double
    private let south: Double
    private let east: Double
    private let north: Double

    init?(around places: some Sequence<Coordinate>) {
        var places = places.makeIterator()
        guard let first = places.next() else { return nil }
        var (west, south, east, north) = (first.longitude, first.latitude, first.longitude, first.latitude)
        while let place = places.next() {
            west = min(west, place.longitude)
            south = min(south, place.latitude)
            east = max(east, place.longitude)
            north = max(north, place.latitude)
        }
        self.init(west: west, south: south, east: east, north: north)
    }

    private init(west: Double, south: Double, east: Double, north: Double) {
        (self.west, self.south, self.east, self.north) = (west, south, east, north)
    }

    /// The frame as it would be if longitude and latitude were swapped.
    var swapped: Frame { Frame(west: south, south: west, east: north, north: east) }

    /// The shortest distance between two frames; 0 if they overlap.
    func gap(to other: Frame) -> Distance {
        let here = nearest(to: Coordinate(longitude: other.west, latitude: other.south))
        return Distance(metres: other.nearest(to: here).metres(to: here))
    }

    private func nearest(to place: Coordinate) -> Coordinate {
        Coordinate(
            longitude: min(max(place.longitude, west), east), latitude: min(max(place.latitude, south), north)
        )
    }
}
