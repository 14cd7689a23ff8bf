import Kafka
import Models
import Processing

/// The registry topic of a cluster, read to its end and written to.
struct RegistryTopic {
    private let cluster: ClusterSettings
    private let name: String

    private static let pollMilliseconds: Int32 = 200
    /// Without any record for so long the reading has failed.
    private static let patience: Duration = .seconds(30)
    private static let flushMilliseconds: Int32 = 60_000

    init(_ surroundings: Surroundings) {
        cluster = surroundings.cluster
        name = surroundings.name(of: .registry)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func read() throws -> PublishedRegistry {
        let admin = try Cluster(cluster, clientID: Surroundings.clientID)
        let count = try admin.partitionCount(
            of: name, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        guard let count else {
            throw Failure(description: "there is no topic \(name): dayu topics create makes it")
        }
        let partitions = (0..<count).map { TopicPartition(topic: name, partition: $0) }
        let reader = try Consumer(
            cluster, clientID: Surroundings.clientID, group: nil, overrides: ["enable.partition.eof": "true"])
        try reader.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
        var published = PublishedRegistry()
        var unread = Set(partitions)
        var deadline = ContinuousClock.now + Self.patience
        var lastError: KafkaError?
        while !unread.isEmpty {
            switch reader.poll(timeoutMilliseconds: Self.pollMilliseconds) {
            case .record(let record):
                published.take(key: record.keyBytes, value: record.valueBytes)
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
                let reason = lastError.map { ": \($0)" } ?? ""
                throw Failure(description: "\(name) could not be read to its end\(reason)")
            }
        }
        return published
    }

    func write(_ records: [Outgoing]) throws {
        guard !records.isEmpty else { return }
        let producer = try Producer(cluster, clientID: Surroundings.clientID)
        for record in records {
            try producer.send(
                OutgoingRecord(
                    topic: name, key: Array(record.key.utf8), value: record.event.data,
                    headers: record.event.headers.map { Header($0.name, $0.value) }))
        }
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}
