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
    public let log: Log
    public let metrics: Metrics
    public let health: Health
    public let stop: StopFlag
}

/// The topics' names on the cluster, and back.
public struct TopicNames: Hashable, Sendable {
    public let prefix: String

    public init(prefix: String) {
        self.prefix = prefix
    }

    public func name(of topic: Topic) -> String { topic.name(prefix: prefix) }

    /// A loop's consumer group. The prefix belongs to it: two cities on one cluster must not share a group,
    /// for its members would be given each other's topics.
    public func group(of loop: String) -> String { prefix + loop }

    public func topic(named name: String) -> Topic? {
        name.hasPrefix(prefix) ? Topic(rawValue: String(name.dropFirst(prefix.count))) : nil
    }
}

/// When a batch ends: whichever comes first.
public struct BatchSettings: Hashable, Sendable {
    public var records = 1000
    public var bytes = 4_194_304
    /// How long a batch waits for more after its first record.
    public var linger: Duration = .milliseconds(5)

    public init() {}
}
