/// Everything a city told us about its waters and its officials: the registry topic, folded.
public struct Registry: Equatable, Sendable {
    public private(set) var regions: [RegionID: Region] = [:]
    /// What a kind is that is no water; ask `kind`.
    public private(set) var kinds: [AssetKindID: AssetKind] = [:]
    public private(set) var rivers: [RiverID: River] = [:]
    public private(set) var reaches: [ReachID: Reach] = [:]
    public private(set) var sections: [SectionID: Section] = [:]
    public private(set) var stations: [StationID: Station] = [:]
    public private(set) var chiefs: [ChiefID: Chief] = [:]
    public private(set) var plans: [PlanID: Plan] = [:]
    public private(set) var categories: [CategoryCode: Category] = [:]
    public private(set) var departments: [DepartmentID: Department] = [:]
    public private(set) var outfalls: [OutfallID: Outfall] = [:]
    public private(set) var serviceLevels: [ServiceLevelID: ServiceLevel] = [:]
    public private(set) var calendar: [Day: CalendarDay] = [:]
    public private(set) var news: [NewsID: News] = [:]
    public private(set) var gateways: [GatewayID: Gateway] = [:]
    public private(set) var gatewayKeys: [KeyHash: GatewayKey] = [:]
    public private(set) var sources: [SourceID: Source] = [:]
    public private(set) var clerks: [ClerkID: Clerk] = [:]
    /// What the city calls what it looks after; ask `word`.
    public private(set) var words: [AssetWord.Key: AssetWord] = [:]
    public private(set) var enterprises: [EnterpriseID: Enterprise] = [:]
    public private(set) var permits: [PermitID: Permit] = [:]

    public init() {}

    public init(_ entities: some Sequence<RegistryEntity>) {
        for entity in entities { put(entity) }
    }

    public var isEmpty: Bool { regions.isEmpty && reaches.isEmpty && categories.isEmpty }

    public mutating func put(_ entity: RegistryEntity) {
        switch entity {
        case .region(let value): regions[value.id] = value
        case .assetKind(let value): kinds[value.id] = value
        case .river(let value): rivers[value.id] = value
        case .reach(let value): reaches[value.id] = value
        case .section(let value): sections[value.id] = value
        case .station(let value): stations[value.id] = value
        case .chief(let value): chiefs[value.id] = value
        case .plan(let value): plans[value.id] = value
        case .category(let value): categories[value.code] = value
        case .department(let value): departments[value.id] = value
        case .outfall(let value): outfalls[value.id] = value
        case .serviceLevel(let value): serviceLevels[value.id] = value
        case .calendarDay(let value): calendar[value.date] = value
        case .news(let value): news[value.id] = value
        case .gateway(let value): gateways[value.id] = value
        case .gatewayKey(let value): gatewayKeys[value.sha256] = value
        case .source(let value): sources[value.id] = value
        case .clerk(let value): clerks[value.id] = value
        case .word(let value): words[value.id] = value
        case .enterprise(let value): enterprises[value.id] = value
        case .permit(let value): permits[value.id] = value
        }
    }

    public mutating func remove(_ key: RegistryKey) {
        switch key.kind {
        case .region: RegionID(key.id).map { regions[$0] = nil }
        case .assetKind: AssetKindID(key.id).map { kinds[$0] = nil }
        case .river: RiverID(key.id).map { rivers[$0] = nil }
        case .reach: ReachID(key.id).map { reaches[$0] = nil }
        case .section: SectionID(key.id).map { sections[$0] = nil }
        case .station: StationID(key.id).map { stations[$0] = nil }
        case .chief: ChiefID(key.id).map { chiefs[$0] = nil }
        case .plan: PlanID(key.id).map { plans[$0] = nil }
        case .category: CategoryCode(key.id).map { categories[$0] = nil }
        case .department: DepartmentID(key.id).map { departments[$0] = nil }
        case .outfall: OutfallID(key.id).map { outfalls[$0] = nil }
        case .serviceLevel: ServiceLevelID(key.id).map { serviceLevels[$0] = nil }
        case .calendarDay: Day(key.id).map { calendar[$0] = nil }
        case .news: NewsID(key.id).map { news[$0] = nil }
        case .gateway: GatewayID(key.id).map { gateways[$0] = nil }
        case .gatewayKey: KeyHash(key.id).map { gatewayKeys[$0] = nil }
        case .source: SourceID(key.id).map { sources[$0] = nil }
        case .clerk: ClerkID(key.id).map { clerks[$0] = nil }
        case .word: AssetWord.Key(rawValue: key.id).map { words[$0] = nil }
        case .enterprise: EnterpriseID(key.id).map { enterprises[$0] = nil }
        case .permit: PermitID(key.id).map { permits[$0] = nil }
        }
    }

    public var entities: [RegistryEntity] {
        var entities = regions.values.map(RegistryEntity.region)
        entities += kinds.values.map(RegistryEntity.assetKind)
        entities += rivers.values.map(RegistryEntity.river)
        entities += reaches.values.map(RegistryEntity.reach)
        entities += sections.values.map(RegistryEntity.section)
        entities += stations.values.map(RegistryEntity.station)
        entities += chiefs.values.map(RegistryEntity.chief)
        entities += plans.values.map(RegistryEntity.plan)
        entities += categories.values.map(RegistryEntity.category)
        entities += departments.values.map(RegistryEntity.department)
        entities += outfalls.values.map(RegistryEntity.outfall)
        entities += serviceLevels.values.map(RegistryEntity.serviceLevel)
        entities += calendar.values.map(RegistryEntity.calendarDay)
        entities += news.values.map(RegistryEntity.news)
        entities += gateways.values.map(RegistryEntity.gateway)
        entities += gatewayKeys.values.map(RegistryEntity.gatewayKey)
        entities += sources.values.map(RegistryEntity.source)
        entities += clerks.values.map(RegistryEntity.clerk)
        entities += words.values.map(RegistryEntity.word)
        entities += enterprises.values.map(RegistryEntity.enterprise)
        entities += permits.values.map(RegistryEntity.permit)
        return entities
    }
}

// MARK: - What stands above and beside

extension Registry {
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

    /// The value of the nearest region that has one: the region itself, or one above it.
    public func told<Value>(from id: RegionID, _ tell: (Region) -> Value?) -> Value? {
        var next: RegionID? = id
        // Regions may stand above each other in a circle. After as many steps as there are regions, all have
        // been asked.
        for _ in 0..<regions.count {
            guard let id = next, let region = regions[id] else { return nil }
            if let value = tell(region) { return value }
            next = region.parent
        }
        return nil
    }

    /// The name of the IANA zone of a region: its own, or that of the nearest region above that names one.
    public func timeZone(in region: RegionID) -> String {
        told(from: region, \.timeZone) ?? Region.usualTimeZone
    }

    /// When a region's offices work: its own hours, or those of the nearest region above.
    public func workingHours(in region: RegionID) -> WorkingHours {
        told(from: region, \.workingHours) ?? .usual
    }

    /// The region that stands for the whole city: the highest one, and the first by identifier.
    public var topRegion: RegionID? {
        regions.values.filter { $0.parent == nil }.map(\.id).min()
    }

    /// The value of the highest region that has one. Where a province stands above the city, its row may
    /// leave it to the city's.
    public func toldByHighest<Value>(_ tell: (Region) -> Value?) -> Value? {
        let regions = regions.values.sorted { ($1.level, $0.id) < ($0.level, $1.id) }
        return regions.lazy.compactMap(tell).first
    }

    public func policeChief(in region: RegionID) -> String? { told(from: region, \.policeChief) }

    public func supervisionPhone(in region: RegionID) -> String? { told(from: region, \.supervisionPhone) }

    /// The contact departments of a region and of those above it, the nearest first.
    public func departments(in region: RegionID) -> [Department] {
        regionChain(from: region).flatMap { region in
            departments.values.filter { $0.region == region.id }.sorted { $0.id < $1.id }
        }
    }

    /// The section that a person or a table means, given by identifier or by Chinese name.
    public func section(named text: String) -> Section? {
        if let id = SectionID(text), let section = sections[id] { return section }
        // Compared as bytes: the sender chooses the length of the text (`Limit.wordBytes`).
        let named = sections.values.filter { $0.name.zh.utf8.elementsEqual(text.utf8) }
        return named.count == 1 ? named.first : nil
    }
}

// MARK: - What is promised

extension Registry {
    /// How soon a complaint must be answered: as its category's service level for this urgency says, or else
    /// as the one for all categories says.
    ///
    /// Nil if the registry has no service level for it; then the category's own hours apply.
    public func serviceLevel(of category: CategoryCode, _ urgency: Urgency) -> ServiceLevel? {
        serviceLevels.values.lazy.filter { $0.urgency == urgency && ($0.category ?? category) == category }
            .min { ($0.category == nil ? 1 : 0, $0.id) < ($1.category == nil ? 1 : 0, $1.id) }
    }

    /// Whether offices work on a day: as the calendar says, or else Monday to Friday.
    public func isWorkingDay(_ day: Day) -> Bool {
        calendar[day].map { $0.kind == .workday } ?? !day.isWeekend
    }
}
