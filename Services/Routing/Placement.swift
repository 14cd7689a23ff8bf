import Geo
import Models

/// Where a complaint belongs.
enum Placement: Equatable {
    case atReach(Found)
    /// Too far from every reach: the region that holds the place, and the nearest of the reaches that are too
    /// far, the nearest first. If neither a place nor a water is known, it is the region that was named, or
    /// the city's.
    case inRegion(Region, near: [Candidate])
    /// In no region and at no reach of the registry.
    case outside

    struct Found: Equatable {
        let reach: Reach
        let why: Candidate.Reason
        /// The reach as it was measured; nil where there was no place to measure from.
        let chosen: Candidate?
        /// The reaches that would have been next, the likeliest first; at most `Rules.runnersUp`.
        let runnersUp: [Candidate]
    }
}

extension Whereabouts {
    private typealias Measured = ReachIndex.Found
    private typealias Choice = (measured: Measured, why: Candidate.Reason)

    func placement(of matter: Matter) -> Placement {
        if let place = matter.place { placement(of: matter, at: place) } else { placementByName(of: matter) }
    }

    // MARK: Without a place

    /// 1. The reach that the citizen picked.
    /// 2. Of the river that he named, the reach of the highest level: its chief answers for the most of the
    ///    river and can pass the complaint on.
    /// 3. The region that he named, or else the city. Its office can find out what is meant, and says where
    ///    it is (`edit`).
    private func placementByName(of matter: Matter) -> Placement {
        func found(_ reach: Reach, _ why: Candidate.Reason) -> Placement {
            .atReach(.init(reach: reach, why: why, chosen: nil, runnersUp: []))
        }
        if let picked = matter.reach.flatMap({ registry.reaches[$0] }) { return found(picked, .picked) }
        if let river = matter.river, let highest = highestReach(of: river) { return found(highest, .named) }
        let named = matter.region.flatMap { registry.regions[$0] }
        return (named ?? wholeCity).map { .inRegion($0, near: []) } ?? .outside
    }

    /// Reaches of equal level are ordered by identifier. Few complaints lack a place, so it is enough to
    /// search all reaches.
    private func highestReach(of river: RiverID) -> Reach? {
        registry.reaches.values.lazy.filter { $0.river == river }
            .min { ($1.level, $0.id) < ($0.level, $1.id) }
    }

    /// The region of level city, or else the topmost; nil where the registry has no region.
    private var wholeCity: Region? {
        let regions = registry.regions.values
        return regions.lazy.filter { $0.level == .city }.min { $0.id < $1.id }
            ?? regions.min { ($1.level, $0.id) < ($0.level, $1.id) }
    }

    // MARK: By the place

    /// The reach that a complaint is about; where there is none, the region of its place, if there is one.
    ///
    /// 1. The reach that the citizen picked, if it is not too far (`Rules.pickedDistance`).
    /// 2. If he complains about an outfall: the reach of the registered outfall at which he stands.
    /// 3. The nearest reach of the river that he named, if it is not too far.
    /// 4. The nearest of all, as far as the kind of water and the category allow.
    private func placement(of matter: Matter, at place: Coordinate) -> Placement {
        let category = registry.categories[matter.category]
        let near = ranked(near: place) { rules.limit(of: $0, for: category) }
        func candidate(_ measured: Measured) -> Candidate {
            Candidate(measured, limit: rules.limit(of: measured.kind, for: category))
        }
        let choice =
            picked(by: matter, at: place) ?? atOutfall(matter, at: place, category)
            ?? named(by: matter, at: place) ?? nearest(among: near)
        guard let (measured, why) = choice else {
            guard let region = atlas.regions.smallest(holding: place) else { return .outside }
            let beyond = atlas.reaches.nearest(Rules.runnersUp, to: place) { _ in rules.pickedDistance }
            return .inRegion(region, near: beyond.map(candidate))
        }
        let candidates = near.prefix(Rules.runnersUp + 1).map(candidate)
        let others = candidates.filter { $0.reach != measured.reach.id }.prefix(Rules.runnersUp)
        return .atReach(
            .init(
                reach: measured.reach, why: why, chosen: candidate(measured), runnersUp: Array(others)))
    }

    private func picked(by matter: Matter, at place: Coordinate) -> Choice? {
        guard let id = matter.reach, let measured = atlas.measured(id, from: place),
            measured.distance <= rules.pickedDistance
        else { return nil }
        return (measured, .picked)
    }

    private func atOutfall(_ matter: Matter, at place: Coordinate, _ category: Category?) -> Choice? {
        guard category?.isAboutOutfalls == true,
            let outfall = atlas.outfalls.nearest(
                to: place, into: matter.river, within: Rules.outfallDistance)
        else { return nil }
        let registered = outfall.reach.flatMap { atlas.measured($0, from: place) }
        return (registered ?? nearest(to: place, of: outfall.river)).map { ($0, .outfall) }
    }

    private func named(by matter: Matter, at place: Coordinate) -> Choice? {
        matter.river.flatMap { nearest(to: place, of: $0) }.map { ($0, .named) }
    }

    private func nearest(to place: Coordinate, of river: RiverID) -> Measured? {
        ranked(near: place, of: river) { _ in rules.pickedDistance }.first
    }

    private func nearest(among ranked: [Measured]) -> Choice? {
        ranked.first.map { first in
            (first, ranked.contains { $0.distance < first.distance } ? .lowerLevel : .nearest)
        }
    }

    /// The reaches nearest to a place, the preferred one first.
    ///
    /// Of those that count as equally near as the nearest (`Rules.nearTie`), the lower level comes first: its
    /// chief knows the small waters and passes on what is not his.
    private func ranked(
        near place: Coordinate, of river: RiverID? = nil, within limit: (WaterKind) -> Distance
    ) -> [Measured] {
        // More reaches than are shown may be equally near: many reaches end where one river flows into
        // another.
        let near = atlas.reaches.nearest(
            Rules.runnersUp + 1, tie: Rules.nearTie, to: place, of: river, within: limit)
        guard let first = near.first else { return [] }
        let tie = Distance(metres: first.distance.metres + Rules.nearTie.metres)
        let tied = near.prefix { $0.distance <= tie }
        guard tied.count > 1 else { return near }
        return tied.sorted {
            ($0.reach.level, $0.distance, $0.reach.id) < ($1.reach.level, $1.distance, $1.reach.id)
        } + near.dropFirst(tied.count)
    }
}

extension Candidate {
    fileprivate init(_ measured: ReachIndex.Found, limit: Distance) {
        self.init(
            reach: measured.reach.id, river: measured.reach.river, level: measured.reach.level,
            distanceMetres: measured.distance.metres.rounded(), limitMetres: limit.metres.rounded())
    }
}
