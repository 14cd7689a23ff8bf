import Kafka
import Testing

@Suite struct ReaderTests {
    /// A broker whose topic `log` has ten records in partition 0, “0” to “9”, and two in partition 1.
    private func filledBroker() throws -> MockBroker {
        let broker = try MockBroker(topics: [("log", 2)])
        let producer = try Producer(.mock(broker), clientID: "fill")
        for number in 0..<10 { try producer.send(OutgoingRecord("log", 0, String(number))) }
        for number in 0..<2 { try producer.send(OutgoingRecord("log", 1, "b\(number)")) }
        try producer.flush(timeoutMilliseconds: 10_000)
        return broker
    }

    @Test func readsFromThePositionAndRewinds() throws {
        let broker = try filledBroker()
        let reader = try Consumer(.mock(broker), clientID: "reader", group: nil)
        try reader.assign([partition("log"): Position(next: 5)])
        #expect(try reader.records(3).map(\.text) == ["5", "6", "7"])
        try reader.assign([partition("log"): Position(next: 2)])
        #expect(try reader.records(8).map(\.text) == ["2", "3", "4", "5", "6", "7", "8", "9"])
        try reader.assign([partition("log", 1): .beginning])
        #expect(try reader.records(2).map(\.text) == ["b0", "b1"])
    }

    @Test func reportsTheEndWithItsPosition() throws {
        let broker = try filledBroker()
        let reader = try Consumer(
            .mock(broker), clientID: "reader", group: nil, overrides: ["enable.partition.eof": "true"])
        try reader.assign([partition("log"): Position(next: 8)])
        #expect(try reader.records(2).map(\.text) == ["8", "9"])
        let (place, position) = try reader.nextEnd()
        #expect(place == partition("log"))
        #expect(position == Position(next: 10))
        try reader.assign([partition("log"): Position(next: 10)])
        #expect(try reader.nextEnd().1 == Position(next: 10))
    }

    @Test func positionOutsideOfTheLogIsAnError() throws {
        let broker = try filledBroker()
        let reader = try Consumer(.mock(broker), clientID: "reader", group: nil)
        try reader.assign([partition("log"): Position(next: 1_000)])
        let error = try reader.nextFailure("out of range") { $0.isOffsetOutOfRange }
        #expect(error.topicPartition == partition("log"))
        #expect(error.remedy == .retry)
    }

    @Test func pausedPartitionIsNotRead() throws {
        let broker = try filledBroker()
        let reader = try Consumer(.mock(broker), clientID: "reader", group: nil)
        try reader.assign([partition("log"): .beginning, partition("log", 1): .beginning])
        try reader.pause([partition("log")])
        #expect(try reader.records(2).map(\.text) == ["b0", "b1"])
        try reader.resume([partition("log")])
        #expect(try reader.records(10).map(\.text).first == "0")
    }

    @Test func droppingAReaderInMidStreamDoesNotHang() throws {
        let broker = try filledBroker()
        let started = ContinuousClock.now
        do {
            let reader = try Consumer(.mock(broker), clientID: "reader", group: nil)
            try reader.assign([partition("log"): .beginning])
            _ = try reader.nextRecord()
        }
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func awayBrokerIsAnErrorAndNotTheEnd() throws {
        let broker = try filledBroker()
        let reader = try Consumer(.mock(broker), clientID: "reader", group: nil)
        try reader.assign([partition("log"): .beginning])
        #expect(try reader.records(10).count == 10)
        broker.setDown()
        _ = try reader.nextFailure("a broken connection") { $0.remedy == .retry }
        broker.setUp()
        let producer = try Producer(.mock(broker), clientID: "fill")
        try producer.send(OutgoingRecord("log", 0, "10"))
        try producer.flush(timeoutMilliseconds: 20_000)
        #expect(try reader.nextRecord().text == "10")
    }
}

@Suite struct ClusterTests {
    @Test func topicsHavePartitionsAndWatermarks() throws {
        let broker = try MockBroker(brokers: 2, topics: [("one", 1), ("three", 3)])
        let producer = try Producer(.mock(broker), clientID: "marks")
        for _ in 0..<4 { try producer.send(OutgoingRecord("three", 2, "x")) }
        try producer.flush(timeoutMilliseconds: 10_000)
        let cluster = try Cluster(.mock(broker), clientID: "marks")
        #expect(try cluster.topics(timeoutMilliseconds: 10_000) == ["one": 1, "three": 3])
        #expect(try cluster.partitionCount(of: "three", timeoutMilliseconds: 10_000) == 3)
        #expect(try cluster.partitionCount(of: "none", timeoutMilliseconds: 10_000) == nil)
        #expect(cluster.clusterID(timeoutMilliseconds: 10_000)?.isEmpty == false)
        let marks = try cluster.watermarks(
            of: [partition("three", 0), partition("three", 2)], timeoutMilliseconds: 10_000)
        #expect(marks[partition("three", 0)]?.isEmpty == true)
        #expect(
            marks[partition("three", 2)] == Watermarks(low: Position(next: 0), high: Position(next: 4)))
    }

    @Test func unreachableClusterIsAnErrorInTime() throws {
        let cluster = try Cluster(
            ClusterSettings(bootstrapServers: "127.0.0.1:1"), clientID: "away")
        let started = ContinuousClock.now
        let error = failure { () throws(KafkaError) in _ = try cluster.topics(timeoutMilliseconds: 300) }
        #expect(error?.remedy == .retry)
        #expect(cluster.clusterID(timeoutMilliseconds: 300) == nil)
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    /// The mock has no controller, and librdkafka waits for one as long as it may.
    @Test func creatingTopicsIsBounded() throws {
        let broker = try MockBroker()
        let cluster = try Cluster(.mock(broker), clientID: "create")
        let started = ContinuousClock.now
        let error = failure { () throws(KafkaError) in
            try cluster.createTopics([TopicPlan(name: "t", partitions: 1)], timeoutMilliseconds: 1_000)
        }
        #expect(error?.name == "_TIMED_OUT", "\(String(describing: error))")
        #expect(error?.remedy == .retry)
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func clusterTellsWhyItCannotConnect() throws {
        var lines: [LogLine] = []
        let cluster = try Cluster(
            ClusterSettings(bootstrapServers: "127.0.0.1:1"), clientID: "away", onLog: { lines.append($0) })
        #expect(cluster.clusterID(timeoutMilliseconds: 1_000) == nil)
        #expect(lines.contains { $0.message.contains("Connect") }, "\(lines)")
    }

    @Test func topicTwiceIsAnError() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let error = failure { () throws(KafkaError) in try broker.createTopic("t", partitions: 1) }
        #expect(error?.name == "TOPIC_ALREADY_EXISTS")
        #expect(error?.description.hasPrefix("TOPIC_ALREADY_EXISTS: ") == true)
    }
}
