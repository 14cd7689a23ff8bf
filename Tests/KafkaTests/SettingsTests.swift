import Testing

@testable import Kafka

@Suite struct SettingsTests {
    @Test func environmentPassesThrough() {
        let settings = ClusterSettings(
            bootstrapServers: "127.0.0.1:1",
            environment: [
                "KAFKA_SECURITY_PROTOCOL": "ssl", "KAFKA_LOG_LEVEL": "3", "DAYU_KAFKA": "x", "PATH": "/bin",
            ])
        #expect(settings.passedThrough == ["security.protocol": "ssl", "log_level": "3"])
    }

    @Test func mandatoryBeatsOverrideBeatsEnvironment() {
        let cluster = ClusterSettings(
            bootstrapServers: "127.0.0.1:1",
            environment: [
                "KAFKA_ENABLE_AUTO_COMMIT": "true", "KAFKA_FETCH_WAIT_MAX_MS": "1",
                "KAFKA_CHECK_CRCS": "true",
                "KAFKA_BOOTSTRAP_SERVERS": "elsewhere:1",
            ])
        let merged = Role.consumer(group: "g", .readCommitted).settings(
            cluster, clientID: "c", overrides: ["fetch.wait.max.ms": "2", "auto.offset.reset": "latest"])
        #expect(merged["enable.auto.commit"] == "false")
        #expect(merged["enable.auto.offset.store"] == "false")
        #expect(merged["auto.offset.reset"] == "error")
        #expect(merged["allow.auto.create.topics"] == "false")
        #expect(merged["partition.assignment.strategy"] == "range")
        #expect(merged["fetch.wait.max.ms"] == "2")
        #expect(merged["check.crcs"] == "true")
        #expect(merged["bootstrap.servers"] == "127.0.0.1:1")
    }

    @Test func producerIsIdempotentWhateverIsAsked() {
        let cluster = ClusterSettings(
            bootstrapServers: "127.0.0.1:1", environment: ["KAFKA_ENABLE_IDEMPOTENCE": "false"])
        let merged = Role.producer(transactionalID: nil).settings(
            cluster, clientID: "c", overrides: ["partitioner": "random"])
        #expect(merged["enable.idempotence"] == "true")
        #expect(merged["partitioner"] == "murmur2_random")
        #expect(merged["allow.auto.create.topics"] == "false")
        #expect(merged["transactional.id"] == nil)
    }

    /// librdkafka refuses a request that may take longer than its transaction.
    @Test(arguments: [("60000", "10000"), ("6000", "6000")])
    func requestIsNotLongerThanItsTransaction(transaction: String, socket: String) throws {
        let cluster = ClusterSettings(
            bootstrapServers: "127.0.0.1:1", environment: ["KAFKA_TRANSACTION_TIMEOUT_MS": transaction])
        let merged = Role.producer(transactionalID: "t").settings(cluster, clientID: "c", overrides: [:])
        #expect(merged["socket.timeout.ms"] == socket)
        _ = try Producer(cluster, clientID: "settings", transactionalID: "t", onLog: { _ in })
    }

    @Test(arguments: [
        ("KAFKA_NO_SUCH_PROPERTY", "1", "no.such.property"),
        ("KAFKA_SECURITY_PROTOCOL", "carrier-pigeon", "security.protocol"),
        ("KAFKA_SESSION_TIMEOUT_MS", "-5", "session.timeout.ms"),
    ])
    func faultySettingIsNamed(variable: String, value: String, property: String) {
        let cluster = ClusterSettings(bootstrapServers: "127.0.0.1:1", environment: [variable: value])
        let error = failure { () throws(KafkaError) in
            _ = try Consumer(cluster, clientID: "settings", group: nil)
        }
        #expect(error?.reason.contains(property) == true, "\(String(describing: error))")
        #expect(error?.remedy == .restart)
    }

    @Test func contradictoryProducerSettingsAreExplained() {
        let cluster = ClusterSettings(bootstrapServers: "127.0.0.1:1", environment: ["KAFKA_ACKS": "1"])
        let error = failure { () throws(KafkaError) in _ = try Producer(cluster, clientID: "settings") }
        #expect(error?.reason.contains("acks") == true, "\(String(describing: error))")
    }

    @Test func positionsFollowOffsets() {
        #expect(Offset(6).following == Position(next: 7))
        #expect(Position.beginning < Position(next: 0))
        #expect(Position.beginning.description == "beginning")
    }
}
