/// Everything a city told us about its waters and who answers for them: the registry topic, folded.
public struct Registry: Equatable, Sendable {
    public private(set) var regions: [RegionID: Region] = [:]
    public private(set) var rivers: [RiverID: River] = [:]
    public private(set) var reaches: [ReachID: Reach] = [:]
    public private(set) var sections: [SectionID: Section] = [:]
    public private(set) var stations: [StationID: Station] = [:]
    public private(set) var chiefs: [ChiefID: Chief] = [:]
    public private(set) var plans: [PlanID: Plan] = [:]
    public private(set) var categories: [CategoryCode: Category] = [:]

    public init() {}

    public init(_ entities: some Sequence<RegistryEntity>) {
        for entity in entities { put(entity) }
    }

    public var isEmpty: Bool { regions.isEmpty && reaches.isEmpty && categories.isEmpty }

    public mutating func put(_ entity: RegistryEntity) {
        switch entity {
        case .region(let value): regions[value.id] = value
        case .river(let value): rivers[value.id] = value
        case .reach(let value): reaches[value.id] = value
        case .section(let value): sections[value.id] = value
        case .station(let value): stations[value.id] = value
        case .chief(let value): chiefs[value.id] = value
        case .plan(let value): plans[value.id] = value
        case .category(let value): categories[value.code] = value
        }
    }

    public mutating func remove(_ key: RegistryKey) {
        switch key.kind {
        case .region: RegionID(key.id).map { regions[$0] = nil }
        case .river: RiverID(key.id).map { rivers[$0] = nil }
        case .reach: ReachID(key.id).map { reaches[$0] = nil }
        case .section: SectionID(key.id).map { sections[$0] = nil }
        case .station: StationID(key.id).map { stations[$0] = nil }
        case .chief: ChiefID(key.id).map { chiefs[$0] = nil }
        case .plan: PlanID(key.id).map { plans[$0] = nil }
        case .category: CategoryCode(key.id).map { categories[$0] = nil }
        }
    }

    public var entities: [RegistryEntity] {
        regions.values.map(RegistryEntity.region) + rivers.values.map(RegistryEntity.river)
            + reaches.values.map(RegistryEntity.reach) + sections.values.map(RegistryEntity.section)
            + stations.values.map(RegistryEntity.station) + chiefs.values.map(RegistryEntity.chief)
            + plans.values.map(RegistryEntity.plan) + categories.values.map(RegistryEntity.category)
    }
}

// MARK: - Where a place is

extension Registry {
    /// The smallest region that holds a place; nil outside all of them, as in the sea.
    public func region(containing place: Coordinate) -> Region? {
        regions.values.filter { $0.boundary?.contains(place) == true }
            .min { ($0.level, $0.id) < ($1.level, $1.id) }
    }

    /// A region and those above it, the nearest first.
    public func regionChain(from id: RegionID) -> [Region] {
        var chain: [Region] = []
        var next: RegionID? = id
        while let id = next, let region = regions[id], !chain.contains(where: { $0.id == id }) {
            chain.append(region)
            next = region.parent
        }
        return chain
    }

    /// The section that a person or a table means, by identifier or by its Chinese name.
    public func section(named text: String) -> Section? {
        if let id = SectionID(text), let section = sections[id] { return section }
        let named = sections.values.filter { $0.name.zh == text }
        return named.count == 1 ? named.first : nil
    }
}
