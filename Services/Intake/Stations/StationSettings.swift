import Host

/// Where stations call, and how long to wait for them.
struct StationSettings: Sendable {
    let host: String
    let port: UInt16
    let connections: Int
    /// A connection without data for this long is closed.
    let idle: Duration
    let dialogue: StationDialogue.Settings

    /// Together with the connections of the API this must stay below the limit of open files (`OpenFiles`).
    private static let connectionsAtMost = 3500

    /// Nil if no port is set: then no station can call.
    init?(from reader: inout SettingsReader) {
        port = reader.port("DAYU_STATIONS_PORT", preset: 0, help: "the port for stations (HJ 212); 0: none")
        host = reader.text(
            "DAYU_STATIONS_HOST", preset: "127.0.0.1", help: "the address of that port; numeric")
        connections = reader.integer(
            "DAYU_STATIONS_CONNECTIONS", preset: 3000, in: 1...Self.connectionsAtMost,
            help: "connections at once; more wait. For more, start another instance of Intake")
        idle = reader.duration(
            "DAYU_STATIONS_IDLE", preset: .seconds(3 * 3600),
            help: "a connection is closed if nothing comes on it for this long")
        var dialogue = StationDialogue.Settings()
        dialogue.silentAfter = reader.duration(
            "DAYU_STATIONS_SILENT_AFTER", preset: dialogue.silentAfter,
            help: "a station is reported as silent if it sends nothing for this long")
        dialogue.askBack = reader.duration(
            "DAYU_STATIONS_ASK_BACK", preset: dialogue.askBack,
            help: """
                how far back Intake asks a station for missing hours, also after a start; 0s: it never asks
                """)
        dialogue.gate.attempts = reader.rate(
            "DAYU_STATIONS_ATTEMPTS_PER_MINUTE", preset: 30,
            help: """
                how often one address, or one IPv6 network, may fail in a minute to prove which station it is; beyond \
                it nothing is looked at and the connection is closed. An address of stations.csv has no limit
                """)
        dialogue.gate.strangers = reader.integer(
            "DAYU_STATIONS_STRANGERS_PER_ADDRESS", preset: dialogue.gate.strangers,
            in: 1...Self.connectionsAtMost,
            help: """
                connections at once of one address, or one IPv6 network, on which no station has proved itself yet; \
                those beyond are closed
                """)
        self.dialogue = dialogue
        for (name, time) in [("IDLE", idle), ("SILENT_AFTER", dialogue.silentAfter)] where time < .seconds(60)
        {
            reader.fault("DAYU_STATIONS_\(name): is less than 1m")
        }
        reader.refuseUnknown(prefix: "DAYU_STATIONS_")
        if port == 0 { return nil }
    }
}
