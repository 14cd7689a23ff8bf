public import Geo

/// Finds the region that contains a place without examining all of them.
public struct RegionIndex: Sendable {
    private let regions: [Region]
    private let tree: BoxTree<Piece>

    /// One polygon of a region's boundary.
    private struct Piece {
        let region: Int
        let area: Area
    }

    public init(_ regions: some Sequence<Region>) {
        self.regions = regions.sorted { ($0.level, $0.id) < ($1.level, $1.id) }
        var pieces: [(piece: Piece, box: BoundingBox)] = []
        for (number, region) in self.regions.enumerated() {
            guard case .polygons(let polygons) = region.boundary else { continue }
            for area in polygons.map(Area.init) {
                pieces.append((Piece(region: number, area: area), area.box))
            }
        }
        tree = BoxTree(pieces)
    }

    /// The smallest region that contains a place: the one of the lowest level, then the first by identifier.
    /// Nil outside all of them, for example in the sea.
    public func smallest(holding place: Coordinate) -> Region? {
        let touching = BoxTree<Piece>.reachable(Distance(metres: 0))
        var near: [Piece] = []
        tree.search(around: Neighbourhood(of: place), within: touching) { piece in
            near.append(piece)
            return touching
        }
        // The smallest first: if one of them contains the place, the long boundaries above need not be
        // examined.
        return near.sorted { $0.region < $1.region }.first { $0.area.holds(place) }
            .map { regions[$0.region] }
    }
}
