import CRdKafka

/// A topic to create. A replication factor of -1 leaves it to the broker (Kafka ≥ 2.4).
public struct TopicPlan: Hashable, Sendable {
    public var name: String
    public var partitions: Int32
    public var replicationFactor: Int32
    /// Such as `cleanup.policy` and `retention.ms`.
    public var settings: [String: String]

    public init(
        name: String, partitions: Int32, replicationFactor: Int32 = -1, settings: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.settings = settings
    }
}

/// Questions to the cluster, and topics to create. Every call waits for its answer. If an election or a
/// broken connection prevents an answer, the question is repeated until its time is over.
///
/// It reads uncommitted records unless told otherwise, because a high watermark must not depend on open
/// transactions: to a reader of committed records librdkafka answers the last stable offset instead
/// (`isolation.level`, ListOffsets).
@safe public struct Cluster: ~Copyable {
    let raw: OpaquePointer
    private let callbacks: Callbacks

    /// Before a call returns, `onLog` gets librdkafka's log lines; only they say why a connection fails.
    public init(
        _ cluster: ClusterSettings, clientID: String, isolation: Isolation = .readUncommitted,
        overrides: [String: String] = [:], onLog: ((LogLine) -> Void)? = nil
    ) throws(KafkaError) {
        let role = Role.administrator
        let callbacks = Callbacks(onDelivery: nil, onLog: onLog)
        var settings = role.settings(cluster, clientID: clientID, overrides: overrides)
        settings["isolation.level"] = isolation.rawValue
        let client = try unsafe role.open(settings) {
            unsafe callbacks.register(on: $0, forDeliveries: false)
        }
        _ = unsafe rd_kafka_set_log_queue(client, nil)
        unsafe raw = client
        self.callbacks = callbacks
    }

    /// The owner of the callbacks must outlive the handle, whose destructor may still log.
    deinit {
        unsafe Destruction.destroy(raw)
        withExtendedLifetime(callbacks) {}
    }

    func serveLog() { _ = unsafe rd_kafka_poll(raw, 0) }

    /// The identity that the cluster got when it was made; `nil` if it did not answer in time.
    public func clusterID(timeoutMilliseconds: Int32) -> String? {
        defer { serveLog() }
        guard let id = unsafe rd_kafka_clusterid(raw, timeoutMilliseconds) else { return nil }
        defer { unsafe rd_kafka_mem_free(raw, id) }
        return unsafe String(cString: id)
    }

    /// How many partitions each topic has, for all topics this client may see.
    ///
    /// - Parameter withLeaders: only topics whose partitions all have a leader now. A new topic has none for
    ///   a moment.
    public func topics(
        withLeaders: Bool = false, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [String: Int32] {
        defer { serveLog() }
        let leaders = try ask(timeoutMilliseconds) { milliseconds throws(KafkaError) in
            try leadersOnce(timeoutMilliseconds: milliseconds)
        }
        return leaders.filter { !withLeaders || $1.allSatisfy { $0.broker != nil } }
            .mapValues { Int32($0.count) }
    }

    /// The broker that leads each partition of a topic; partitions without a leader are left out.
    public func leaders(
        of topic: String, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Int32] {
        defer { serveLog() }
        let leaders = try ask(timeoutMilliseconds) { milliseconds throws(KafkaError) in
            try leadersOnce(timeoutMilliseconds: milliseconds)
        }
        var places: [TopicPartition: Int32] = [:]
        for leader in leaders[topic] ?? [] {
            places[TopicPartition(topic: topic, partition: leader.partition)] = leader.broker
        }
        return places
    }

    private struct Leader {
        let partition: Int32
        /// Nil if the partition has no leader now.
        let broker: Int32?
    }

    /// The leaders of the partitions of each topic that can be described.
    private func leadersOnce(timeoutMilliseconds: Int32) throws(KafkaError) -> [String: [Leader]] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        try unsafe KafkaError.check(rd_kafka_metadata(raw, 1, nil, &answer, timeoutMilliseconds))
        guard let metadata = unsafe answer else { return [:] }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        var leaders: [String: [Leader]] = [:]
        for index in unsafe 0..<Int(metadata.pointee.topic_cnt) {
            let topic = unsafe metadata.pointee.topics[index]
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let partitions = unsafe UnsafeBufferPointer(
                start: topic.partitions, count: Int(topic.partition_cnt))
            let name = unsafe String(cString: topic.topic)
            leaders[name] = unsafe partitions.map { partition in
                // A negative number means no broker (`rd_kafka_metadata_partition`).
                let broker = unsafe partition.leader >= 0 ? partition.leader : nil
                return unsafe Leader(partition: partition.id, broker: broker)
            }
        }
        return leaders
    }

    /// `nil` if there is no such topic.
    public func partitionCount(
        of topic: String, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> Int32? {
        try topics(timeoutMilliseconds: timeoutMilliseconds)[topic]
    }

    /// Asks the leader of each partition in turn; the timeout is for one question.
    public func watermarks(
        of partitions: [TopicPartition], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [TopicPartition: Watermarks] {
        defer { serveLog() }
        var watermarks: [TopicPartition: Watermarks] = [:]
        for place in partitions {
            var isRepeated = false
            watermarks[place] = try ask(timeoutMilliseconds) { milliseconds throws(KafkaError) in
                // 2.0.2 keeps asking the leader that it remembers, until it gets the metadata of all topics.
                if isRepeated { _ = try leadersOnce(timeoutMilliseconds: milliseconds) }
                isRepeated = true
                return try marks(of: place, timeoutMilliseconds: milliseconds)
            }
        }
        return watermarks
    }

    /// 2.0.2 waits for this answer for `socket.timeout.ms`, whatever timeout we pass. That is why
    /// `socket.timeout.ms` is short (`Role.settings`).
    private func marks(
        of place: TopicPartition, timeoutMilliseconds: Int32
    ) throws(KafkaError) -> Watermarks {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = unsafe rd_kafka_query_watermark_offsets(
            raw, place.topic, place.partition, &low, &high, timeoutMilliseconds)
        try KafkaError.check(code, at: place)
        return Watermarks(low: Position(next: max(0, low)), high: Position(next: max(0, high)))
    }

    func ask<R>(
        _ timeoutMilliseconds: Int32, _ question: (Int32) throws(KafkaError) -> R
    ) throws(KafkaError) -> R {
        try Retrying.ask(withinMilliseconds: timeoutMilliseconds, question)
    }

    /// Creates the topics that do not exist yet, and returns which ones. An existing topic is left as it is:
    /// the caller must check whether its partitions fit.
    @discardableResult
    public func createTopics(
        _ plans: [TopicPlan], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [String] {
        guard !plans.isEmpty else { return [] }
        var topics: [OpaquePointer?] = unsafe []
        defer { unsafe rd_kafka_NewTopic_destroy_array(&topics, topics.count) }
        for plan in plans { unsafe topics.append(try Self.newTopic(plan)) }
        let event = try unsafe answer(RD_KAFKA_ADMIN_OP_CREATETOPICS, timeoutMilliseconds) { options, queue in
            unsafe rd_kafka_CreateTopics(raw, &topics, topics.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event), &count)
        var created: [String] = []
        for index in 0..<count {
            guard let result = unsafe results?[index] else { continue }
            let code = unsafe rd_kafka_topic_result_error(result)
            if code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { continue }
            let name = unsafe String(cString: rd_kafka_topic_result_name(result))
            guard code == RD_KAFKA_RESP_ERR_NO_ERROR else {
                let text = unsafe rd_kafka_topic_result_error_string(result)
                let reason = unsafe text.map { unsafe String(cString: $0) } ?? "not created"
                throw KafkaError(code, from: .ask, reason: "topic \(name): \(reason)")
            }
            created.append(name)
        }
        return created
    }

    private static func newTopic(_ plan: TopicPlan) throws(KafkaError) -> OpaquePointer {
        var made: OpaquePointer?
        let text = unsafe KafkaError.text { text, size in
            unsafe made = rd_kafka_NewTopic_new(
                plan.name, plan.partitions, plan.replicationFactor, text, size)
        }
        guard let topic = unsafe made else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__INVALID_ARG, from: .configure, reason: "topic \(plan.name): \(text)")
        }
        for (name, value) in plan.settings {
            _ = unsafe rd_kafka_NewTopic_set_config(topic, name, value)
        }
        return unsafe topic
    }

    /// How many members a group has now; 0 for a group that nobody ever joined.
    ///
    /// `rd_kafka_DescribeConsumerGroups` is newer, but with a broker that does not know that request (such as
    /// its own mock) 2.0.2 never finishes it, and then `rd_kafka_destroy` waits for ever.
    public func members(of group: String, timeoutMilliseconds: Int32) throws(KafkaError) -> Int {
        defer { serveLog() }
        return try ask(timeoutMilliseconds) { milliseconds throws(KafkaError) in
            try membersOnce(of: group, timeoutMilliseconds: milliseconds)
        }
    }

    private func membersOnce(of group: String, timeoutMilliseconds: Int32) throws(KafkaError) -> Int {
        var answer: UnsafePointer<rd_kafka_group_list>?
        let code = unsafe rd_kafka_list_groups(raw, group, &answer, timeoutMilliseconds)
        // An error may come together with a part of the answer.
        defer { if let list = unsafe answer { unsafe rd_kafka_group_list_destroy(list) } }
        try KafkaError.check(code)
        guard let list = unsafe answer, unsafe list.pointee.group_cnt > 0 else { return 0 }
        let found = unsafe list.pointee.groups[0]
        try unsafe KafkaError.check(found.err)
        return unsafe Int(found.member_cnt)
    }

    /// Makes an administrative request and waits for the event that answers it. The caller destroys the
    /// event.
    func answer(
        _ operation: rd_kafka_admin_op_t, _ timeoutMilliseconds: Int32,
        _ request: (OpaquePointer?, OpaquePointer?) -> Void
    ) throws(KafkaError) -> OpaquePointer {
        defer { serveLog() }
        let options = unsafe rd_kafka_AdminOptions_new(raw, operation)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        let timeout = max(1, timeoutMilliseconds)
        _ = unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout, nil, 0)
        // At the request's timeout librdkafka should answer `_TIMED_OUT` itself.
        let limit = Int32(clamping: Int64(timeout) + Self.graceMilliseconds)
        let event = try unsafe firstEvent(withinMilliseconds: limit) { unsafe request(options, $0) }
        guard unsafe rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            defer { unsafe rd_kafka_event_destroy(event) }
            throw unsafe KafkaError(event: event, of: raw, isAnswer: true)
        }
        return unsafe event
    }

    private static let graceMilliseconds: Int64 = 5000

    /// The first event on the queue that `request` gets. The caller destroys it. The wait has a limit of its
    /// own, so that a fault of librdkafka can't block the process.
    func firstEvent(
        withinMilliseconds limit: Int32, _ request: (OpaquePointer?) -> Void
    ) throws(KafkaError) -> OpaquePointer {
        let queue = unsafe rd_kafka_queue_new(raw)
        defer { unsafe rd_kafka_queue_destroy(queue) }
        unsafe request(queue)
        guard let event = unsafe rd_kafka_queue_poll(queue, limit) else {
            throw KafkaError(
                RD_KAFKA_RESP_ERR__TIMED_OUT, from: .ask,
                reason: "librdkafka gave no answer within \(limit) ms")
        }
        return unsafe event
    }
}
