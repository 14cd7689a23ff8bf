import HTTP
import Host
import Models
import Synchronization
import Text

/// What the admin port shows about the stations (`/stations`), at most one second old.
final class StationBoard: Sendable {
    private let standings = Mutex<StationStandings?>(nil)

    init(_ context: HostContext) {
        context.pages.add("/stations") { [self] in
            let standings = standings.withLock { $0 }
            return .json(JSON.encode(standings ?? StationStandings(at: .now, stations: [], unknown: [])))
        }
    }

    func put(_ standings: StationStandings) { self.standings.withLock { $0 = standings } }
}

/// The figures of the stations' door.
struct StationFigures {
    private let frames: [StationDialogue.Outcome: Metrics.Counter]
    private let readings: Metrics.Counter
    private let known: Metrics.Gauge
    private let connected: Metrics.Gauge
    private let silent: Metrics.Gauge
    private let connections: Metrics.Gauge
    private let refused: Metrics.Counter

    init(_ metrics: Metrics) {
        let counters = StationDialogue.Outcome.allCases.map { outcome in
            (
                outcome,
                metrics.counter(
                    "dayu_station_frames_total", ["what": outcome.rawValue],
                    help: "Frames that came from stations, by result.")
            )
        }
        frames = Dictionary(uniqueKeysWithValues: counters)
        readings = metrics.counter(
            "dayu_station_readings_total",
            help: "Readings of stations that were written to the log or the spool.")
        known = metrics.gauge("dayu_stations", help: "Stations that may connect.")
        connected = metrics.gauge("dayu_stations_connected", help: "Stations that are connected.")
        silent = metrics.gauge(
            "dayu_stations_silent",
            help: "Stations that sent nothing for DAYU_STATIONS_SILENT_AFTER.")
        connections = metrics.gauge("dayu_station_connections", help: "Connections at the stations' port.")
        refused = metrics.counter(
            "dayu_station_connections_refused_total",
            help: "Connections closed because too many came, or failed, from their address.")
    }

    func stored() { readings.add() }

    func show(
        _ dialogue: StationDialogue, _ standings: StationStandings, connections count: Int
    ) {
        for (outcome, counter) in frames {
            counter.add(dialogue.counts[outcome, default: 0] - counter.current)
        }
        refused.add(dialogue.refusedConnections - refused.current)
        known.set(standings.stations.count)
        connected.set(standings.stations.count(where: \.isConnected))
        silent.set(standings.stations.count(where: \.isSilent))
        connections.set(count)
    }
}
