import Foundation
import Kafka
import LivedCity
import Models
import Processing
import Text

extension Command {
    static let simulate = Command(
        name: ["simulate"],
        summary: "writes an invented past of a city onto an empty log, for trying the suite",
        details: """
            Makes an invented past from a registry and a seed: complaints with everything that happened to them, and
            readings of every section. The people are invented, and every text says so. The services' own rules decide
            everything else. The same seed, registry and end give the same records.

            Use it before any service has started, on a log that holds no complaint and no reading yet. It also commits its
            records for the consumer groups that would process them, so the services treat the past as done and send
            no message about it. Deadlines after the end of the past run as usual once the services run. If the command
            fails halfway, delete the topics and create them again.

            Without DIR it uses the published registry. With DIR and --out it needs no Kafka.
            """,
        operands: ["[DIR]"],
        options: [
            Option(name: "--seed", value: "N", help: "another seed makes another past; default: 1"),
            Option(name: "--complaints", value: "N", help: "how many complaints; default: 2000"),
            Option(name: "--days", value: "N", help: "how many days the past lasts; default: 365"),
            Option(
                name: "--until", value: "TIME",
                help: "when the past ends, such as 2026-11-29T08:00:00+08:00; default: the current minute"),
            Option(
                name: "--out", value: "FILE",
                help: "writes the records to a file instead of Kafka, one JSON object per line"),
        ],
        targets: { arguments in
            // With a file it changes nothing on the log.
            arguments.has("--out")
                ? nil : arguments.targets(shown: ["--seed", "--complaints", "--days", "--until"])
        }
    ) { arguments, surroundings in
        let plan = try SimulateCommand.plan(arguments)
        let registry: Registry
        if let folder = arguments.operands.first {
            guard let reading = try RegistryCommand.read(folder, surroundings) else { return .fault }
            registry = Registry(reading.entities)
        } else {
            registry = try Registry(RegistryTopic(surroundings).read().entities)
        }
        let tally: LivedCity.Tally
        if let path = arguments.text("--out") {
            let file = try PastInFile(path)
            tally = try SimulateCommand.live(plan, registry, file.write)
            try file.close()
        } else {
            let log = try PastOnLog(surroundings)
            tally = try SimulateCommand.live(plan, registry, log.write)
            try log.close()
        }
        SimulateCommand.tell(tally, of: plan)
        return .done
    }
}

enum SimulateCommand {
    static func plan(_ arguments: Arguments) throws -> CityPlan {
        let minute: Int64 = 60_000
        var plan = CityPlan(
            until: Instant(millisecondsSince1970: Instant.now.millisecondsSince1970 / minute * minute))
        plan.seed = UInt64(try arguments.number("--seed", preset: 1, in: 0...Int32.max))
        plan.complaints = Int(try arguments.number("--complaints", preset: 2000, in: 0...100_000_000))
        plan.days = Int(try arguments.number("--days", preset: 365, in: 1...3650))
        if let text = arguments.text("--until") {
            guard let until = Instant(rfc3339: text) else {
                throw Arguments.Misuse(
                    what: "--until \(text) is not a time such as 2026-11-29T08:00:00+08:00")
            }
            plan.until = until
        }
        return plan
    }

    static func live(
        _ plan: CityPlan, _ registry: Registry, _ write: @escaping (Outgoing) throws -> Void
    ) throws -> LivedCity.Tally {
        let city = try LivedCity(plan, registry) { _, record in try write(record) }
        try city.live()
        return city.tally
    }

    static func tell(_ tally: LivedCity.Tally, of plan: CityPlan) {
        Terminal.say(
            """
            An invented past of \(plan.days) days until \(plan.until): \(tally.complaints) complaints, \
            \(tally.openAtTheEnd) still open, and \(tally.reports) readings
            """)
        let events = ComplaintEvent.Kind.allCases.compactMap { kind in
            tally.events[kind].map { "\($0) \(kind.rawValue)" }
        }
        Terminal.say("Events: \(events.joined(separator: ", "))")
        let records = tally.records.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.rawValue)" }
        Terminal.say("Records: \(records.joined(separator: ", "))")
    }
}
