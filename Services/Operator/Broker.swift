import Foundation
import Kafka
import Models

extension Command {
    /// A broker for trying the suite without Kafka.
    static let broker = Command(
        name: ["broker"],
        summary: "runs a broker in memory, for trying the suite",
        details: """
            Runs a broker in memory on a port of the loopback interface, with all topics of the suite, and prints
            its address. It stops at SIGTERM or SIGINT, and all its records are lost then. It is librdkafka's mock
            cluster: it keeps at most 5 MiB or 100,000 records in each partition, and readers also see the records of
            aborted transactions. Use Apache Kafka for everything that you want to keep.
            """,
        options: [
            Option(
                name: "--address-file", value: "FILE",
                help: "also writes the address to this file when it is ready"),
            TopicsCommand.partitions,
        ]
    ) { arguments, surroundings in
        let partitions = try TopicsCommand.partitions(arguments)
        // The signals are blocked before librdkafka starts its threads, because the threads inherit the mask.
        // They wait for `sigwait` below.
        let signals = StopSignals()
        let catalogue = TopicCatalogue(prefix: surroundings.prefix, partitions: partitions, replication: 1)
        let broker = try MockBroker(
            topics: catalogue.plans.map { (name: $0.name, partitions: $0.partitions) })
        let address = broker.bootstrapServers
        let file = arguments.text("--address-file").map { URL(fileURLWithPath: $0) }
        // Written atomically, because whoever waits for the file may read it as soon as it exists.
        try file.map { try Data("\(address)\n".utf8).write(to: $0, options: .atomic) }
        Terminal.say(address)
        signals.wait()
        try file.map { try FileManager.default.removeItem(at: $0) }
        withExtendedLifetime(broker) {}
        return .done
    }
}
