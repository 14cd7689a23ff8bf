/// Finds the shapes nearest to a place without measuring all of them.
///
/// The answer is exactly the one that measuring all of them gives. Among equal distances, the shape that was
/// given first wins.
package struct ShapeIndex: Sendable {
    /// A part of a shape that is small enough to be measured as a whole.
    private enum Part {
        /// Some successive segments of a line or ring, `segmentsInRun` at most. The points are copied here,
        /// because most of a search is waiting for memory.
        case run(InlineArray<5, Coordinate>, segments: Int)
        /// The inside of a polygon.
        case inside(Area)
    }

    private struct Piece {
        let shape: Int32
        let part: Part
    }

    private static let segmentsInRun = 4

    private let tree: BoxTree<Piece>

    package init(_ shapes: some Sequence<Geometry>) {
        var pieces: [(piece: Piece, box: BoundingBox)] = []
        for (number, shape) in shapes.enumerated() {
            Self.cut(shape) { part, box in
                pieces.append((Piece(shape: Int32(number), part: part), box))
            }
        }
        tree = BoxTree(pieces)
    }

    private static func cut(_ shape: Geometry, _ give: (Part, BoundingBox) -> Void) {
        func cut(_ line: [Coordinate]) {
            for start in stride(from: 0, to: line.count - 1, by: segmentsInRun) {
                let last = min(start + segmentsInRun, line.count - 1)
                give(
                    .run(InlineArray { line[min(start + $0, last)] }, segments: last - start),
                    BoundingBox(around: line[start...last]))
            }
        }
        switch shape {
        case .point(let point): cut([point, point])
        case .lines(let lines): lines.forEach(cut)
        case .polygons(let polygons):
            for rings in polygons {
                rings.forEach(cut)
                let area = Area(rings)
                give(.inside(area), area.box)
            }
        }
    }

    /// The nearest shapes in order, each once, and at most `count` of them. A shape is named by its index in
    /// the list that the index was made from.
    ///
    /// - Parameter tie: also returns all shapes that are farther than the nearest by no more than this.
    /// - Parameter farthest: no shape's limit is larger.
    /// - Parameter limit: how far away a shape may be; nil skips it.
    package func nearest(
        _ count: Int, tie: Distance? = nil, to place: Coordinate, within farthest: Distance,
        limit: (Int) -> Distance?
    ) -> [(shape: Int, distance: Distance)] {
        let around = Neighbourhood(of: place)
        var ranking = Ranking(count: count, tie: tie, within: farthest)
        tree.search(around: around, within: ranking.reachable) { piece in
            let squared =
                switch piece.part {
                case .run(let points, let segments):
                    around.squaredDistance(to: points.span, segments: segments)
                case .inside(let area): area.holds(place) ? 0 : Double.infinity
                }
            if squared <= ranking.reachable {
                let (shape, distance) = (Int(piece.shape), Distance(metres: squared.squareRoot()))
                if let limit = limit(shape), distance <= limit { ranking.take(shape, distance) }
            }
            return ranking.reachable
        }
        return ranking.found
    }

    /// The nearest shapes so far, in order, each once.
    private struct Ranking {
        private(set) var found: [(shape: Int, distance: Distance)] = []
        private(set) var reachable: Double
        private let count: Int
        private let tie: Distance?

        init(count: Int, tie: Distance?, within farthest: Distance) {
            (self.count, self.tie) = (count, tie)
            reachable = BoxTree<Piece>.reachable(farthest)
        }

        mutating func take(_ shape: Int, _ distance: Distance) {
            if let known = found.firstIndex(where: { $0.shape == shape }) {
                guard distance < found[known].distance else { return }
                found.remove(at: known)
            }
            let rank = found.firstIndex { (distance, shape) < ($0.distance, $0.shape) } ?? found.count
            found.insert((shape, distance), at: rank)
            let tied = tie.map { Distance(metres: found[0].distance.metres + $0.metres) }
            while found.count > count, tied.map({ found[found.count - 1].distance > $0 }) ?? true {
                found.removeLast()
            }
            if found.count >= count, let last = found.last {
                reachable = BoxTree<Piece>.reachable(max(last.distance, tied ?? last.distance))
            }
        }
    }
}
