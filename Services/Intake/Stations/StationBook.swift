import Models
import Text

/// What is remembered about the stations that call, while the process runs. Nothing of it is needed after a
/// restart.
struct StationBook {
    enum Limit {
        static let unknownDevices = 100
        /// For how long the same error of the same station is not reported again.
        static let tellAgain = Duration.seconds(3600)
    }

    struct Entry {
        var standing: StationStanding
        /// The connection on which the station was last heard.
        var line: Int?
        /// From the station's packets; our requests repeat it.
        var password: String?
        var system: String?
        var version = 0
        /// The last hour for which a reading was stored.
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

    /// Forgets stations that are no longer in the registry.
    mutating func keep(_ stations: Set<StationID>) {
        entries = entries.filter { stations.contains($0.key) }
        for station in stations where entries[station] == nil {
            entries[station] = Entry(standing: StationStanding(station))
        }
    }

    /// Whether to report an error: it differs from the last one, or an hour has passed.
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

    /// Whether the device calls for the first time.
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

    /// When a station was last heard; before that, when listening began.
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

/// A request for missing hours, until the station has answered it.
struct StationRequest: Equatable, Sendable {
    enum Limit {
        /// HJ 212-2017 table 1, for mobile networks.
        static let wait = Duration.seconds(10)
        static let times = 3
        /// The longest time that is asked for at once.
        static let span = Duration.seconds(31 * 86_400)
    }

    /// Its `QN`; the answers repeat it.
    let name: String
    let message: StationMessage
    var times = 0
    var nextAt: Instant
}
