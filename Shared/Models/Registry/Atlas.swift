public import Geo

/// A registry with indexes of where its waters and regions are.
public struct Atlas: Sendable {
    public private(set) var registry: Registry
    public private(set) var reaches: ReachIndex
    public private(set) var regions: RegionIndex
    public private(set) var outfalls: OutfallIndex

    public init(_ registry: Registry = Registry()) {
        self.registry = registry
        reaches = ReachIndex(registry.reaches.values, kind: registry.likeness)
        regions = RegionIndex(registry.regions.values)
        outfalls = OutfallIndex(registry.outfalls.values)
    }

    /// Takes over a new registry. If its shapes are the same, their index stays.
    ///
    /// An unchanged table is the same array in memory, so comparing it takes no time.
    public mutating func adopt(_ fresh: Registry) {
        if fresh.reaches != registry.reaches || fresh.rivers != registry.rivers
            || fresh.kinds != registry.kinds
        {
            reaches = ReachIndex(fresh.reaches.values, kind: fresh.likeness)
        }
        if fresh.regions != registry.regions { regions = RegionIndex(fresh.regions.values) }
        if fresh.outfalls != registry.outfalls { outfalls = OutfallIndex(fresh.outfalls.values) }
        registry = fresh
    }

    /// A reach as measured from a place, however far away.
    public func measured(_ id: ReachID, from place: Coordinate) -> ReachIndex.Found? {
        registry.reaches[id].map { reach in
            ReachIndex.Found(
                known: ReachIndex.Known(reach, registry.likeness(of: reach.river)),
                distance: reach.geometry.distance(from: place))
        }
    }
}

/// Finds the outfall that a place is at.
public struct OutfallIndex: Sendable {
    private let outfalls: [Outfall]
    private let index: ShapeIndex

    public init(_ outfalls: some Sequence<Outfall>) {
        self.outfalls = outfalls.sorted { $0.id < $1.id }
        index = ShapeIndex(self.outfalls.lazy.map { .point($0.place) })
    }

    /// The nearest outfall, into one river or any; equal distances are ordered by identifier.
    public func nearest(
        to place: Coordinate, into river: RiverID? = nil, within limit: Distance
    ) -> Outfall? {
        index.nearest(1, to: place, within: limit) { number in
            river == nil || outfalls[number].river == river ? limit : nil
        }.first.map { outfalls[$0.shape] }
    }
}
