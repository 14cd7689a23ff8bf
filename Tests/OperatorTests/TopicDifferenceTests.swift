import Kafka
import Models
import Testing

@testable import Operator

@Suite("What differs between the topics of a cluster and the catalogue")
struct TopicDifferenceTests {
    private let catalogue = TopicCatalogue(prefix: "city.", partitions: 6, replication: 3)

    /// A cluster on which everything is as it should be.
    private var spreads: [String: TopicSpread] {
        Dictionary(
            uniqueKeysWithValues: catalogue.plans.map {
                ($0.name, TopicSpread(partitions: $0.partitions, copies: 3))
            })
    }
    private var settings: [String: [String: TopicSetting]] {
        Dictionary(
            uniqueKeysWithValues: catalogue.plans.map { plan in
                (plan.name, plan.settings.mapValues { TopicSetting(value: $0, isOwn: true) })
            })
    }

    @Test("nothing differs where everything is as it should be")
    func same() {
        #expect(catalogue.differences(from: spreads, settings) == [])
        #expect(catalogue.others(in: settings) == [])
    }

    @Test("each difference is named, and says whether it can be applied")
    func differences() {
        var spreads = spreads
        var settings = settings
        spreads["city.links"] = nil
        spreads["city.complaints.events"] = TopicSpread(partitions: 7, copies: 2)
        settings["city.complaints.words"]?["max.compaction.lag.ms"] = TopicSetting(value: "9", isOwn: false)
        settings["city.registry"]?["min.insync.replicas"] = nil
        let found = catalogue.differences(from: spreads, settings)
        #expect(
            found.map(\.text) == [
                "city.registry: min.insync.replicas: not known to the cluster, should be 2",
                "city.complaints.words: max.compaction.lag.ms: 9, should be 86400000",
                "city.complaints.events: partitions: 7, should be 6",
                "city.complaints.events: copies: 2, should be 3",
                "city.links: is missing",
            ])
        #expect(found.map(\.canBeApplied) == [true, true, false, false, true])
        #expect(found.map { $0.advice != nil } == [false, false, true, true, false])
    }

    @Test("more copies are no fault, nor is another number of partitions of the operator's clocks")
    func harmless() {
        var spreads = spreads
        spreads["city.links"] = TopicSpread(partitions: 6, copies: 4)
        spreads["city.clocks"] = TopicSpread(partitions: 2, copies: 3)
        #expect(catalogue.differences(from: spreads, settings) == [])
    }

    @Test("a list may stand in any order; a setting that nobody asked for is told, if somebody gave it")
    func lists() {
        var settings = settings
        settings["city.links"]?["cleanup.policy"] = TopicSetting(value: "delete, compact", isOwn: true)
        settings["city.links"]?["segment.bytes"] = TopicSetting(value: "1", isOwn: true)
        settings["city.links"]?["retention.bytes"] = TopicSetting(value: "-1", isOwn: false)
        #expect(catalogue.differences(from: spreads, settings) == [])
        #expect(catalogue.others(in: settings) == ["city.links: segment.bytes=1 is set and left as it is"])
    }

    // MARK: ACLs

    private let rules = AccessRules(prefix: "city.", gateways: [GatewayID(literal: "app")]).rules

    @Test("rules that are there are not added again; what librdkafka can't ask for is told")
    func access() throws {
        let form = try #require(PrincipalForm(PrincipalForm.preset))
        let all = Set(rules.map { AccessBinding($0, form) })
        func applying(_ present: Set<AccessBinding>) -> AccessApplying {
            AccessApplying(
                rules, prefix: "city.", form, present: present,
                isSupported: { $0.resource != .transactionalID })
        }
        let none = applying([])
        #expect(none.missing.count + none.unsupported.count == rules.count && none.presentCount == 0)
        #expect(Set(none.unsupported.map(\.resource)) == [.transactionalID])
        #expect(none.missing.contains { $0.resource == .cluster && $0.name == "kafka-cluster" })
        let done = applying(all)
        #expect(done.missing.isEmpty && done.unsupported.isEmpty && done.needless.isEmpty)
        #expect(done.presentCount == rules.count)
        // An old librdkafka does not know the kind of such a rule, but its name.
        let untold = all.map { binding in
            var binding = binding
            if binding.resource == .transactionalID { binding.resource = .unknown }
            return binding
        }
        #expect(applying(Set(untold)).presentCount == rules.count)
    }

    @Test("only the suite's users and its prefix are looked at for what is no longer needed")
    func needless() throws {
        let form = try #require(PrincipalForm("User:CN={name},O=City"))
        let gone = AccessBinding(
            .topic, "city.gateways.gone", .literal, principal: "User:CN=gateway-gone,O=City", .write)
        var others = [gone, gone, gone]
        others[0].name = "village.gateways.gone"
        others[1].principal = "User:CN=somebody,O=City"
        others[2].principal = "User:gateway-gone"
        let applying = AccessApplying(
            rules, prefix: "city.", form, present: Set(others + [gone]), isSupported: { _ in true })
        #expect(applying.needless == [gone])
    }
}
