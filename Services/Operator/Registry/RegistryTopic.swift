import Kafka
import Models
import Processing

/// The registry topic of a cluster, read to its end and written to.
struct RegistryTopic {
    private let surroundings: Surroundings
    private let name: String

    private static let flushMilliseconds: Int32 = 60_000

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
        name = surroundings.name(of: .registry)
    }

    func read() throws -> PublishedRegistry {
        var records: [(key: [UInt8]?, value: [UInt8]?, at: Instant)] = []
        try LogReading(surroundings).read(topic: name) { record in
            let time = Instant(millisecondsSince1970: record.timestampMilliseconds)
            records.append((record.keyBytes, record.valueBytes, time))
        }
        // Asked for behind the reading: what is lost in between counts as lost.
        let place = TopicPartition(topic: name, partition: 0)
        let cluster = try surroundings.openCluster()
        let marks = try cluster.watermarks(
            of: [place], timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
        var published = PublishedRegistry(start: marks[place]?.low.next ?? 0)
        for record in records { published.take(key: record.key, value: record.value, at: record.at) }
        return published
    }

    func write(_ records: [Outgoing]) throws {
        guard !records.isEmpty else { return }
        let producer = try Producer(surroundings.cluster, clientID: Surroundings.clientID)
        for record in records { try producer.send(OutgoingRecord(record, prefix: surroundings.prefix)) }
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
    }
}

extension OutgoingRecord {
    init(_ outgoing: Outgoing, prefix: String) {
        self.init(
            topic: outgoing.topic.name(prefix: prefix), key: Array(outgoing.key.utf8),
            value: outgoing.event.data,
            headers: outgoing.event.headers.map { Header($0.name, $0.value) })
    }
}
