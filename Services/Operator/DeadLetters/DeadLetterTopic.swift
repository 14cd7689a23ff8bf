import Kafka
import Models
import Processing

/// The topics of dead letters on a cluster: reads them to their ends, and writes to them in transactions.
struct DeadLetterTopic {
    private let surroundings: Surroundings

    /// How many letters one transaction replays: few enough to send and note them well within the
    /// transaction's time.
    private static let lettersPerTransaction = 100
    private static let flushMilliseconds: Int32 = 8000
    private static let fenceMilliseconds: Int32 = 30_000

    init(_ surroundings: Surroundings) {
        self.surroundings = surroundings
    }

    func read(keepsRecord: @escaping (DeadLetter) -> Bool = { _ in false }) throws -> DeadLetters {
        var letters = DeadLetters(keepsRecord: keepsRecord)
        for topic in [Topic.deadLetters, .restrictedDeadLetters] {
            try LogReading(surroundings).read(topic: surroundings.name(of: topic)) { record in
                letters.take(
                    headers: record.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) },
                    value: record.valueBytes)
            }
        }
        return letters
    }

    /// How many records of these topics are no longer on the log, at most: the ends of transactions count,
    /// too.
    func gone() throws -> Int64 {
        let cluster = try surroundings.openCluster()
        let timeout = Surroundings.answerWithinMilliseconds
        var gone: Int64 = 0
        for topic in [Topic.deadLetters, .restrictedDeadLetters] {
            let name = surroundings.name(of: topic)
            let count = try cluster.partitionCount(of: name, timeoutMilliseconds: timeout) ?? 0
            let places = (0..<count).map { TopicPartition(topic: name, partition: $0) }
            gone += try cluster.watermarks(of: places, timeoutMilliseconds: timeout).values
                .reduce(0) { $0 + $1.low.next }
        }
        return gone
    }

    struct NotSent: Error, CustomStringConvertible {
        let description: String
    }

    /// Sends records again and notes that it did, both in one transaction for each hundred letters.
    ///
    /// The letters are read after this process has taken over the operators' transactional identity. Another
    /// operator has committed by then, and his replays are seen; or he is fenced and will never commit. So
    /// two operators do not send one letter twice.
    ///
    /// - Parameter sent: called for each replay after its commit.
    func replay(
        plan: (DeadLetterTopic) throws -> DeadLetters.Plan, sent: (DeadLetters.Replay) -> Void
    ) throws -> DeadLetters.Plan {
        let deliveries = Deliveries()
        let producer = try writer(deliveries)
        let plan = try plan(self)
        var rest = plan.sent[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(Self.lettersPerTransaction))
            rest = rest.dropFirst(part.count)
            let replays = try transact(producer) {
                let replays = try resend(part, producer, deliveries)
                for replay in replays { try send(DeadLetters.record(of: replay), producer) }
                return replays
            }
            replays.forEach(sent)
        }
        return plan
    }

    /// Notes that nobody will replay these letters. `choose` reads the topic after the fencing, as in
    /// `replay`.
    func dismiss(
        choose: (DeadLetterTopic) throws -> [DeadLetters.Dismissal]
    ) throws -> [DeadLetters.Dismissal] {
        let producer = try writer(Deliveries())
        let dismissals = try choose(self)
        guard !dismissals.isEmpty else { return [] }
        try transact(producer) {
            for dismissal in dismissals { try send(DeadLetters.record(of: dismissal), producer) }
        }
        return dismissals
    }

    static func transactionalID(_ prefix: String) -> String { "\(prefix)operator" }

    private func writer(_ deliveries: Deliveries) throws -> Producer {
        let producer = try Producer(
            surroundings.cluster, clientID: Surroundings.clientID,
            transactionalID: Self.transactionalID(surroundings.prefix),
            onDelivery: deliveries.note)
        try producer.initTransactions(timeoutMilliseconds: Self.fenceMilliseconds)
        return producer
    }

    private func transact<R>(_ producer: borrowing Producer, _ body: () throws -> R) throws -> R {
        try producer.begin()
        do {
            let result = try body()
            try producer.commit()
            return result
        } catch {
            // If aborting is no longer possible, this process was fenced or timed out, and the broker aborts.
            try? producer.abort()
            throw error
        }
    }

    private func send(_ record: Outgoing, _ producer: borrowing Producer) throws {
        try producer.send(OutgoingRecord(record, prefix: surroundings.prefix), token: Deliveries.unwatched)
    }

    /// The place of a record is known when the broker has acknowledged it, before the transaction ends.
    private func resend(
        _ part: [(origin: DeadLetters.Origin, record: OutgoingRecord)], _ producer: borrowing Producer,
        _ deliveries: Deliveries
    ) throws -> [DeadLetters.Replay] {
        deliveries.clear()
        for (index, letter) in part.enumerated() {
            try producer.send(letter.record, token: UInt(index))
        }
        try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
        return try part.enumerated().map { index, letter in
            guard let place = deliveries.places[UInt(index)] else {
                let reason = deliveries.failure.map { ": \($0)" } ?? ""
                throw NotSent(description: "the broker did not accept \(letter.origin)\(reason)")
            }
            let to = DeadLetters.Origin(
                topic: letter.origin.topic, partition: place.partition, offset: place.offset)
            return DeadLetters.Replay(origin: letter.origin, by: Surroundings.clientID, at: .now, to: to)
        }
    }
}

/// Where the records of the current transaction went.
private final class Deliveries {
    static let unwatched = UInt.max

    private(set) var places: [UInt: (partition: Int32, offset: Int64)] = [:]
    private(set) var failure: KafkaError?

    func note(_ delivery: Delivery) {
        if let error = delivery.error { failure = failure ?? error }
        guard delivery.token != Self.unwatched, delivery.error == nil, let offset = delivery.offset else {
            return
        }
        places[delivery.token] = (delivery.place.partition, offset.value)
    }

    func clear() {
        places.removeAll(keepingCapacity: true)
        failure = nil
    }
}
