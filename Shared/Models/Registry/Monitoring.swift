/// A cross-section that is judged (断面).
public struct Section: Hashable, Sendable, Codable {
    public let id: SectionID
    public let name: Name
    public let river: RiverID
    public let reach: ReachID?
    /// Limits differ between rivers and lakes; it is an attribute of the section, not of its river's name.
    public let body: WaterBody
    /// What the water is used for, as a class (水功能区): what it must at least be.
    public let functionClass: WaterClass?
    /// What the city wants it to become (考核目标).
    public let targetClass: WaterClass?
    public let place: Coordinate
    public let region: RegionID?

    public init(
        id: SectionID, name: Name, river: RiverID, reach: ReachID? = nil, body: WaterBody,
        functionClass: WaterClass? = nil, targetClass: WaterClass? = nil, place: Coordinate,
        region: RegionID? = nil
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
    }
}

/// Where an instrument is; it reports for a section (HJ 212: `MN` is its device number).
public struct Station: Hashable, Sendable, Codable {
    public let id: StationID
    public let section: SectionID
    public let name: String
    public let deviceNumber: String
    /// The units in which the device sends, where they are not ours (`Parameter.unit`). Instruments differ:
    /// HJ 212 has some metals in µg/L, and some stations send them in mg/L under the same code.
    public let units: [Parameter: String]

    public init(
        id: StationID, section: SectionID, name: String, deviceNumber: String,
        units: [Parameter: String] = [:]
    ) {
        self.id = id
        self.section = section
        self.name = name
        self.deviceNumber = deviceNumber
        self.units = units
    }
}
