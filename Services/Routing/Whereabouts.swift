import Models

/// Which water a place is; `Hierarchy` knows who answers for it.
struct Whereabouts {
    private(set) var atlas: Atlas
    let rules: Rules

    init(registry: Registry, rules: Rules) {
        atlas = Atlas(registry)
        self.rules = rules
    }

    var registry: Registry { atlas.registry }

    mutating func adopt(_ fresh: Registry) { atlas.adopt(fresh) }
}
