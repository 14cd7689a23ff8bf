import Host
import Models
import Processing

@main
enum Program: HostedService {
    struct Settings: Sendable {
        var utcOffset: Duration
    }

    static let name = "dayu-analytics"
    static let summary = "grades readings by GB 3838-2002 and counts what became of complaints"
    static let adminPort = 9105

    static func settings(from reader: inout SettingsReader) -> Settings {
        Settings(
            utcOffset: .seconds(
                60
                    * reader.integer(
                        "DAYU_UTC_OFFSET_MINUTES", preset: 480, in: -720...840,
                        help: "the city's time, whose months the figures are counted by")))
    }

    static func workers(_ settings: Settings, _ context: HostContext) throws -> [Worker] {
        let grading = (0..<context.workers).map { worker in
            Worker("grading-\(worker)") {
                try ProcessorLoop(Grading(), context, registry: true, worker: worker).run()
            }
        }
        return grading + [
            Worker("counting") {
                let replica = try RegistryReplica(context)
                let city = City(utcOffset: settings.utcOffset) { region in
                    _ = try replica.refresh()
                    let chain = replica.registry.regionChain(from: region).map(\.id)
                    // A region that the registry does not know, or no longer, still has its figures.
                    return chain.isEmpty ? [region] : chain
                }
                try ProjectionLoop(
                    context, name: "dayu-analytics.counting", topics: [.events], sharing: .group,
                    make: { database in try Tallies(database, city: city) }
                ).run()
            }
        ]
    }
}
