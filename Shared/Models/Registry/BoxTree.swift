/// Boxes around pieces of geometry, boxes around these, and so on up to one: an R-tree packed once.
struct BoxTree<Piece: Sendable>: Sendable {
    private let pieces: [Piece]
    /// Sister boxes: those of successive pieces first, then those around these groups, and so on up to a
    /// single group.
    private let groups: [BoundingBoxes]
    /// Where each level begins among the groups.
    private let starts: [Int]

    init(_ boxed: [(piece: Piece, box: BoundingBox)]) {
        // A shape without points has a box that is nowhere.
        let order = Self.arranged(boxed.indices.filter { !boxed[$0].box.isEmpty }, boxed.map(\.box.middle))
        pieces = order.map { boxed[$0].piece }
        var boxes = order.map { boxed[$0].box }
        var (groups, starts): ([BoundingBoxes], [Int]) = ([], [])
        repeat {
            let sisters = stride(from: 0, to: boxes.count, by: BoundingBoxes.count)
                .map { boxes[$0..<min($0 + BoundingBoxes.count, boxes.count)] }
            starts.append(groups.count)
            groups += sisters.map(BoundingBoxes.init)
            boxes = sisters.map { $0.reduce(into: BoundingBox()) { $0.take(in: $1) } }
        } while boxes.count > 1
        (self.groups, self.starts) = (groups, starts)
    }

    /// Brings together what lies together: halves the area across its longer side, and each half again, until
    /// one group holds it. Each half makes whole groups, on every level.
    private static func arranged(_ order: [Int], _ middles: [Coordinate]) -> [Int] {
        guard order.count > BoundingBoxes.count else { return order }
        let area = BoundingBox(around: order.lazy.map { middles[$0] })
        let isWide = area.east - area.west > area.north - area.south
        let sorted =
            isWide
            ? order.sorted { middles[$0].longitude < middles[$1].longitude }
            : order.sorted { middles[$0].latitude < middles[$1].latitude }
        var whole = BoundingBoxes.count
        while whole * BoundingBoxes.count < order.count { whole *= BoundingBoxes.count }
        let half = (order.count + whole - 1) / whole / 2 * whole
        return arranged(Array(sorted[..<half]), middles) + arranged(Array(sorted[half...]), middles)
    }

    /// The square of what a box may be away to be worth opening for something within `distance`: more than
    /// rounding can make of the difference between a box and what lies in it.
    static func reachable(_ distance: Distance) -> Double {
        distance.metres * distance.metres * (1 + 1e-6) + 1e-3
    }

    /// Shows the pieces whose boxes are worth opening, those of the nearest box first: what is found in it
    /// spares most of the others.
    ///
    /// - Parameter reachable: as `reachable(_:)` says it, at the beginning.
    /// - Parameter look: looks at a piece and says what is reachable from now on.
    func search(around place: Neighbourhood, within reachable: Double, _ look: (Piece) -> Double) {
        var reachable = reachable
        guard let top = groups.indices.last else { return }
        open(top, of: starts.count - 1, place, &reachable, look)
    }

    private func open(
        _ group: Int, of level: Int, _ place: Neighbourhood, _ reachable: inout Double,
        _ look: (Piece) -> Double
    ) {
        var squares = place.squaredDistances(to: groups[group])
        while true {
            var (nearest, least) = (0, Double.infinity)
            for turn in squares.indices {
                let squared = squares[turn]
                if squared < least { (nearest, least) = (turn, squared) }
            }
            guard least < .infinity, least <= reachable else { return }
            squares[nearest] = .infinity
            let index = (group - starts[level]) * BoundingBoxes.count + nearest
            if level == 0 {
                reachable = look(pieces[index])
            } else {
                open(starts[level - 1] + index, of: level - 1, place, &reachable, look)
            }
        }
    }
}
