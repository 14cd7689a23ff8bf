import CRdKafka

/// A setting of a topic, as the cluster has it.
public struct TopicSetting: Hashable, Sendable {
    public let value: String
    /// It was set for this topic. Otherwise it is what the brokers do with every topic.
    public let isOwn: Bool

    public init(value: String, isOwn: Bool) {
        self.value = value
        self.isOwn = isOwn
    }
}

/// How a topic is spread over the brokers.
public struct TopicSpread: Hashable, Sendable {
    public let partitions: Int32
    /// The copies of the partition that has the fewest.
    public let copies: Int32

    public init(partitions: Int32, copies: Int32) {
        self.partitions = partitions
        self.copies = copies
    }
}

extension Cluster {
    /// The partitions and the copies of every topic that this client may see.
    public func spreads(timeoutMilliseconds: Int32) throws(KafkaError) -> [String: TopicSpread] {
        defer { serveLog() }
        return try ask(timeoutMilliseconds) { milliseconds throws(KafkaError) in
            try spreadsOnce(timeoutMilliseconds: milliseconds)
        }
    }

    private func spreadsOnce(timeoutMilliseconds: Int32) throws(KafkaError) -> [String: TopicSpread] {
        var answer: UnsafePointer<rd_kafka_metadata>?
        try unsafe KafkaError.check(rd_kafka_metadata(raw, 1, nil, &answer, timeoutMilliseconds))
        guard let metadata = unsafe answer else { return [:] }
        defer { unsafe rd_kafka_metadata_destroy(metadata) }
        var spreads: [String: TopicSpread] = [:]
        for index in unsafe 0..<Int(metadata.pointee.topic_cnt) {
            let topic = unsafe metadata.pointee.topics[index]
            guard unsafe topic.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            let partitions = unsafe UnsafeBufferPointer(
                start: topic.partitions, count: Int(topic.partition_cnt))
            let copies = unsafe partitions.map { unsafe $0.replica_cnt }.min()
            let spread = unsafe TopicSpread(partitions: topic.partition_cnt, copies: copies ?? 0)
            spreads[unsafe String(cString: topic.topic)] = spread
        }
        return spreads
    }

    /// All settings of each of these topics. A topic that the cluster does not have is an error.
    public func settings(
        of topics: [String], timeoutMilliseconds: Int32
    ) throws(KafkaError) -> [String: [String: TopicSetting]] {
        guard !topics.isEmpty else { return [:] }
        var resources: [OpaquePointer?] = unsafe []
        defer { unsafe rd_kafka_ConfigResource_destroy_array(&resources, resources.count) }
        for topic in topics {
            unsafe resources.append(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic))
        }
        let event = try unsafe answer(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeoutMilliseconds) {
            options, queue in
            unsafe rd_kafka_DescribeConfigs(raw, &resources, resources.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let results = unsafe rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &count)
        var settings: [String: [String: TopicSetting]] = [:]
        for index in 0..<count {
            guard let resource = unsafe results?[index] else { continue }
            let name = unsafe String(cString: rd_kafka_ConfigResource_name(resource))
            try unsafe Self.check(resource, name)
            settings[name] = unsafe Self.settings(of: resource)
        }
        return settings
    }

    /// Sets these settings of a topic and keeps all others that were set for it.
    ///
    /// 2.0.2 has only AlterConfigs, which resets whatever it does not name (IncrementalAlterConfigs came with
    /// 2.2.0). So the topic's own settings are asked for first and sent along. If somebody else changes a
    /// setting of the same topic in between, that change is lost.
    public func set(
        _ settings: [String: String], of topic: String, timeoutMilliseconds: Int32
    ) throws(KafkaError) {
        let present = try self.settings(of: [topic], timeoutMilliseconds: timeoutMilliseconds)
        var all = (present[topic] ?? [:]).filter(\.value.isOwn).mapValues(\.value)
        all.merge(settings) { $1 }
        var resources: [OpaquePointer?] = unsafe [
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic)
        ]
        defer { unsafe rd_kafka_ConfigResource_destroy_array(&resources, resources.count) }
        for (name, value) in all {
            _ = unsafe rd_kafka_ConfigResource_set_config(resources[0], name, value)
        }
        let event = try unsafe answer(RD_KAFKA_ADMIN_OP_ALTERCONFIGS, timeoutMilliseconds) {
            options, queue in
            unsafe rd_kafka_AlterConfigs(raw, &resources, resources.count, options, queue)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        var count = 0
        let results = unsafe rd_kafka_AlterConfigs_result_resources(
            rd_kafka_event_AlterConfigs_result(event), &count)
        for index in 0..<count {
            guard let resource = unsafe results?[index] else { continue }
            try unsafe Self.check(resource, topic)
        }
    }

    private static func check(_ resource: OpaquePointer, _ topic: String) throws(KafkaError) {
        let code = unsafe rd_kafka_ConfigResource_error(resource)
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        let text = unsafe rd_kafka_ConfigResource_error_string(resource)
        let reason = unsafe text.map { unsafe String(cString: $0) } ?? "refused"
        throw KafkaError(code, from: .ask, reason: "topic \(topic): \(reason)")
    }

    private static func settings(of resource: OpaquePointer) -> [String: TopicSetting] {
        var count = 0
        let entries = unsafe rd_kafka_ConfigResource_configs(resource, &count)
        var settings: [String: TopicSetting] = [:]
        for index in 0..<count {
            guard let entry = unsafe entries?[index],
                // A sensitive setting has no value; topics have none of that kind.
                let value = unsafe rd_kafka_ConfigEntry_value(entry)
            else { continue }
            let name = unsafe String(cString: rd_kafka_ConfigEntry_name(entry))
            let source = unsafe rd_kafka_ConfigEntry_source(entry)
            settings[name] = unsafe TopicSetting(
                value: String(cString: value),
                isOwn: source == RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG)
        }
        return settings
    }
}
