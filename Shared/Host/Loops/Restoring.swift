import Kafka
import Models
import Processing
import Synchronization

/// Restores the stores of the partitions that were just assigned, while the member polls.
///
/// A restore of many millions of events takes minutes. If the member answered the group only afterwards, it
/// would not hear that somebody joins or leaves: the whole group would wait for it, and the brokers would
/// expel it after `max.poll.interval.ms`. So the member answers first, and then it must poll.
final class Restoring<P: Processor> {
    /// What the group assigned, and the positions it had committed at that moment.
    let assigned: [TopicPartition]
    let committed: [TopicPartition: Position]
    /// Records that the stores will never hold: they were removed before the stores had them.
    let losses: [Loss]
    private let partitions: [Int32: PartitionRestore<P>]
    private let run: any RestoreRun
    private let report: RestoreReport
    private let started = ContinuousClock.now

    init<L: TransactionalLog & ~Copyable>(
        _ processor: P, _ context: HostContext, _ stores: [Int32: any StateStore],
        _ assigned: [TopicPartition],
        committed: [TopicPartition: Position], layout: TopicLayout, from log: borrowing L
    ) throws {
        self.assigned = assigned
        let numbers = Set(assigned.map(\.partition)).sorted()
        self.committed = committed
        var stretches: [Int32: [PartitionRestore<P>.Stretch]] = [:]
        var losses: [Loss] = []
        // Ask for the own log's end first; it is the last in `memory`. Asked in the other order, it could
        // mention inputs beyond the end we read, and they would be lost. It happens if a member is expelled
        // between the two questions, and later gets the partition back together with the store it made.
        for topic in processor.memory.reversed() {
            let name = context.topics.name(of: topic)
            let places = numbers.map { TopicPartition(topic: name, partition: $0) }
            for (place, marks) in try log.watermarks(of: places) {
                let stored = try stores[place.partition]?.position(of: topic) ?? .nothingRead
                guard stored <= marks.high else {
                    throw StoreAhead(
                        partition: place, stored: stored, high: marks.high, folder: context.dataFolder)
                }
                // An own log is kept for ever. So records that are gone are a loss even for an empty store.
                if let loss = Loss.before(stored, at: place, marks, in: context.topics) {
                    losses.append(loss)
                }
                let stretch = PartitionRestore<P>.Stretch(
                    topic: topic, place: place, start: max(stored, marks.low), end: marks.high)
                stretches[place.partition, default: []].insert(stretch, at: 0)
            }
        }
        self.losses = losses
        let all = stretches.values.joined()
        let report = RestoreReport(
            context, loop: processor.name,
            from: Dictionary(uniqueKeysWithValues: all.map { ($0.place, $0.start) }),
            to: Dictionary(uniqueKeysWithValues: all.map { ($0.place, $0.end) }))
        var partitions: [Int32: PartitionRestore<P>] = [:]
        for number in numbers {
            partitions[number] = PartitionRestore(
                stores[number], stretches[number] ?? [], with: processor, layout, report)
        }
        self.partitions = partitions
        self.report = report
        run = log.restore(partitions.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Waits at most `time`, and says whether everything is restored.
    func isComplete(within time: Duration) throws -> Bool {
        guard try run.isComplete(within: time) else { return false }
        report.complete(partitions.values.reduce(0) { $0 + $1.count }, in: .now - started)
        return true
    }

    /// Ends it early. A store that was being built under a temporary name is dropped; any other store keeps
    /// what it has saved.
    func cancel() { run.cancel() }

    /// The restored partitions. Ask for them and their stores only after it is complete.
    var owned: [Int32: Partition<P>] { partitions.mapValues(\.partition) }
    var stores: [Int32: any StateStore] { partitions.compactMapValues(\.store) }
}

/// What the threads of a restore report about its progress.
final class RestoreReport: Sendable {
    private let loop: String
    private let topics: [String]
    private let log: Log
    private let progress: Mutex<RestoreProgress>

    init(
        _ context: HostContext, loop: String, from: [TopicPartition: Position], to: [TopicPartition: Position]
    ) {
        self.loop = loop
        topics = Set(to.keys.compactMap { context.topics.topic(named: $0.topic)?.rawValue }).sorted()
        log = context.log
        progress = Mutex(RestoreProgress(context, loop: loop, from: from, to: to, at: .now))
    }

    func read(_ records: Int, of place: TopicPartition, upTo position: Position) {
        let line = progress.withLock { $0.read(records, of: place, upTo: position, at: .now) }
        if let line { log.info("restoring", about + line) }
    }

    func end(_ reached: [TopicPartition: Position]) { progress.withLock { $0.end(reached) } }

    /// A processor that keeps no state has nothing to report.
    func complete(_ records: Int, in time: Duration) {
        guard !topics.isEmpty else { return }
        log.info(
            "restored", about + ["records": .of(records), "milliseconds": .of(time.wholeMilliseconds)])
    }

    private var about: [String: Log.Field] {
        ["loop": .text(loop), "topics": .text(topics.joined(separator: ","))]
    }
}

/// A store that knows more than the log: the log lost records, or the folder belongs to another cluster.
struct StoreAhead: Standstill {
    let partition: TopicPartition
    let stored: Position
    let high: Position
    let folder: String

    var description: String {
        """
        the store is ahead of the log at \(partition): it was read up to \(stored), but the log ends at \(high). Either \
        the topic was made again, or the log lost records, or this is another cluster. If the log is right, start once with \
        --rebuild: it makes \(folder) anew from what the log has
        """
    }

    var outward: String { "the store is ahead of the log at \(partition)" }
}
