import Kafka
import Models
import Processing

/// Translates between Kafka's names and bytes, and the topics and records of the cores.
extension Record {
    /// Copies a fetched record, so that it can be destroyed at once. Nil if the topic is not one of ours.
    init?(_ fetched: borrowing FetchedRecord, names: TopicNames) {
        let place = fetched.topicPartition
        guard let topic = names.topic(named: place.topic) else { return nil }
        self.init(
            topic: topic, partition: place.partition, offset: fetched.offset.value,
            timestamp: Instant(millisecondsSince1970: fetched.timestampMilliseconds), key: fetched.keyBytes,
            value: fetched.valueBytes, headers: PackedHeaders(packed: fetched.packedHeaders))
    }

    var position: Position { Position(next: offset + 1) }

    func topicPartition(_ names: TopicNames) -> TopicPartition {
        TopicPartition(topic: names.name(of: topic), partition: partition)
    }
}

extension Producer {
    func send(_ outgoing: Outgoing, names: TopicNames, token: UInt = 0) throws(KafkaError) {
        let attributes = outgoing.event.headers
        let headers = HeaderList(capacity: attributes.count)
        for (name, value) in attributes { headers.add(name, value) }
        try send(
            topic: names.name(of: outgoing.topic), key: Array(outgoing.key.utf8), value: outgoing.event.data,
            headers: headers, token: token)
    }
}
