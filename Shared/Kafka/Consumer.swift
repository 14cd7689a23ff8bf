import CRdKafka

/// What one poll returned. Answer `.assign` with `accept`, and `.revoke` with `release`. librdkafka waits for
/// the answer, so the loop can finish its present work first.
public enum Polled: ~Copyable {
    case record(FetchedRecord)
    /// All partitions this member has from now on; there may be none.
    case assign([TopicPartition])
    /// All partitions are asked back. `lost`: another member has them already, so nothing may be committed.
    case revoke([TopicPartition], lost: Bool)
    /// Everything up to the position has been read (needs `enable.partition.eof`).
    case reachedEnd(TopicPartition, Position)
    /// This is never the end of the stream: unless the remedy is `.restart`, log it and poll on.
    case failed(KafkaError)
    case log(LogLine)
    case idle
}

/// A member of a group, or a plain reader of partitions that it names itself.
///
/// Everything arrives through one queue, on the thread that polls: records, assignments, errors and log lines
/// are return values, and there is no callback. It never commits by itself. Poll at least every
/// `max.poll.interval.ms`, or the group takes the partitions away.
@safe public struct Consumer: ~Copyable {
    private let raw: OpaquePointer
    private let queue: OpaquePointer
    private let lastTopic = LastTopic()

    /// Without a `group` it is a reader: use `assign`. Its group id is a formality and is never joined,
    /// because librdkafka refuses `rd_kafka_assign` without one (`_UNKNOWN_GROUP`).
    public init(
        _ cluster: ClusterSettings, clientID: String, group: String?, isolation: Isolation = .readCommitted,
        overrides: [String: String] = [:]
    ) throws(KafkaError) {
        let role = Role.consumer(group: group ?? "\(clientID).reader", isolation)
        let events =
            RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_LOG
        let settings = role.settings(cluster, clientID: clientID, overrides: overrides)
        let client = try unsafe role.open(settings) { configuration in
            unsafe rd_kafka_conf_set_events(configuration, events)
        }
        _ = unsafe rd_kafka_poll_set_consumer(client)
        guard let queue = unsafe rd_kafka_queue_get_consumer(client) else {
            unsafe Destruction.destroy(client)
            throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, from: .configure)
        }
        _ = unsafe rd_kafka_set_log_queue(client, queue)
        unsafe raw = client
        unsafe self.queue = queue
    }

    /// Ends at once. A member that was not closed keeps its place in the group until `session.timeout.ms` has
    /// passed. Closing here would have to wait for answers that nobody could give any more.
    deinit {
        unsafe rd_kafka_queue_destroy(queue)
        unsafe Destruction.destroy(raw, flags: RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    }

    /// Joins the group for these topics. `poll` returns the partitions as `.assign`.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics.map { TopicPartition(topic: $0, partition: -1) })
        try unsafe KafkaError.check(rd_kafka_subscribe(raw, list.raw))
    }

    public borrowing func poll(timeoutMilliseconds: Int32) -> Polled {
        guard let event = unsafe rd_kafka_queue_poll(queue, timeoutMilliseconds) else { return .idle }
        if unsafe rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH {
            return unsafe fetched(adopting: event)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        switch unsafe rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_REBALANCE: return unsafe rebalanced(event)
        case RD_KAFKA_EVENT_ERROR: return unsafe failed(event)
        case RD_KAFKA_EVENT_LOG: return unsafe .log(LogLine(event: event))
        default: return .idle
        }
    }

    private func fetched(adopting event: OpaquePointer) -> Polled {
        guard let message = unsafe rd_kafka_event_message_next(event) else {
            unsafe rd_kafka_event_destroy(event)
            return .idle
        }
        guard unsafe message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let place = unsafe lastTopic.place(of: message)
            let error = unsafe KafkaError(message.pointee.err, from: .event, at: place)
            unsafe rd_kafka_event_destroy(event)
            return .failed(error)
        }
        return unsafe .record(FetchedRecord(adopting: event, message, topic: lastTopic.name(of: message)))
    }

    private func rebalanced(_ event: OpaquePointer) -> Polled {
        let partitions = unsafe PartitionList.partitions(of: rd_kafka_event_topic_partition_list(event))
        switch unsafe rd_kafka_event_error(event) {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            return .assign(partitions.sorted())
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            return unsafe .revoke(partitions.sorted(), lost: rd_kafka_assignment_lost(raw) != 0)
        case let code:
            // rdkafka.h, rd_kafka_conf_set_rebalance_cb: on an error, too, the assignment must be given up.
            _ = unsafe rd_kafka_assign(raw, nil)
            return .failed(KafkaError(code, from: .event))
        }
    }

    /// librdkafka reports the end of a partition as an error event. Its `offset` is the position after the
    /// last record.
    private func failed(_ event: OpaquePointer) -> Polled {
        if unsafe rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__PARTITION_EOF,
            let partition = unsafe rd_kafka_event_topic_partition(event)
        {
            defer { unsafe rd_kafka_topic_partition_destroy(partition) }
            let end = unsafe Position(next: max(0, partition.pointee.offset))
            return unsafe .reachedEnd(TopicPartition(partition.pointee), end)
        }
        return unsafe .failed(KafkaError(event: event, of: raw))
    }

    /// Answers `.assign`: the partitions are accepted, and each is read from its position.
    public func accept(_ positions: [TopicPartition: Position]) throws(KafkaError) { try assign(positions) }

    /// Answers `.revoke`.
    public func release() throws(KafkaError) { try unsafe KafkaError.check(rd_kafka_assign(raw, nil)) }

    /// Reads exactly these partitions, each from its position. This replaces the former assignment.
    ///
    /// Use it also to rewind: librdkafka drops the records that it fetched already.
    /// `rd_kafka_seek_partitions` is no alternative: in 2.0.2 it waits only a thousandth of its timeout
    /// (changelog of 2.1.0, #4230).
    public func assign(_ positions: [TopicPartition: Position]) throws(KafkaError) {
        let list = PartitionList(positions)
        try unsafe KafkaError.check(rd_kafka_assign(raw, list.raw))
    }

    /// Stops fetching these partitions; polling goes on. `assign` ends the pause.
    public func pause(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        try unsafe KafkaError.check(rd_kafka_pause_partitions(raw, list.raw))
    }

    public func resume(_ partitions: [TopicPartition]) throws(KafkaError) {
        let list = PartitionList(partitions)
        try unsafe KafkaError.check(rd_kafka_resume_partitions(raw, list.raw))
    }

    /// The group's committed positions; partitions that have none are left out.
    public func committed(
        _ partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Position] {
        try Retrying.ask(withinMilliseconds: timeoutMilliseconds) { milliseconds throws(KafkaError) in
            let list = PartitionList(partitions)
            try unsafe KafkaError.check(rd_kafka_committed(raw, list.raw, milliseconds))
            return try list.positions()
        }
    }

    /// The end of a partition according to the last fetch; nil before the first fetch. Does not ask the
    /// broker.
    public func knownEnd(of place: TopicPartition) -> Position? {
        var low: Int64 = 0
        var high: Int64 = 0
        let error = unsafe rd_kafka_get_watermark_offsets(
            raw, place.topic, place.partition, &low, &high)
        return error == RD_KAFKA_RESP_ERR_NO_ERROR && high >= 0 ? Position(next: high) : nil
    }

    /// Commits outside of any transaction and waits for the answer. Only for work that may be done twice.
    ///
    /// `rd_kafka_commit` waits without a limit for a coordinator (2.0.2, `rd_kafka_commit0`). So the answer
    /// goes to a queue of its own. After `_TIMED_OUT` nobody knows whether the positions are committed.
    public func commit(
        _ positions: [TopicPartition: Position], timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        let list = PartitionList(positions)
        guard let answers = unsafe rd_kafka_queue_new(raw) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, from: .ask)
        }
        defer { unsafe rd_kafka_queue_destroy(answers) }
        try unsafe KafkaError.check(rd_kafka_commit_queue(raw, list.raw, answers, nil, nil))
        guard let event = unsafe rd_kafka_queue_poll(answers, timeoutMilliseconds) else {
            throw KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT, from: .ask)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        try unsafe KafkaError.check(rd_kafka_event_error(event))
    }

    /// This member's identity and generation, for `Producer.sendOffsets`. Get it again for each transaction.
    public var groupMetadata: GroupMetadata { unsafe GroupMetadata(of: raw) }

    /// Leaves the group, so that the others, or a successor with another name, get the partitions at once.
    ///
    /// `whileClosing` is told which partitions are revoked and may still commit; the release follows. Records
    /// that arrive meanwhile are dropped: they are not committed, so the next owner reads them. The deadline
    /// limits the wait. False means that the deadline passed; then the group notices only at
    /// `session.timeout.ms`.
    @discardableResult
    public consuming func close(
        timeoutMilliseconds: Int32 = 10_000,
        whileClosing: (borrowing Consumer, [TopicPartition], _ lost: Bool) -> Void = { _, _, _ in }
    ) -> Bool {
        let deadline = ContinuousClock.now + .milliseconds(Int(timeoutMilliseconds))
        leave(by: deadline, whileClosing)
        if let error = unsafe rd_kafka_consumer_close_queue(raw, queue) {
            unsafe rd_kafka_error_destroy(error)
            return false
        }
        while unsafe rd_kafka_consumer_closed(raw) == 0 {
            if ContinuousClock.now >= deadline { return false }
            giveBack(whileClosing)
        }
        return true
    }

    /// A static member (`group.instance.id`) keeps its place when it closes (KIP-345), and nobody gets its
    /// partitions until the session ends. But if it unsubscribes first, it leaves the group: librdkafka skips
    /// the leave request only while it terminates (`rd_kafka_cgrp_leave_maybe`), and a broker removes any
    /// member that asks for it with its member id, static or not. When the member id is empty, the request
    /// has been sent.
    private func leave(
        by deadline: ContinuousClock.Instant,
        _ whileClosing: (borrowing Consumer, [TopicPartition], _ lost: Bool) -> Void
    ) {
        guard isMember, unsafe rd_kafka_unsubscribe(raw) == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        // A member that is still joining keeps its member id, so waiting for it would be in vain. Hence this
        // shorter limit.
        let deadline = min(deadline, .now + .milliseconds(Limit.leaveMilliseconds))
        while isMember, ContinuousClock.now < deadline { giveBack(whileClosing) }
    }

    private var isMember: Bool {
        guard let id = unsafe rd_kafka_memberid(raw) else { return false }
        defer { unsafe rd_kafka_mem_free(raw, id) }
        return unsafe id.pointee != 0
    }

    private func giveBack(_ whileClosing: (borrowing Consumer, [TopicPartition], _ lost: Bool) -> Void) {
        switch poll(timeoutMilliseconds: Limit.closePollMilliseconds) {
        case .revoke(let partitions, let lost):
            whileClosing(self, partitions, lost)
            _ = unsafe rd_kafka_assign(raw, nil)
        case .assign:
            _ = unsafe rd_kafka_assign(raw, nil)
        default: return
        }
    }
}

/// The identity of a group member. With it, sending offsets in a transaction fails for a member that the
/// group has expelled (KIP-447).
@safe public struct GroupMetadata: ~Copyable {
    let raw: OpaquePointer

    fileprivate init(of consumer: OpaquePointer) {
        guard let metadata = unsafe rd_kafka_consumer_group_metadata(consumer) else {
            preconditionFailure("only a consumer has group metadata")
        }
        unsafe raw = metadata
    }

    deinit { unsafe rd_kafka_consumer_group_metadata_destroy(raw) }
}

extension LogLine {
    init(event: OpaquePointer) {
        var facility: UnsafePointer<CChar>?
        var message: UnsafePointer<CChar>?
        var level: Int32 = 0
        _ = unsafe rd_kafka_event_log(event, &facility, &message, &level)
        unsafe self.init(level: level, facility: facility, message: message)
    }

    init(level: Int32, facility: UnsafePointer<CChar>?, message: UnsafePointer<CChar>?) {
        unsafe self.init(
            level: level, facility: facility.map { unsafe String(cString: $0) } ?? "",
            message: message.map { unsafe String(cString: $0) } ?? "")
    }
}
