import CRdKafka

/// A record as it lies in librdkafka's memory: nothing is copied until asked for.
///
/// It owns the event it came in, and the event owns the message: `rdkafka.h` forbids destroying a message
/// that `rd_kafka_event_message_next` gave. Let it go before the consumer is closed.
@safe public struct FetchedRecord: ~Copyable {
    private let event: OpaquePointer
    private let raw: UnsafePointer<rd_kafka_message_t>

    init(adopting event: OpaquePointer, _ raw: UnsafePointer<rd_kafka_message_t>) {
        unsafe self.event = event
        unsafe self.raw = raw
    }

    deinit { unsafe rd_kafka_event_destroy(event) }

    public var topicPartition: TopicPartition { unsafe TopicPartition(raw.pointee) }
    public var offset: Offset { unsafe Offset(raw.pointee.offset) }

    /// Milliseconds since 1970, UTC, by the producer's or the broker's clock; -1 where there is none.
    public var timestampMilliseconds: Int64 {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        return unsafe rd_kafka_message_timestamp(raw, &kind)
    }

    /// The value in place; `nil` is a tombstone, which is data.
    public func withValue<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let start = unsafe raw.pointee.payload else { return try body(nil) }
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: raw.pointee.len).bytes)
    }

    /// The key in place.
    public func withKey<R, E: Error>(_ body: (RawSpan?) throws(E) -> R) throws(E) -> R {
        guard let start = unsafe raw.pointee.key else { return try body(nil) }
        return try unsafe body(UnsafeRawBufferPointer(start: start, count: raw.pointee.key_len).bytes)
    }

    /// A copy of the value; `nil` is a tombstone.
    public var valueBytes: [UInt8]? { unsafe Self.copy(raw.pointee.payload, raw.pointee.len) }
    /// A copy of the key.
    public var keyBytes: [UInt8]? { unsafe Self.copy(raw.pointee.key, raw.pointee.key_len) }

    /// Copies of the headers, in order. A header without a value has no bytes.
    public var headers: [Header] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [] }
        var headers: [Header] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &size)
            == RD_KAFKA_RESP_ERR_NO_ERROR, let named = unsafe name
        {
            unsafe headers.append(Header(String(cString: named), Self.copy(value, size) ?? []))
        }
        return headers
    }

    private static func copy(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start = unsafe start else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension TopicPartition {
    init(_ message: rd_kafka_message_t) {
        let topic = unsafe message.rkt.map { unsafe String(cString: rd_kafka_topic_name($0)) }
        unsafe self.init(topic: topic ?? "", partition: message.partition)
    }
}
