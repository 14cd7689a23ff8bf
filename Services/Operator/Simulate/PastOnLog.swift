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
        let cluster = try surroundings.openCluster()
        let topics = try cluster.topics(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        var counts: [Topic: Int32] = [:]
        for topic in LivedCity.topics {
            guard let count = topics[surroundings.name(of: topic)] else {
                throw Unfit.missing(surroundings.name(of: topic))
            }
            counts[topic] = count
        }
        self.counts = counts
        for (topic, marks) in try Self.marks(cluster, counts, surroundings)
        where marks.values.contains(where: { $0.high > Position(next: 0) }) {
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
        /// The broker keeps so little that it has removed a part of the past again.
        case dropped(String, Int64)

        var description: String {
            switch self {
            case .missing(let topic): "there is no topic \(topic): dayu topics create makes it"
            case .hasRecords(let topic):
                "\(topic) already holds records: a past must be written before anything else"
            case .dropped(let topic, let offsets):
                """
                the broker did not keep the first \(offsets) offsets of \(topic), so the past has a hole: make the \
                topics anew and write fewer complaints (--complaints), or use a broker that keeps more
                """
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
        let cluster = try surroundings.openCluster()
        let marks = try Self.marks(cluster, counts, surroundings)
        try Self.checkWhole(marks, surroundings)
        for loop in Self.committed {
            let done = loop.inputs.compactMap { marks[$0]?.mapValues(\.high) }
                .reduce(into: [TopicPartition: Position]()) { $0.merge($1) { _, end in end } }
            // The group has no members yet, so a consumer may commit without joining it.
            let consumer = try Consumer(
                surroundings.cluster, clientID: Surroundings.clientID,
                group: surroundings.prefix + loop.name)
            try consumer.commit(done, timeoutMilliseconds: Self.flushMilliseconds)
        }
    }

    /// The loops that would process the past. The operator commits for their groups (`AccessRules`).
    static let committed = ServiceLoop.all.filter { loop in
        loop.kind == .processor && loop.inputs.contains(where: LivedCity.topics.contains)
    }

    /// The broker in memory removes the oldest records beyond 5 MiB of a partition and says nothing. Kafka
    /// may remove old records of topics that are kept for a month, and they are done with.
    private static func checkWhole(
        _ marks: [Topic: [TopicPartition: Watermarks]], _ surroundings: Surroundings
    ) throws {
        for (topic, places) in marks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if case .days(...31) = topic.retention { continue }
            for marks in places.values where marks.low > Position(next: 0) {
                throw Unfit.dropped(surroundings.name(of: topic), marks.low.next)
            }
        }
    }

    private static func marks(
        _ cluster: borrowing Cluster, _ counts: [Topic: Int32], _ surroundings: Surroundings
    ) throws -> [Topic: [TopicPartition: Watermarks]] {
        var marks: [Topic: [TopicPartition: Watermarks]] = [:]
        for (topic, count) in counts {
            let name = surroundings.name(of: topic)
            let places = (0..<count).map { TopicPartition(topic: name, partition: $0) }
            marks[topic] = try cluster.watermarks(
                of: places, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        }
        return marks
    }
}
