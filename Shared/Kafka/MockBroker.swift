import CRdKafka

/// A cluster in memory, on a port of the loopback interface: librdkafka's own (`rdkafka_mock.h`).
///
/// It is enough to try the suite and to test this module. Version 2.0.2 of it shows aborted records to
/// everyone, stores no offsets sent in a transaction, fences nobody, does not know CreateTopics, and holds 5
/// MiB or 100,000 records per partition. It creates a topic when a client asks for one that does not exist.
@safe public struct MockBroker: ~Copyable {
    private let raw: OpaquePointer
    private let client: OpaquePointer

    /// The requests whose answers `fail` can spoil. The numbers are the protocol's.
    public enum Request: Int16, Sendable {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case syncGroup = 14
        case initProducerID = 22
        case addPartitionsToTransaction = 24
        case addOffsetsToTransaction = 25
        case endTransaction = 26
        case transactionOffsetCommit = 28
    }

    /// Brokers are numbered from 1; a topic named twice is created once.
    public init(brokers: Int32 = 1, topics: [(name: String, partitions: Int32)] = []) throws(KafkaError) {
        let client = try unsafe Role.administrator.open(["client.id": "mock", "log_level": "3"])
        guard let cluster = unsafe rd_kafka_mock_cluster_new(client, brokers) else {
            unsafe Destruction.destroy(client)
            throw KafkaError(RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, from: .configure)
        }
        for topic in topics {
            _ = unsafe rd_kafka_mock_topic_create(cluster, topic.name, topic.partitions, 1)
        }
        unsafe raw = cluster
        unsafe self.client = client
    }

    deinit {
        unsafe rd_kafka_mock_cluster_destroy(raw)
        unsafe Destruction.destroy(client)
    }

    public var bootstrapServers: String { unsafe String(cString: rd_kafka_mock_cluster_bootstraps(raw)) }

    /// Fails if the topic exists.
    public func createTopic(_ name: String, partitions: Int32) throws(KafkaError) {
        try unsafe KafkaError.check(rd_kafka_mock_topic_create(raw, name, partitions, 1))
    }

    /// Drops the connections and takes no new ones. Without a number, all brokers.
    public func setDown(broker: Int32 = -1) { _ = unsafe rd_kafka_mock_broker_set_down(raw, broker) }

    public func setUp(broker: Int32 = -1) { _ = unsafe rd_kafka_mock_broker_set_up(raw, broker) }

    public func setRoundTrip(milliseconds: Int32, broker: Int32 = -1) {
        _ = unsafe rd_kafka_mock_broker_set_rtt(raw, broker, milliseconds)
    }

    /// Answers the next requests of a kind with these error codes, one each. A code of -195 (`_TRANSPORT`)
    /// breaks the connection instead.
    public func fail(_ request: Request, with codes: [Int32]) {
        let errors = codes.map { rd_kafka_resp_err_t(rawValue: $0) }
        unsafe rd_kafka_mock_push_request_errors_array(raw, request.rawValue, errors.count, errors)
    }

    /// Lets a test change the cluster while another thread waits for a call.
    public var levers: Levers { unsafe Levers(raw) }

    /// Do not use it after the broker is gone.
    ///
    /// `@unchecked Sendable` because each of these only sends a message to the cluster's own thread and waits
    /// for the answer (`rdkafka_mock.c`).
    @safe public struct Levers: @unchecked Sendable {
        private let raw: OpaquePointer

        fileprivate init(_ raw: OpaquePointer) { unsafe self.raw = raw }

        public func setUp(broker: Int32 = -1) { _ = unsafe rd_kafka_mock_broker_set_up(raw, broker) }

        /// Makes another broker the leader of a partition: clients meet NOT_LEADER_FOR_PARTITION.
        public func setLeader(of place: TopicPartition, broker: Int32) {
            _ = unsafe rd_kafka_mock_partition_set_leader(raw, place.topic, place.partition, broker)
        }

        public func setCoordinator(transactionalID: String, broker: Int32) {
            _ = unsafe rd_kafka_mock_coordinator_set(raw, "transaction", transactionalID, broker)
        }

        public func setCoordinator(group: String, broker: Int32) {
            _ = unsafe rd_kafka_mock_coordinator_set(raw, "group", group, broker)
        }
    }
}
