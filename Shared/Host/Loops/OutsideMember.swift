import Kafka
import Models
import Processing

/// One member of a group that acts outside: the deed, then its record and the position together.
final class OutsideMember<L: TransactionalLog & ~Copyable> {
    private let context: HostContext
    private let name: String
    private let clock: () -> Instant
    private let perform: (Record, Instant) -> [Outgoing]
    private let health: Health.Part
    private let figures: LoopFigures
    private let standing: Standing

    /// What the group has committed.
    private var positions: [TopicPartition: Position] = [:]
    /// How far each partition was read, control records included.
    private var reached: [TopicPartition: Position] = [:]

    /// Deeds before a commit: few, so that few are repeated after a crash.
    private static var recordsPerCommit: Int { 20 }

    init(
        _ context: HostContext, name: String, worker: Int = 0, clock: @escaping () -> Instant,
        perform: @escaping (Record, Instant) -> [Outgoing]
    ) {
        self.context = context
        self.name = name
        self.clock = clock
        self.perform = perform
        health = context.health.part(worker == 0 ? name : "\(name)-\(worker)")
        figures = LoopFigures(context.metrics, loop: name, worker: worker)
        standing = Standing(context, loop: name)
    }

    func turn(_ log: borrowing L) throws {
        try act(on: try gather(log), log)
        standing.tell(positions.merging(reached) { max($0, $1) }) { log.knownEnd(of: $0) }
    }

    private func gather(_ log: borrowing L) throws -> [Record] {
        var batch: [Record] = []
        var wait = Patience.pollMilliseconds
        while batch.count < Self.recordsPerCommit {
            switch log.poll(timeoutMilliseconds: wait) {
            case .record(let record):
                batch.append(record)
                wait = 0
            case .idle: return batch
            case .assign(let partitions):
                batch.removeAll()
                try assigned(partitions, log)
            case .revoke:
                // Nothing was done with them yet: the next owner does it.
                batch.removeAll()
                positions.removeAll()
                reached.removeAll()
                standing.withdraw()
                try log.release()
            case .reachedEnd(let place, let position):
                reached[place] = position
            case .failed(let error):
                guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
                context.log.warning("consuming", ["loop": .text(name), "reason": .text("\(error)")])
            }
        }
        return batch
    }

    private func assigned(_ partitions: [TopicPartition], _ log: borrowing L) throws {
        let committed = try log.committed(partitions)
        let marks = try log.watermarks(of: partitions)
        positions = marks.mapValues(\.low).merging(committed) { max($0, $1) }
        reached.removeAll()
        try log.accept(positions)
        health.ready()
    }

    private func act(on batch: [Record], _ log: borrowing L) throws {
        guard !batch.isEmpty, !context.stop.isRaised else { return }
        let outgoing = batch.flatMap { perform($0, clock()) }
        var next: [TopicPartition: Position] = [:]
        for record in batch { next[record.topicPartition(context.topics)] = record.position }
        let started = ContinuousClock.now
        guard try log.transact(outgoing, next, onAbort: aborted) != nil else {
            reached.removeAll()
            return try log.rewind(to: positions)
        }
        positions.merge(next) { $1 }
        figures.committed(batch: batch.count, emitted: outgoing.count, in: .now - started)
    }

    private func aborted(_ error: L.Failure) {
        context.log.warning("transaction aborted", ["loop": .text(name), "reason": .text("\(error)")])
        figures.aborted.add()
    }
}
