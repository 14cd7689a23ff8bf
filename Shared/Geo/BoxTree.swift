/// Boxes around pieces of geometry, boxes around these boxes, and so on up to one: an R-tree that is packed
/// once.
package struct BoxTree<Piece: Sendable>: Sendable {
    private let pieces: [Piece]
    /// Groups of sister boxes: first those of successive pieces, then those around these groups, and so on up
    /// to a single group.
    private let groups: [BoundingBoxes]
    /// The index in `groups` at which each level begins.
    private let starts: [Int]

    package init(_ boxed: [(piece: Piece, box: BoundingBox)]) {
        // A shape without points has an empty box.
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

    /// Puts neighbours together: halves the area across its longer side, and each half again, until a part
    /// fits into one group. Every half consists of whole groups, on every level.
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

    /// The square of the distance up to which a box is worth opening to find something within `distance`. It
    /// is larger than any rounding error between the distance of a box and that of its content.
    package static func reachable(_ distance: Distance) -> Double {
        distance.metres * distance.metres * (1 + 1e-6) + 1e-3
    }

    /// Visits the pieces whose boxes are worth opening, the nearest box first: what is found there makes most
    /// of the others unnecessary.
    ///
    /// - Parameter reachable: a value of `reachable(_:)`, for the beginning.
    /// - Parameter look: looks at a piece and returns the value of `reachable` from now on.
    package func search(around place: Neighbourhood, within reachable: Double, _ look: (Piece) -> Double) {
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
