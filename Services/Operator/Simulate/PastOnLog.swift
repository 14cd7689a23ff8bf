import Kafka
import LivedCity
import Models
import Processing

/// Writes a past onto an empty log, and marks it as processed.
final class PastOnLog {
    private let surroundings: Surroundings
    private let counts: [Topic: Int32]
    private let producer: Producer

    private static let flushMilliseconds: Int32 = 120_000

    /// - Throws: if a topic is missing or is not empty. The invented past would come after the records that
    ///   are there, and the groups that have read those would take it for new.
    init(_ surroundings: Surroundings) throws {
        self.surroundings = surroundings
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let topics = try cluster.topics(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        var counts: [Topic: Int32] = [:]
        for topic in LivedCity.topics {
            guard let count = topics[surroundings.name(of: topic)] else {
                throw Unfit.missing(surroundings.name(of: topic))
            }
            counts[topic] = count
        }
        self.counts = counts
        for (topic, ends) in try Self.ends(cluster, counts, surroundings)
        where ends.values.contains(where: { $0 > Position(next: 0) }) {
            throw Unfit.hasRecords(surroundings.name(of: topic))
        }
        // A year has tens of thousands of similar records. The broker in memory keeps a limited number of
        // bytes of each partition, counted as they were sent, so compression helps.
        producer = try Producer(
            surroundings.cluster, clientID: Surroundings.clientID,
            overrides: ["compression.codec": "lz4", "linger.ms": "50"])
    }

    enum Unfit: Error, CustomStringConvertible {
        case missing(String)
        case hasRecords(String)

        var description: String {
            switch self {
            case .missing(let topic): "there is no topic \(topic): dayu topics create makes it"
            case .hasRecords(let topic):
                "\(topic) already holds records: a past must be written before anything else"
            }
        }
    }

    func write(_ record: Outgoing) throws {
        var outgoing = OutgoingRecord(record, prefix: surroundings.prefix)
        if let count = counts[record.topic] {
            let key = Array(Topic.partitionKey(of: record.key).utf8)
            outgoing.partition = Partitioner.partition(of: key, among: count)
        }
        try producer.send(outgoing)
    }

    /// Waits until all records are on the log, and commits them for every group that would process them.
    func close() throws {
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let ends = try Self.ends(cluster, counts, surroundings)
        for loop in ServiceLoop.all where loop.kind == .processor {
            let done = loop.inputs.compactMap { ends[$0] }
                .reduce(into: [TopicPartition: Position]()) { $0.merge($1) { _, end in end } }
            guard !done.isEmpty else { continue }
            // The group has no members yet, so a consumer may commit without joining it.
            let consumer = try Consumer(
                surroundings.cluster, clientID: Surroundings.clientID,
                group: surroundings.prefix + loop.name)
            try consumer.commit(done)
        }
    }

    private static func ends(
        _ cluster: borrowing Cluster, _ counts: [Topic: Int32], _ surroundings: Surroundings
    ) throws -> [Topic: [TopicPartition: Position]] {
        var ends: [Topic: [TopicPartition: Position]] = [:]
        for (topic, count) in counts {
            let name = surroundings.name(of: topic)
            let places = (0..<count).map { TopicPartition(topic: name, partition: $0) }
            ends[topic] = try cluster.watermarks(
                of: places, timeoutMilliseconds: Surroundings.answerWithinMilliseconds
            ).mapValues(\.high)
        }
        return ends
    }
}
