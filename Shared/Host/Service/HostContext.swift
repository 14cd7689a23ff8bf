public import Kafka
public import Models

/// What every part of a service is given: where the log is, where to keep its cache, whom to tell.
public struct HostContext: Sendable {
    public let name: String
    public let cluster: ClusterSettings
    public let topics: TopicNames
    /// This service's own folder; deleting it loses nothing.
    public let dataFolder: String
    public let batch: BatchSettings
    /// How many loops of a kind run beside each other.
    public let workers: Int
    public let log: Log
    public let metrics: Metrics
    public let health: Health
    public let stop: StopFlag
    /// Each context has its own: nobody watches what the service can do without.
    let standings = Standings()
    public let pages = AdminPages()
    var partitions = PartitionWatch()

    /// The same for a part that the service can do without: nobody's readiness depends on its health.
    public var dispensable: HostContext {
        HostContext(
            name: name, cluster: cluster, topics: topics, dataFolder: dataFolder, batch: batch,
            workers: workers, log: log, metrics: metrics, health: Health(), stop: stop, partitions: partitions
        )
    }
}

/// The topics' names on the cluster, and back.
public struct TopicNames: Hashable, Sendable {
    public let prefix: String
    private let topics: [String: Topic]

    public init(prefix: String) {
        self.prefix = prefix
        topics = Dictionary(uniqueKeysWithValues: Topic.allCases.map { ($0.name(prefix: prefix), $0) })
    }

    public func name(of topic: Topic) -> String { topic.name(prefix: prefix) }

    /// A loop's consumer group. The prefix belongs to it: two cities on one cluster must not share a group,
    /// for its members would be given each other's topics.
    public func group(of loop: String) -> String { prefix + loop }

    /// Nil for a topic that is none of ours.
    public func topic(named name: String) -> Topic? {
        if let topic = topics[name] { return topic }
        guard name.hasPrefix(prefix) else { return nil }
        return Topic(rawValue: String(name.dropFirst(prefix.count)))
    }
}

/// When a batch ends: whichever comes first.
///
/// A commit takes its time whatever it holds (about 50 ms on Apache Kafka). What arrives meanwhile is fetched
/// already and is the next batch, so batches grow with the load by themselves: a lone complaint is committed
/// at once, a flood in thousands. Waiting for more would only add to the first and give nothing to the
/// second; hence no linger unless asked for.
public struct BatchSettings: Hashable, Sendable {
    public var records = 10_000
    public var bytes = 8_388_608
    /// How long a batch waits for more after its first record.
    public var linger: Duration = .zero

    public init() {}
}
