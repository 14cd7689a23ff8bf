/// The state of the stations that call one instance of Intake, as its admin port shows it (`/stations`). It
/// contains no password and no device number of a known station, because those are secrets of a kind.
public struct StationStandings: Equatable, Sendable, Codable {
    public let at: Instant
    public let stations: [StationStanding]
    /// Devices that called and are not in the registry, the latest first.
    public let unknown: [UnknownDevice]

    public init(at: Instant, stations: [StationStanding], unknown: [UnknownDevice]) {
        self.at = at
        self.stations = stations
        self.unknown = unknown
    }
}

/// One station that may call. All counts are since the start of the instance.
public struct StationStanding: Equatable, Sendable, Codable {
    public let station: StationID
    public var isConnected = false
    public var isSilent = false
    public var address: String?
    public var heardAt: Instant?
    /// The time of the last reading that was stored.
    public var observedAt: Instant?
    /// How many seconds its clock is ahead.
    public var clockAheadSeconds: Int64?
    public var frames = 0
    /// How many of the frames were broken, or could not be read, or have a time that can't be right.
    public var badFrames = 0
    /// Readings that are safe on the log or in the spool.
    public var readings = 0
    /// Data that the station's row in `stations.csv` does not take, or of which nothing could be used.
    public var notTaken = 0
    public var lastError: String?
    public var lastErrorAt: Instant?

    public init(_ station: StationID) { self.station = station }
}

public struct UnknownDevice: Equatable, Sendable, Codable {
    public let device: String
    public var address: String?
    public var heardAt: Instant
    public var frames: Int

    public init(device: String, address: String?, heardAt: Instant, frames: Int) {
        self.device = device
        self.address = address
        self.heardAt = heardAt
        self.frames = frames
    }
}
