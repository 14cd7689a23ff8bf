import Foundation
import Kafka
import Testing

/// What only a broker with transactions can show. `DAYU_KAFKA` names one: host:port.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYU_KAFKA"] != nil, "DAYU_KAFKA is not set"))
struct BrokerTests {
    private let settings = ClusterSettings(
        bootstrapServers: ProcessInfo.processInfo.environment["DAYU_KAFKA"] ?? "",
        environment: ProcessInfo.processInfo.environment)
    private let run = String(UUID().uuidString.prefix(8))

    private func name(_ what: String) -> String { "kafka-tests-\(what)-\(run)" }

    private func createTopic(_ what: String, partitions: Int32 = 1) throws -> String {
        let cluster = try Cluster(settings, clientID: "kafka-tests")
        let plan = TopicPlan(
            name: name(what), partitions: partitions, replicationFactor: 1,
            settings: ["retention.ms": "3600000"])
        try cluster.createTopics([plan], timeoutMilliseconds: 20_000)
        try wait(for: "topic \(plan.name)") {
            try cluster.partitionCount(of: plan.name, timeoutMilliseconds: 10_000) == partitions ? () : nil
        }
        return plan.name
    }

    private func producer(_ what: String) throws -> Producer {
        let producer = try Producer(
            settings, clientID: "kafka-tests", overrides: ["transaction.timeout.ms": "10000"],
            transactionalID: name(what), onLog: { _ in })
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        return producer
    }

    @Test func creatingATopicTwiceIsFine() throws {
        let topic = try createTopic("created", partitions: 3)
        let cluster = try Cluster(settings, clientID: "kafka-tests")
        let plans = [
            TopicPlan(name: topic, partitions: 3, replicationFactor: 1),
            TopicPlan(
                name: topic + "-compacted", partitions: 2, replicationFactor: 1,
                settings: ["cleanup.policy": "compact"]),
        ]
        #expect(try cluster.createTopics(plans, timeoutMilliseconds: 20_000) == [topic + "-compacted"])
        #expect(try cluster.createTopics(plans, timeoutMilliseconds: 20_000).isEmpty)
        #expect(cluster.clusterID(timeoutMilliseconds: 10_000) != nil)
    }

    @Test func impossibleTopicIsNamedInTheError() throws {
        let cluster = try Cluster(settings, clientID: "kafka-tests")
        let error = failure { () throws(KafkaError) in
            try cluster.createTopics(
                [TopicPlan(name: "no/slash", partitions: 1, replicationFactor: 1)],
                timeoutMilliseconds: 20_000)
        }
        #expect(error?.reason.contains("no/slash") == true, "\(String(describing: error))")
    }

    @Test func abortedRecordsAreHiddenAndTheHighWatermarkCountsThem() throws {
        let topic = try createTopic("aborted")
        let producer = try producer("aborted")
        try producer.begin()
        for _ in 0..<3 { try producer.send(OutgoingRecord(topic, 0, "aborted")) }
        try producer.flush(timeoutMilliseconds: 10_000)

        // While the transaction is open, restore has to know that there is more than a reader may see.
        let cluster = try Cluster(settings, clientID: "kafka-tests")
        let open = try cluster.watermarks(of: [partition(topic)], timeoutMilliseconds: 10_000)
        #expect(open[partition(topic)]?.high == Position(next: 3))

        try producer.abort()
        try producer.begin()
        for number in 0..<2 { try producer.send(OutgoingRecord(topic, 0, "committed \(number)")) }
        try producer.commit()

        let reader = try Consumer(
            settings, clientID: "kafka-tests", group: nil, overrides: ["enable.partition.eof": "true"])
        try reader.assign([partition(topic): .beginning])
        #expect(try reader.records(2).map(\.text) == ["committed 0", "committed 1"])
        let end = try reader.nextEnd().1
        let marks = try cluster.watermarks(of: [partition(topic)], timeoutMilliseconds: 10_000)
        #expect(marks[partition(topic)]?.high == end)

        let curious = try Consumer(settings, clientID: "kafka-tests", group: nil, isolation: .readUncommitted)
        try curious.assign([partition(topic): .beginning])
        #expect(try curious.records(5).map(\.text).filter { $0 == "aborted" }.count == 3)
    }

    @Test func offsetsAndRecordsCommitTogether() throws {
        let input = try createTopic("input")
        let output = try createTopic("output")
        let producer = try producer("together")
        try producer.begin()
        for number in 0..<4 { try producer.send(OutgoingRecord(input, 0, String(number))) }
        try producer.commit()

        let group = name("together")
        let consumer = try Consumer(settings, clientID: "kafka-tests", group: group)
        try consumer.subscribe(to: [input])
        let partitions = try consumer.nextAssignment()
        #expect(partitions == [partition(input)])
        try consumer.accept([partition(input): .beginning])
        let seen = try consumer.records(4)

        try producer.begin()
        try producer.send(OutgoingRecord(output, 0, "done \(seen[1].text)"))
        try producer.sendOffsets([partition(input): seen[1].offset.following], group: consumer.groupMetadata)
        try producer.commit()

        try producer.begin()
        try producer.send(OutgoingRecord(output, 0, "not done"))
        try producer.sendOffsets([partition(input): seen[3].offset.following], group: consumer.groupMetadata)
        try producer.abort()

        let committed = try consumer.committed([partition(input)], timeoutMilliseconds: 10_000)
        #expect(committed == [partition(input): Position(next: 2)])
        let onlooker = try Consumer(settings, clientID: "kafka-tests", group: group)
        let lag = try onlooker.committed([partition(input)], timeoutMilliseconds: 10_000)
        #expect(lag == committed)

        // What the loop does after an abort: go back to what is committed.
        try consumer.assign(committed)
        #expect(try consumer.records(2).map(\.text) == ["2", "3"])
        let consumerLeft = consumer.close()
        #expect(consumerLeft)

        let reader = try Consumer(
            settings, clientID: "kafka-tests", group: nil, overrides: ["enable.partition.eof": "true"])
        try reader.assign([partition(output): .beginning])
        #expect(try reader.nextRecord().text == "done 1")
        _ = try reader.nextEnd()
    }

    @Test func secondProducerFencesTheFirst() throws {
        let topic = try createTopic("fenced")
        let first = try producer("fenced")
        try first.begin()
        try first.send(OutgoingRecord(topic, 0, "zombie"))
        try first.flush(timeoutMilliseconds: 10_000)

        let second = try producer("fenced")
        let error = failure { () throws(KafkaError) in try first.commit() }
        #expect(error?.isFenced == true, "\(String(describing: error))")
        #expect(error?.remedy == .restart, "\(String(describing: error))")

        try second.begin()
        try second.send(OutgoingRecord(topic, 0, "alive"))
        try second.commit()
        let reader = try Consumer(settings, clientID: "kafka-tests", group: nil)
        try reader.assign([partition(topic): .beginning])
        #expect(try reader.nextRecord().text == "alive")
    }

    @Test func memberWithoutItsGroupCannotCommitOffsets() throws {
        let topic = try createTopic("generation")
        let producer = try producer("generation")
        let group = name("generation")
        let consumer = try Consumer(settings, clientID: "kafka-tests", group: group)
        try consumer.subscribe(to: [topic])
        _ = try consumer.nextAssignment()
        try consumer.accept([partition(topic): .beginning])
        let stale = consumer.groupMetadata
        let consumerLeft = consumer.close()
        #expect(consumerLeft)
        let successor = try Consumer(settings, clientID: "kafka-tests", group: group)
        try successor.subscribe(to: [topic])
        _ = try successor.nextAssignment()
        try successor.accept([partition(topic): .beginning])

        try producer.begin()
        let error = failure { () throws(KafkaError) in
            try producer.sendOffsets([partition(topic): Position(next: 1)], group: stale)
        }
        // because the small broker used in development takes offsets of any generation; Apache Kafka does
        // not.
        withKnownIssue("the broker does not check the generation", isIntermittent: true) {
            #expect(error?.remedy == .abortTransaction, "\(String(describing: error))")
        }
        try producer.abort()
    }

    private func staticMember(_ what: String, named id: String) throws -> Consumer {
        try Consumer(
            settings, clientID: "kafka-tests", group: name(what),
            overrides: [
                "group.instance.id": id, "session.timeout.ms": "10000", "heartbeat.interval.ms": "500",
            ])
    }

    /// A second member with the same `group.instance.id` fences the first one: it is of no more use, and it
    /// must be told so. It can be let go of at once.
    @Test func secondStaticMemberFencesTheFirst() throws {
        let topic = try createTopic("instance")
        let second = try staticMember("instance", named: "one")
        let error: KafkaError
        let fencedAt: ContinuousClock.Instant
        do {
            let first = try staticMember("instance", named: "one")
            try first.subscribe(to: [topic])
            try first.accept(
                Dictionary(uniqueKeysWithValues: try first.nextAssignment().map { ($0, .beginning) }))
            try second.subscribe(to: [topic])
            error = try wait(for: "the fence") { () -> KafkaError? in
                _ = try second.answered()
                guard case .failed(let error) = first.poll(timeoutMilliseconds: 20) else { return nil }
                return error.remedy == .restart ? error : nil
            }
            fencedAt = .now
        }
        #expect(error.isFenced, "\(error)")
        #expect(ContinuousClock.now - fencedAt < .seconds(5))
        let secondLeft = second.close()
        #expect(secondLeft)
    }

    /// Neither another member nor a successor with another name waits for the session of one that closed.
    @Test func staticMemberThatClosesIsNotWaitedFor() throws {
        let topic = try createTopic("leaving", partitions: 4)
        let first = try staticMember("leaving", named: "first")
        try first.subscribe(to: [topic])
        try first.accept(
            Dictionary(uniqueKeysWithValues: try first.nextAssignment().map { ($0, .beginning) }))
        let second = try staticMember("leaving", named: "second")
        try second.subscribe(to: [topic])
        var shares = [4, 0]
        try wait(for: "both shares") {
            shares[0] = try first.answered() ?? shares[0]
            shares[1] = try second.answered() ?? shares[1]
            return shares == [2, 2] ? () : nil
        }
        let started = ContinuousClock.now
        let firstLeft = first.close()
        #expect(firstLeft)
        try wait(for: "all of it") { try second.answered() == 4 ? () : nil }
        #expect(ContinuousClock.now - started < .seconds(6))
        let secondLeft = second.close()
        #expect(secondLeft)
        let successor = try staticMember("leaving", named: "successor")
        try successor.subscribe(to: [topic])
        #expect(try successor.nextAssignment().count == 4)
        #expect(ContinuousClock.now - started < .seconds(15))
    }
}

extension Consumer {
    /// Answers what the group wants; says how many partitions it has where that changes.
    fileprivate borrowing func answered() throws -> Int? {
        switch poll(timeoutMilliseconds: 20) {
        case .assign(let partitions):
            try accept(Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }))
            return partitions.count
        case .revoke:
            try release()
            return 0
        default: return nil
        }
    }
}
