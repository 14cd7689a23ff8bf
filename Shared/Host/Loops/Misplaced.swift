import Models
import Processing

/// Records that a read model left out because they lie on another partition than their key's.
final class Misplaced {
    private let context: HostContext
    private let loop: String
    private var counters: [Topic: Metrics.Counter] = [:]
    private var count = 0

    init(_ context: HostContext, loop: String) {
        self.context = context
        self.loop = loop
    }

    func note(_ record: Record, _ reason: String) {
        count += 1
        let place = "\(record.topic.rawValue)/\(record.partition)/\(record.offset)"
        context.log.warning(
            "a misplaced record was left out",
            ["loop": .text(loop), "record": .text(place), "reason": .text(reason)])
        context.health.note(
            "\(loop), misplaced records", "\(count) were left out; the last one, \(place), \(reason)")
        let counter =
            counters[record.topic]
            ?? context.metrics.counter(
                "dayu_records_misplaced_total", ["loop": loop, "topic": record.topic.rawValue],
                help: "Records left out because they lie on another partition than their key's.")
        counters[record.topic] = counter
        counter.add()
    }
}

extension Record {
    /// Where it lies on the log.
    struct Place: Hashable {
        let topic: Topic
        let partition: Int32
        let offset: Int64
    }

    var place: Place { Place(topic: topic, partition: partition, offset: offset) }
}
