#if canImport(Glibc)
public import Text
import Glibc
#endif

/// A place on the WGS 84 ellipsoid, in degrees; in JSON `{"longitude": 120.1, "latitude": 30.2}`.
public struct Coordinate: Hashable, Sendable, Codable {
    public let longitude: Double
    public let latitude: Double

    public init(longitude: Double, latitude: Double) {
        self.longitude = longitude
        self.latitude = latitude
    }

    public var isOnEarth: Bool {
        (-180...180).contains(longitude) && (-90...90).contains(latitude)
    }
}

/// A length on the ground.
public struct Distance: Hashable, Comparable, Sendable, Codable {
    public let metres: Double

    public init(metres: Double) {
        self.metres = metres
    }

    public static func < (left: Distance, right: Distance) -> Bool { left.metres < right.metres }

    public init(from decoder: any Decoder) throws {
        metres = try decoder.singleValueContainer().decode(Double.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(metres)
    }
}

extension Coordinate: JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        longitude = try json.field("longitude")
        latitude = try json.field("latitude")
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("latitude", latitude)
            json.field("longitude", longitude)
        }
    }
}

extension Coordinate {
    /// The great-circle distance to the nearest point of a segment, not to its ends.
    public func distance(toSegmentFrom start: Coordinate, to end: Coordinate) -> Distance {
        Distance(metres: Neighbourhood(of: self).squaredDistance(toSegmentFrom: start, to: end).squareRoot())
    }
}

/// The surroundings of a place as a flat map: an equirectangular projection at the place's own latitude.
///
/// Over the few kilometres in which a complaint looks for its river, the error is below one part in ten
/// thousand. A line is straight on the map (RFC 7946 §3.1.1). No line crosses the antimeridian (§3.1.9), but
/// shapes on its other side have their true distance. It is a value of its own, so the cosine is computed
/// once for each place and not once for each point.
package struct Neighbourhood {
    private let place: Coordinate
    private let metresPerLongitude: Double

    /// With the mean radius of the Earth (IUGG), which keeps any distance within 0.6 % of the one on the
    /// ellipsoid.
    private static let metresPerLatitude = Double.pi / 180 * 6_371_008.8

    package init(of place: Coordinate) {
        self.place = place
        metresPerLongitude = Self.metresPerLatitude * cos(place.latitude * .pi / 180)
    }

    /// In square metres: to find the smallest, no root is needed.
    package func squaredDistance(toSegmentFrom start: Coordinate, to end: Coordinate) -> Double {
        let a = projected(start)
        let dx = (end.longitude - start.longitude) * metresPerLongitude
        let dy = (end.latitude - start.latitude) * Self.metresPerLatitude
        let squared = dx * dx + dy * dy
        let along = squared > 0 ? min(1, max(0, -(a.x * dx + a.y * dy) / squared)) : 0
        let (x, y) = (a.x + along * dx, a.y + along * dy)
        return x * x + y * y
    }

    /// The least distance to the segments between the first points of a line; infinite if there are none.
    package func squaredDistance(to line: Span<Coordinate>, segments: Int) -> Double {
        var least = Double.infinity
        for index in 0..<max(0, segments) {
            least = min(least, squaredDistance(toSegmentFrom: line[index], to: line[index + 1]))
        }
        return least
    }

    /// To the nearest corner, edge or inside of each box; 0 within it.
    func squaredDistances(to boxes: BoundingBoxes) -> InlineArray<16, Double> {
        let (longitude, latitude) = (place.longitude, place.latitude)
        let here = (boxes.west - longitude).orMore(longitude - boxes.east).orMore(.zero)
        // The same box one turn to the east, and one turn to the west.
        let around = (boxes.west + 360 - longitude).orLess(longitude + 360 - boxes.east)
        let x = here.orLess(around) * metresPerLongitude
        let y =
            (boxes.south - latitude).orMore(latitude - boxes.north).orMore(.zero) * Self.metresPerLatitude
        let squares = x * x + y * y
        return InlineArray { squares[$0] }
    }

    private func projected(_ point: Coordinate) -> (x: Double, y: Double) {
        var east = point.longitude - place.longitude
        if east > 180 { east -= 360 } else if east < -180 { east += 360 }
        return (east * metresPerLongitude, (point.latitude - place.latitude) * Self.metresPerLatitude)
    }
}

/// The smallest rectangle of longitudes and latitudes around some points.
package struct BoundingBox {
    package private(set) var west = Double.infinity
    package private(set) var south = Double.infinity
    package private(set) var east = -Double.infinity
    package private(set) var north = -Double.infinity

    package init() {}

    package init(around points: some Sequence<Coordinate>) {
        for point in points {
            west = min(west, point.longitude)
            south = min(south, point.latitude)
            east = max(east, point.longitude)
            north = max(north, point.latitude)
        }
    }

    /// Whether it contains no place at all.
    package var isEmpty: Bool { west > east }

    package var middle: Coordinate { Coordinate(longitude: (west + east) / 2, latitude: (south + north) / 2) }

    package mutating func take(in other: BoundingBox) {
        west = min(west, other.west)
        south = min(south, other.south)
        east = max(east, other.east)
        north = max(north, other.north)
    }
}

/// Sixteen boxes side by side, so that a processor measures several at once; unused ones are empty.
struct BoundingBoxes {
    static let count = 16

    private(set) var west = SIMD16(repeating: Double.infinity)
    private(set) var south = SIMD16(repeating: Double.infinity)
    private(set) var east = SIMD16(repeating: -Double.infinity)
    private(set) var north = SIMD16(repeating: -Double.infinity)

    init(_ boxes: some Sequence<BoundingBox>) {
        for (index, box) in boxes.enumerated() {
            (west[index], south[index], east[index], north[index]) = (
                box.west, box.south, box.east, box.north
            )
        }
    }
}

extension SIMD16<Double> {
    /// The greater value at each index. The library's `pointwiseMax` handles them one by one.
    fileprivate func orMore(_ other: Self) -> Self { replacing(with: other, where: self .< other) }

    fileprivate func orLess(_ other: Self) -> Self { replacing(with: other, where: other .< self) }
}
