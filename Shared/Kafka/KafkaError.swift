import CRdKafka

/// What the caller must do about an error.
public enum Remedy: Sendable {
    /// Nothing is lost: note it, and do the same again later.
    case retry
    /// Abort the transaction, rewind to the committed positions, go on.
    case abortTransaction
    /// This handle is of no more use, or nobody knows what became of the transaction: end the process.
    case restart
}

/// An error of librdkafka or of a broker, named by what the caller must do.
///
/// `reason` is for people. Decisions rest on `remedy`, `isFenced` and `isOffsetOutOfRange` alone.
public struct KafkaError: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int32
    public let name: String
    public let reason: String
    public let remedy: Remedy
    /// The partition it is about, where it is about one.
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

    /// Another instance took over this identity (a transactional id, a static member): it is the live one.
    public var isFenced: Bool {
        let fenced = [
            RD_KAFKA_RESP_ERR__FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH,
            RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
        ]
        return fenced.contains { $0.rawValue == code }
    }

    /// The position asked for is not in the log: retention took it, or the topic was made anew.
    ///
    /// It reaches us because `auto.offset.reset` is `error`; where to go on is the owner's decision.
    public var isOffsetOutOfRange: Bool {
        code == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET.rawValue
            || code == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE.rawValue
    }

    /// The log takes no such record, now or later: what is wrong with it no waiting mends.
    ///
    /// A broker says it of a batch, so it may be about another record of the same batch.
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
    /// Which call an error object came from decides what an unclassified error means.
    enum Origin { case plain, produceInTransaction, transaction }

    /// Adopts and destroys an `rd_kafka_error_t`.
    ///
    /// The order is that of librdkafka's `examples/transactions.c`: fatal, then abortable, then retriable;
    /// from a transactional call anything else counts as fatal. A record refused inside a transaction is
    /// different: 2.0.2 answers `_STATE` once the transaction is in its abortable state, and aborting is
    /// always allowed.
    init(adopting error: OpaquePointer, from origin: Origin) {
        defer { unsafe rd_kafka_error_destroy(error) }
        let remedy: Remedy =
            if unsafe rd_kafka_error_is_fatal(error) != 0 {
                .restart
            } else if unsafe rd_kafka_error_txn_requires_abort(error) != 0 {
                .abortTransaction
            } else if origin == .produceInTransaction {
                .abortTransaction
            } else if unsafe rd_kafka_error_is_retriable(error) != 0 {
                .retry
            } else {
                origin == .transaction ? .restart : .retry
            }
        let reason = unsafe String(cString: rd_kafka_error_string(error))
        unsafe self.init(rd_kafka_error_code(error), reason: reason, remedy: remedy)
    }

    /// An error event. `_FATAL` only says that there is a fatal error: `rd_kafka_fatal_error` has it.
    init(event: OpaquePointer, of client: OpaquePointer) {
        let code = unsafe rd_kafka_event_error(event)
        if code == RD_KAFKA_RESP_ERR__FATAL {
            self = unsafe .fatal(of: client)
            return
        }
        var place: TopicPartition?
        if let partition = unsafe rd_kafka_event_topic_partition(event) {
            place = unsafe TopicPartition(partition.pointee)
            unsafe rd_kafka_topic_partition_destroy(partition)
        }
        let reason = unsafe String(cString: rd_kafka_event_error_string(event))
        self.init(code, reason: reason, remedy: .retry, at: place)
    }

    private static func fatal(of client: OpaquePointer) -> KafkaError {
        var code = RD_KAFKA_RESP_ERR__FATAL
        let reason = unsafe text { text, size in unsafe code = rd_kafka_fatal_error(client, text, size) }
        return KafkaError(code, reason: reason, remedy: .restart)
    }

    /// Throws unless `code` is no error. For calls that answer with a bare code.
    static func check(
        _ code: rd_kafka_resp_err_t, remedy: Remedy = .retry, at place: TopicPartition? = nil
    ) throws(KafkaError) {
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(code, remedy: remedy, at: place)
        }
    }

    /// Lends a buffer to a C call that explains itself in one.
    static func text(_ body: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Limit.errorTextBytes) { buffer in
            unsafe buffer.initialize(repeating: 0)
            guard let text = buffer.baseAddress else { return "" }
            unsafe body(text, buffer.count)
            return unsafe String(cString: text)
        }
    }
}
