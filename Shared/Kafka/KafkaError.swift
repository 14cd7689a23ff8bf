import CRdKafka

/// An error of librdkafka or of a broker, named by what the caller must do.
///
/// `reason` is for people. Decisions depend only on `remedy` and `isOffsetOutOfRange`.
public struct KafkaError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    public let name: String
    public let reason: String
    public let remedy: Remedy
    /// The partition that the error is about, if any.
    public let topicPartition: TopicPartition?

    init(
        _ code: rd_kafka_resp_err_t, reason: String? = nil, remedy: Remedy, at place: TopicPartition? = nil
    ) {
        self.code = code.rawValue
        name = unsafe String(cString: rd_kafka_err2name(code))
        self.reason = unsafe reason ?? String(cString: rd_kafka_err2str(code))
        self.remedy = remedy
        topicPartition = place
    }

    /// The position asked for is not in the log: retention removed it, or the topic was made again.
    ///
    /// We see this error because `auto.offset.reset` is `error`. The owner decides where to go on.
    public var isOffsetOutOfRange: Bool {
        code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue
            || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
    }

    /// It passes by itself: an election, a coordinator that is loading, a broken connection. The same
    /// question may be asked again at once. (The errors that Kafka's Java client calls retriable, and
    /// librdkafka's own.)
    public var isPassing: Bool {
        guard remedy == .retry else { return false }
        let passing = [
            RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN,
            RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, RD_KAFKA_RESP_ERR__WAIT_COORD,
            RD_KAFKA_RESP_ERR__WAIT_CACHE, RD_KAFKA_RESP_ERR__OUTDATED, RD_KAFKA_RESP_ERR__NODE_UPDATE,
            RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
            RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
            RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
            RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
            RD_KAFKA_RESP_ERR_NOT_CONTROLLER, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
            RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH,
            RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE,
            RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
            RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED,
            // What 2.0.2 reports when a connection breaks during a watermark query
            // (`rd_kafka_query_wmark_offsets_resp_cb`).
            RD_KAFKA_RESP_ERR__BAD_MSG,
        ]
        return passing.contains { $0.rawValue == code }
    }

    /// The log takes no such record, now or later: waiting does not help.
    ///
    /// A broker says this about a whole batch, so the cause may be another record of the same batch.
    public var refusesRecord: Bool {
        let refusals = [
            RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD,
            RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, RD_KAFKA_RESP_ERR_POLICY_VIOLATION,
        ]
        return refusals.contains { $0.rawValue == code }
    }

    public var description: String {
        let place = topicPartition.map { " at \($0)" } ?? ""
        return "\(name)\(place): \(reason)"
    }

    func with(remedy: Remedy) -> KafkaError {
        KafkaError(rd_kafka_resp_err_t(rawValue: code), reason: reason, remedy: remedy, at: topicPartition)
    }
}

extension KafkaError {
    /// An error that came as a bare code.
    init(
        _ code: rd_kafka_resp_err_t, from call: Call, reason: String? = nil, at place: TopicPartition? = nil
    ) {
        let gravity = Gravity(code: code.rawValue, isFatal: false, requiresAbort: false, isRetriable: false)
        self.init(code, reason: reason, remedy: Remedy(call, gravity), at: place)
    }

    /// Takes over an `rd_kafka_error_t` and destroys it.
    init(adopting error: OpaquePointer, from call: Call) {
        defer { unsafe rd_kafka_error_destroy(error) }
        let code = unsafe rd_kafka_error_code(error)
        let gravity = unsafe Gravity(
            code: code.rawValue, isFatal: rd_kafka_error_is_fatal(error) != 0,
            requiresAbort: rd_kafka_error_txn_requires_abort(error) != 0,
            isRetriable: rd_kafka_error_is_retriable(error) != 0)
        let reason = unsafe String(cString: rd_kafka_error_string(error))
        self.init(code, reason: reason, remedy: Remedy(call, gravity))
    }

    /// An event with an error. `isAnswer`: it answers an administrative request.
    ///
    /// According to `rdkafka.h` the code of an event with a fatal error is `_FATAL`. But 2.0.2 puts the
    /// error's own code there and sets a flag beside it. So we ask the client at every error event: an
    /// earlier fatal error counts, too.
    init(event: OpaquePointer, of client: OpaquePointer, isAnswer: Bool = false) {
        let code = unsafe rd_kafka_event_error(event)
        // Only an error event has the flag: for any other event 2.0.2 reads it from unrelated memory.
        let isFatal = unsafe !isAnswer && rd_kafka_event_error_is_fatal(event) != 0
        if let fatal = unsafe Self.fatal(of: client) {
            self = fatal
            return
        }
        var place: TopicPartition?
        if !isAnswer, let partition = unsafe rd_kafka_event_topic_partition(event) {
            place = unsafe TopicPartition(partition.pointee)
            unsafe rd_kafka_topic_partition_destroy(partition)
        }
        let gravity = Gravity(
            code: code.rawValue, isFatal: isFatal, requiresAbort: false, isRetriable: false)
        let reason = unsafe String(cString: rd_kafka_event_error_string(event))
        self.init(code, reason: reason, remedy: Remedy(.event, gravity), at: place)
    }

    /// The fatal error that this client has met, if any. After one, the client can't be used any more.
    static func fatal(of client: OpaquePointer) -> KafkaError? {
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        let reason = unsafe text { text, size in unsafe code = rd_kafka_fatal_error(client, text, size) }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return KafkaError(code, reason: reason, remedy: .restart)
    }

    /// Throws unless `code` is no error. For calls that answer with a bare code.
    static func check(
        _ code: rd_kafka_resp_err_t, at place: TopicPartition? = nil
    ) throws(KafkaError) {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, from: .ask, at: place) }
    }

    /// Lends a buffer to a C call that writes its explanation there.
    static func text(_ body: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Limit.errorTextBytes) { buffer in
            unsafe buffer.initialize(repeating: 0)
            guard let text = buffer.baseAddress else { return "" }
            unsafe body(text, buffer.count)
            return unsafe String(cString: text)
        }
    }
}
