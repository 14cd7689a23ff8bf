import Kafka
import Models
import Testing

@testable import Operator

@Suite("dayu topics")
struct TopicCatalogueTests {
    private let catalogue = TopicCatalogue(prefix: "city.", partitions: 6, replication: 3)
    private let withGateways = TopicCatalogue(
        prefix: "city.", partitions: 6, replication: 3,
        gateways: [GatewayID(literal: "hotline"), GatewayID(literal: "app")], gatewayPartitions: 2)

    @Test("every topic is planned once, under the prefix")
    func names() {
        #expect(catalogue.plans.map(\.name) == Topic.allCases.map { "city.\($0.rawValue)" } + ["city.clocks"])
        #expect(catalogue.plans.allSatisfy { $0.replicationFactor == 3 })
    }

    @Test("topics of a family have the same number of partitions", arguments: Topic.Family.allCases)
    func families(family: Topic.Family) {
        let topics = withGateways.topics.filter { $0.family == family }
        let expected: Int32 =
            switch family {
            case .single: 1
            case .gateway: 2
            case .complaint, .number, .section, .link, .source: 6
            }
        #expect(Set(topics.map(withGateways.partitions(of:))) == [expected])
    }

    @Test("the help names every topic that has one partition")
    func help() {
        for topic in Topic.allCases {
            let words = TopicsCommand.partitions.help.split { " ,;".contains($0) }.map(String.init)
            #expect(words.contains(topic.rawValue) == (catalogue.partitions(of: topic) == 1), "\(topic)")
        }
    }

    @Test("a gateway's topic is planned where it is asked for, kept for seven days")
    func gateways() throws {
        #expect(!catalogue.plans.contains { $0.name.contains("gateways") })
        let plans = withGateways.plans.filter { $0.name.contains("gateways") }
        #expect(plans.map(\.name) == ["city.gateways.hotline", "city.gateways.app"])
        #expect(plans.allSatisfy { $0.partitions == 2 && $0.replicationFactor == 3 })
        #expect(plans.allSatisfy { $0.settings["retention.ms"] == "604800000" })
        #expect(plans.allSatisfy { $0.settings["cleanup.policy"] == "delete" })
        // The complaint's time is the broker's, not that of a gateway's clock.
        #expect(plans.allSatisfy { $0.settings["message.timestamp.type"] == "LogAppendTime" })
        #expect(
            catalogue.plans.filter { $0.settings["message.timestamp.type"] != nil }.map(\.name) == [
                "city.clocks"
            ])
        #expect(withGateways.plans.count == catalogue.plans.count + 2)
        // Another gateway's topic may have any number of partitions.
        #expect(withGateways.conflicts(with: ["city.gateways.other": 9]) == [])
        #expect(
            withGateways.conflicts(with: ["city.gateways.app": 9]) == [
                "city.gateways.app exists with 9 partitions, not 2"
            ])
    }

    @Test("gateways are named once each, and by an identifier")
    func named() throws {
        func gateways(_ words: String...) throws -> [String] {
            let arguments = try Arguments(words, options: Command.topicsCreate.options, operands: [])
            return try TopicsCommand.gateways(arguments).map(\.rawValue)
        }
        #expect(try gateways() == [])
        #expect(try gateways("--gateway", "b", "--gateway=a", "--gateway", "b") == ["b", "a"])
        #expect(throws: Arguments.Misuse.self) { try gateways("--gateway", "Not One") }
        #expect(Command.topicsCreate.usage.contains("[--gateway ID]..."))
    }

    @Test("the gateways' topics of a cluster are those under the prefix")
    func found() {
        let names = ["city.gateways.b", "city.gateways.a", "gateways.c", "city.gateways.", "city.registry"]
        #expect(
            TopicsCommand.gateways(in: names, prefix: "city.") == [
                .gateway(GatewayID(literal: "a")), .gateway(GatewayID(literal: "b")),
            ])
    }

    @Test("how long each is kept")
    func retention() {
        #expect(catalogue.settings(of: .registry)["cleanup.policy"] == "compact")
        #expect(catalogue.settings(of: .registry)["retention.ms"] == nil)
        #expect(catalogue.settings(of: .events)["retention.ms"] == "-1")
        #expect(catalogue.settings(of: .submissions)["retention.ms"] == "2592000000")
        #expect(catalogue.settings(of: .jobs)["retention.ms"] == "604800000")
        #expect(catalogue.settings(of: .deadLetters)["retention.ms"] == "7776000000")
        #expect(catalogue.settings(of: .links)["cleanup.policy"] == "compact,delete")
        #expect(catalogue.settings(of: .links)["retention.ms"] == "34560000000")
        for topic in Topic.allCases {
            let erases = topic == .contacts || topic == .words || topic == .links || topic == .follows
            #expect(
                catalogue.settings(of: topic)["max.compaction.lag.ms"] == (erases ? "86400000" : nil),
                "\(topic.rawValue): a tombstone must erase")
        }
    }

    @Test("three copies mean two that acknowledge")
    func copies() {
        let single = TopicCatalogue(prefix: "", partitions: 1, replication: 1)
        #expect(single.plans.allSatisfy { $0.settings["min.insync.replicas"] == nil })
        #expect(catalogue.plans.allSatisfy { $0.settings["min.insync.replicas"] == "2" })
    }

    @Test("what exists is not created; what exists otherwise is a conflict")
    func existing() {
        var existing = Dictionary(uniqueKeysWithValues: catalogue.plans.map { ($0.name, $0.partitions) })
        existing["other"] = 1
        #expect(catalogue.missing(in: existing) == [])
        #expect(catalogue.conflicts(with: existing) == [])
        existing["city.complaints.events"] = 4
        existing["city.registry"] = nil
        existing["city.clocks"] = 1
        #expect(catalogue.missing(in: existing).map(\.name) == ["city.registry"])
        #expect(
            catalogue.conflicts(with: existing) == ["city.complaints.events exists with 4 partitions, not 6"])
    }
}
