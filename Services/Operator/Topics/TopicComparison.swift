import Kafka
import Models

/// The suite's topics on the cluster, compared with the catalogue.
struct TopicComparison {
    let catalogue: TopicCatalogue
    let differences: [TopicDifference]
    /// Settings that the catalogue does not name.
    let others: [String]

    struct Untold: Error, CustomStringConvertible {
        let error: KafkaError

        var description: String {
            """
            Kafka does not tell the settings of its topics (\(error)). A broker without the request DescribeConfigs, such as \
            dayu broker, can't be asked
            """
        }
    }

    /// What the operator says about the city. Without a number, the cluster's own counts: that of the topic
    /// whose events are kept for ever.
    struct Wanted {
        var partitions: Int32?
        var replication: Int32?
        var gateways: [GatewayID] = []
        var gatewayPartitions: Int32?
    }

    init(_ wanted: Wanted, in cluster: borrowing Cluster, prefix: String) throws {
        let wait = Surroundings.answerWithinMilliseconds
        let spreads = try cluster.spreads(timeoutMilliseconds: wait)
        let pattern = spreads[Topic.events.name(prefix: prefix)]
        var gateways = wanted.gateways
        for topic in TopicsCommand.gateways(in: spreads.keys, prefix: prefix) {
            if case .gateway(let id) = topic, !gateways.contains(id) { gateways.append(id) }
        }
        // Gateways' topics may differ from one another, so without a number they are not compared.
        let gatewayCounts = gateways.compactMap {
            spreads[Topic.gateway($0).name(prefix: prefix)]?.partitions
        }
        catalogue = TopicCatalogue(
            prefix: prefix,
            partitions: wanted.partitions ?? pattern?.partitions ?? TopicsCommand.partitionsPreset,
            replication: wanted.replication ?? pattern?.copies ?? 1, gateways: gateways,
            gatewayPartitions: wanted.gatewayPartitions ?? gatewayCounts.max()
                ?? TopicsCommand.gatewayPartitionsPreset)
        let present = catalogue.plans.map(\.name).filter { spreads[$0] != nil }
        let settings: [String: [String: TopicSetting]]
        do throws(KafkaError) {
            settings = try cluster.settings(of: present, timeoutMilliseconds: wait)
        } catch {
            throw Untold(error: error)
        }
        var found = catalogue.differences(from: spreads, settings)
        if wanted.gatewayPartitions == nil {
            let names = Set(gateways.map { Topic.gateway($0).name(prefix: prefix) })
            found.removeAll { difference in
                guard case .partitions = difference.what else { return false }
                return names.contains(difference.topic)
            }
        }
        differences = found
        others = catalogue.others(in: settings)
    }

    /// 0: nothing differs. 2: `apply` changes all that differs. 1: something is left to do by hand.
    var exitCode: ExitCode {
        if differences.isEmpty { return .done }
        return differences.allSatisfy(\.canBeApplied) ? .warning : .fault
    }

    /// What the topics are compared with.
    var heading: String {
        "compared with \(catalogue.partitions) partitions and \(catalogue.replication) "
            + (catalogue.replication == 1 ? "copy" : "copies")
    }

    var verdict: String {
        let topics = Set(differences.map(\.topic)).count
        guard topics > 0 else { return "all \(catalogue.plans.count) topics are as they should be" }
        let byHand = differences.count { !$0.canBeApplied }
        return "\(differences.count) differences on \(topics) of \(catalogue.plans.count) topics; "
            + (byHand == 0 ? "dayu topics apply removes all of them" : "\(byHand) of them can't be applied")
    }

    /// What stands in the way, once for each topic.
    var advice: [String] { differences.compactMap(\.advice) }
}

extension TopicComparison.Wanted {
    init(_ arguments: Arguments) throws(Arguments.Misuse) {
        func number(_ option: String, in range: ClosedRange<Int32>) throws(Arguments.Misuse) -> Int32? {
            arguments.text(option) == nil ? nil : try arguments.number(option, preset: 1, in: range)
        }
        partitions = try number("--partitions", in: 1...1000)
        replication = try number("--replication", in: 1...32)
        gateways = try TopicsCommand.gateways(arguments)
        gatewayPartitions = try number("--gateway-partitions", in: 1...1000)
    }

    static let options = [
        Command.Option(
            name: "--partitions", value: "N",
            help: "that most topics should have; default: as many as complaints.events has"),
        Command.Option(
            name: "--replication", value: "N",
            help: "copies that every topic should have; default: as many as complaints.events has"),
        Command.Option(
            name: "--gateway", value: "ID",
            help: "this gateway should have a topic; may be given several times", mayRepeat: true),
        Command.Option(
            name: "--gateway-partitions", value: "N",
            help: "that each gateway's topic should have; default: any number"),
    ]
}
