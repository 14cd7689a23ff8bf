import Models

/// What is remembered of the stations that call, for as long as the process runs. Nothing of it is needed
/// after a restart.
struct StationBook {
    enum Limit {
        static let unknownDevices = 100
        /// How long the same error of the same station is not told again.
        static let tellAgain = Duration.seconds(3600)
    }

    struct Entry {
        var standing: StationStanding
        /// The connection on which it was heard last.
        var line: Int?
        /// What a request of ours repeats of its packets.
        var password: String?
        var system: String?
        var version = 0
        /// The last hour of which a reading was stored.
        var lastHour: Instant?
        var request: StationRequest?
        fileprivate var toldAt: Instant?
    }

    private(set) var entries: [StationID: Entry] = [:]
    private var unknown: [String: UnknownDevice] = [:]
    private let openedAt: Instant

    init(openedAt: Instant) { self.openedAt = openedAt }

    subscript(station: StationID) -> Entry {
        get { entries[station] ?? Entry(standing: StationStanding(station)) }
        set { entries[station] = newValue }
    }

    /// Forgets those that are no longer in the registry.
    mutating func keep(_ stations: Set<StationID>) {
        entries = entries.filter { stations.contains($0.key) }
        for station in stations where entries[station] == nil {
            entries[station] = Entry(standing: StationStanding(station))
        }
    }

    /// Whether it is worth telling: another error than the last one, or the same an hour later.
    mutating func note(_ error: String, of station: StationID, at now: Instant) -> Bool {
        var entry = self[station]
        let isNews =
            entry.standing.lastError != error
            || entry.toldAt.map { now - $0 >= Limit.tellAgain } ?? true
        entry.standing.lastError = error
        entry.standing.lastErrorAt = now
        if isNews { entry.toldAt = now }
        self[station] = entry
        return isNews
    }

    /// Whether it is the first time.
    mutating func note(unknown device: String, from address: String?, at now: Instant) -> Bool {
        if var known = unknown[device] {
            known.frames += 1
            known.heardAt = now
            known.address = address
            unknown[device] = known
            return false
        }
        if unknown.count == Limit.unknownDevices,
            let oldest = unknown.values.min(by: { ($0.heardAt, $0.device) < ($1.heardAt, $1.device) })
        {
            unknown[oldest.device] = nil
        }
        unknown[device] = UnknownDevice(device: device, address: address, heardAt: now, frames: 1)
        return true
    }

    /// When a station was heard last, or when listening began.
    func lastSign(of station: StationID) -> Instant { self[station].standing.heardAt ?? openedAt }

    func standings(at now: Instant) -> StationStandings {
        StationStandings(
            at: now,
            stations: entries.values.map { entry in
                var standing = entry.standing
                standing.isConnected = entry.line != nil
                return standing
            }.sorted { $0.station < $1.station },
            unknown: unknown.values.sorted { ($1.heardAt, $0.device) < ($0.heardAt, $1.device) })
    }
}

/// A request for the hours that are missing, until the station has answered it.
struct StationRequest: Equatable, Sendable {
    enum Limit {
        /// HJ 212-2017 table 1, for mobile networks.
        static let wait = Duration.seconds(10)
        static let times = 3
        /// What is asked for at once.
        static let span = Duration.seconds(31 * 86_400)
    }

    /// Its `QN`, by which its answers are known.
    let name: String
    let message: StationMessage
    var times = 0
    var nextAt: Instant
}
