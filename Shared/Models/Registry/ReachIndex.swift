/// Finds the reaches nearest to a place without measuring all of them.
///
/// Every complaint asks once, and a province has tens of thousands of reaches. A value, made anew from what a
/// registry holds.
public struct ReachIndex: Sendable {
    public struct Found: Sendable {
        @usableFromInline let known: Known
        public let distance: Distance

        @inlinable public var reach: Reach { known.reach }
        /// Of the reach's river.
        @inlinable public var kind: WaterKind { known.kind }
    }

    /// A reach by reference: what is found is handed around, and a copy of a `Reach` would each time count
    /// the references to all its texts, wherever they lie.
    @usableFromInline final class Known: Sendable {
        @usableFromInline let reach: Reach
        @usableFromInline let kind: WaterKind

        init(_ reach: Reach, of rivers: [RiverID: River]) {
            self.reach = reach
            kind = rivers[reach.river]?.kind ?? .river
        }
    }

    /// Some of the reaches, in the order of all.
    private struct Part {
        let reaches: [Known]
        let index: ShapeIndex

        init(_ reaches: [Known]) {
            self.reaches = reaches
            index = ShapeIndex(reaches.lazy.map(\.reach.geometry))
        }
    }

    private let all: Part
    /// A river named by the citizen is looked for far away, past all the others: each river has its own.
    private let ofRiver: [RiverID: Part]

    /// - Parameter rivers: a reach whose river is not among them is taken for one of `WaterKind.Usual`.
    public init(_ reaches: some Sequence<Reach>, of rivers: [RiverID: River] = [:]) {
        // In the order in which equal distances are decided: a tie goes to the earlier one.
        let ordered = reaches.sorted { ($0.level, $0.id) < ($1.level, $1.id) }
            .map { Known($0, of: rivers) }
        all = Part(ordered)
        ofRiver = Dictionary(grouping: ordered, by: \.reach.river).mapValues(Part.init)
    }

    /// The nearest reaches, of one river or of all, that lie within what their kind allows: in order, each
    /// once, at most `count` of them.
    ///
    /// Equal distances go to the lower level, then by identifier, so that the answer never depends on the
    /// order of a table.
    ///
    /// - Parameter tie: more than `count` are given where they are farther than the nearest by no more than
    ///   this.
    public func nearest(
        _ count: Int, tie: Distance? = nil, to place: Coordinate, of river: RiverID? = nil,
        within limit: (WaterKind) -> Distance
    ) -> [Found] {
        guard let part = river == nil ? all : river.flatMap({ ofRiver[$0] }) else { return [] }
        let farthest = WaterKind.allCases.lazy.map(limit).max() ?? Distance(metres: 0)
        return part.index.nearest(count, tie: tie, to: place, within: farthest) {
            limit(part.reaches[$0].kind)
        }.map { Found(known: part.reaches[$0], distance: $1) }
    }

    /// The nearest reach, of one river or of all, that lies within one distance whatever its kind.
    public func nearest(
        to place: Coordinate, of river: RiverID? = nil, within limit: Distance
    ) -> Found? {
        nearest(1, to: place, of: river) { _ in limit }.first
    }
}
