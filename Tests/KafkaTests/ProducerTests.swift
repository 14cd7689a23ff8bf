import Foundation
import Kafka
import Synchronization
import Testing

@Suite struct ProducerTests {
    @Test func recordsComeBackAsTheyWereSent() throws {
        let broker = try MockBroker(topics: [("round", 1)])
        let headers = [Header("ce_type", "complaint"), Header("twice", "1"), Header("twice", [0, 255])]
        let sent = [
            OutgoingRecord(topic: "round", key: [1, 0, 2], value: Array("first".utf8), headers: headers),
            OutgoingRecord(topic: "round", key: [1, 0, 2], value: nil),
            OutgoingRecord(topic: "round", key: [], value: [], headers: [Header("empty", "")]),
            OutgoingRecord(topic: "round", key: nil, value: [7]),
        ]
        let producer = try Producer(.mock(broker), clientID: "round")
        for record in sent { try producer.send(record) }
        try producer.flush(timeoutMilliseconds: 10_000)

        let reader = try Consumer(.mock(broker), clientID: "round", group: nil)
        try reader.assign([partition("round"): .beginning])
        let seen = try reader.records(sent.count)
        #expect(seen.map(\.offset.value) == [0, 1, 2, 3])
        #expect(seen.map(\.key) == sent.map(\.key))
        #expect(seen.map(\.value) == sent.map(\.value))
        #expect(seen.map(\.headers) == sent.map(\.headers))
    }

    @Test func noValueIsNotAnEmptyOne() throws {
        let broker = try MockBroker(topics: [("place", 1)])
        let producer = try Producer(.mock(broker), clientID: "place")
        try producer.send(OutgoingRecord("place", key: "k", "twelve bytes"))
        try producer.send(OutgoingRecord(topic: "place", key: [1], value: nil))
        try producer.flush(timeoutMilliseconds: 10_000)
        let reader = try Consumer(.mock(broker), clientID: "place", group: nil)
        try reader.assign([partition("place"): Position(next: 0)])
        let sizes = try (0..<2).map { _ in
            try reader.next("a record") { polled -> (Int?, Int?, Bool)? in
                guard case .record(let record) = polled else { return nil }
                return (record.valueBytes?.count, record.keyBytes?.count, record.timestampMilliseconds > 0)
            }
        }
        #expect(sizes[0] == (12, 1, true))
        #expect(sizes[1] == (nil, 1, true))
    }

    /// The hashes are those of Apache Kafka's own UtilsTest, so a Java gateway picks the same partition.
    @Test func keyChoosesThePartitionOfTheJavaClient() throws {
        let hashes: [(String, Int32)] = [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829), ("abc", 479_470_107),
        ]
        let broker = try MockBroker(topics: [("keys", 7)])
        let deliveries = Deliveries()
        let producer = try Producer(.mock(broker), clientID: "keys", onDelivery: deliveries.add)
        for (index, (key, _)) in hashes.enumerated() {
            try producer.send(OutgoingRecord("keys", key: key, "x"), token: UInt(index))
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        for (index, (key, hash)) in hashes.enumerated() {
            let expected = (hash & 0x7fff_ffff) % 7
            #expect(deliveries.places[UInt(index)]?.partition == expected, "key \(key)")
        }
    }

    /// The words of a complaint have keys of their own and lie where the complaint lies, in every topic with
    /// as many partitions.
    @Test func partOfTheKeyBeforeItsFirstSlashChoosesThePartition() throws {
        let count: Int32 = 7
        let broker = try MockBroker(topics: [("events", count), ("words", count)])
        let deliveries = Deliveries()
        let producer = try Producer(.mock(broker), clientID: "parts", onDelivery: deliveries.add)
        let codes = (0..<40).map { "7KQ29XM4T\($0)" }
        let causes = ["", "/dayu-intake/action/1", "/dayu-intake/action/2", "/", "//", "/\u{301}/x"]
        for (index, code) in codes.enumerated() {
            for (number, cause) in causes.enumerated() {
                let topic = cause.isEmpty ? "events" : "words"
                try producer.send(
                    OutgoingRecord(topic, key: code + cause, "x"), token: UInt(index * 100 + number))
            }
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        var used: Set<Int32> = []
        for index in codes.indices {
            let places = causes.indices.compactMap { deliveries.places[UInt(index * 100 + $0)]?.partition }
            #expect(places.count == causes.count && Set(places).count == 1, "\(codes[index]): \(places)")
            used.formUnion(places)
        }
        #expect(used.count == Int(count), "codes are spread over all partitions")

        // What a slash follows is a key by itself: the hash of "abc" is that of Apache Kafka's UtilsTest.
        try producer.send(OutgoingRecord("words", key: "abc/and more", "x"), token: 9000)
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(deliveries.places[9000]?.partition == (479_470_107 & 0x7fff_ffff) % count)
    }

    @Test func reportsAreServedBetweenTheSendsOfATransaction() throws {
        let broker = try MockBroker(topics: [("between", 1)])
        let deliveries = Deliveries()
        let producer = try Producer(
            .mock(broker), clientID: "between", transactionalID: "between", onDelivery: deliveries.add)
        try producer.initTransactions(timeoutMilliseconds: 10_000)
        try producer.begin()
        let cluster = try Cluster(.mock(broker), clientID: "between")
        try wait(for: "a report while nobody polls") {
            for _ in 0..<100 { try producer.send(OutgoingRecord("between", 0, "x"), token: 5) }
            // Gives the broker the time of an answer.
            _ = try cluster.watermarks(of: [partition("between")], timeoutMilliseconds: 10_000)
            return deliveries.tokens.isEmpty ? nil : ()
        }
        #expect(deliveries.places[5] == partition("between"))
        try producer.commit()
    }

    @Test func everyTokenIsReportedOnce() throws {
        let broker = try MockBroker(topics: [("tokens", 2)])
        let deliveries = Deliveries()
        let producer = try Producer(.mock(broker), clientID: "tokens", onDelivery: deliveries.add)
        let tokens = Array(1...500).map(UInt.init)
        for token in tokens {
            try producer.send(OutgoingRecord("tokens", Int32(token % 2), "x"), token: token)
        }
        try wait(for: "all reports") {
            producer.poll(timeoutMilliseconds: 50)
            return deliveries.tokens.count >= tokens.count ? () : nil
        }
        #expect(deliveries.tokens.sorted() == tokens)
        #expect(deliveries.errors.isEmpty)
        #expect(deliveries.offsets[2] == Offset(0))
        #expect(deliveries.offsets[500] == Offset(249))
        #expect(producer.outstanding == 0)
    }

    @Test func refusedRecordIsReportedWithItsToken() throws {
        let broker = try MockBroker(topics: [("refused", 1)])
        broker.fail(.produce, with: [10])  // MESSAGE_TOO_LARGE
        let deliveries = Deliveries()
        let producer = try Producer(.mock(broker), clientID: "refused", onDelivery: deliveries.add)
        try producer.send(OutgoingRecord("refused", 0, "x"), token: 77)
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(deliveries.errors[77]?.code == 10)
        #expect(deliveries.errors[77]?.topicPartition == partition("refused"))
        #expect(deliveries.offsets[77] == nil)
    }

    /// The mock of 2.0.2 does not stamp, and answers a time of 1234.
    @Test func mockGivesNoTime() throws {
        let broker = try MockBroker(topics: [("clock", 1)])
        var reports: [Delivery] = []
        let producer = try Producer(.mock(broker), clientID: "clock", onDelivery: { reports.append($0) })
        try producer.send(OutgoingRecord("clock", 0, "x"))
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(reports.map(\.appendedAtMilliseconds) == [nil])
        #expect(reports.map(\.offset) == [Offset(0)])
    }

    @Test func flushThrowsTheFirstFailureWhenNobodyElseIsTold() throws {
        let broker = try MockBroker(topics: [("flush", 1)])
        broker.fail(.produce, with: [10])
        let producer = try Producer(.mock(broker), clientID: "flush")
        try producer.send(OutgoingRecord("flush", 0, "x"))
        let first = failure { () throws(KafkaError) in try producer.flush(timeoutMilliseconds: 10_000) }
        #expect(first?.code == 10)
        let second = failure { () throws(KafkaError) in try producer.flush(timeoutMilliseconds: 10_000) }
        #expect(second == nil)
    }

    @Test func transientErrorIsRetriedByLibrdkafka() throws {
        let broker = try MockBroker(topics: [("again", 1)])
        broker.fail(.produce, with: [6, 7])  // NOT_LEADER_OR_FOLLOWER, REQUEST_TIMED_OUT
        let producer = try Producer(.mock(broker), clientID: "again")
        try producer.send(OutgoingRecord("again", 0, "x"))
        try producer.flush(timeoutMilliseconds: 20_000)
        let cluster = try Cluster(.mock(broker), clientID: "again")
        let marks = try cluster.watermarks(of: [partition("again")], timeoutMilliseconds: 10_000)
        #expect(marks[partition("again")]?.high == Position(next: 1))
    }

    @Test func awayBrokerKeepsRecordsWaitingAndReturnTakesThem() throws {
        let broker = try MockBroker(topics: [("away", 1)])
        let deliveries = Deliveries()
        let producer = try Producer(.mock(broker), clientID: "away", onDelivery: deliveries.add)
        try producer.send(OutgoingRecord("away", 0, "before"), token: 1)
        try producer.flush(timeoutMilliseconds: 10_000)
        broker.setDown()
        try producer.send(OutgoingRecord("away", 0, "during"), token: 2)
        let error = failure { () throws(KafkaError) in try producer.flush(timeoutMilliseconds: 200) }
        #expect(error?.name == "_TIMED_OUT")
        #expect(producer.outstanding >= 1)
        broker.setUp()
        try producer.flush(timeoutMilliseconds: 20_000)
        #expect(deliveries.offsets[2] == Offset(1))
    }

    @Test func droppingAProducerWithRecordsInItDoesNotHang() throws {
        let broker = try MockBroker(topics: [("dropped", 1)])
        broker.setDown()
        let started = ContinuousClock.now
        do {
            let producer = try Producer(.mock(broker), clientID: "dropped", onLog: { _ in })
            try producer.send(OutgoingRecord("dropped", 0, "x"))
        }
        #expect(ContinuousClock.now - started < .seconds(5))
    }

    @Test func fullQueueIsPolledAndTriedAgain() throws {
        let broker = try MockBroker(topics: [("full", 1)])
        let deliveries = Deliveries()
        let producer = try Producer(
            .mock(broker), clientID: "full", overrides: ["queue.buffering.max.messages": "10"],
            onDelivery: deliveries.add)
        for token in 1...200 { try producer.send(OutgoingRecord("full", 0, "x"), token: UInt(token)) }
        try producer.flush(timeoutMilliseconds: 10_000)
        #expect(deliveries.tokens.count == 200)
    }

    @Test func logLinesArriveOnThePollingThread() throws {
        let broker = try MockBroker()
        broker.setDown()
        var lines: [LogLine] = []
        let producer = try Producer(.mock(broker), clientID: "lines", onLog: { lines.append($0) })
        try wait(for: "a line about the broker") {
            producer.poll(timeoutMilliseconds: 50)
            return lines.contains { $0.message.contains("Connect") } ? () : nil
        }
        withExtendedLifetime(producer.outstanding) {}
    }
}

@Suite struct WakerTests {
    @Test func wakingFirstMakesTheNextPollReturn() throws {
        let broker = try MockBroker()
        let producer = try Producer(.mock(broker), clientID: "waker", onLog: { _ in })
        producer.waker.wake()
        let started = ContinuousClock.now
        producer.poll(timeoutMilliseconds: 60_000)
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    /// Many rounds, so that the wake meets the poll before, at and after its beginning.
    @Test func anotherThreadEndsAPollInProgress() throws {
        let broker = try MockBroker()
        let producer = try Producer(.mock(broker), clientID: "waker", onLog: { _ in })
        let waker = producer.waker
        let rounds = Rounds()
        let thread = Thread {
            for round in 1...300 {
                rounds.begun.wait()
                if round % 3 == 0 { sched_yield() }
                waker.wake()
            }
        }
        thread.start()
        let started = ContinuousClock.now
        for _ in 1...300 {
            rounds.begun.signal()
            producer.poll(timeoutMilliseconds: 60_000)
        }
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test func wakingAfterTheProducerIsGoneDoesNothing() throws {
        let broker = try MockBroker()
        let waker = try Producer(.mock(broker), clientID: "waker", onLog: { _ in }).waker
        waker.wake()
    }
}

private final class Rounds: Sendable {
    let begun = DispatchSemaphore(value: 0)
}

/// Collects delivery reports; lives on the test's thread.
final class Deliveries {
    private(set) var tokens: [UInt] = []
    private(set) var errors: [UInt: KafkaError] = [:]
    private(set) var places: [UInt: TopicPartition] = [:]
    private(set) var offsets: [UInt: Offset] = [:]

    func add(_ delivery: Delivery) {
        tokens.append(delivery.token)
        errors[delivery.token] = delivery.error
        places[delivery.token] = delivery.place
        offsets[delivery.token] = delivery.offset
    }
}
