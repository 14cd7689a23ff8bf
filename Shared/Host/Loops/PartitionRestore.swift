import Kafka
import Models
import Processing

/// One partition while its states are read from the log.
///
/// `@unchecked Sendable` because it needs no lock: one thread of the run works on it, and the loop touches it
/// only before the run has begun and after it has ended.
final class PartitionRestore<P: Processor>: @unchecked Sendable {
    /// The part of one topic that must be read.
    struct Stretch {
        let topic: Topic
        let place: TopicPartition
        let start: Position
        let end: Position
    }

    /// In the order in which they are read.
    let stretches: [Stretch]
    private(set) var partition: Partition<P>
    let store: (any StateStore)?
    /// Records that were applied.
    private(set) var count = 0
    private let processor: P
    private let layout: TopicLayout
    private let report: RestoreReport

    init(
        _ store: (any StateStore)?, _ stretches: [Stretch], with processor: P, _ layout: TopicLayout,
        _ report: RestoreReport
    ) {
        partition = Partition { try store?.state(of: $0).map(P.State.init(stored:)) }
        self.store = store
        self.stretches = stretches
        self.processor = processor
        self.layout = layout
        self.report = report
    }

    /// The whole restore, on the thread that calls it. `read` reads one stretch, and returns the position
    /// that it reached.
    func run(
        reading read: (Stretch, _ apply: (Record) throws -> Void) throws -> Position?
    ) throws {
        for stretch in stretches {
            let isEmpty = stretch.start >= stretch.end
            let reached = isEmpty ? nil : try read(stretch) { try take($0, of: stretch) }
            try finish(stretch, at: reached ?? stretch.start)
        }
        try finish()
    }

    /// Applies one record. Records behind the end belong to live work.
    func take(_ record: Record, of stretch: Stretch) throws {
        guard record.position <= stretch.end else { return }
        if let reason = layout.misplacement(of: record) { return try pass(record, of: stretch, reason) }
        try partition.recall(record, with: processor)
        count += 1
        if count % LoopSettings.restoreTellEvery == 0 {
            report.read(LoopSettings.restoreTellEvery, of: stretch.place, upTo: record.position)
        }
        if partition.changeCount >= LoopSettings.restoreSaveEvery {
            try partition.save(to: store, positions: [stretch.topic: record.position])
        }
    }

    /// Passes over a record of an input topic: live work has set it aside already. For a record of the own
    /// log it throws. Only this service writes the own log, so the number of partitions was different then,
    /// and the states lie where nobody looks for them.
    private func pass(_ record: Record, of stretch: Stretch, _ reason: String) throws {
        guard !processor.inputs.contains(record.topic) else { return }
        throw LayoutFault(record, reason)
    }

    /// A stretch has been read to its end.
    func finish(_ stretch: Stretch, at reached: Position) throws {
        try partition.save(to: store, positions: [stretch.topic: min(reached, stretch.end)])
        report.end([stretch.place: reached])
    }

    /// All stretches have been read.
    func finish() throws { try store?.restored() }
}
