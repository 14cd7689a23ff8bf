import Foundation
import Kafka
import Testing

/// What a failing broker does to each call, on mock clusters of one and of three brokers. Numbers are the
/// protocol's error codes; -195 breaks the connection.
@Suite struct WeatherTests {
    private let topic = "t"
    private var place: TopicPartition { partition(topic) }

    private func cluster(_ brokers: Int32 = 3) throws -> MockBroker {
        try MockBroker(brokers: brokers, topics: [(topic, 3)])
    }

    private func producer(
        _ broker: borrowing MockBroker, id: String = #function, milliseconds: Int = 20_000,
        isStopping: @escaping () -> Bool = { false }
    ) throws -> Producer {
        let producer = try Producer(
            .mock(broker), clientID: "weather",
            overrides: ["transaction.timeout.ms": "\(milliseconds)", "retry.backoff.ms": "10"],
            transactionalID: id, isStopping: isStopping, onLog: { _ in })
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        return producer
    }

    private func transact(_ producer: borrowing Producer, group: borrowing Consumer) throws(KafkaError) {
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try producer.sendOffsets([place: Position(next: 1)], group: group.groupMetadata)
        try producer.commit()
    }

    private func member(_ broker: borrowing MockBroker) throws -> Consumer {
        try Consumer(.mock(broker), clientID: "weather", group: "weather")
    }

    // MARK: Errors that pass

    /// Each error that a coordinator or a leader gives for a while: the transaction is committed.
    @Test(
        arguments: [
            (.addPartitionsToTransaction, [14, 15, 16]), (.addPartitionsToTransaction, [51, 51]),
            (.addPartitionsToTransaction, [3]), (.addPartitionsToTransaction, [-195]),
            (.addOffsetsToTransaction, [14, 15, 16, 7]), (.addOffsetsToTransaction, [51, 51]),
            (.addOffsetsToTransaction, [-195]),
            (.transactionOffsetCommit, [14, 15]), (.transactionOffsetCommit, [16]),
            (.transactionOffsetCommit, [7]), (.transactionOffsetCommit, [3]),
            (.transactionOffsetCommit, [-195]),
            (.endTransaction, [14, 15, 16]), (.endTransaction, [51, 51, 51, 51, 51]),
            (.endTransaction, [-195]), (.findCoordinator, [15, 15]), (.findCoordinator, [-195]),
            (.produce, [6]), (.produce, [5, 19]), (.produce, [7, 20]), (.produce, [-195]),
            (.metadata, [5, -195]),
        ] as [(MockBroker.Request, [Int32])])
    func transactionOutlasts(request: MockBroker.Request, codes: [Int32]) throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "outlasts")
        try transact(producer, group: member)
        broker.fail(request, with: codes)
        try transact(producer, group: member)
        try transact(producer, group: member)
    }

    // MARK: Errors that abort

    @Test(
        arguments: [
            (.addPartitionsToTransaction, 29), (.addOffsetsToTransaction, 30), (.addOffsetsToTransaction, -1),
            (.transactionOffsetCommit, 22), (.transactionOffsetCommit, 25), (.transactionOffsetCommit, 30),
            (.transactionOffsetCommit, 12), (.produce, 10), (.produce, 87), (.endTransaction, -1),
        ] as [(MockBroker.Request, Int32)])
    func transactionIsAborted(request: MockBroker.Request, code: Int32) throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "aborted")
        try transact(producer, group: member)
        broker.fail(request, with: [code])
        let error = failure { () throws(KafkaError) in try transact(producer, group: member) }
        #expect(error?.remedy == .abortTransaction, "\(String(describing: error))")
        try producer.abort()
        // 2.0.2 may need a second one, see `TransactionTests.refusedRecordMeansAbort`.
        if failure({ () throws(KafkaError) in try transact(producer, group: member) }) != nil {
            try producer.abort()
            try transact(producer, group: member)
        }
    }

    /// What an abort meets passes, too, even what librdkafka says of it that it must be aborted.
    @Test(arguments: [[14, 15, 16], [51], [-195], [-1], [-1, -1]] as [[Int32]])
    func abortOutlasts(codes: [Int32]) throws {
        let broker = try cluster()
        let producer = try producer(broker, id: "abort")
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try producer.flush(timeoutMilliseconds: 10_000)
        broker.fail(.endTransaction, with: codes)
        try producer.abort()
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "y"))
        try producer.commit()
    }

    // MARK: Errors that end the process

    @Test(
        arguments: [
            (.addPartitionsToTransaction, 47), (.addPartitionsToTransaction, 53),
            (.addOffsetsToTransaction, 47), (.addOffsetsToTransaction, 48),
            (.transactionOffsetCommit, 47), (.transactionOffsetCommit, 82),
            (.endTransaction, 47), (.endTransaction, 48), (.endTransaction, 90),
        ] as [(MockBroker.Request, Int32)])
    func processEnds(request: MockBroker.Request, code: Int32) throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "ends")
        try transact(producer, group: member)
        broker.fail(request, with: [code])
        let error = failure { () throws(KafkaError) in try transact(producer, group: member) }
        #expect(error?.remedy == .restart, "\(String(describing: error))")
    }

    // MARK: Taking over a transactional identity

    /// Errors that a coordinator gives for a while: nobody notices.
    @Test(arguments: [[14], [15], [16], [51], [14, 15, 16, 51], [-195], [-195, -195]] as [[Int32]])
    func initialisationOutlasts(codes: [Int32]) throws {
        let broker = try cluster()
        broker.fail(.initProducerID, with: codes)
        let member = try member(broker)
        let producer = try producer(broker, id: "init")
        try transact(producer, group: member)
    }

    /// They go on for longer than the call may take: it may be called again.
    @Test(arguments: [14, 15, 16, 51, -195] as [Int32])
    func initialisationIsCalledAgain(code: Int32) throws {
        let broker = try cluster()
        let producer = try Producer(
            .mock(broker), clientID: "weather", overrides: ["retry.backoff.ms": "100"],
            transactionalID: "again", onLog: { _ in })
        broker.fail(.initProducerID, with: Array(repeating: code, count: code < 0 ? 4 : 25))
        let error = failure { () throws(KafkaError) in
            try producer.initTransactions(timeoutMilliseconds: 1_000)
        }
        #expect(error == nil || error?.remedy == .retry, "\(String(describing: error))")
        if error != nil { try producer.initTransactions(timeoutMilliseconds: 30_000) }
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try producer.commit()
    }

    // MARK: Brokers that go away

    /// Another broker leads the partition and coordinates the transaction while it is open.
    @Test func transactionOutlastsAnElection() throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "elected")
        for leader in [1, 2, 3, 1] as [Int32] {
            try producer.begin()
            try producer.send(OutgoingRecord(topic, 0, "x"))
            broker.levers.setLeader(of: place, broker: leader)
            broker.levers.setCoordinator(transactionalID: "elected", broker: leader % 3 + 1)
            broker.levers.setCoordinator(group: "weather", broker: leader % 3 + 1)
            try producer.send(OutgoingRecord(topic, 1, "x"))
            try producer.sendOffsets([place: Position(next: 1)], group: member.groupMetadata)
            broker.levers.setCoordinator(transactionalID: "elected", broker: leader)
            try producer.commit()
        }
    }

    /// The coordinator dies before the commit and another one takes over seconds later.
    @Test func commitOutlastsTheDeathOfItsCoordinator() throws {
        let broker = try cluster()
        broker.levers.setCoordinator(transactionalID: "death", broker: 2)
        for number in 0..<3 { broker.levers.setLeader(of: partition(topic, Int32(number)), broker: 1) }
        let producer = try producer(broker, id: "death")
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try producer.flush(timeoutMilliseconds: 10_000)
        broker.setDown(broker: 2)
        try after(milliseconds: 3_000, broker, { $0.setCoordinator(transactionalID: "death", broker: 3) }) {
            try producer.commit()
        }
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "y"))
        try producer.commit()
    }

    @Test func commitOutlastsTheDeathOfALeader() throws {
        let broker = try cluster()
        broker.levers.setCoordinator(transactionalID: "leader", broker: 1)
        broker.levers.setLeader(of: place, broker: 2)
        let producer = try producer(broker, id: "leader")
        try producer.begin()
        broker.setDown(broker: 2)
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try after(milliseconds: 3_000, broker, { [place] in $0.setLeader(of: place, broker: 3) }) {
            try producer.commit()
        }
    }

    /// All brokers are away for longer than a slice, and return.
    @Test func commitIsResumed() throws {
        let broker = try cluster()
        let producer = try producer(broker, id: "resumed")
        try producer.begin()
        try producer.send(OutgoingRecord(topic, 0, "x"))
        try producer.flush(timeoutMilliseconds: 10_000)
        broker.setDown()
        let started = ContinuousClock.now
        try after(milliseconds: 5_000, broker, { $0.setUp() }) { try producer.commit() }
        #expect(ContinuousClock.now - started > .seconds(4))
        try producer.begin()
        try producer.commit()
    }

    @Test func slowBrokersAreWaitedFor() throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "slow")
        broker.setRoundTrip(milliseconds: 700)
        try transact(producer, group: member)
    }

    /// Offsets that can't be sent in the transaction's time: it can still be aborted.
    @Test func offsetsWithoutAnAnswerMeanAbort() throws {
        let broker = try cluster()
        let member = try member(broker)
        let producer = try producer(broker, id: "late", milliseconds: 3_000)
        broker.fail(.transactionOffsetCommit, with: Array(repeating: 15, count: 50))
        let error = failure { () throws(KafkaError) in try transact(producer, group: member) }
        #expect(error?.remedy == .abortTransaction, "\(String(describing: error))")
        try producer.abort()
    }

    /// Whoever is to stop does not wait for all of the transaction's time.
    @Test func stoppingIsNotHeldUp() throws {
        let broker = try cluster()
        let started: ContinuousClock.Instant
        do {
            let producer = try producer(broker, id: "stopping", milliseconds: 60_000) { true }
            try producer.begin()
            try producer.send(OutgoingRecord(topic, 0, "x"))
            try producer.flush(timeoutMilliseconds: 10_000)
            broker.setDown()
            started = .now
            let error = failure { () throws(KafkaError) in try producer.commit() }
            #expect(error?.remedy == .restart, "\(String(describing: error))")
        }
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    // MARK: Questions

    @Test(
        arguments: [
            (.listOffsets, [6, 6, 5]), (.listOffsets, [-195]), (.listOffsets, [3]), (.listOffsets, [74, 75]),
            (.metadata, [-195]),
        ] as [(MockBroker.Request, [Int32])])
    func watermarksAreAskedAgain(request: MockBroker.Request, codes: [Int32]) throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        broker.fail(request, with: codes)
        let marks = try asker.watermarks(of: [place, partition(topic, 1)], timeoutMilliseconds: 20_000)
        #expect(marks.count == 2)
    }

    @Test func watermarksFollowTheLeader() throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        for leader in [1, 2, 3, 1] as [Int32] {
            broker.levers.setLeader(of: place, broker: leader)
            _ = try asker.watermarks(of: [place], timeoutMilliseconds: 20_000)
        }
    }

    @Test func aTopicWithoutALeaderIsNotSeenAmongThoseThatHaveOne() throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        func led() throws -> Int32? {
            try asker.topics(withLeaders: true, timeoutMilliseconds: 20_000)[topic]
        }
        broker.levers.setLeader(of: place, broker: -1)
        #expect(try led() == nil)
        #expect(try asker.partitionCount(of: topic, timeoutMilliseconds: 20_000) == 3)
        broker.levers.setLeader(of: place, broker: 2)
        #expect(try led() == 3)
    }

    @Test func topicsAreAskedAgain() throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        broker.fail(.metadata, with: [-195, -195])
        #expect(try asker.partitionCount(of: topic, timeoutMilliseconds: 20_000) == 3)
    }

    @Test func questionsWaitForABrokerThatReturns() throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        broker.setDown()
        try after(milliseconds: 2_000, broker, { $0.setUp() }) {
            _ = try asker.watermarks(of: [place], timeoutMilliseconds: 20_000)
        }
    }

    @Test func questionsEndWithTheirTime() throws {
        let broker = try cluster()
        let asker = try Cluster(.mock(broker), clientID: "weather")
        broker.setDown()
        let started = ContinuousClock.now
        let error = failure { () throws(KafkaError) in
            _ = try asker.watermarks(of: [place], timeoutMilliseconds: 1_500)
        }
        #expect(error?.isPassing == true, "\(String(describing: error))")
        #expect(ContinuousClock.now - started < .seconds(6))
    }

    @Test(arguments: [[14, 15, 16], [-195]] as [[Int32]])
    func committedPositionsAreAskedAgain(codes: [Int32]) throws {
        let broker = try cluster()
        let member = try member(broker)
        broker.fail(.offsetFetch, with: codes)
        #expect(try member.committed([place], timeoutMilliseconds: 20_000).isEmpty)
    }

    // MARK: Positions committed outside of transactions

    private func commit(
        _ codes: [Int32], _ broker: borrowing MockBroker
    ) throws -> KafkaError? {
        let member = try member(broker)
        broker.fail(.offsetCommit, with: codes)
        return failure { () throws(KafkaError) in
            try member.commit([place: Position(next: 1)], timeoutMilliseconds: 20_000)
        }
    }

    /// Either librdkafka asks again, or the caller may: such work may be done twice.
    @Test(arguments: [[14], [15], [16], [7], [3], [-195], [22], [25], [27], [12]] as [[Int32]])
    func commitMayBeRepeated(codes: [Int32]) throws {
        let broker = try cluster()
        let error = try commit(codes, broker)
        #expect(error == nil || error?.remedy == .retry, "\(String(describing: error))")
        let again = try commit([], broker)
        #expect(again == nil)
    }

    @Test func commitOfAReplacedMemberEndsTheProcess() throws {
        let broker = try cluster()
        let error = try commit([82], broker)
        #expect(error?.remedy == .restart, "\(String(describing: error))")
    }

    // MARK: Reading

    @Test(arguments: [[6, 6], [5], [3], [7], [-195], [74, 75]] as [[Int32]])
    func readingOutlasts(codes: [Int32]) throws {
        let broker = try cluster()
        do {
            let writer = try Producer(.mock(broker), clientID: "weather", onLog: { _ in })
            try writer.send(OutgoingRecord(topic, 0, "x"))
            try writer.flush(timeoutMilliseconds: 10_000)
        }
        let reader = try Consumer(.mock(broker), clientID: "weather", group: nil)
        broker.fail(.fetch, with: codes)
        try reader.assign([place: .beginning])
        #expect(try reader.nextRecord().text == "x")
    }

    // MARK: A member that was replaced

    /// Each request by which a member can learn that another one has its `group.instance.id`.
    @Test(arguments: [.heartbeat, .joinGroup, .syncGroup] as [MockBroker.Request])
    func fencedMemberIsTold(request: MockBroker.Request) throws {
        let broker = try MockBroker(topics: [("work", 1)])
        let member = try Consumer(
            .mock(broker), clientID: "fenced", group: "fenced",
            overrides: [
                "session.timeout.ms": "6000", "heartbeat.interval.ms": "200", "group.instance.id": "one",
            ])
        if request != .heartbeat { broker.fail(request, with: [82]) }
        try member.subscribe(to: ["work"])
        if request == .heartbeat {
            _ = try member.nextAssignment()
            try member.accept([partition("work"): .beginning])
            broker.fail(.heartbeat, with: [82])
        }
        let error = try wait(for: "the fence") { () -> KafkaError? in
            if case .failed(let error) = member.poll(timeoutMilliseconds: 50) { error } else { nil }
        }
        #expect(error.remedy == .restart, "\(error)")
        #expect(error.isFenced, "\(error)")
    }
}

/// Does something to the cluster while `body` waits for a call.
private func after(
    milliseconds: Int, _ broker: borrowing MockBroker,
    _ change: @escaping @Sendable (MockBroker.Levers) -> Void,
    _ body: () throws -> Void
) rethrows {
    let levers = broker.levers
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) {
        change(levers)
        done.signal()
    }
    defer { done.wait() }
    try body()
}
