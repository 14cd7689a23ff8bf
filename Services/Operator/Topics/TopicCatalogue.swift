import Kafka
import Models

/// The suite's topics as they are created on a cluster: partitions, copies, and how long records are kept.
struct TopicCatalogue {
    let prefix: String
    /// The number of partitions of every topic whose family is shared out. Other topics have one.
    let partitions: Int32
    let replication: Int32
    /// The gateways that write to a topic of their own, and how many partitions each such topic has: its
    /// records may concern any complaint, so it need not be shared out as complaints are.
    var gateways: [GatewayID] = []
    var gatewayPartitions: Int32 = 1

    func name(of topic: Topic) -> String { topic.name(prefix: prefix) }

    func partitions(of topic: Topic) -> Int32 {
        switch topic.family {
        case .single: 1
        case .gateway: gatewayPartitions
        case .complaint, .number, .section, .link, .source: partitions
        }
    }

    var topics: [Topic] { Topic.allCases + gateways.map(Topic.gateway) }

    var plans: [TopicPlan] {
        topics.map { topic in
            TopicPlan(
                name: name(of: topic), partitions: partitions(of: topic), replicationFactor: replication,
                settings: settings(of: topic))
        } + [clocks]
    }

    /// The operator's own topic: `dayu status` reads the brokers' clocks there. It has as many partitions as
    /// other topics, so that every broker has one.
    private var clocks: TopicPlan {
        var plan = TopicPlan(
            name: Self.clocksName(prefix: prefix), partitions: partitions, replicationFactor: replication,
            settings: [
                "cleanup.policy": "delete", "retention.ms": String(Self.clocksMilliseconds),
                "message.timestamp.type": "LogAppendTime",
            ])
        if replication >= 3 { plan.settings["min.insync.replicas"] = "2" }
        return plan
    }

    static func clocksName(prefix: String) -> String { prefix + "clocks" }

    private static let clocksMilliseconds = 3_600_000

    func settings(of topic: Topic) -> [String: String] {
        var settings: [String: String] =
            switch topic.retention {
            case .compacted: ["cleanup.policy": "compact"]
            case .compactedFor(let days):
                [
                    "cleanup.policy": "compact,delete",
                    "retention.ms": String(days * Self.millisecondsPerDay),
                ]
            case .forever: ["cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"]
            case .days(let days):
                ["cleanup.policy": "delete", "retention.ms": String(days * Self.millisecondsPerDay)]
            }
        if topic == .sources {
            // Every answer of a source writes its state anew, and Kafka never compacts the segment in use.
            settings["segment.ms"] = String(Self.segmentMilliseconds)
        }
        if topic.retention.isCompacted, topic.isRestricted {
            // A tombstone erases a citizen's data only when the log is compacted. On a quiet topic that may
            // never happen: Kafka never compacts the segment in use, nor a log with too few superseded
            // records (KIP-354).
            settings["segment.ms"] = String(Self.segmentMilliseconds)
            settings["max.compaction.lag.ms"] = String(Self.compactionLagMilliseconds)
        }
        // A gateway's own clock says nothing about when a complaint came.
        if topic.family == .gateway { settings["message.timestamp.type"] = "LogAppendTime" }
        // With three copies or more, "acknowledged by all" means by at least two, also while a broker is
        // away.
        if replication >= 3 { settings["min.insync.replicas"] = "2" }
        return settings
    }

    /// - Parameter existing: all topics of the cluster with their partition counts.
    func missing(in existing: [String: Int32]) -> [TopicPlan] {
        plans.filter { existing[$0.name] == nil }
    }

    /// Topics whose number of partitions differs from the requested one. A family with different numbers
    /// can't be processed.
    func conflicts(with existing: [String: Int32]) -> [String] {
        plans.compactMap { plan in
            guard plan != clocks, let count = existing[plan.name], count != plan.partitions else {
                return nil
            }
            return "\(plan.name) exists with \(count) partitions, not \(plan.partitions)"
        }
    }

    private static let millisecondsPerDay = 86_400_000
    /// What is erased is gone after the sum of these two times.
    static let segmentMilliseconds = millisecondsPerDay
    static let compactionLagMilliseconds = millisecondsPerDay
}

extension Topic.Retention {
    fileprivate var isCompacted: Bool {
        switch self {
        case .compacted, .compactedFor: true
        case .forever, .days: false
        }
    }

    var text: String {
        switch self {
        case .compacted: "compacted"
        case .compactedFor(let days): "compacted, \(days) days"
        case .forever: "for ever"
        case .days(let days): "\(days) days"
        }
    }
}
