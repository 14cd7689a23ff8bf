import Kafka
import Models
import Processing

/// Records that go to the same partition number, of topics with the same number of partitions.
///
/// A broker that dies takes some partitions with it and not the others, so each is judged by itself. Whatever
/// concerns one complaint is in one lane, on whichever topic it goes: that keeps its order.
struct Lane: Hashable {
    /// How the spool stores it.
    let rawValue: Int64

    /// For records whose topic has a number of partitions that nobody knows yet.
    static let unknown = Lane(rawValue: 0)

    init(rawValue: Int64) { self.rawValue = rawValue }

    init(partition: Int32, among count: Int32) { rawValue = Int64(count) << 32 | Int64(partition) }
}

/// Which lane a record belongs to.
struct Lanes {
    private var counts: [String: Int32] = [:]
    private let names: TopicNames
    private var askAgainAt: ContinuousClock.Instant?

    /// Whoever waits for a cluster that is away writes nothing meanwhile.
    static let askMilliseconds: Int32 = 300
    private static let askPause: Duration = .seconds(5)

    init(_ names: TopicNames) { self.names = names }

    /// Learns the numbers of partitions, unless it knows them, or was told just now that nobody answers.
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
