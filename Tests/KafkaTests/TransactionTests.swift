import Kafka
import Testing

/// What a transaction does on a broker that has them is in BrokerTests: the mock hides and fences nothing.
/// Here it gives the answers that decide what the caller must do.
@Suite struct TransactionTests {
    private func producer(_ broker: borrowing MockBroker, id: String = #function) throws -> Producer {
        let producer = try Producer(
            .mock(broker), clientID: "transactions", transactionalID: id, onLog: { _ in })
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        return producer
    }

    @Test func commitsAndGoesOn() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        for _ in 0..<3 {
            try producer.begin()
            try producer.send(OutgoingRecord("t", 0, "x"))
            try producer.commit()
        }
        let cluster = try Cluster(.mock(broker), clientID: "transactions")
        let marks = try cluster.watermarks(of: [partition("t")], timeoutMilliseconds: 10_000)
        #expect(marks[partition("t")]?.high == Position(next: 3))
    }

    @Test func abortLeavesTheProducerUsable() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "x"))
        try producer.abort()
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "y"))
        try producer.commit()
    }

    @Test func refusedRecordMeansAbort() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        broker.fail(.produce, with: [10])
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "x"))
        let error = failure { () throws(KafkaError) in try producer.commit() }
        #expect(error?.remedy == .abortTransaction, "\(String(describing: error))")
        try producer.abort()

        // 2.0.2 goes on counting where the refused record was, so the broker finds a gap and the next
        // transaction must be aborted, too: only then comes a new epoch. A loop has to be ready for two
        // aborts in a row.
        var remedies: [Remedy] = []
        for _ in 0..<2 {
            try producer.begin()
            try producer.send(OutgoingRecord("t", 0, "y"))
            guard let again = failure({ () throws(KafkaError) in try producer.commit() }) else { break }
            remedies.append(again.remedy)
            try producer.abort()
        }
        #expect(remedies == [.abortTransaction])
    }

    /// Once a record has failed librdkafka takes no more of them in this transaction.
    @Test func sendAfterARefusedRecordMeansAbort() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        broker.fail(.produce, with: [10])
        try producer.begin()
        let error = try wait(for: "a refusal") {
            defer { producer.poll(timeoutMilliseconds: 20) }
            return failure { () throws(KafkaError) in try producer.send(OutgoingRecord("t", 0, "x")) }
        }
        #expect(error.name == "_STATE")
        #expect(error.remedy == .abortTransaction)
        try producer.abort()
        try producer.begin()
        try producer.commit()
    }

    @Test func fencedAtTheEndMeansRestart() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        broker.fail(.endTransaction, with: [47])  // INVALID_PRODUCER_EPOCH
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "x"))
        let error = failure { () throws(KafkaError) in try producer.commit() }
        #expect(error?.remedy == .restart, "\(String(describing: error))")
        #expect(error?.isFenced == true, "\(String(describing: error))")
        let after = failure { () throws(KafkaError) in try producer.begin() }
        #expect(after?.remedy == .restart)
    }

    @Test func transientErrorsAtTheEndAreSettledInside() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker)
        broker.fail(.endTransaction, with: [14, 51, 15])  // loading, concurrent transactions, not available
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "x"))
        try producer.commit()
    }

    /// A producer whose group moved on must not commit: KIP-447.
    @Test(
        arguments: [(22, .abortTransaction), (25, .abortTransaction), (47, .restart)] as [(Int32, Remedy)])
    func offsetsOfAnotherGeneration(code: Int32, remedy: Remedy) throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try producer(broker, id: "offsets-\(code)")
        let consumer = try Consumer(.mock(broker), clientID: "offsets", group: "offsets")
        broker.fail(.transactionOffsetCommit, with: [code])
        try producer.begin()
        let positions = [partition("t"): Position(next: 1)]
        let error = failure { () throws(KafkaError) in
            try producer.sendOffsets(positions, group: consumer.groupMetadata)
        }
        #expect(error?.remedy == remedy, "\(String(describing: error))")
        guard remedy == .abortTransaction else { return }
        try producer.abort()
        try producer.begin()
        try producer.sendOffsets(positions, group: consumer.groupMetadata)
        try producer.commit()
    }

    @Test func notAllowedMeansRestart() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let producer = try Producer(
            .mock(broker), clientID: "transactions", transactionalID: "forbidden", onLog: { _ in })
        broker.fail(.initProducerID, with: [53])  // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
        let error = failure { () throws(KafkaError) in
            try producer.initTransactions(timeoutMilliseconds: 10_000)
        }
        #expect(error?.remedy == .restart, "\(String(describing: error))")
    }

    @Test func awayClusterCanBeTriedAgain() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        broker.setDown()
        let producer = try Producer(
            .mock(broker), clientID: "transactions", transactionalID: "late", onLog: { _ in })
        let error = failure { () throws(KafkaError) in try producer.initTransactions(timeoutMilliseconds: 300)
        }
        #expect(error?.remedy == .retry, "\(String(describing: error))")
        broker.setUp()
        try producer.initTransactions(timeoutMilliseconds: 20_000)
        try producer.begin()
        try producer.send(OutgoingRecord("t", 0, "x"))
        try producer.commit()
    }

    /// Nobody knows then whether the broker committed, and the loop must not hang in there.
    @Test func commitWithoutAnAnswerMeansRestart() throws {
        let broker = try MockBroker(topics: [("t", 1)])
        let started: ContinuousClock.Instant
        do {
            let producer = try Producer(
                .mock(broker), clientID: "transactions", overrides: ["transaction.timeout.ms": "1500"],
                transactionalID: "unknown", onLog: { _ in })
            try producer.initTransactions(timeoutMilliseconds: 20_000)
            try producer.begin()
            try producer.send(OutgoingRecord("t", 0, "x"))
            try producer.flush(timeoutMilliseconds: 10_000)
            broker.setDown()
            started = .now
            let error = failure { () throws(KafkaError) in try producer.commit() }
            #expect(error?.remedy == .restart, "\(String(describing: error))")
        }
        #expect(ContinuousClock.now - started < .seconds(8))
    }

    @Test func beginWithoutAnIdentityMeansRestart() throws {
        let broker = try MockBroker()
        let producer = try Producer(.mock(broker), clientID: "transactions", onLog: { _ in })
        let error = failure { () throws(KafkaError) in try producer.begin() }
        #expect(error?.remedy == .restart)
    }
}
