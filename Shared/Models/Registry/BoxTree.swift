/// Boxes around pieces of geometry, boxes around these, and so on up to one: an R-tree packed once.
struct BoxTree<Piece: Sendable>: Sendable {
    private let pieces: [Piece]
    /// The boxes of the pieces first, then of each `fanOut` boxes below, up to at most `fanOut` of them.
    private let boxes: [BoundingBox]
    /// Where each level begins among the boxes, and where the last one ends.
    private let starts: [Int]

    private static var fanOut: Int { 16 }

    init(_ boxed: [(piece: Piece, box: BoundingBox)]) {
        let curve = Curve(over: boxed.map(\.box))
        let order = boxed.indices.map { (place: curve.place(of: boxed[$0].box), index: $0) }
            .sorted { ($0.place, $0.index) < ($1.place, $1.index) }
        pieces = order.map { boxed[$0.index].piece }
        var boxes = order.map { boxed[$0.index].box }
        var starts = [0, boxes.count]
        while let end = starts.last, case let start = starts[starts.count - 2], end - start > Self.fanOut {
            for first in stride(from: start, to: end, by: Self.fanOut) {
                var around = BoundingBox()
                for index in first..<min(first + Self.fanOut, end) { around.take(in: boxes[index]) }
                boxes.append(around)
            }
            starts.append(boxes.count)
        }
        (self.boxes, self.starts) = (boxes, starts)
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
        let top = starts.count - 2
        open(starts[top]..<starts[top + 1], of: top, place, &reachable, look)
    }

    /// Opens sister boxes, `fanOut` at most.
    private func open(
        _ sisters: Range<Int>, of level: Int, _ place: Neighbourhood, _ reachable: inout Double,
        _ look: (Piece) -> Double
    ) {
        // As many as `fanOut` says, whose value a type can't name.
        var squares = InlineArray<16, Double>(repeating: .infinity)
        for index in sisters { squares[index - sisters.lowerBound] = place.squaredDistance(to: boxes[index]) }
        while true {
            var (nearest, least) = (0, Double.infinity)
            for turn in 0..<sisters.count {
                let squared = squares[turn]
                if squared < least { (nearest, least) = (turn, squared) }
            }
            guard least < .infinity, least <= reachable else { return }
            squares[nearest] = .infinity
            let index = sisters.lowerBound + nearest
            if level == 0 {
                reachable = look(pieces[index])
            } else {
                let first = starts[level - 1] + (index - starts[level]) * Self.fanOut
                let below = first..<min(first + Self.fanOut, starts[level])
                open(below, of: level - 1, place, &reachable, look)
            }
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
