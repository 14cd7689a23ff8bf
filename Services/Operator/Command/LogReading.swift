import Kafka

/// Reads partitions from a position until their ends are reached, outside any group.
struct LogReading {
    private let cluster: ClusterSettings

    private static let pollMilliseconds: Int32 = 200
    /// If no record comes for this long, the reading has failed.
    private static let patience: Duration = .seconds(30)

    init(_ surroundings: Surroundings) {
        cluster = surroundings.cluster
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Reads a whole topic.
    func read(topic: String, take: (borrowing FetchedRecord) -> Void) throws {
        let admin = try Cluster(cluster, clientID: Surroundings.clientID)
        let count = try Surroundings.ask(within: Surroundings.topicWithin) {
            try admin.topics(
                withLeaders: true, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)[topic]
        }
        guard let count else {
            let isThere =
                try admin.partitionCount(
                    of: topic, timeoutMilliseconds: Surroundings.answerWithinMilliseconds) != nil
            throw Failure(
                description: isThere
                    ? "\(topic) has a partition without a leader"
                    : "there is no topic \(topic): dayu topics create makes it")
        }
        let partitions = (0..<count).map { TopicPartition(topic: topic, partition: $0) }
        try read(from: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }), take: take)
    }

    /// Reads one record of each partition: the first one at its position or behind it.
    func readFirst(
        from positions: [TopicPartition: Position], take: (borrowing FetchedRecord) -> Void
    ) throws {
        try read(from: positions, isolation: .readCommitted, onlyFirst: true, take: take)
    }

    /// - Parameter isolation: an uncommitted reading also finds records of open transactions.
    func read(
        from positions: [TopicPartition: Position], isolation: Isolation = .readCommitted,
        onlyFirst: Bool = false, take: (borrowing FetchedRecord) -> Void
    ) throws {
        guard !positions.isEmpty else { return }
        let reader = try Consumer(
            cluster, clientID: Surroundings.clientID, group: nil, isolation: isolation,
            overrides: ["enable.partition.eof": "true"])
        try reader.assign(positions)
        var unread = Set(positions.keys)
        var deadline = ContinuousClock.now + Self.patience
        var lastError: KafkaError?
        while !unread.isEmpty {
            switch reader.poll(timeoutMilliseconds: Self.pollMilliseconds) {
            case .record(let record):
                let place = record.topicPartition
                if !onlyFirst || unread.contains(place) { take(record) }
                if onlyFirst { unread.remove(place) }
                deadline = ContinuousClock.now + Self.patience
            case .reachedEnd(let partition, _):
                unread.remove(partition)
            case .failed(let error):
                if error.remedy == .restart { throw error }
                lastError = error
            default:
                break
            }
            guard ContinuousClock.now < deadline else {
                let names = Set(unread.map(\.topic)).sorted().joined(separator: ", ")
                let reason = lastError.map { ": \($0)" } ?? ""
                throw Failure(description: "\(names) could not be read to the end\(reason)")
            }
        }
    }
}
