/// The shapes of RFC 7946 that a registry may have, in their JSON form.
public enum Geometry: Hashable, Sendable {
    case point(Coordinate)
    case lines([[Coordinate]])
    /// Each polygon is an outer ring and its holes; rings are closed (RFC 7946 §3.1.6).
    case polygons([[[Coordinate]]])

    /// The distance from a place; inside a polygon it is 0.
    public func distance(from place: Coordinate) -> Distance {
        let around = Neighbourhood(of: place)
        func nearest(_ lines: some Sequence<[Coordinate]>) -> Distance {
            let least = lines.reduce(Double.infinity) { least, line in
                min(least, around.squaredDistance(to: line.span, segments: line.count - 1))
            }
            return Distance(metres: least.squareRoot())
        }
        switch self {
        case .point(let point): return nearest(CollectionOfOne([point, point]))
        case .lines(let lines): return nearest(lines)
        case .polygons(let polygons):
            return contains(place) ? Distance(metres: 0) : nearest(polygons.joined())
        }
    }

    /// Whether a polygon holds the place: a ray to the east crosses its rings an odd number of times.
    public func contains(_ place: Coordinate) -> Bool {
        guard case .polygons(let polygons) = self else { return false }
        return polygons.contains { rings in
            rings.reduce(0) { $0 + Self.crossings(of: $1[...], eastOf: place) } % 2 == 1
        }
    }

    public var coordinates: [Coordinate] {
        switch self {
        case .point(let point): [point]
        case .lines(let lines): lines.flatMap { $0 }
        case .polygons(let polygons): polygons.flatMap { $0.flatMap { $0 } }
        }
    }

    /// How often a ray from the place to the east crosses the segments between successive points.
    static func crossings(of line: ArraySlice<Coordinate>, eastOf place: Coordinate) -> Int {
        zip(line, line.dropFirst()).count { start, end in
            guard (start.latitude > place.latitude) != (end.latitude > place.latitude) else { return false }
            let slope = (end.longitude - start.longitude) / (end.latitude - start.latitude)
            return place.longitude < start.longitude + (place.latitude - start.latitude) * slope
        }
    }
}

extension Geometry: Codable {
    private enum CodingKeys: String, CodingKey {
        case type, coordinates
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let type = try container.decode(String.self, forKey: .type)
        func read<T: Decodable>(_ type: T.Type) throws -> T {
            try container.decode(type, forKey: .coordinates)
        }
        switch type {
        case "Point": self = .point(try Self.coordinate(try read([Double].self), in: container))
        case "LineString": self = .lines([try Self.line(try read([[Double]].self), in: container)])
        case "MultiLineString":
            self = .lines(
                try Self.filled(read([[[Double]]].self), in: container).map {
                    try Self.line($0, in: container)
                })
        case "Polygon": self = .polygons([try Self.polygon(read([[[Double]]].self), in: container)])
        case "MultiPolygon":
            self = .polygons(
                try Self.filled(read([[[[Double]]]].self), in: container)
                    .map { try Self.polygon($0, in: container) })
        default:
            throw DecodingError.dataCorruptedError(
                forKey: .type, in: container,
                debugDescription: "\(type) is not a shape that a registry may hold"
            )
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func pair(_ place: Coordinate) -> [Double] { [place.longitude, place.latitude] }
        switch self {
        case .point(let point):
            try container.encode("Point", forKey: .type)
            try container.encode(pair(point), forKey: .coordinates)
        case .lines(let lines):
            try container.encode("MultiLineString", forKey: .type)
            try container.encode(lines.map { $0.map(pair) }, forKey: .coordinates)
        case .polygons(let polygons):
            try container.encode("MultiPolygon", forKey: .type)
            try container.encode(polygons.map { $0.map { $0.map(pair) } }, forKey: .coordinates)
        }
    }

    private typealias Container = KeyedDecodingContainer<CodingKeys>

    private static func coordinate(_ numbers: [Double], in container: Container) throws -> Coordinate {
        guard numbers.count >= 2 else { throw fault("a position must have two numbers", container) }
        let place = Coordinate(longitude: numbers[0], latitude: numbers[1])
        guard place.isOnEarth else {
            let swapped = Coordinate(longitude: numbers[1], latitude: numbers[0])
            // RFC 7946 §3.1.1; many maps write latitude first.
            let hint = swapped.isOnEarth ? ": longitude comes first" : ""
            throw fault("\(numbers[0]), \(numbers[1]) is not on Earth\(hint)", container)
        }
        return place
    }

    private static func line(_ positions: [[Double]], in container: Container) throws -> [Coordinate] {
        let line = try positions.map { try coordinate($0, in: container) }
        guard line.count >= 2 else { throw fault("a line must have two positions or more", container) }
        return line
    }

    private static func polygon(_ rings: [[[Double]]], in container: Container) throws -> [[Coordinate]] {
        try filled(rings, in: container).map { try ring($0, in: container) }
    }

    /// A shape must have parts: without them it has no distance from anything.
    private static func filled<Part>(_ parts: [Part], in container: Container) throws -> [Part] {
        guard !parts.isEmpty else { throw fault("a shape must have one part or more", container) }
        return parts
    }

    private static func ring(_ positions: [[Double]], in container: Container) throws -> [Coordinate] {
        let ring = try positions.map { try coordinate($0, in: container) }
        guard ring.count >= 4, ring.first == ring.last else {
            throw fault("a ring must have four positions or more and end where it begins", container)
        }
        return ring
    }

    private static func fault(_ detail: String, _ container: Container) -> DecodingError {
        .dataCorruptedError(forKey: .coordinates, in: container, debugDescription: detail)
    }
}
