import Host
import Models
import Processing

/// The service; its executable does nothing else.
package func runAnalytics() { Program.main() }

enum Program: HostedService {
    struct Settings: Sendable {
        var utcOffset: Duration
        var validAfter: Duration
        var alarms: AlarmRules
    }

    static let name = "dayu-analytics"
    static let summary =
        "grades readings by GB 3838-2002, adds them up, raises alarms, holds discharges against their permits, "
        + "counts complaints and their outcomes"
    static let adminPort = 9105

    static func settings(from reader: inout SettingsReader) -> Settings {
        let utcOffset = Duration.seconds(
            60
                * reader.integer(
                    "DAYU_UTC_OFFSET_MINUTES", preset: 480, in: -720...840,
                    help: "the offset of the city's time, for counting by months"))
        var alarms = AlarmRules(from: &reader)
        alarms.utcOffset = utcOffset
        let validAfter = reader.duration(
            "DAYU_ANALYTICS_VALID_AFTER", preset: .seconds(3 * 86_400),
            help: "a measurement without a review becomes valid this long after it was reported")
        return Settings(utcOffset: utcOffset, validAfter: validAfter, alarms: alarms)
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        let grading = (0..<context.workers).map { worker in
            Worker("grading-\(worker)") {
                try ProcessorLoop(
                    Grading(validAfter: settings.validAfter), context, registry: true, worker: worker
                ).run()
            }
        }
        let alarming = (0..<context.workers).map { worker in
            Worker("alarming-\(worker)") {
                try ProcessorLoop(
                    Alarming(rules: settings.alarms), context, registry: true, worker: worker
                ).run()
            }
        }
        let summarising = (0..<context.workers).map { worker in
            Worker("summarising-\(worker)") {
                try ProcessorLoop(Summarising(), context, registry: true, worker: worker).run()
            }
        }
        let inspecting = (0..<context.workers).map { worker in
            Worker("inspecting-\(worker)") {
                try ProcessorLoop(
                    Inspecting(rules: settings.alarms), context, registry: true, worker: worker
                ).run()
            }
        }
        return grading + alarming + summarising + inspecting + [
            Worker("counting") {
                let replica = try RegistryReplica(context, loop: Tallies.name)
                let city = City(utcOffset: settings.utcOffset) { region in
                    _ = try replica.refresh()
                    let chain = replica.registry.regionChain(from: region).map(\.id)
                    // A region that the registry does not know, or no longer knows, still has its figures.
                    return chain.isEmpty ? [region] : chain
                }
                try ProjectionLoop(
                    context, name: Tallies.name, topics: Tallies.topics, sharing: .group,
                    onTurn: { _ in _ = try replica.refresh() },
                    make: { database in try Tallies(database, city: city) }
                ).run()
            }
        ]
    }
}
