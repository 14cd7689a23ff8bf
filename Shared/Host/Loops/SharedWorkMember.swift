import Kafka
import Models
import Processing
import Text

/// One member of a group that shares out work (`SharedWork`).
///
/// Its own records come back to it. They change nothing, but their positions are committed, so that nothing
/// seems to wait.
final class SharedWorkMember<W: SharedWork, L: TransactionalLog & ~Copyable> {
    typealias Reading = (
        _ from: [TopicPartition: Position], _ to: [TopicPartition: Position], _ apply: (Record) throws -> Void
    ) throws -> Void

    private(set) var work: W
    private let context: HostContext
    private let name: String
    private let clock: () -> Instant
    /// Reads the topic outside the group.
    private let read: Reading
    private let health: Health.Part
    private let figures: LoopFigures
    private let standing: Standing
    /// Which partition each key belongs to. It is asked for with each assignment: the group assigns anew when
    /// the topic has got more partitions, and instances that counted differently would do the same work.
    var layout: () throws -> TopicLayout = { TopicLayout() }
    /// What was read, and what of it is committed.
    private var positions: [TopicPartition: Position] = [:]
    private var committed: [TopicPartition: Position] = [:]

    private static var shortWait: Duration { .milliseconds(50) }

    init(
        _ work: W, _ context: HostContext, name: String, clock: @escaping () -> Instant,
        reading read: @escaping Reading
    ) {
        self.work = work
        self.context = context
        self.name = name
        self.clock = clock
        self.read = read
        health = context.health.part(name)
        figures = LoopFigures(context.metrics, loop: name)
        standing = Standing(context, loop: name)
    }

    func turn(_ log: borrowing L) throws {
        for deed in work.turn(within: work.isBusy ? Self.shortWait : .zero, at: clock()) {
            try write(deed, log)
        }
        try gather(log)
        if positions != committed, try commit([], log) { committed = positions }
        standing.tell(positions) { log.knownEnd(of: $0) }
    }

    /// The process is asked to stop. What is under way is given up, and its next owner does it again.
    func end() { work.own(.none) }

    private func write(_ deed: W.Deed, _ log: borrowing L) throws {
        let records = work.records(of: deed)
        if try commit(records, log) {
            work.written(deed)
        } else {
            work.dropped(deed, at: clock())
        }
    }

    /// Returns false if the transaction was aborted.
    private func commit(_ records: [Outgoing], _ log: borrowing L) throws -> Bool {
        let started = ContinuousClock.now
        let written = try log.transact(records, positions) { error in
            context.log.warning(
                "transaction aborted", ["loop": .text(name), "reason": .text("\(error)")])
            figures.aborted.add()
        }
        guard written != nil else {
            try log.rewind(to: positions)
            return false
        }
        figures.committed(batch: 0, emitted: records.count, in: .now - started)
        return true
    }

    private func gather(_ log: borrowing L) throws {
        let batch = log.gather(
            BatchSettings(), waitingMilliseconds: work.isBusy ? 0 : Patience.pollMilliseconds)
        for record in batch.records { positions[record.topicPartition(context.topics)] = record.position }
        positions.merge(batch.ends.filter { positions[$0.key] != nil }) { max($0, $1) }
        switch batch.interruption {
        case nil: return
        case .assign(let partitions): try assigned(partitions, log)
        case .revoke:
            positions.removeAll()
            committed.removeAll()
            work.own(.none)
            standing.withdraw()
            health.notReady("waiting for the group")
            try log.release()
        case .failed(let error):
            guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
            context.log.warning("consuming", ["loop": .text(name), "reason": .text("\(error)")])
        }
    }

    /// The committed positions are asked for first: the answer waits for open transactions of the former
    /// owner. Afterwards its group is another generation, and it can write nothing more (KIP-447). So the
    /// high watermark is behind everything that it wrote.
    private func assigned(_ partitions: [TopicPartition], _ log: borrowing L) throws {
        let layout = try layout()
        try layout.checkTogether(partitions, context.topics)
        committed = try log.committed(partitions)
        let marks = try log.watermarks(of: partitions)
        let topic = partitions.first.flatMap { context.topics.topic(named: $0.topic) }
        work.own(
            Share(
                Set(partitions.map(\.partition)),
                of: topic.flatMap { layout.counts[$0] } ?? Int32(partitions.count)))
        // A compacted topic keeps one record for each key, so the beginning may be gone.
        try read(marks.mapValues(\.low), marks.mapValues(\.high)) { record in
            if let reason = layout.misplacement(of: record) {
                context.log.warning("a state is not used", ["loop": .text(name), "reason": .text(reason)])
            } else {
                work.recall(record)
            }
        }
        positions = marks.mapValues(\.high)
        try log.accept(positions)
        health.ready()
    }
}
