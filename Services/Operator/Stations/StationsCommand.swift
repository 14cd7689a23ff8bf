import HTTP
import Models
import Text

extension Command {
    static let stations = Command(
        name: ["stations"],
        summary: "shows which stations are connected, and what is wrong with the others",
        details: """
            Asks every instance of Intake about the stations that connect to it (HJ 212). For each station of stations.csv
            with a password or an address, it shows whether the station is connected, when it was last heard, the time of
            its last reading, how wrong its clock is, the share of its frames that were broken, and its last error. Counts
            begin at the start of the instance. After that come devices that called but are not in the registry.

            The exit code is 1 if an instance can't be reached, or if a station is silent: no instance has heard from it
            for DAYU_STATIONS_SILENT_AFTER.

            It finds the instances as dayu status does: by DAYU_INTAKE_ADMIN_PORT and DAYU_STATUS_HOSTS.
            """,
        options: [Option(name: "--json", value: nil, help: "prints the same as one JSON object")]
    ) { arguments, surroundings in
        guard let addresses = surroundings.addresses(for: "stations") else { return .wrongSettings }
        let report = StationsReport(StationCheck.answers(of: addresses.instances))
        Terminal.say(
            arguments.has("--json")
                ? String(decoding: JSON.encode(report), as: UTF8.self) : report.text(at: .now))
        return report.isWell ? .done : .fault
    }
}

/// Asks the instances of Intake, over HTTP.
enum StationCheck {
    struct Answer {
        let address: String
        let standings: StationStandings?
        let fault: String?
    }

    private static let timeout: Duration = .seconds(3)
    private static let replyBytes = 16_777_216

    static func answers(of instances: [Addresses.Instance]) -> [Answer] {
        let client = Client(timeout: timeout, replyBytes: replyBytes)
        return instances.filter { $0.service == "intake" }.map { instance in
            do {
                let reply = try client.send(.get, "http://\(instance.address)/stations")
                // An instance may not listen for stations.
                if reply.status == 404 {
                    return Answer(address: instance.address, standings: nil, fault: nil)
                }
                guard reply.status == 200 else {
                    return Answer(
                        address: instance.address, standings: nil, fault: "answers \(reply.status)")
                }
                let standings = try JSON.decode(StationStandings.self, from: reply.body)
                return Answer(address: instance.address, standings: standings, fault: nil)
            } catch {
                return Answer(address: instance.address, standings: nil, fault: "\(error)")
            }
        }
    }
}
