import Models

/// Finds the water that a complaint is about; `Hierarchy` knows who answers for that water.
///
/// A class, because every decision gets all of it: copying one reference is cheaper than copying dozens of
/// tables.
final class Whereabouts: Sendable {
    let atlas: Atlas
    let rules: Rules

    init(_ atlas: Atlas, rules: Rules) {
        self.atlas = atlas
        self.rules = rules
    }

    convenience init(registry: Registry, rules: Rules) {
        self.init(Atlas(registry), rules: rules)
    }

    var registry: Registry { atlas.registry }

    func adopting(_ fresh: Registry) -> Whereabouts {
        var atlas = atlas
        atlas.adopt(fresh)
        return Whereabouts(atlas, rules: rules)
    }
}
