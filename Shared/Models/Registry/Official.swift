/// Somebody responsible for waters: a chief, the duty office of a region, or a department.
///
/// Written `chief/chief-xihu`, `office/hangzhou` (the region's identifier), `department/city-ecology`.
public enum Official: Hashable, Sendable, CustomStringConvertible {
    case chief(ChiefID)
    case office(RegionID)
    case department(DepartmentID)

    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let official: Official? =
            switch parts[0] {
            case "chief": ChiefID(String(parts[1])).map(Official.chief)
            case "office": RegionID(String(parts[1])).map(Official.office)
            case "department": DepartmentID(String(parts[1])).map(Official.department)
            default: nil
            }
        guard let official else { return nil }
        self = official
    }

    /// Nil for a citizen, the suite itself, and an actor whose identifier is not valid.
    public init?(_ actor: Actor) {
        guard let id = actor.id else { return nil }
        let official: Official? =
            switch actor.role {
            case .chief: ChiefID(id).map(Official.chief)
            case .office: RegionID(id).map(Official.office)
            case .department, .checker: DepartmentID(id).map(Official.department)
            case .citizen, .follower, .system: nil
            }
        guard let official else { return nil }
        self = official
    }

    public var description: String {
        switch self {
        case .chief(let id): "chief/\(id)"
        case .office(let id): "office/\(id)"
        case .department(let id): "department/\(id)"
        }
    }
}

extension Registry {
    /// The region of an official; nil if the official is not in the registry.
    public func region(of official: Official) -> RegionID? {
        switch official {
        case .chief(let id): chiefs[id]?.region
        case .office(let id): regions[id]?.id
        case .department(let id): departments[id]?.region
        }
    }

    /// The region that a section belongs to: its own, or its river's.
    public func region(of section: Section) -> RegionID? {
        section.region ?? rivers[section.river]?.region
    }

    /// Whether an office reviews the measurements of a section: those of its region and of all regions below.
    public func mayReview(_ section: Section, as office: RegionID) -> Bool {
        region(of: section).map { isRegion($0, within: office) } ?? false
    }

    /// Whether an official reviews what is measured at a point: an office the sections and the outfalls of
    /// its region and of all regions below, and a department the outfalls of the enterprises for which it
    /// answers.
    public func mayReview(_ point: MonitoringPoint, as official: Official) -> Bool {
        switch (point, official) {
        case (.section(let section), .office(let office)): mayReview(section, as: office)
        case (.outfall(let outfall), .office(let office)):
            outfall.enterprise != nil && region(of: outfall).map { isRegion($0, within: office) } ?? false
        case (.outfall(let outfall), .department(let department)):
            outfall.enterprise.flatMap { enterprises[$0] }?.responsible == department
        case (_, _): false
        }
    }

    /// Whether a region is the other one, or lies somewhere below it.
    public func isRegion(_ id: RegionID, within other: RegionID) -> Bool {
        told(from: id) { $0.id == other ? true : nil } ?? false
    }

    /// A region and all regions below it; empty if there is no such region.
    public func regions(within id: RegionID) -> Set<RegionID> {
        Set(regions.keys.filter { isRegion($0, within: id) })
    }
}
