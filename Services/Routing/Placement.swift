import Models

/// Where a complaint belongs.
enum Placement: Equatable {
    case atReach(Found)
    /// Too far from every reach: the region that holds the place, and the reaches that would be next, the
    /// nearest first.
    case inRegion(Region, near: [Candidate])
    /// In no region and at no reach of the registry.
    case outside

    struct Found: Equatable {
        let reach: Reach
        let why: Candidate.Reason
        let chosen: Candidate
        /// Where it would have gone otherwise, the likeliest first; at most `Rules.runnersUp`.
        let runnersUp: [Candidate]
    }
}

extension Whereabouts {
    private typealias Measured = ReachIndex.Found
    private typealias Choice = (measured: Measured, why: Candidate.Reason)

    /// The reach that a complaint is about; where there is none, the region of its place, if there is one.
    ///
    /// 1. What the citizen picked, if it is not absurdly far.
    /// 2. Where he complains about an outfall: the reach of the registered one that he stands at.
    /// 3. The nearest reach of the river he named, if that is not absurdly far.
    /// 4. The nearest of all, as far as the kind of water and the category allow.
    func placement(of matter: Matter) -> Placement {
        let category = registry.categories[matter.category]
        let near = ranked(near: matter.place) { rules.limit(of: $0, for: category) }
        func candidate(_ measured: Measured) -> Candidate {
            Candidate(measured, limit: rules.limit(of: measured.kind, for: category))
        }
        let choice =
            picked(by: matter) ?? atOutfall(matter, category) ?? named(by: matter)
            ?? nearest(among: near)
        guard let (measured, why) = choice else {
            guard let region = atlas.regions.smallest(holding: matter.place) else { return .outside }
            let beyond = atlas.reaches.nearest(Rules.runnersUp, to: matter.place) { _ in
                rules.pickedDistance
            }
            return .inRegion(region, near: beyond.map(candidate))
        }
        let candidates = near.prefix(Rules.runnersUp + 1).map(candidate)
        let others = candidates.filter { $0.reach != measured.reach.id }.prefix(Rules.runnersUp)
        return .atReach(
            .init(
                reach: measured.reach, why: why, chosen: candidate(measured), runnersUp: Array(others)))
    }

    private func picked(by matter: Matter) -> Choice? {
        guard let id = matter.reach, let measured = atlas.measured(id, from: matter.place),
            measured.distance <= rules.pickedDistance
        else { return nil }
        return (measured, .picked)
    }

    private func atOutfall(_ matter: Matter, _ category: Category?) -> Choice? {
        let place = matter.place
        guard category?.isAboutOutfalls == true,
            let outfall = atlas.outfalls.nearest(
                to: place, into: matter.river, within: Rules.outfallDistance)
        else { return nil }
        let registered = outfall.reach.flatMap { atlas.measured($0, from: place) }
        return (registered ?? nearest(to: place, of: outfall.river)).map { ($0, .outfall) }
    }

    private func named(by matter: Matter) -> Choice? {
        matter.river.flatMap { nearest(to: matter.place, of: $0) }.map { ($0, .named) }
    }

    private func nearest(to place: Coordinate, of river: RiverID) -> Measured? {
        ranked(near: place, of: river) { _ in rules.pickedDistance }.first
    }

    private func nearest(among ranked: [Measured]) -> Choice? {
        ranked.first.map { first in
            (first, ranked.contains { $0.distance < first.distance } ? .lowerLevel : .nearest)
        }
    }

    /// The reaches nearest to a place, in the order in which they are taken.
    ///
    /// Among those that are as near as the nearest, as far as a position can tell, the lower level comes
    /// first: it knows the small waters and passes on what is not its own.
    private func ranked(
        near place: Coordinate, of river: RiverID? = nil, within limit: (WaterKind) -> Distance
    ) -> [Measured] {
        // Where all that are shown are as near, there may be more of them: many reaches end at a mouth.
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
