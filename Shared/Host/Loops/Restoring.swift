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
        let readings = Dictionary(
            uniqueKeysWithValues: ends.compactMap { place, end in
                owned[place.partition].map { (place.partition, Reading($0, at: place, to: end)) }
            })
        let reached = try log.read(from: from, to: ends) { record in
            guard let reading = readings[record.partition], record.position <= reading.end else { return }
            try reading.partition.recall(record, with: processor)
            reading.count += 1
            if reading.count % LoopSettings.restoreTellEvery == 0 {
                let line = progress.withLock { progress in
                    progress.read(
                        LoopSettings.restoreTellEvery, of: reading.place, upTo: record.position, at: .now)
                }
                if let line { context.log.info("restoring", about(topic) + line) }
            }
            if reading.partition.memory.changeCount >= LoopSettings.restoreSaveEvery {
                try reading.partition.save(positions: [topic: record.position])
            }
        }
        let read = reached.merging(ends, uniquingKeysWith: min)
        try log.each(read.keys.sorted()) { place in
            guard let position = read[place] else { return }
            try owned[place.partition]?.save(positions: [topic: position])
        }
        progress.withLock { $0.end(reached) }
        context.log.info(
            "restored",
            about(topic) + [
                "records": .of(readings.values.reduce(0) { $0 + $1.count }),
                "milliseconds": .of((ContinuousClock.now - started).wholeMilliseconds),
            ])
    }

    private func about(_ topic: Topic) -> [String: Log.Field] {
        ["loop": .text(processor.name), "topic": .text(topic.rawValue)]
    }
}

/// One partition while it is read: what its thread touches for each record it shares with no other thread.
///
/// `@unchecked Sendable` because no lock guards it: `TransactionalLog.read` has one thread for a partition,
/// and whoever called it looks at the count when all of them have come to an end.
private final class Reading<P: Processor>: @unchecked Sendable {
    let partition: OwnedPartition<P>
    let place: TopicPartition
    let end: Position
    /// Records.
    var count = 0

    init(_ partition: OwnedPartition<P>, at place: TopicPartition, to end: Position) {
        self.partition = partition
        self.place = place
        self.end = end
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
