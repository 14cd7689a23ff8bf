/// Finds the reach nearest to a place without measuring all of them.
///
/// Every complaint asks once, and a province has tens of thousands of reaches. The answer is the one that
/// measuring all of them gives, to the last bit; a value, made anew from what a registry holds.
public struct ReachIndex: Sendable {
    private let all: BoxTree
    /// A river named by the citizen is looked for far away, past all the others: each river has its own.
    private let ofRiver: [RiverID: BoxTree]

    public init(_ reaches: some Sequence<Reach>) {
        // In the order in which equal distances are decided: a tie goes to the earlier one.
        let ordered = reaches.sorted { ($0.level, $0.id) < ($1.level, $1.id) }
        all = BoxTree(ordered)
        ofRiver = Dictionary(grouping: ordered, by: \.river).mapValues(BoxTree.init)
    }

    /// The nearest reach, of one river or of all, that lies within `limit`; nil where there is none.
    ///
    /// Equal distances go to the lower level, then by identifier, so that the answer never depends on the
    /// order of a table.
    public func nearest(
        to place: Coordinate, of river: RiverID? = nil, within limit: Distance
    ) -> (reach: Reach, distance: Distance)? {
        guard let river else { return all.nearest(to: place, within: limit) }
        return ofRiver[river]?.nearest(to: place, within: limit)
    }
}

/// Boxes around pieces of geometry, boxes around these, and so on up to one: an R-tree packed once.
private struct BoxTree {
    /// A part of a reach that is small enough to be measured whole.
    private enum Piece {
        /// Some successive segments of a line or ring. The array is the geometry's own, not a copy.
        case run([Coordinate], Range<Int32>)
        /// The inside of a polygon, by its rings.
        case inside([[Coordinate]])
    }

    private struct Leaf {
        let reach: Int32
        let piece: Piece
    }

    private struct Found {
        private(set) var reach: Int?
        private(set) var distance = Distance(metres: .infinity)
        /// The square of what a box may be away at most to be worth opening.
        private(set) var reachable: Double

        init(limit: Distance) { reachable = Self.widened(limit) }

        mutating func take(_ candidate: Int, squared: Double) {
            guard squared <= reachable else { return }
            let metres = Distance(metres: squared.squareRoot())
            if let reach, (distance, reach) <= (metres, candidate) { return }
            (reach, distance, reachable) = (candidate, metres, Self.widened(metres))
        }

        /// By more than rounding can make of the difference between a box and what lies in it.
        private static func widened(_ distance: Distance) -> Double {
            distance.metres * distance.metres * (1 + 1e-6) + 1e-3
        }
    }

    private static let segmentsInRun = 8
    private static let fanOut = 16

    private let reaches: [Reach]
    private let leaves: [Leaf]
    /// The boxes of the leaves first, then of each `fanOut` boxes below, up to at most `fanOut` of them.
    private let levels: [[BoundingBox]]

    init(_ reaches: [Reach]) {
        self.reaches = reaches
        var pieces: [(leaf: Leaf, box: BoundingBox)] = []
        for (number, reach) in reaches.enumerated() {
            Self.cut(reach.geometry) { piece, box in
                pieces.append((Leaf(reach: Int32(number), piece: piece), box))
            }
        }
        let curve = Curve(over: pieces.map(\.box))
        let order = pieces.indices.map { (place: curve.place(of: pieces[$0].box), index: $0) }
            .sorted { ($0.place, $0.index) < ($1.place, $1.index) }
        leaves = order.map { pieces[$0.index].leaf }
        var levels = [order.map { pieces[$0.index].box }]
        while let below = levels.last, below.count > Self.fanOut {
            levels.append(
                stride(from: 0, to: below.count, by: Self.fanOut).map { start in
                    below[start..<min(start + Self.fanOut, below.count)]
                        .reduce(into: BoundingBox()) { $0.take(in: $1) }
                })
        }
        self.levels = levels
    }

    private static func cut(_ geometry: Geometry, _ give: (Piece, BoundingBox) -> Void) {
        func cut(_ line: [Coordinate]) {
            for start in stride(from: 0, to: line.count - 1, by: segmentsInRun) {
                let end = min(start + segmentsInRun + 1, line.count)
                give(.run(line, Int32(start)..<Int32(end)), BoundingBox(around: line[start..<end]))
            }
        }
        switch geometry {
        case .point(let point): cut([point, point])
        case .lines(let lines): lines.forEach(cut)
        case .polygons(let polygons):
            for rings in polygons {
                rings.forEach(cut)
                give(.inside(rings), BoundingBox(around: rings.joined()))
            }
        }
    }

    func nearest(to place: Coordinate, within limit: Distance) -> (reach: Reach, distance: Distance)? {
        let around = Neighbourhood(of: place)
        var found = Found(limit: limit)
        let top = levels.count - 1
        open(levels[top].indices, of: top, place, around, &found)
        guard let number = found.reach, found.distance <= limit else { return nil }
        return (reaches[number], found.distance)
    }

    /// The nearest box first: what is found in it spares most of the others.
    private func open(
        _ boxes: Range<Int>, of level: Int, _ place: Coordinate, _ around: Neighbourhood,
        _ found: inout Found
    ) {
        var first = (index: boxes.lowerBound, squared: Double.infinity)
        for index in boxes {
            let squared = around.squaredDistance(to: levels[level][index])
            if squared < first.squared { first = (index, squared) }
        }
        guard !boxes.isEmpty, first.squared <= found.reachable else { return }
        visit(first.index, of: level, place, around, &found)
        for index in boxes where index != first.index {
            guard around.squaredDistance(to: levels[level][index]) <= found.reachable else { continue }
            visit(index, of: level, place, around, &found)
        }
    }

    private func visit(
        _ index: Int, of level: Int, _ place: Coordinate, _ around: Neighbourhood, _ found: inout Found
    ) {
        guard level == 0 else {
            let start = index * Self.fanOut
            let end = min(start + Self.fanOut, levels[level - 1].count)
            return open(start..<end, of: level - 1, place, around, &found)
        }
        let reach = Int(leaves[index].reach)
        switch leaves[index].piece {
        case .run(let line, let range):
            let points = line[Int(range.lowerBound)..<Int(range.upperBound)]
            found.take(reach, squared: around.squaredDistance(to: points))
        case .inside(let rings):
            if Geometry.holds(rings, place) { found.take(reach, squared: 0) }
        }
    }
}

/// The Z-order curve (Morton 1966) over an area: what is near on it is mostly near on the ground.
private struct Curve {
    private let area: BoundingBox

    init(over boxes: [BoundingBox]) {
        area = boxes.reduce(into: BoundingBox()) { $0.take(in: $1) }
    }

    func place(of box: BoundingBox) -> UInt64 {
        let east = Self.cell((box.west + box.east) / 2, from: area.west, to: area.east)
        let north = Self.cell((box.south + box.north) / 2, from: area.south, to: area.north)
        return Self.spread(east) | Self.spread(north) << 1
    }

    private static func cell(_ value: Double, from low: Double, to high: Double) -> UInt64 {
        let share = (value - low) / (high - low)
        // An area without width has no share, and a shape without points no middle.
        return share >= 0 ? UInt64(min(share, 1) * 65_535) : 0
    }

    /// A zero between each two of 16 bits.
    private static func spread(_ bits: UInt64) -> UInt64 {
        var bits = bits
        bits = (bits | bits << 8) & 0x00FF_00FF
        bits = (bits | bits << 4) & 0x0F0F_0F0F
        bits = (bits | bits << 2) & 0x3333_3333
        return (bits | bits << 1) & 0x5555_5555
    }
}
