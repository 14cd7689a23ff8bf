import Models
import Text

/// The reports of all instances of Intake about the stations, merged. A station is at the instance that heard
/// it last.
struct StationsReport: Encodable {
    private(set) var stations: [StationStanding]
    private(set) var unknown: [UnknownDevice]
    /// How many instances listen for stations.
    let doors: Int
    let unreachable: [String]

    init(_ answers: [StationCheck.Answer]) {
        let standings = answers.compactMap(\.standings)
        doors = standings.count
        unreachable = answers.compactMap { answer in answer.fault.map { "\(answer.address): \($0)" } }
        let told = Dictionary(grouping: standings.flatMap(\.stations), by: \.station)
        stations = told.values.compactMap(Self.merged).sorted { $0.station < $1.station }
        let devices = Dictionary(grouping: standings.flatMap(\.unknown), by: \.device)
        unknown = devices.values.compactMap(Self.merged).sorted {
            ($1.heardAt, $0.device) < ($0.heardAt, $1.device)
        }
    }

    var isWell: Bool { unreachable.isEmpty && !stations.contains(where: \.isSilent) }

    /// One line for each silent station.
    func warnings(at now: Instant) -> [String] {
        stations.filter(\.isSilent).map {
            "station \($0.station) is silent, it was heard \(Self.ago($0.heardAt, now))"
        }
    }

    /// The latest report says where the station is. The counts are added up over all reports.
    private static func merged(_ told: [StationStanding]) -> StationStanding? {
        guard var latest = told.max(by: { ($0.heardAt ?? .earliest) < ($1.heardAt ?? .earliest) }) else {
            return nil
        }
        latest.isConnected = told.contains(where: \.isConnected)
        latest.isSilent = told.allSatisfy(\.isSilent)
        latest.observedAt = told.compactMap(\.observedAt).max()
        latest.frames = told.reduce(0) { $0 + $1.frames }
        latest.badFrames = told.reduce(0) { $0 + $1.badFrames }
        latest.readings = told.reduce(0) { $0 + $1.readings }
        latest.notTaken = told.reduce(0) { $0 + $1.notTaken }
        let failed = told.max { ($0.lastErrorAt ?? .earliest) < ($1.lastErrorAt ?? .earliest) }
        latest.lastError = failed?.lastError
        latest.lastErrorAt = failed?.lastErrorAt
        return latest
    }

    private static func merged(_ told: [UnknownDevice]) -> UnknownDevice? {
        guard var latest = told.max(by: { $0.heardAt < $1.heardAt }) else { return nil }
        latest.frames = told.reduce(0) { $0 + $1.frames }
        return latest
    }

    // MARK: Text

    func text(at now: Instant) -> String {
        var lines: [String] = []
        if stations.isEmpty {
            lines.append(
                doors == 0
                    ? "No Intake listens for stations (DAYU_STATIONS_PORT)."
                    : "No station of stations.csv has a password or an address, so none may connect.")
        } else {
            let head = [
                "station", "state", "heard", "last reading", "clock", "frames", "broken", "readings",
                "not taken",
                "from", "last error",
            ]
            lines += Terminal.aligned([head] + stations.map { $0.row(at: now) })
        }
        if !unknown.isEmpty {
            let rows = unknown.map { device in
                [
                    Terminal.harmless(device.device), Terminal.harmless(device.address ?? "-"),
                    Self.ago(device.heardAt, now), "\(device.frames)",
                ]
            }
            lines += ["", "Not in the registry:"]
            lines += Terminal.aligned([["device", "from", "heard", "frames"]] + rows).map { "  \($0)" }
        }
        let silent = stations.count(where: \.isSilent)
        if silent > 0 {
            lines += ["", silent == 1 ? "1 station is silent." : "\(silent) stations are silent."]
        }
        if !unreachable.isEmpty { lines += [""] + unreachable.map { "Intake \(Terminal.harmless($0))" } }
        return lines.joined(separator: "\n")
    }

    static func ago(_ moment: Instant?, _ now: Instant) -> String {
        guard let moment else { return "never" }
        return moment > now ? "now" : "\(Status.age(now - moment)) ago"
    }
}

extension StationStanding {
    fileprivate func row(at now: Instant) -> [String] {
        let share = frames == 0 ? "-" : "\((Double(badFrames) / Double(frames) * 1000).rounded() / 10) %"
        let error = lastError.map {
            "\(Terminal.harmless($0.excerpt(100))) (\(StationsReport.ago(lastErrorAt, now)))"
        }
        return [
            station.rawValue, isSilent ? "silent" : isConnected ? "connected" : "away",
            StationsReport.ago(heardAt, now), StationsReport.ago(observedAt, now),
            clockAheadSeconds.map { "\($0 > 0 ? "+" : "")\($0) s" } ?? "-", "\(frames)", share, "\(readings)",
            "\(notTaken)", address.map { Terminal.harmless($0) } ?? "-", error ?? "-",
        ]
    }
}
