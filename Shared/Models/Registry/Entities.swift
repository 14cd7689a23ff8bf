/// A name in the two languages of the suite.
public struct Name: Hashable, Sendable, Codable {
    public let zh: String
    public let en: String

    public init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }
}

/// The tiers of the river-chief system, highest first (facts of Zhejiang: province to village).
public enum Level: String, CaseIterable, Sendable, Codable, Comparable {
    case province, city, district, town, village

    /// A lower level is closer to the water.
    public static func < (left: Level, right: Level) -> Bool { left.depth < right.depth }

    private var depth: Int {
        switch self {
        case .province: 4
        case .city: 3
        case .district: 2
        case .town: 1
        case .village: 0
        }
    }
}

/// An administrative region (行政区); its duty office takes what no chief answers for.
public struct Region: Hashable, Sendable, Codable {
    public let id: RegionID
    public let name: Name
    public let level: Level
    public let parent: RegionID?
    public let dutyOffice: String?
    public let dutyPhone: String?
    public let boundary: Geometry?

    public init(
        id: RegionID, name: Name, level: Level, parent: RegionID? = nil, dutyOffice: String? = nil,
        dutyPhone: String? = nil, boundary: Geometry? = nil
    ) {
        self.id = id
        self.name = name
        self.level = level
        self.parent = parent
        self.dutyOffice = dutyOffice
        self.dutyPhone = dutyPhone
        self.boundary = boundary
    }
}

/// A river or lake as its sign board shows it (河长公示牌).
public struct River: Hashable, Sendable, Codable {
    public let id: RiverID
    public let name: Name
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
        id: RiverID, name: Name, level: Level, region: RegionID, lengthKilometres: Double? = nil,
        start: String? = nil, end: String? = nil, targetClass: WaterClass? = nil,
        supervisionPhone: String? = nil,
        policeChief: String? = nil, contactDepartment: String? = nil
    ) {
        self.id = id
        self.name = name
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

/// The part of a river that one set of chiefs answers for (河段).
public struct Reach: Hashable, Sendable, Codable {
    public let id: ReachID
    public let river: RiverID
    public let name: Name
    public let region: RegionID
    public let level: Level
    /// The lowest level first: the one to whom a complaint goes.
    public let chiefs: [ChiefID]
    public let geometry: Geometry

    public init(
        id: ReachID, river: RiverID, name: Name, region: RegionID, level: Level, chiefs: [ChiefID],
        geometry: Geometry
    ) {
        self.id = id
        self.river = river
        self.name = name
        self.region = region
        self.level = level
        self.chiefs = chiefs
        self.geometry = geometry
    }
}

/// A cross-section that is judged (断面).
public struct Section: Hashable, Sendable, Codable {
    public let id: SectionID
    public let name: Name
    public let river: RiverID
    public let reach: ReachID?
    /// Limits differ between rivers and lakes; it is an attribute of the section, not of its river's name.
    public let body: WaterBody
    public let targetClass: WaterClass?
    public let place: Coordinate
    public let region: RegionID?

    public init(
        id: SectionID, name: Name, river: RiverID, reach: ReachID? = nil, body: WaterBody,
        targetClass: WaterClass? = nil, place: Coordinate, region: RegionID? = nil
    ) {
        self.id = id
        self.name = name
        self.river = river
        self.reach = reach
        self.body = body
        self.targetClass = targetClass
        self.place = place
        self.region = region
    }
}

/// Where an instrument is; it reports for a section (HJ 212: `MN` is its device number).
public struct Station: Hashable, Sendable, Codable {
    public let id: StationID
    public let section: SectionID
    public let name: String
    public let deviceNumber: String

    public init(id: StationID, section: SectionID, name: String, deviceNumber: String) {
        self.id = id
        self.section = section
        self.name = name
        self.deviceNumber = deviceNumber
    }
}

/// The official who answers for a reach (河长).
///
/// The phone is his office's: the sign board at the water shows it, so it is public.
public struct Chief: Hashable, Sendable, Codable {
    public let id: ChiefID
    public let name: Name
    public let title: String
    public let level: Level
    public let region: RegionID
    public let superior: ChiefID?
    public let phone: String?

    public init(
        id: ChiefID, name: Name, title: String, level: Level, region: RegionID, superior: ChiefID? = nil,
        phone: String? = nil
    ) {
        self.id = id
        self.name = name
        self.title = title
        self.level = level
        self.region = region
        self.superior = superior
        self.phone = phone
    }
}

/// What is to be done for a river, published (一河一策).
public struct Plan: Hashable, Sendable, Codable {
    public let id: PlanID
    public let river: RiverID
    public let title: String
    public let problems: String?
    public let goals: String?
    public let measures: String?
    public let periodFrom: String?
    public let periodTo: String?
    public let url: String?

    public init(
        id: PlanID, river: RiverID, title: String, problems: String? = nil, goals: String? = nil,
        measures: String? = nil, periodFrom: String? = nil, periodTo: String? = nil, url: String? = nil
    ) {
        self.id = id
        self.river = river
        self.title = title
        self.problems = problems
        self.goals = goals
        self.measures = measures
        self.periodFrom = periodFrom
        self.periodTo = periodTo
        self.url = url
    }
}

public enum Urgency: String, CaseIterable, Sendable, Codable {
    case ordinary, urgent, emergency
}

/// What a complaint is about, and how soon it must be answered.
public struct Category: Hashable, Sendable, Codable {
    public let code: CategoryCode
    public let name: Name
    public let group: Name
    public let urgency: Urgency
    public let acceptHours: Double
    public let resolveHours: Double

    public init(
        code: CategoryCode, name: Name, group: Name, urgency: Urgency = .ordinary, acceptHours: Double,
        resolveHours: Double
    ) {
        self.code = code
        self.name = name
        self.group = group
        self.urgency = urgency
        self.acceptHours = acceptHours
        self.resolveHours = resolveHours
    }
}
