import Kafka
import Models
import Processing
import Synchronization

/// Reads what the stores do not know yet from the topics that remember it.
struct Restoring<P: Processor> {
    private let processor: P
    private let context: HostContext
    private let health: Health.Part

    init(_ processor: P, _ context: HostContext, _ health: Health.Part) {
        self.processor = processor
        self.context = context
        self.health = health
    }

    func restore<L: TransactionalLog & ~Copyable>(
        _ owned: [Int32: OwnedPartition<P>], from log: borrowing L
    ) throws {
        guard !processor.memory.isEmpty, !owned.isEmpty else { return }
        // How far to read is asked of the own log first, which is last in `memory`. What it tells of an input
        // is on the input's topic before it: asked in the other order, it might tell of inputs that are not
        // read any more, and what it told of them would be passed over for good. Only one who was given up
        // while he restored meets that; but he may be given the partition back, with the store he made.
        var ends: [Topic: [TopicPartition: Watermarks]] = [:]
        for topic in processor.memory.reversed() {
            let name = context.topics.name(of: topic)
            ends[topic] = try log.watermarks(
                of: owned.keys.map { TopicPartition(topic: name, partition: $0) })
        }
        for topic in processor.memory {
            let marks = ends[topic] ?? [:]
            var from: [TopicPartition: Position] = [:]
            for (place, mark) in marks {
                let stored = try owned[place.partition]?.position(of: topic) ?? mark.low
                guard stored <= mark.high else {
                    throw StoreAhead(
                        partition: place, stored: stored, high: mark.high, folder: context.dataFolder)
                }
                from[place] = max(stored, mark.low)
            }
            try restore(owned, topic, from: from, to: marks.mapValues(\.high), log)
        }
        for (topic, marks) in ends where topic == processor.memory.last {
            try log.each(marks.keys.sorted()) { try owned[$0.partition]?.restored() }
        }
    }

    private func restore<L: TransactionalLog & ~Copyable>(
        _ owned: [Int32: OwnedPartition<P>], _ topic: Topic, from: [TopicPartition: Position],
        to ends: [TopicPartition: Position], _ log: borrowing L
    ) throws {
        let started = ContinuousClock.now
        let progress = Mutex(
            RestoreProgress(
                context, loop: processor.name, topic: topic, from: from, to: ends, at: started))
        health.notReady("restoring from \(topic.rawValue)")
        // By number: a topic's name made and hashed for each record would be felt.
        let reading = Dictionary(
            uniqueKeysWithValues: ends.map { place, end in
                (place.partition, (place, owned[place.partition], end))
            })
        let reached = try log.read(from: from, to: ends) { record in
            guard let (place, owner, end) = reading[record.partition], let partition = owner,
                record.position <= end
            else { return }
            try partition.recall(record, with: processor)
            if let line = progress.withLock({ $0.read(place, upTo: record.position, at: .now) }) {
                context.log.info(
                    "restoring", ["loop": .text(processor.name), "topic": .text(topic.rawValue)] + line)
            }
            if partition.memory.changeCount >= LoopSettings.restoreSaveEvery {
                try partition.save(positions: [topic: record.position])
            }
        }
        let read = reached.merging(ends, uniquingKeysWith: min)
        try log.each(read.keys.sorted()) { place in
            guard let position = read[place] else { return }
            try owned[place.partition]?.save(positions: [topic: position])
        }
        let count = progress.withLock { progress in
            progress.end(reached)
            return progress.count
        }
        context.log.info(
            "restored",
            [
                "loop": .text(processor.name), "topic": .text(topic.rawValue), "records": .of(count),
                "milliseconds": .of((ContinuousClock.now - started).wholeMilliseconds),
            ])
    }
}

/// A store that knows more than the log: the log lost records, or the folder belongs to another cluster.
struct StoreAhead: Error, CustomStringConvertible {
    let partition: TopicPartition
    let stored: Position
    let high: Position
    let folder: String

    var description: String {
        """
        the store is ahead of the log at \(partition): it stands at \(stored), the log ends at \(high). The log \
        lost records or this is another cluster; if the log is right, delete \(folder) and start again
        """
    }
}
