import Kafka
import Models
import Testing

@testable import Operator

@Suite("dayu topics")
struct TopicCatalogueTests {
    private let catalogue = TopicCatalogue(prefix: "city.", partitions: 6, replication: 3)

    @Test("every topic is planned once, under the prefix")
    func names() {
        #expect(catalogue.plans.map(\.name) == Topic.allCases.map { "city.\($0.rawValue)" })
        #expect(catalogue.plans.allSatisfy { $0.replicationFactor == 3 })
    }

    @Test("a gateway that speaks Kafka has a topic of its own, kept for a week")
    func gateways() throws {
        let gateway = try #require(GatewayID("city-app"))
        let catalogue = TopicCatalogue(prefix: "city.", partitions: 6, replication: 1, gateways: [gateway])
        let plan = try #require(catalogue.plans.last)
        #expect(plan.name == "city.gateways.city-app")
        #expect(plan.partitions == 6)
        #expect(plan.settings["retention.ms"] == "604800000")
        #expect(catalogue.plans.count == Topic.allCases.count + 1)
    }

    @Test("topics of a family have the same number of partitions", arguments: Topic.Family.allCases)
    func families(family: Topic.Family) {
        let counts = Set(Topic.allCases.filter { $0.family == family }.map(catalogue.partitions(of:)))
        #expect(counts == [family == .single ? 1 : 6])
    }

    @Test("how long each is kept")
    func retention() {
        #expect(catalogue.settings(of: .registry)["cleanup.policy"] == "compact")
        #expect(catalogue.settings(of: .registry)["retention.ms"] == nil)
        #expect(catalogue.settings(of: .events)["retention.ms"] == "-1")
        #expect(catalogue.settings(of: .submissions)["retention.ms"] == "2592000000")
        #expect(catalogue.settings(of: .jobs)["retention.ms"] == "604800000")
        #expect(catalogue.settings(of: .deadLetters)["retention.ms"] == "7776000000")
        #expect(
            catalogue.settings(of: .contacts)["max.compaction.lag.ms"] == "86400000", "a tombstone must erase"
        )
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
        #expect(catalogue.missing(in: existing).map(\.name) == ["city.registry"])
        #expect(
            catalogue.conflicts(with: existing) == ["city.complaints.events exists with 4 partitions, not 6"])
    }
}
