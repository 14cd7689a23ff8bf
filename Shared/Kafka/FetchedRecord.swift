import CRdKafka
import Glibc

/// A record in librdkafka's memory: nothing is copied until it is asked for.
///
/// It owns the event that it arrived in, and the event owns the message: `rdkafka.h` forbids destroying a
/// message that `rd_kafka_event_message_next` returned. Release the record before the consumer is closed.
@safe public struct FetchedRecord: ~Copyable {
    private let event: OpaquePointer
    private let raw: UnsafePointer<rd_kafka_message_t>
    private let topic: String

    init(adopting event: OpaquePointer, _ raw: UnsafePointer<rd_kafka_message_t>, topic: String) {
        unsafe self.event = event
        unsafe self.raw = raw
        self.topic = topic
    }

    deinit { unsafe rd_kafka_event_destroy(event) }

    public var topicPartition: TopicPartition {
        unsafe TopicPartition(topic: topic, partition: raw.pointee.partition)
    }
    public var offset: Offset { unsafe Offset(raw.pointee.offset) }

    /// Milliseconds since 1970, UTC, by the producer's or the broker's clock; -1 if there is none.
    public var timestampMilliseconds: Int64 {
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        return unsafe rd_kafka_message_timestamp(raw, &kind)
    }

    /// A copy of the value; `nil` is a tombstone.
    public var valueBytes: [UInt8]? { unsafe Self.copy(raw.pointee.payload, raw.pointee.len) }
    /// A copy of the key.
    public var keyBytes: [UInt8]? { unsafe Self.copy(raw.pointee.key, raw.pointee.key_len) }

    /// Copies of the headers, in order. A header without a value has no bytes.
    public var headers: [Header] {
        var headers: [Header] = []
        unsafe forEachHeader { name, value in
            unsafe headers.append(Header(String(decoding: name, as: UTF8.self), Array(value)))
        }
        return headers
    }

    /// One copy of all headers, in order. For each header: the length of its name and the length of its
    /// value, four bytes each, lowest byte first; then the name and the value.
    public var packedHeaders: [UInt8] {
        var count = 0
        unsafe forEachHeader { name, value in count += 8 + name.count + value.count }
        return unsafe Array(unsafeUninitializedCapacity: count) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            unsafe forEachHeader { name, value in
                let lengths = UInt64(name.count) | UInt64(value.count) << 32
                unsafe bytes.storeBytes(of: lengths.littleEndian, toByteOffset: filled, as: UInt64.self)
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[(filled + 8)...]).copyMemory(from: name)
                filled += 8 + name.count
                unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]).copyMemory(from: value)
                filled += value.count
            }
        }
    }

    /// Lends name and value of each header. They are in the memory of the message, which outlives the call.
    private func forEachHeader(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        for index in 0... {
            guard
                unsafe rd_kafka_header_get_all(list, index, &name, &value, &size)
                    == RD_KAFKA_RESP_ERR_NO_ERROR, let named = unsafe name
            else { return }
            unsafe body(
                UnsafeRawBufferPointer(start: named, count: strlen(named)),
                UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size))
        }
    }

    private static func copy(_ start: UnsafeRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start = unsafe start else { return nil }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// The topic of the last message. Every message names its topic, which is nearly always the same as before.
final class LastTopic {
    private var name = ""

    func name(of message: UnsafePointer<rd_kafka_message_t>) -> String {
        guard let topic = unsafe message.pointee.rkt, let text = unsafe rd_kafka_topic_name(topic) else {
            return ""
        }
        if unsafe name.withCString({ unsafe strcmp($0, text) }) != 0 { name = unsafe String(cString: text) }
        return name
    }

    func place(of message: UnsafePointer<rd_kafka_message_t>) -> TopicPartition {
        unsafe TopicPartition(topic: name(of: message), partition: message.pointee.partition)
    }
}
