import Geo
import Host
import Models

/// The service; its executable does nothing else.
package func runRouting() { Program.main() }

enum Program: HostedService {
    static let name = "dayu-routing"
    static let summary =
        "gives each complaint to the responsible chief, and moves it one level up if nothing happens"
    static let adminPort = 9102

    static func settings(from reader: inout SettingsReader) -> Rules {
        var rules = Rules()
        rules.reachDistance = Distance(
            metres: Double(
                reader.integer(
                    "DAYU_ROUTING_REACH_METRES", preset: 2000, in: 10...100_000,
                    help: "how far a place may be from the reach that gets its complaint")))
        rules.acceptWithin = reader.optionalDuration(
            "DAYU_ROUTING_ACCEPT_WITHIN",
            help: "replaces the time to accept of every category, for trying the suite")
        rules.closeAfter = reader.duration(
            "DAYU_ROUTING_CLOSE_AFTER", preset: rules.closeAfter,
            help: "a resolved complaint closes by itself after this time")
        return rules
    }

    static func workers(_ rules: Rules, _ context: HostContext) throws -> [Worker] {
        (0..<context.workers).map { worker in
            Worker("routing-\(worker)") {
                try ProcessorLoop(Routing(rules: rules), context, registry: true, worker: worker).run()
            }
        }
    }
}
