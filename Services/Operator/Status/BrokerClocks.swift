import Kafka
import Models

/// How far the brokers' clocks are from this machine's.
///
/// Kafka's protocol has no request for a broker's time. But a broker stamps the records of a topic whose
/// `message.timestamp.type` is `LogAppendTime`, and returns the stamp in its answer. So an empty record goes
/// to one partition of each broker on the topic `clocks`, which `dayu topics create` makes and nobody reads.
struct BrokerClocks {
    enum Answer: Equatable {
        case difference(ClockDifference)
        /// The broker does not stamp: it is librdkafka's mock, or the topic has another setting.
        case unstamped
    }

    private let surroundings: Surroundings

    init(_ surroundings: Surroundings) { self.surroundings = surroundings }

    private static let waitMilliseconds: Int32 = 5000

    /// The answer of each broker, by its number; nil if the topic does not exist.
    func ask() throws -> [Int32: Answer]? {
        let topic = TopicCatalogue.clocksName(prefix: surroundings.prefix)
        let cluster = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let timeout = Surroundings.answerWithinMilliseconds
        guard try cluster.partitionCount(of: topic, timeoutMilliseconds: timeout) != nil else { return nil }
        let leaders = try cluster.leaders(of: topic, timeoutMilliseconds: timeout)
        var answers: [Int32: Answer] = [:]
        for (broker, place) in Self.one(ofEach: leaders) { answers[broker] = try ask(place) }
        return answers
    }

    static func one(ofEach leaders: [TopicPartition: Int32]) -> [Int32: TopicPartition] {
        Dictionary(leaders.map { ($1, $0) }, uniquingKeysWith: min)
    }

    /// The first record finds the broker and opens a connection. Only the second one is measured.
    private func ask(_ place: TopicPartition) throws -> Answer {
        let stamps = Stamps()
        let producer = try Producer(
            surroundings.cluster, clientID: Surroundings.clientID, overrides: ["linger.ms": "0"],
            onDelivery: stamps.note)
        var answer = Answer.unstamped
        for _ in 0..<2 {
            stamps.last = nil
            let sent = Instant.now
            try producer.send(
                topic: place.topic, partition: place.partition, key: nil, value: nil,
                headers: HeaderList(capacity: 0))
            try producer.flush(timeoutMilliseconds: Self.waitMilliseconds)
            let received = Instant.now
            if let error = stamps.last?.error { throw error }
            guard let stamp = stamps.last?.appendedAtMilliseconds else { return .unstamped }
            answer = .difference(
                ClockDifference(
                    stamp: Instant(millisecondsSince1970: stamp), sent: sent, received: received))
        }
        return answer
    }
}

/// The last delivery report; used only by the thread that asks.
private final class Stamps {
    var last: Delivery?

    func note(_ delivery: Delivery) { last = delivery }
}

extension Status {
    mutating func take(_ clocks: [Int32: BrokerClocks.Answer]?) {
        guard let clocks else {
            warnings.append(
                "the brokers' clocks are not known: their topic is missing; run dayu topics create")
            return
        }
        kafka.clocks = clocks.sorted { $0.key < $1.key }.compactMap { broker, answer in
            guard case .difference(let difference) = answer else { return nil }
            return difference.trouble.map { "broker \(broker): \($0)" }
        }
        let silent = clocks.filter { $0.value == .unstamped }.keys.sorted().map(String.init)
        if !silent.isEmpty {
            let brokers = silent.joined(separator: ", ")
            warnings.append("no time can be had from broker \(brokers): its clock is not known")
        }
    }
}
