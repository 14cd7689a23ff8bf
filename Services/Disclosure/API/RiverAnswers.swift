import Models

struct RiverSummary: Encodable, Sendable {
    let id: RiverID
    let name: Name
    let region: Reference
    let level: Level
    @OrNull var lengthKilometres: Double?
    @OrNull var waterClass: WaterClass?
    /// The age of the class: when it was measured, and after which moment it is only the last known.
    @OrNull var classObservedAt: Instant?
    @OrNull var classCurrentUntil: Instant?
    @OrNull var targetClass: WaterClass?
    let openComplaints: Int
    let complaints: Int
    @OrNull var satisfaction: Double?

    enum CodingKeys: String, CodingKey {
        case id, name, region, level, lengthKilometres, waterClass = "class", classObservedAt
        case classCurrentUntil, targetClass, openComplaints, complaints, satisfaction
    }

    init(_ river: River, _ gazetteer: Gazetteer, _ waters: Waters, _ counts: ComplaintCounts?) {
        id = river.id
        name = river.name
        region = gazetteer.reference(river.region)
        level = river.level
        lengthKilometres = river.lengthKilometres
        let standing = waters.standing(of: gazetteer.sectionsByRiver[river.id])
        waterClass = standing?.waterClass
        classObservedAt = standing?.observedAt
        classCurrentUntil = standing?.currentUntil
        targetClass = river.targetClass
        openComplaints = counts?.open ?? 0
        complaints = counts?.complaints ?? 0
        satisfaction = counts?.satisfaction
    }
}

/// The largest first, as people look for them: by level, then by length.
struct RiverList: Encodable, Sendable {
    let rivers: [RiverSummary]

    init(_ gazetteer: Gazetteer, _ waters: Waters, _ counts: [String: ComplaintCounts]) {
        rivers = gazetteer.registry.rivers.values
            .sorted { one, other in
                if one.level != other.level { return one.level > other.level }
                let lengths = (one.lengthKilometres ?? 0, other.lengthKilometres ?? 0)
                return lengths.0 == lengths.1 ? one.id < other.id : lengths.0 > lengths.1
            }
            .map { RiverSummary($0, gazetteer, waters, counts[$0.id.rawValue]) }
    }
}

struct RiverAnswer: Encodable, Sendable {
    let summary: RiverSummary
    @OrNull var start: String?
    @OrNull var end: String?
    @OrNull var supervisionPhone: String?
    @OrNull var policeChief: String?
    @OrNull var contactDepartment: String?
    let reaches: [ReachSummary]
    /// Of all its reaches, the highest level first.
    let chiefs: [ChiefAnswer]
    @OrNull var plan: Plan?
    let sections: [SectionSummary]
    let complaints: [ComplaintSummary]

    /// `complaints` is the list here, where the summary has their number.
    private enum CodingKeys: CodingKey {
        case start, end, supervisionPhone, policeChief, contactDepartment, reaches, chiefs, plan, sections
        case complaints
    }

    init(
        _ river: River, _ gazetteer: Gazetteer, _ waters: Waters,
        counts: (river: ComplaintCounts?, reaches: [String: ComplaintCounts]),
        complaints: [WithWords<PublicComplaint>]
    ) {
        summary = RiverSummary(river, gazetteer, waters, counts.river)
        start = river.start
        end = river.end
        supervisionPhone = river.supervisionPhone
        policeChief = river.policeChief
        contactDepartment = river.contactDepartment
        let reaches = gazetteer.reachesByRiver[river.id] ?? []
        self.reaches = reaches.map { ReachSummary($0, gazetteer, waters, counts.reaches[$0.id.rawValue]) }
        chiefs = Set(reaches.flatMap(\.chiefs)).compactMap { gazetteer.registry.chiefs[$0] }
            .sorted { ($1.level, $0.id) < ($0.level, $1.id) }
            .map(ChiefAnswer.init)
        plan = gazetteer.plansByRiver[river.id]?.max { ($0.periodFrom ?? "") < ($1.periodFrom ?? "") }
        sections = (gazetteer.sectionsByRiver[river.id] ?? []).map { SectionSummary($0, gazetteer, waters) }
        self.complaints = complaints.map { ComplaintSummary($0, gazetteer) }
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(_start, forKey: .start)
        try container.encode(_end, forKey: .end)
        try container.encode(_supervisionPhone, forKey: .supervisionPhone)
        try container.encode(_policeChief, forKey: .policeChief)
        try container.encode(_contactDepartment, forKey: .contactDepartment)
        try container.encode(reaches, forKey: .reaches)
        try container.encode(chiefs, forKey: .chiefs)
        try container.encode(_plan, forKey: .plan)
        try container.encode(sections, forKey: .sections)
        try container.encode(complaints, forKey: .complaints)
    }
}

struct ReachSummary: Encodable, Sendable {
    let id: ReachID
    let name: Name
    let river: Reference
    let region: Reference
    let level: Level
    @OrNull var waterClass: WaterClass?
    /// As a river's.
    @OrNull var classObservedAt: Instant?
    @OrNull var classCurrentUntil: Instant?
    let openComplaints: Int
    /// The lowest level first: the one to whom a complaint goes.
    let chiefs: [ChiefAnswer]

    private enum CodingKeys: String, CodingKey {
        case id, name, river, region, level, waterClass = "class", classObservedAt
        case classCurrentUntil, openComplaints, chiefs
    }

    init(_ reach: Reach, _ gazetteer: Gazetteer, _ waters: Waters, _ counts: ComplaintCounts?) {
        id = reach.id
        name = reach.name
        river = gazetteer.reference(reach.river)
        region = gazetteer.reference(reach.region)
        level = reach.level
        let standing = waters.standing(of: gazetteer.sectionsByReach[reach.id])
        waterClass = standing?.waterClass
        classObservedAt = standing?.observedAt
        classCurrentUntil = standing?.currentUntil
        openComplaints = counts?.open ?? 0
        chiefs = reach.chiefs.compactMap { gazetteer.registry.chiefs[$0] }.map(ChiefAnswer.init)
    }
}

struct ReachAnswer: Encodable, Sendable {
    let summary: ReachSummary
    let sections: [SectionSummary]
    let complaints: [ComplaintSummary]

    private enum CodingKeys: CodingKey { case sections, complaints }

    init(
        _ reach: Reach, _ gazetteer: Gazetteer, _ waters: Waters, _ counts: ComplaintCounts?,
        complaints: [WithWords<PublicComplaint>]
    ) {
        summary = ReachSummary(reach, gazetteer, waters, counts)
        sections = (gazetteer.sectionsByReach[reach.id] ?? []).map { SectionSummary($0, gazetteer, waters) }
        self.complaints = complaints.map { ComplaintSummary($0, gazetteer) }
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sections, forKey: .sections)
        try container.encode(complaints, forKey: .complaints)
    }
}

// MARK: Shapes

struct ReachProperties: Encodable, Sendable {
    let id: ReachID
    let name: Name
    let river: RiverID
    let riverName: Name
    @OrNull var waterClass: WaterClass?
    /// As a river's.
    @OrNull var classObservedAt: Instant?
    @OrNull var classCurrentUntil: Instant?
    let openComplaints: Int

    private enum CodingKeys: String, CodingKey {
        case id, name, river, riverName, waterClass = "class", classObservedAt, classCurrentUntil
        case openComplaints
    }
}

struct RegionProperties: Encodable, Sendable {
    let id: RegionID
    let name: Name
    let level: Level
}

extension FeatureCollection {
    static func reaches(
        _ gazetteer: Gazetteer, _ waters: Waters, _ counts: [String: ComplaintCounts]
    ) -> [UInt8] {
        var collection = FeatureCollection()
        for reach in gazetteer.registry.reaches.values.sorted(by: { $0.id < $1.id }) {
            guard let shape = gazetteer.reachShapes[reach.id] else { continue }
            let standing = waters.standing(of: gazetteer.sectionsByReach[reach.id])
            let properties = ReachProperties(
                id: reach.id, name: reach.name, river: reach.river,
                riverName: gazetteer.reference(reach.river).name,
                waterClass: standing?.waterClass, classObservedAt: standing?.observedAt,
                classCurrentUntil: standing?.currentUntil,
                openComplaints: counts[reach.id.rawValue]?.open ?? 0)
            collection.add(properties, geometry: shape)
        }
        return collection.closed()
    }

    /// Those with a boundary, the largest first, so that a map draws the small ones on top.
    static func regions(_ gazetteer: Gazetteer) -> [UInt8] {
        var collection = FeatureCollection()
        for region in gazetteer.registry.regions.values.sorted(by: { ($1.level, $0.id) < ($0.level, $1.id) })
        {
            guard let shape = gazetteer.regionShapes[region.id] else { continue }
            collection.add(
                RegionProperties(id: region.id, name: region.name, level: region.level), geometry: shape)
        }
        return collection.closed()
    }
}
