import CRdKafka

/// The object that C calls back, on the thread that polls: `log.queue` keeps log lines off librdkafka's own
/// threads.
final class Callbacks {
    private let onDelivery: ((Delivery) -> Void)?
    private let onLog: ((LogLine) -> Void)?
    private var failure: KafkaError?
    private let lastTopic = LastTopic()
    /// How many records were handed over so far.
    var sent = 0

    init(onDelivery: ((Delivery) -> Void)?, onLog: ((LogLine) -> Void)?) {
        self.onDelivery = onDelivery
        self.onLog = onLog
    }

    func takeFailure() -> KafkaError? {
        defer { failure = nil }
        return failure
    }

    /// The end of a transaction decides about its records, so their failure no longer counts.
    func forgetFailure() { failure = nil }

    /// The handle made from the configuration must not outlive this object.
    func register(on configuration: OpaquePointer, forDeliveries: Bool) {
        unsafe rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(self).toOpaque())
        if forDeliveries {
            unsafe rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
                guard let message = unsafe message, let opaque = unsafe opaque else { return }
                let callbacks = unsafe Unmanaged<Callbacks>.fromOpaque(opaque).takeUnretainedValue()
                unsafe callbacks.delivered(message)
            }
            unsafe Self.placeByFirstPart(configuration)
        }
        unsafe rd_kafka_conf_set_log_cb(configuration) { client, level, facility, message in
            guard let client = unsafe client, let opaque = unsafe rd_kafka_opaque(client) else { return }
            let callbacks = unsafe Unmanaged<Callbacks>.fromOpaque(opaque).takeUnretainedValue()
            unsafe callbacks.onLog?(LogLine(level: level, facility: facility, message: message))
        }
    }

    /// A key's part before its first slash chooses the partition, by the Java client's hash. So all records
    /// of a complaint are on the complaint's partition, also those with keys of their own.
    ///
    /// librdkafka calls this from threads of its own. The function uses only its arguments.
    private static func placeByFirstPart(_ configuration: OpaquePointer) {
        // A topic configuration exists already if a topic's property was set. It belongs to the
        // configuration: `rd_kafka_conf_set_default_topic_conf` destroys the former one, so never pass the
        // existing one to it.
        let existing = unsafe rd_kafka_conf_get_default_topic_conf(configuration)
        let topics = unsafe existing ?? rd_kafka_topic_conf_new()
        unsafe rd_kafka_topic_conf_set_partitioner_cb(topics) { topic, key, length, count, opaque, message in
            let bytes = unsafe UnsafeRawBufferPointer(start: key, count: length)
            let part = unsafe bytes.firstIndex(of: UInt8(ascii: "/")) ?? length
            return unsafe rd_kafka_msg_partitioner_murmur2_random(topic, key, part, count, opaque, message)
        }
        if unsafe existing == nil {
            unsafe rd_kafka_conf_set_default_topic_conf(configuration, topics)
        }
    }

    /// A broker that stamps gives a time. The mock of 2.0.2 answers 1234 instead of -1, and librdkafka takes
    /// that for a stamp. So a stamp from before Kafka's first year is none.
    static func stamp(_ kind: rd_kafka_timestamp_type_t, _ time: Int64) -> Int64? {
        kind == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME && time > earliestStamp ? time : nil
    }

    /// The beginning of 2011, in milliseconds since 1970.
    private static let earliestStamp: Int64 = 1_293_840_000_000

    private func delivered(_ message: UnsafePointer<rd_kafka_message_t>) {
        let place = unsafe lastTopic.place(of: message)
        let code = unsafe message.pointee.err
        let error =
            code == RD_KAFKA_RESP_ERR_NO_ERROR ? nil : KafkaError(code, from: .delivery, at: place)
        guard let onDelivery else {
            failure = failure ?? error
            return
        }
        let offset = unsafe message.pointee.offset
        var kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let time = unsafe rd_kafka_message_timestamp(message, &kind)
        unsafe onDelivery(
            Delivery(
                token: UInt(bitPattern: message.pointee._private), error: error, place: place,
                offset: error != nil || offset < 0 ? nil : Offset(offset),
                appendedAtMilliseconds: Self.stamp(kind, time)))
    }
}
