import Models

/// Which water a place is; `Hierarchy` knows who answers for it.
struct Whereabouts {
    private(set) var registry: Registry
    let rules: Rules
    private var index: ReachIndex

    init(registry: Registry, rules: Rules) {
        self.registry = registry
        self.rules = rules
        index = ReachIndex(registry.reaches.values)
    }

    /// Takes the registry as it now is; where its reaches are the same, the index of them stays.
    mutating func adopt(_ fresh: Registry) {
        if fresh.reaches != registry.reaches { index = ReachIndex(fresh.reaches.values) }
        registry = fresh
    }

    struct Found: Equatable {
        let reach: Reach
        let distance: Distance
        let why: ComplaintEvent.Assigned.Why
    }

    /// The reach that a submission is about; nil where none is near enough.
    ///
    /// 1. What the citizen picked, if it is not absurdly far.
    /// 2. The nearest reach of the river he named.
    /// 3. The nearest of all, within `Rules.reachDistance`.
    func reach(of submission: Submission) -> Found? {
        if let id = submission.reach, let reach = registry.reaches[id] {
            let distance = reach.geometry.distance(from: submission.place)
            if distance <= rules.pickedDistance {
                return Found(reach: reach, distance: distance, why: .picked)
            }
        }
        if let river = submission.river,
            let found = nearest(
                to: submission.place, of: river, within: rules.pickedDistance)
        {
            return found
        }
        return nearest(to: submission.place, within: rules.reachDistance)
    }

    private func nearest(
        to place: Coordinate, of river: RiverID? = nil, within limit: Distance
    ) -> Found? {
        index.nearest(to: place, of: river, within: limit)
            .map { Found(reach: $0.reach, distance: $0.distance, why: .nearest) }
    }
}
