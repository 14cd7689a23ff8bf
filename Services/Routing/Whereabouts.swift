import Models

/// Whose water a place is: the reach, and the one who answers for it.
struct Whereabouts {
    private(set) var atlas: Atlas
    let rules: Rules

    init(registry: Registry, rules: Rules) {
        atlas = Atlas(registry)
        self.rules = rules
    }

    var registry: Registry { atlas.registry }

    mutating func adopt(_ fresh: Registry) { atlas.adopt(fresh) }

    /// The first chief of a reach who can be reached, going up where one is missing or has no phone.
    func chief(of reach: Reach) -> Chief? {
        for id in reach.chiefs {
            if let chief = reachable(from: id) { return chief }
        }
        return nil
    }

    /// The one above an assignee: the chief's superior, or else the nearest office above.
    func superior(of assignee: Assignee, in region: RegionID) -> Assignee? {
        switch assignee.kind {
        case .chief:
            if let chief = ChiefID(assignee.id).flatMap({ registry.chiefs[$0] }),
                let superior = chief.superior.flatMap(reachable(from:)),
                // Chiefs who stand above each other in a circle would pass it round for ever.
                !isSuperior(assignee.id, of: assignee.id)
            {
                return Assignee(superior)
            }
            return office(from: region) { $0.level >= assignee.level }
        case .office:
            guard let region = RegionID(assignee.id) else { return nil }
            return office(from: region) { $0.id != region }
        }
    }

    /// The duty office of a region, or the nearest one above it that has one.
    func office(from region: RegionID, where fits: (Region) -> Bool = { _ in true }) -> Assignee? {
        registry.regionChain(from: region).first { $0.dutyOffice != nil && fits($0) }.map(
            Assignee.init(officeOf:))
    }

    /// Whether `chief` stands above the chief `id`, at any distance.
    func isSuperior(_ chief: String, of id: String) -> Bool {
        var seen: Set<ChiefID> = []
        var next = ChiefID(id).flatMap { registry.chiefs[$0]?.superior }
        while let above = next, seen.insert(above).inserted {
            if above.rawValue == chief { return true }
            next = registry.chiefs[above]?.superior
        }
        return false
    }

    private func reachable(from id: ChiefID) -> Chief? {
        var seen: Set<ChiefID> = []
        var next: ChiefID? = id
        while let id = next, seen.insert(id).inserted, let chief = registry.chiefs[id] {
            if chief.phone != nil { return chief }
            next = chief.superior
        }
        return nil
    }
}

extension Assignee {
    init(_ chief: Chief) {
        self.init(
            kind: .chief, id: chief.id.rawValue, name: chief.name, title: chief.title, level: chief.level)
    }

    init(officeOf region: Region) {
        let office = region.dutyOffice ?? region.name.zh
        self.init(
            kind: .office, id: region.id.rawValue,
            name: Name(zh: office, en: "Duty office, \(region.name.en)"),
            level: region.level)
    }
}
