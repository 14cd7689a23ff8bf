public import Geo

/// Finds the reaches nearest to a place without measuring all of them.
///
/// Every complaint asks once, and a province has tens of thousands of reaches. It is a value, built again for
/// each registry.
public struct ReachIndex: Sendable {
    public struct Found: Sendable {
        @usableFromInline let known: Known
        public let distance: Distance

        @inlinable public var reach: Reach { known.reach }
        /// By which water's rules the reach goes.
        @inlinable public var kind: WaterKind { known.kind }
    }

    /// A reach by reference: results are passed around, and each copy of a `Reach` would count the references
    /// to all its texts, which are spread over the memory.
    @usableFromInline final class Known: Sendable {
        @usableFromInline let reach: Reach
        @usableFromInline let kind: WaterKind

        init(_ reach: Reach, _ kind: WaterKind) {
            self.reach = reach
            self.kind = kind
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
    /// A river that the citizen named may be far away, behind all the others. So each river has an index of
    /// its own.
    private let ofRiver: [RiverID: Part]

    /// - Parameter kind: by which water's rules the reaches of a river go.
    public init(_ reaches: some Sequence<Reach>, kind: (RiverID) -> WaterKind = { _ in .river }) {
        // The order decides between equal distances: the earlier reach wins.
        let ordered = reaches.sorted { ($0.level, $0.id) < ($1.level, $1.id) }
            .map { Known($0, kind($0.river)) }
        all = Part(ordered)
        ofRiver = Dictionary(grouping: ordered, by: \.reach.river).mapValues(Part.init)
    }

    /// The nearest reaches, of one river or of all, that lie within the distance allowed for their kind:
    /// nearest first, each once, at most `count` of them.
    ///
    /// Among equal distances the lower level comes first, then the identifier decides. So the answer never
    /// depends on the order of a table.
    ///
    /// - Parameter tie: also returns all reaches that are farther than the nearest by no more than this, even
    ///   beyond `count`.
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

    /// The nearest reach, of one river or of all, within one distance for all kinds.
    public func nearest(
        to place: Coordinate, of river: RiverID? = nil, within limit: Distance
    ) -> Found? {
        nearest(1, to: place, of: river) { _ in limit }.first
    }
}
