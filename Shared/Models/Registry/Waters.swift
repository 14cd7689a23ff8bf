public import Geo

/// The kinds of waters, whose rules the code knows; the 河湖长 are responsible for all of them. Any other kind
/// goes by the rules of one of them (`AssetKind.like`).
public enum WaterKind: String, CaseIterable, Sendable, Codable {
    case river, canal, ditch, lake, reservoir, pond

    /// Lakes and small water bodies do not flow: their reaches are areas.
    public var isStanding: Bool {
        switch self {
        case .lake, .reservoir, .pond: true
        case .river, .canal, .ditch: false
        }
    }
}

/// A river or lake as its sign board shows it (河长公示牌).
public struct River: Hashable, Sendable, Codable {
    public let id: RiverID
    public let name: Name
    public let kind: AssetKindID
    public let level: Level
    public let region: RegionID
    public let lengthKilometres: Double?
    public let start: String?
    public let end: String?
    public let targetClass: WaterClass?
    public let supervisionPhone: String?
    public let policeChief: String?
    public let contactDepartment: String?

    public init(
        id: RiverID, name: Name, kind: AssetKindID = WaterKind.river.id, level: Level, region: RegionID,
        lengthKilometres: Double? = nil, start: String? = nil, end: String? = nil,
        targetClass: WaterClass? = nil, supervisionPhone: String? = nil, policeChief: String? = nil,
        contactDepartment: String? = nil
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.level = level
        self.region = region
        self.lengthKilometres = lengthKilometres
        self.start = start
        self.end = end
        self.targetClass = targetClass
        self.supervisionPhone = supervisionPhone
        self.policeChief = policeChief
        self.contactDepartment = contactDepartment
    }
}

/// The part of a river that one set of chiefs is responsible for (河段); for a lake, a part of its area.
public struct Reach: Hashable, Sendable, Codable {
    public let id: ReachID
    public let river: RiverID
    public let name: Name
    public let region: RegionID
    public let level: Level
    /// The lowest level first: that chief gets the complaints.
    public let chiefs: [ChiefID]
    public let lengthKilometres: Double?
    public let geometry: Geometry

    public init(
        id: ReachID, river: RiverID, name: Name, region: RegionID, level: Level, chiefs: [ChiefID],
        lengthKilometres: Double? = nil, geometry: Geometry
    ) {
        self.id = id
        self.river = river
        self.name = name
        self.region = region
        self.level = level
        self.chiefs = chiefs
        self.lengthKilometres = lengthKilometres
        self.geometry = geometry
    }
}

/// A place where something is discharged into a water (入河排污口).
public struct Outfall: Hashable, Sendable, Codable {
    /// The classes of 国办函〔2022〕17号. Its class 其他排口 includes the storm drains that citizens ask about.
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case industrial
        case sewageWorks = "sewage-works"
        case agricultural, storm, other
    }

    public let id: OutfallID
    public let name: Name
    public let river: RiverID
    public let reach: ReachID?
    public let place: Coordinate
    public let kind: Kind
    public let responsible: DepartmentID?
    /// Who discharges here by a permit. Readings of the outfall are judged by it (`Permit`).
    public let enterprise: EnterpriseID?

    public init(
        id: OutfallID, name: Name, river: RiverID, reach: ReachID? = nil, place: Coordinate, kind: Kind,
        responsible: DepartmentID? = nil, enterprise: EnterpriseID? = nil
    ) {
        self.id = id
        self.name = name
        self.river = river
        self.reach = reach
        self.place = place
        self.kind = kind
        self.responsible = responsible
        self.enterprise = enterprise
    }

    /// What its readings name in place of a section.
    public var point: SectionID {
        guard let point = SectionID(id.rawValue) else { preconditionFailure("\(id) is no identifier") }
        return point
    }
}
