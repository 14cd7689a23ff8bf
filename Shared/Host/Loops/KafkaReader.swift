import Kafka
import Processing

/// A Kafka consumer that returns our own records. The loops gather from it.
struct KafkaReader: RecordSource, ~Copyable {
    let consumer: Consumer
    private let names: TopicNames
    private let log: Log

    init(_ consumer: consuming Consumer, _ context: HostContext) {
        self.consumer = consumer
        names = context.topics
        log = context.log
    }

    func poll(timeoutMilliseconds: Int32) -> Arrival<KafkaError> {
        while true {
            switch consumer.poll(timeoutMilliseconds: timeoutMilliseconds) {
            case .record(let fetched):
                guard let record = Record(fetched, names: names) else { continue }
                return .record(record)
            case .assign(let partitions): return .assign(partitions)
            case .revoke(_, let lost): return .revoke(lost: lost)
            case .reachedEnd(let place, let position): return .reachedEnd(place, position)
            case .failed(let error): return .failed(error)
            case .log(let line): log.debug("librdkafka", ["line": .text(line.message)])
            case .idle: return .idle
            }
        }
    }

    /// Leaves the group.
    consuming func close() { consumer.close() }
}
