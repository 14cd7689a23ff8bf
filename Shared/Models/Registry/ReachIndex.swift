/// Finds the reaches nearest to a place without measuring all of them.
///
/// Every complaint asks once, and a province has tens of thousands of reaches. A value, made anew from what a
/// registry holds.
public struct ReachIndex: Sendable {
    public struct Found: Equatable, Sendable {
        public let reach: Reach
        /// Of the reach's river.
        public let kind: WaterKind
        public let distance: Distance
    }

    /// Some of the reaches, in the order of all.
    private struct Part {
        let reaches: [Reach]
        let kinds: [WaterKind]
        let index: ShapeIndex

        init(_ reaches: [Reach], of rivers: [RiverID: River]) {
            self.reaches = reaches
            kinds = reaches.map { rivers[$0.river]?.kind ?? WaterKind.Usual.value }
            index = ShapeIndex(reaches.lazy.map(\.geometry))
        }
    }

    private let all: Part
    /// A river named by the citizen is looked for far away, past all the others: each river has its own.
    private let ofRiver: [RiverID: Part]

    /// - Parameter rivers: a reach whose river is not among them is taken for one of `WaterKind.Usual`.
    public init(_ reaches: some Sequence<Reach>, of rivers: [RiverID: River] = [:]) {
        // In the order in which equal distances are decided: a tie goes to the earlier one.
        let ordered = reaches.sorted { ($0.level, $0.id) < ($1.level, $1.id) }
        all = Part(ordered, of: rivers)
        ofRiver = Dictionary(grouping: ordered, by: \.river).mapValues { Part($0, of: rivers) }
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
        return part.index.nearest(count, tie: tie, to: place, within: farthest) { limit(part.kinds[$0]) }
            .map { Found(reach: part.reaches[$0], kind: part.kinds[$0], distance: $1) }
    }

    /// The nearest reach, of one river or of all, that lies within one distance whatever its kind.
    public func nearest(
        to place: Coordinate, of river: RiverID? = nil, within limit: Distance
    ) -> Found? {
        nearest(1, to: place, of: river) { _ in limit }.first
    }
}
