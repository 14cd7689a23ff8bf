import Models

/// Which water a place is; `Hierarchy` knows who answers for it.
///
/// A class, because every decision is handed all of it: one reference in place of dozens of tables.
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
