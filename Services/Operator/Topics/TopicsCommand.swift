import Kafka
import Models

/// What the commands about topics share.
enum TopicsCommand {
    static let partitionsPreset: Int32 = 4
    static let gatewayPartitionsPreset: Int32 = 1

    static let partitions = Command.Option(
        name: "--partitions", value: "N",
        help: "of every topic except \(single), which have one; default: \(partitionsPreset)"
    )

    /// The topics that are not shared out among instances: "dead-letters, indicators, … and registry".
    private static var single: String {
        let names = Topic.allCases.filter { $0.family == .single }.map(\.rawValue).sorted()
        return names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    }

    static func gateways(_ arguments: Arguments) throws(Arguments.Misuse) -> [GatewayID] {
        var gateways: [GatewayID] = []
        for text in arguments.texts("--gateway") {
            guard let id = GatewayID(text) else {
                throw Arguments.Misuse(what: "--gateway \"\(Terminal.harmless(text))\" is not an identifier")
            }
            if !gateways.contains(id) { gateways.append(id) }
        }
        return gateways
    }

    /// The gateways' topics that a cluster has, in the order of their names.
    static func gateways(in names: some Sequence<String>, prefix: String) -> [Topic] {
        names.sorted().compactMap { name in
            guard name.hasPrefix(prefix), let topic = Topic(rawValue: String(name.dropFirst(prefix.count))),
                topic.family == .gateway
            else { return nil }
            return topic
        }
    }

    /// Waits until every partition has a leader. Returns the topics that do not have all leaders in time.
    static func late(of catalogue: TopicCatalogue, in cluster: borrowing Cluster) throws -> [String] {
        var late: [String] = []
        _ = try Surroundings.ask(within: Surroundings.leadersWithin) {
            let led = try cluster.topics(
                withLeaders: true, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
            late = catalogue.missing(in: led).map(\.name)
            return late.isEmpty ? true : nil
        }
        return late
    }

    static func partitions(_ arguments: Arguments) throws(Arguments.Misuse) -> Int32 {
        try arguments.number("--partitions", preset: partitionsPreset, in: 1...1000)
    }
}

extension Command {
    static let topicsCreate = Command(
        name: ["topics", "create"],
        summary: "creates the topics that are missing",
        details: """
            Creates the missing topics of the suite, each with the retention it needs. The number of partitions can't be
            changed later: records of one key stay in order only while it stays the same. If a topic exists with another
            number, nothing is created and the exit code is 1. The command returns when every partition has a leader, so
            that the next program can use the topics at once.

            A gateway that writes to Kafka has a topic of its own, gateways.ID. Create it with --gateway ID. Intake reads
            the topics of the registry's gateways as soon as they exist.
            """,
        options: [
            TopicsCommand.partitions,
            Option(
                name: "--replication", value: "N",
                help: "copies of every record; use 3 if no record may be lost; default: 1"),
            Option(
                name: "--gateway", value: "ID",
                help: "creates the topic of this gateway; may be given several times",
                mayRepeat: true),
            Option(
                name: "--gateway-partitions", value: "N",
                help: "of each gateway's topic; so many instances of Intake can share its records; default: "
                    + String(TopicsCommand.gatewayPartitionsPreset)
            ),
        ],
        targets: { $0.targets(shown: ["--partitions", "--replication", "--gateway"]) }
    ) { arguments, surroundings in
        let catalogue = TopicCatalogue(
            prefix: surroundings.prefix, partitions: try TopicsCommand.partitions(arguments),
            replication: try arguments.number("--replication", preset: 1, in: 1...32),
            gateways: try TopicsCommand.gateways(arguments),
            gatewayPartitions: try arguments.number(
                "--gateway-partitions", preset: TopicsCommand.gatewayPartitionsPreset, in: 1...1000))
        let cluster = try surroundings.openCluster()
        let existing = try cluster.topics(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        let conflicts = catalogue.conflicts(with: existing)
        guard conflicts.isEmpty else {
            conflicts.forEach { Terminal.complain($0) }
            Terminal.complain(
                "nothing was created; give the same number of partitions, or use a new prefix")
            return .fault
        }
        let created = try cluster.createTopics(
            catalogue.missing(in: existing), timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        for name in created.sorted() { Terminal.say("created \(name)") }
        Terminal.say("\(created.count) created, \(catalogue.plans.count - created.count) there already")
        let late = try TopicsCommand.late(of: catalogue, in: cluster)
        guard !late.isEmpty else { return .done }
        Terminal.complain("partitions without a leader yet: \(late.joined(separator: ", "))")
        return .fault
    }

    static let topicsList = Command(
        name: ["topics", "list"],
        summary: "lists the suite's topics on the cluster",
        details: "Lists the suite's topics: partitions, how long records are kept, and who may not read them."
    ) { _, surroundings in
        let cluster = try surroundings.openCluster()
        let existing = try cluster.topics(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        let gateways = TopicsCommand.gateways(in: existing.keys, prefix: surroundings.prefix)
        let rows = (Topic.allCases + gateways).map { topic in
            let name = surroundings.name(of: topic)
            let partitions = existing[name].map { $0 == 1 ? "1 partition" : "\($0) partitions" } ?? "missing"
            return [
                name, partitions, topic.retention.text,
                topic.isRestricted ? "restricted: holds personal data" : "",
            ]
        }
        for line in Terminal.aligned(rows) { Terminal.say(line) }
        return .done
    }
}
