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
        var published = PublishedRegistry()
        try LogReading(surroundings).read(topic: name) { record in
            published.take(
                key: record.keyBytes, value: record.valueBytes,
                at: Instant(millisecondsSince1970: record.timestampMilliseconds))
        }
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
