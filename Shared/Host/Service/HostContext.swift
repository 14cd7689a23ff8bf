public import Kafka
public import Models

/// What every part of a service needs: where the log is, where to keep its cache, where to report.
public struct HostContext: Sendable {
    public let name: String
    public let cluster: ClusterSettings
    public let topics: TopicNames
    /// This service's own folder; deleting it loses nothing.
    public let dataFolder: String
    public let batch: BatchSettings
    /// How many loops of one kind run beside each other.
    public let workers: Int
    public let log: Log
    public let metrics: Metrics
    public let health: Health
    public let stop: StopFlag
    var standings = Standings()
    /// How far the parts have read that the service can do without.
    let dispensableStandings = Standings()
    public let pages = AdminPages()
    var partitions = PartitionWatch()
    public private(set) var obstruction = Obstruction()

    /// The same context for a part that the service can do without: its health does not affect readiness,
    /// and a note tells when it makes no progress. If its topics get other numbers of partitions, that is no
    /// reason for the service to stop.
    public var dispensable: HostContext {
        var context = HostContext(
            name: name, cluster: cluster, topics: topics, dataFolder: dataFolder, batch: batch,
            workers: workers, log: log, metrics: metrics, health: Health(), stop: stop,
            partitions: PartitionWatch()
        )
        context.standings = dispensableStandings
        context.obstruction = obstruction
        return context
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

    /// A loop's consumer group. The prefix is part of it: two cities on one cluster must not share a group,
    /// because their members would be given each other's topics.
    public func group(of loop: String) -> String { prefix + loop }

    /// Nil for a topic that is not one of ours.
    public func topic(named name: String) -> Topic? {
        if let topic = topics[name] { return topic }
        guard name.hasPrefix(prefix) else { return nil }
        return Topic(rawValue: String(name.dropFirst(prefix.count)))
    }
}

/// The limits of a batch; the one that is reached first ends it.
///
/// A commit takes the same time whatever it holds (about 50 ms on Apache Kafka). Records that arrive
/// meanwhile are fetched already and form the next batch, so batches grow with the load by themselves: a
/// single complaint is committed at once, a flood in thousands. Waiting for more records would only delay the
/// first and gain nothing for the second. So there is no linger unless it is asked for.
public struct BatchSettings: Hashable, Sendable {
    public var records = 10_000
    public var bytes = 8_388_608
    /// How long a batch waits for more records after its first one.
    public var linger: Duration = .zero

    public init() {}
}
