import Kafka

/// A condition that did not come true in time.
struct DeadlinePassed: Error, CustomStringConvertible {
    let description: String
    init(_ what: String, after seconds: Int) { description = "\(what): not within \(seconds) s" }
}

/// Repeats `step` until it gives a value.
func wait<R>(for what: String, seconds: Int = 30, _ step: () throws -> R?) throws -> R {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if let result = try step() { return result }
    }
    throw DeadlinePassed(what, after: seconds)
}

/// A record copied out of librdkafka's memory.
struct Seen: Equatable {
    var place: TopicPartition
    var offset: Offset
    var key: [UInt8]?
    var value: [UInt8]?
    var headers: [Header]

    init(_ record: borrowing FetchedRecord) {
        place = record.topicPartition
        offset = record.offset
        key = record.keyBytes
        value = record.valueBytes
        headers = record.headers
    }

    var text: String { String(decoding: value ?? [], as: UTF8.self) }
}

extension Consumer {
    /// Polls until `pick` finds what it looks for. A fatal error fails the test.
    func next<R>(_ what: String, seconds: Int = 30, _ pick: (consuming Polled) throws -> R?) throws -> R {
        try wait(for: what, seconds: seconds) {
            let polled = poll(timeoutMilliseconds: 50)
            switch polled {
            case .failed(let error) where error.remedy == .restart: throw error
            default: break
            }
            return try pick(polled)
        }
    }

    func nextRecord(_ what: String = "a record") throws -> Seen {
        try next(what) { polled in if case .record(let record) = polled { Seen(record) } else { nil } }
    }

    func records(_ count: Int) throws -> [Seen] {
        try (0..<count).map { try nextRecord("record \($0 + 1) of \(count)") }
    }

    func nextFailure(_ what: String, where isWanted: (KafkaError) -> Bool) throws -> KafkaError {
        try next(what) { polled in
            if case .failed(let error) = polled, isWanted(error) { error } else { nil }
        }
    }

    func nextEnd() throws -> (TopicPartition, Position) {
        try next("the end") { polled in
            if case .reachedEnd(let place, let position) = polled { (place, position) } else { nil }
        }
    }

    func nextAssignment() throws -> [TopicPartition] {
        try next("an assignment") { polled in
            if case .assign(let partitions) = polled { partitions } else { nil }
        }
    }
}

extension ClusterSettings {
    /// A client that notices a broker's return, and the end of everything, quickly.
    static func mock(_ broker: borrowing MockBroker) -> ClusterSettings {
        ClusterSettings(
            bootstrapServers: broker.bootstrapServers,
            environment: ["KAFKA_RECONNECT_BACKOFF_MAX_MS": "200", "KAFKA_LOG_LEVEL": "4"])
    }
}

extension OutgoingRecord {
    init(_ topic: String, _ partition: Int32? = nil, key: String? = nil, _ value: String) {
        self.init(
            topic: topic, partition: partition, key: key.map { Array($0.utf8) }, value: Array(value.utf8))
    }
}

/// The error that a call throws.
func failure(_ call: () throws(KafkaError) -> Void) -> KafkaError? {
    do { try call() } catch { return error }
    return nil
}

func partition(_ topic: String, _ number: Int32 = 0) -> TopicPartition {
    TopicPartition(topic: topic, partition: number)
}

extension KafkaError {
    /// Another instance took over this identity: a transactional id, or a static member.
    var isFenced: Bool {
        ["_FENCED", "INVALID_PRODUCER_EPOCH", "PRODUCER_FENCED", "FENCED_INSTANCE_ID"].contains(name)
    }
}
