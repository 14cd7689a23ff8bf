import Kafka
import Models
import Processing

/// Between what Kafka knows (names and bytes) and what the cores know (topics and records).
extension Record {
    /// The copy that lets the fetched record go: nothing fetched is ever kept.
    init?(_ fetched: borrowing FetchedRecord, names: TopicNames) {
        guard let topic = names.topic(named: fetched.topicPartition.topic) else { return nil }
        self.init(
            topic: topic, partition: fetched.topicPartition.partition, offset: fetched.offset.value,
            timestamp: Instant(millisecondsSince1970: fetched.timestampMilliseconds), key: fetched.keyBytes,
            value: fetched.valueBytes,
            headers: fetched.headers.map { Record.Header(name: $0.name, value: $0.value) })
    }

    var position: Position { Position(next: offset + 1) }

    func topicPartition(_ names: TopicNames) -> TopicPartition {
        TopicPartition(topic: names.name(of: topic), partition: partition)
    }
}

extension OutgoingRecord {
    init(_ outgoing: Outgoing, names: TopicNames) {
        self.init(
            topic: names.name(of: outgoing.topic), key: Array(outgoing.key.utf8), value: outgoing.event.data,
            headers: outgoing.event.headers.map { Kafka.Header($0.name, $0.value) })
    }
}
