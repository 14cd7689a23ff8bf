import Kafka

/// Something about a topic on the cluster that is not as the catalogue has it.
struct TopicDifference: Hashable {
    enum What: Hashable {
        case missing
        case partitions(is: Int32, should: Int32)
        case copies(is: Int32, should: Int32)
        case setting(String, is: String?, should: String)
    }

    let topic: String
    let what: What

    /// Whether `dayu topics apply` changes it.
    ///
    /// Another number of partitions would tear the records of a key apart, and librdkafka has no request that
    /// moves copies between brokers (AlterPartitionReassignments).
    var canBeApplied: Bool {
        switch what {
        case .missing, .setting: true
        case .partitions, .copies: false
        }
    }

    var text: String {
        switch what {
        case .missing: "\(topic): is missing"
        case .partitions(let present, let should): "\(topic): partitions: \(present), should be \(should)"
        case .copies(let present, let should): "\(topic): copies: \(present), should be \(should)"
        case .setting(let name, let present, let should):
            "\(topic): \(name): \(present ?? "not known to the cluster"), should be \(should)"
        }
    }

    /// How to change what `apply` does not change.
    var advice: String? {
        switch what {
        case .missing, .setting: nil
        case .partitions:
            """
            \(topic): its partitions are never changed, because the records of one key would lie on two of them. If the \
            number given here is the wrong one, give the right one with --partitions. Otherwise see "more partitions" in \
            the handbook
            """
        case .copies(_, let should):
            """
            \(topic): kafka-reassign-partitions.sh gives it \(should) copies: write the brokers of each partition into a \
            file, run it with --execute, and wait until --verify says that it is complete
            """
        }
    }
}

extension TopicCatalogue {
    /// Everything that differs, in the order of the catalogue.
    ///
    /// - Parameter settings: of the topics that exist.
    func differences(
        from spreads: [String: TopicSpread], _ settings: [String: [String: TopicSetting]]
    ) -> [TopicDifference] {
        plans.flatMap { plan -> [TopicDifference] in
            guard let spread = spreads[plan.name] else {
                return [TopicDifference(topic: plan.name, what: .missing)]
            }
            var whats: [TopicDifference.What] = []
            // The operator's own topic of clocks may have any number.
            if spread.partitions != plan.partitions, plan.name != Self.clocksName(prefix: prefix) {
                whats.append(.partitions(is: spread.partitions, should: plan.partitions))
            }
            if spread.copies < plan.replicationFactor {
                whats.append(.copies(is: spread.copies, should: plan.replicationFactor))
            }
            let present = settings[plan.name] ?? [:]
            for (name, should) in plan.settings.sorted(by: { $0.key < $1.key }) {
                let value = present[name]?.value
                guard !Self.isSame(value, should) else { continue }
                whats.append(.setting(name, is: value, should: should))
            }
            return whats.map { TopicDifference(topic: plan.name, what: $0) }
        }
    }

    /// Settings that somebody gave these topics and that the catalogue says nothing about. They are left as
    /// they are.
    func others(in settings: [String: [String: TopicSetting]]) -> [String] {
        plans.flatMap { plan in
            (settings[plan.name] ?? [:])
                .filter { $1.isOwn && plan.settings[$0] == nil }
                .map { "\(plan.name): \($0)=\($1.value) is set and left as it is" }.sorted()
        }
    }

    /// A list such as `compact,delete` may stand in any order.
    private static func isSame(_ present: String?, _ should: String) -> Bool {
        guard let present else { return false }
        func parts(_ text: String) -> [String] {
            text.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init).sorted()
        }
        return parts(present) == parts(should)
    }
}
