import CRdKafka

/// Sends records, idempotently, acknowledged by all in-sync replicas.
///
/// Everything happens on the thread that owns it: delivery reports and log lines come out of `poll`, `flush`,
/// `commit` and `abort`. Reports are the module's one callback, because `rd_kafka_commit_transaction` cannot
/// be served from an event queue on the same thread (`rdkafka.h`). Flush before releasing the producer:
/// records that are still queued then are dropped.
@safe public struct Producer: ~Copyable {
    let raw: OpaquePointer
    let callbacks: Callbacks
    private let isTransactional: Bool
    let transactionMilliseconds: Int32
    /// Returns true if a wait for the cluster should end soon.
    let isStopping: () -> Bool
    /// Makes a `poll` in progress return, from any thread.
    public let waker: Waker

    /// `onDelivery` gets each record's report. Without it, `flush` throws the first failure. `onLog` gets
    /// librdkafka's log lines. Once `isStopping` returns true, a transaction or a flush gets only
    /// `Limit.stopMilliseconds` more, and not all of its time.
    public init(
        _ cluster: ClusterSettings, clientID: String, overrides: [String: String] = [:],
        transactionalID: String? = nil, isStopping: @escaping () -> Bool = { false },
        onLog: ((LogLine) -> Void)? = nil,
        onDelivery: ((Delivery) -> Void)? = nil
    ) throws(KafkaError) {
        let role = Role.producer(transactionalID: transactionalID)
        let callbacks = Callbacks(onDelivery: onDelivery, onLog: onLog)
        let settings = role.settings(cluster, clientID: clientID, overrides: overrides)
        let client = try unsafe role.open(settings) { unsafe callbacks.register(on: $0, forDeliveries: true) }
        _ = unsafe rd_kafka_set_log_queue(client, nil)
        unsafe raw = client
        self.callbacks = callbacks
        isTransactional = transactionalID != nil
        self.isStopping = isStopping
        transactionMilliseconds =
            settings["transaction.timeout.ms"].flatMap(Int32.init) ?? Limit.transactionMilliseconds
        waker = unsafe Waker(of: client)
    }

    /// The owner of the callbacks must outlive the handle, whose destructor may still log.
    deinit {
        unsafe Destruction.destroy(raw)
        withExtendedLifetime(callbacks) {}
    }

    /// How many records wait for their delivery report.
    public var outstanding: Int { unsafe Int(rd_kafka_outq_len(raw)) }

    /// Queues a record; librdkafka copies it. `token` comes back in the delivery report.
    ///
    /// Delivery reports may be served during this call: while the queue is full, and from time to time within
    /// a transaction.
    public func send(_ record: OutgoingRecord, token: UInt = 0) throws(KafkaError) {
        let headers = HeaderList(capacity: record.headers.count)
        for header in record.headers { headers.add(header.name, header.value) }
        try send(
            topic: record.topic, partition: record.partition, key: record.key, value: record.value,
            headers: headers, token: token)
    }

    /// The same for the parts of a record, without putting them together first.
    ///
    /// - Parameter timestampMilliseconds: since 1970; 0 stands for now (`rd_kafka_produceva`).
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?,
        headers: consuming HeaderList, timestampMilliseconds: Int64 = 0, token: UInt = 0
    ) throws(KafkaError) {
        for attempt in 1... {
            let failure = unsafe topic.withCString { topic in
                unsafe key.withBytes(orEmpty: topic) { key in
                    unsafe value.withBytes(orEmpty: topic) { value in
                        unsafe produce(
                            topic, partition, key, value, headers.raw, timestampMilliseconds, token)
                    }
                }
            }
            // If the call failed, the list still belongs to us (rdkafka.h, RD_KAFKA_VTYPE_HEADERS).
            guard let error = unsafe failure else {
                headers.release()
                return serveNowAndThen()
            }
            let isFull = unsafe rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL
            guard isFull, attempt < Limit.sendAttempts else {
                throw unsafe KafkaError(
                    adopting: error, from: isTransactional ? .sendInTransaction : .send)
            }
            unsafe rd_kafka_error_destroy(error)
            _ = poll(timeoutMilliseconds: Limit.sendPollMilliseconds)
        }
    }

    /// When a record's report is served, its memory is freed while it is still in the cache, and the next
    /// record can use it. This is done only for transactions, because only they send that many records at
    /// once, and because a wake-up that arrives during this call would be lost.
    private func serveNowAndThen() {
        guard isTransactional else { return }
        callbacks.sent += 1
        if callbacks.sent.isMultiple(of: Limit.sendsPerPoll) { poll(timeoutMilliseconds: 0) }
    }

    private func produce(
        _ topic: UnsafePointer<CChar>, _ partition: Int32?, _ key: LentBytes, _ value: LentBytes,
        _ headers: OpaquePointer?, _ timestamp: Int64, _ token: UInt
    ) -> OpaquePointer? {
        let fields: [8 of rd_kafka_vu_t] = unsafe [
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_TOPIC, u: .init(cstr: topic)),
            rd_kafka_vu_t(
                vtype: RD_KAFKA_VTYPE_PARTITION, u: .init(i32: partition ?? RD_KAFKA_PARTITION_UA)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_KEY, u: .init(mem: key)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_VALUE, u: .init(mem: value)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_HEADERS, u: .init(headers: headers)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_TIMESTAMP, u: .init(i64: timestamp)),
            rd_kafka_vu_t(vtype: RD_KAFKA_VTYPE_MSGFLAGS, u: .init(i: RD_KAFKA_MSG_F_COPY)),
            rd_kafka_vu_t(
                vtype: RD_KAFKA_VTYPE_OPAQUE, u: .init(ptr: UnsafeMutableRawPointer(bitPattern: token))),
        ]
        return unsafe fields.span.withUnsafeBufferPointer { fields in
            unsafe rd_kafka_produceva(raw, fields.baseAddress, fields.count)
        }
    }

    /// Serves delivery reports and log lines on this thread; returns how many.
    @discardableResult
    public func poll(timeoutMilliseconds: Int32) -> Int {
        unsafe Int(rd_kafka_poll(raw, timeoutMilliseconds))
    }

    /// Waits until every record sent has its report. Throws `_TIMED_OUT` if some have none.
    public func flush(timeoutMilliseconds: Int32) throws(KafkaError) {
        var left = timeoutMilliseconds
        while true {
            let slice = min(left, Limit.flushSliceMilliseconds)
            let answer = unsafe rd_kafka_flush(raw, slice)
            left -= slice
            guard answer == RD_KAFKA_RESP_ERR__TIMED_OUT, left > 0 else {
                try KafkaError.check(answer)
                break
            }
            if isStopping() { left = min(left, Int32(Limit.stopMilliseconds)) }
        }
        if let failure = callbacks.takeFailure() { throw failure }
    }
}

/// What became of a sent record.
public struct Delivery: Sendable {
    /// The token that was given to `send`.
    public let token: UInt
    /// Nil once all in-sync replicas have it.
    public let error: KafkaError?
    public let place: TopicPartition
    public let offset: Offset?
    /// By the broker's clock, in milliseconds since 1970; only where the topic's `message.timestamp.type` is
    /// `LogAppendTime`.
    public let appendedAtMilliseconds: Int64?
}

/// Makes a `Producer.poll` in progress return at once; if none is in progress, the next one.
///
/// `@unchecked Sendable` because it only ever calls `rd_kafka_queue_yield`, which `rdkafka.h` offers for
/// use from another thread. It holds a reference of its own to the queue, which librdkafka counts under the
/// queue's lock: waking after the producer is gone does nothing.
@safe public final class Waker: @unchecked Sendable {
    private let queue: OpaquePointer

    fileprivate init(of client: OpaquePointer) {
        guard let queue = unsafe rd_kafka_queue_get_main(client) else {
            preconditionFailure("a producer has a main queue")
        }
        unsafe self.queue = queue
    }

    deinit { unsafe rd_kafka_queue_destroy(queue) }

    public func wake() { unsafe rd_kafka_queue_yield(queue) }
}

/// The headers of a record to be sent, as librdkafka holds them.
@safe public struct HeaderList: ~Copyable {
    fileprivate let raw: OpaquePointer?

    public init(capacity: Int) { unsafe raw = rd_kafka_headers_new(capacity) }

    deinit { if let raw = unsafe raw { unsafe rd_kafka_headers_destroy(raw) } }

    /// librdkafka has taken the list together with the record.
    fileprivate consuming func release() { discard self }

    public func add(_ name: String, _ value: [UInt8]) {
        add(name, value.span)
    }

    public func add(_ name: String, _ value: String) {
        add(name, value.utf8Span.span)
    }

    /// librdkafka copies both. We pass the length of the name, so that no zero byte is needed after it: for
    /// that, Swift would make a copy.
    private func add(_ name: String, _ value: Span<UInt8>) {
        let name = name.utf8Span.span
        unsafe name.withUnsafeBytes { name in
            unsafe value.withUnsafeBytes { value in
                let name = unsafe name.assumingMemoryBound(to: CChar.self)
                _ = unsafe rd_kafka_header_add(
                    raw, name.baseAddress, name.count, value.baseAddress, value.count)
            }
        }
    }
}

private typealias LentBytes = rd_kafka_vu_t.__Unnamed_union_u.__Unnamed_struct_mem

extension [UInt8]? {
    /// Lends the bytes to C. There a null pointer means “none”, so `elsewhere` is passed for an empty array.
    fileprivate func withBytes<R>(
        orEmpty elsewhere: UnsafePointer<CChar>, _ body: (LentBytes) -> R
    ) -> R {
        guard let bytes = self else { return unsafe body(LentBytes(ptr: nil, size: 0)) }
        return unsafe bytes.withUnsafeBytes { buffer in
            let start = unsafe buffer.baseAddress ?? UnsafeRawPointer(elsewhere)
            return unsafe body(LentBytes(ptr: UnsafeMutableRawPointer(mutating: start), size: buffer.count))
        }
    }
}
