import CRdKafka

/// A list of partitions as C has it, for the length of one call.
@safe struct PartitionList: ~Copyable {
    let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ partitions: some Collection<TopicPartition>) {
        unsafe raw = rd_kafka_topic_partition_list_new(Int32(partitions.count))
        for place in partitions {
            _ = unsafe rd_kafka_topic_partition_list_add(raw, place.topic, place.partition)
        }
    }

    init(_ positions: [TopicPartition: Position]) {
        unsafe raw = rd_kafka_topic_partition_list_new(Int32(positions.count))
        for (place, position) in positions {
            let added = unsafe rd_kafka_topic_partition_list_add(raw, place.topic, place.partition)
            unsafe added?.pointee.offset = position.next
        }
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(raw) }

    /// The positions in the list; a partition without one (`RD_KAFKA_OFFSET_INVALID`) is left out.
    func positions() throws(KafkaError) -> [TopicPartition: Position] {
        try unsafe Self.positions(of: raw)
    }

    static func positions(
        of raw: UnsafePointer<rd_kafka_topic_partition_list_t>
    ) throws(KafkaError) -> [TopicPartition: Position] {
        var positions: [TopicPartition: Position] = [:]
        for index in unsafe 0..<Int(raw.pointee.cnt) {
            let element = unsafe raw.pointee.elems[index]
            let place = unsafe TopicPartition(element)
            try unsafe KafkaError.check(element.err, at: place)
            if unsafe element.offset >= 0 { unsafe positions[place] = Position(next: element.offset) }
        }
        return positions
    }

    static func partitions(of raw: UnsafePointer<rd_kafka_topic_partition_list_t>?) -> [TopicPartition] {
        guard let raw = unsafe raw else { return [] }
        return unsafe (0..<Int(raw.pointee.cnt)).map { unsafe TopicPartition(raw.pointee.elems[$0]) }
    }
}

extension TopicPartition {
    init(_ element: rd_kafka_topic_partition_t) {
        unsafe self.init(topic: String(cString: element.topic), partition: element.partition)
    }
}
