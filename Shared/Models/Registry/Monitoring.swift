public import Geo

/// A cross-section where the water is judged (断面).
public struct Section: Hashable, Sendable, Codable {
    public let id: SectionID
    public let name: Name
    public let river: RiverID
    public let reach: ReachID?
    /// Limits differ between rivers and lakes. This is an attribute of the section and does not follow from
    /// its river's name.
    public let body: WaterBody
    /// The class that the use of the water requires at least (水功能区).
    public let functionClass: WaterClass?
    /// The class that the city wants to reach (考核目标).
    public let targetClass: WaterClass?
    public let place: Coordinate
    public let region: RegionID?
    /// Within how many hours after a reading the next one is expected. If none arrives in that time, the
    /// class is only the last one known. Nil: `usualExpectedHours`.
    public let expectedHours: Int?

    /// Stations report several times a day.
    public static let usualExpectedHours = 24

    public init(
        id: SectionID, name: Name, river: RiverID, reach: ReachID? = nil, body: WaterBody,
        functionClass: WaterClass? = nil, targetClass: WaterClass? = nil, place: Coordinate,
        region: RegionID? = nil, expectedHours: Int? = nil
    ) {
        self.id = id
        self.name = name
        self.river = river
        self.reach = reach
        self.body = body
        self.functionClass = functionClass
        self.targetClass = targetClass
        self.place = place
        self.region = region
        self.expectedHours = expectedHours
    }
}

/// Where an instrument is; it reports for a section (HJ 212: `MN` is its device number).
public struct Station: Hashable, Sendable, Codable {
    public let id: StationID
    public let section: SectionID
    public let name: String
    public let deviceNumber: String
    /// The units in which the device sends, if they are not ours (`Parameter.unitOnLog`). Instruments differ:
    /// HJ 212 has some metals in µg/L, and some stations send them in mg/L under the same code.
    public let units: [Parameter: String]
    /// The SHA-256 of the password that the station sends when it calls (HJ 212: `PW`).
    public let passwordHash: KeyHash?
    /// The addresses that it calls from. A call from one of them needs no password.
    public let addresses: [AddressBlock]
    /// The time zone of its clock; nil: Beijing time, as in HJ 212.
    public let timeZone: String?
    /// Which of the data it sends become readings. A device sends the same water several times, as present
    /// values and as means, and only one of these is a reading.
    public let takes: [Series]

    /// The data of a station that may be readings; the raw value is the command (HJ 212: `CN`).
    public enum Series: String, CaseIterable, Sendable, Codable, CustomStringConvertible {
        case now = "2011"
        /// The means of some minutes.
        case minutes = "2051"
        case hours = "2061"
        case days = "2031"

        public var description: String { rawValue }

        public var period: Period {
            switch self {
            case .now, .minutes: .instant
            case .hours: .hour
            case .days: .day
            }
        }
    }

    /// The data that count for surface-water stations (HJ 1404-2024).
    public static let usualSeries: [Series] = [.hours]

    public init(
        id: StationID, section: SectionID, name: String, deviceNumber: String,
        units: [Parameter: String] = [:], passwordHash: KeyHash? = nil, addresses: [AddressBlock] = [],
        timeZone: String? = nil, takes: [Series] = usualSeries
    ) {
        self.id = id
        self.section = section
        self.name = name
        self.deviceNumber = deviceNumber
        self.units = units
        self.passwordHash = passwordHash
        self.addresses = addresses
        self.timeZone = timeZone
        self.takes = takes
    }

    /// Whether it can prove its identity when it calls by itself. Readings of other stations arrive through a
    /// gateway.
    public var canCall: Bool { passwordHash != nil || !addresses.isEmpty }

    public func calls(from address: IPAddress) -> Bool { addresses.contains { $0.contains(address) } }
}

extension Station {
    private enum CodingKeys: String, CodingKey {
        case id, section, name, deviceNumber, units, passwordHash, addresses, timeZone, takes
    }

    /// Fields that were added later may be missing on the log.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(StationID.self, forKey: .id)
        section = try container.decode(SectionID.self, forKey: .section)
        name = try container.decode(String.self, forKey: .name)
        deviceNumber = try container.decode(String.self, forKey: .deviceNumber)
        units = try container.decode([Parameter: String].self, forKey: .units)
        passwordHash = try container.decodeIfPresent(KeyHash.self, forKey: .passwordHash)
        addresses = try container.decodeIfPresent([AddressBlock].self, forKey: .addresses) ?? []
        timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone)
        takes = try container.decodeIfPresent([Series].self, forKey: .takes) ?? Self.usualSeries
    }

    /// A station without the later fields is written exactly as before they existed.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(section, forKey: .section)
        try container.encode(name, forKey: .name)
        try container.encode(deviceNumber, forKey: .deviceNumber)
        try container.encode(units, forKey: .units)
        try container.encodeIfPresent(passwordHash, forKey: .passwordHash)
        if !addresses.isEmpty { try container.encode(addresses, forKey: .addresses) }
        try container.encodeIfPresent(timeZone, forKey: .timeZone)
        if takes != Self.usualSeries { try container.encode(takes, forKey: .takes) }
    }
}

extension Registry {
    /// The clocks by which the days of a section are counted: those of its region, or of its river's region.
    public func zone(of section: Section) -> Zone {
        if let region = section.region ?? rivers[section.river]?.region { zone(in: region) } else { cityZone }
    }

    /// The clocks of the city: those of the region that has none above it.
    public var cityZone: Zone { topRegion.map { zone(in: $0) } ?? .beijing }
}
