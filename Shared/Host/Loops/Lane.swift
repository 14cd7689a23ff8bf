import Kafka
import Models
import Processing

/// The records that go to the same partition number of any topic with the same number of partitions.
///
/// A broker that dies takes some partitions with it and not the others, so each lane is judged by itself. All
/// records about one complaint are in one lane, on every topic: that keeps their order.
struct Lane: Hashable {
    /// How the spool stores it.
    let rawValue: Int64

    /// For records of a topic whose number of partitions is not known yet.
    static let unknown = Lane(rawValue: 0)

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(partition: Int32, among count: Int32) { rawValue = Int64(count) << 32 | Int64(partition) }
}

/// Which lane a record belongs to.
struct Lanes {
    private var counts: [String: Int32] = [:]
    private let names: TopicNames
    private var askAgainAt: ContinuousClock.Instant?

    /// Short, because the thread that waits for an unreachable cluster writes nothing meanwhile.
    static let askMilliseconds: Int32 = 300
    private static let askPause: Duration = .seconds(5)

    init(_ names: TopicNames) { self.names = names }

    /// Learns the numbers of partitions. Does nothing if it knows them already, or if the cluster did not
    /// answer a moment ago.
    mutating func learn(
        from cluster: borrowing Cluster, within milliseconds: Int32 = askMilliseconds,
        at now: ContinuousClock.Instant = .now
    ) {
        guard counts.isEmpty, askAgainAt.map({ $0 <= now }) ?? true else { return }
        counts = (try? cluster.topics(timeoutMilliseconds: milliseconds)) ?? [:]
        askAgainAt = now + Self.askPause
    }

    /// Every partition of our topics that is known, with its lane.
    var places: [(topic: Topic, lane: Lane, partition: TopicPartition)] {
        counts.flatMap { name, count in
            guard let topic = names.topic(named: name) else { return [] as [(Topic, Lane, TopicPartition)] }
            return (0..<count).map {
                (topic, Lane(partition: $0, among: count), TopicPartition(topic: name, partition: $0))
            }
        }
    }

    func lane(of record: Outgoing) -> Lane {
        guard let count = counts[names.name(of: record.topic)], count > 0 else { return .unknown }
        let key = Array(Topic.partitionKey(of: record.key).utf8)
        return Lane(partition: Partitioner.partition(of: key, among: count), among: count)
    }
}
