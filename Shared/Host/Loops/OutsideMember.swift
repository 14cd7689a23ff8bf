import Kafka
import Models
import Processing

/// One member of a group that acts outside: it takes records with their announcements, begins the deeds, and
/// writes the outcomes as they come, in whatever order.
///
/// What was not taken waits on the log, and belongs to whoever has the partition. What was taken belongs to
/// this process: its outcome is written even if the partition has gone to somebody else meanwhile.
final class OutsideMember<World: Outside, L: TransactionalLog & ~Copyable> {
    private var outside: World
    private let context: HostContext
    private let name: String
    private let clock: () -> Instant
    private let health: Health.Part
    private let figures: LoopFigures
    private let standing: Standing
    private let backlog: Backlog
    private let losses: Losses

    /// Where keys belong. Without it every place is right.
    var layout = TopicLayout()
    /// What the group has committed: behind the last record that was taken.
    private var positions: [TopicPartition: Position] = [:]
    /// Behind the last record that was read.
    private var fetched: [TopicPartition: Position] = [:]
    /// Read and not taken yet.
    private var waiting: [Record] = []
    /// Outcomes that are not on the log yet.
    private var unwritten: [Outgoing] = []

    /// Enough to fill every room at once, and to know how old the oldest is.
    private static var waitingLimit: Int { 500 }
    /// How long outcomes are waited for where new records may come, and where there is no room for any.
    private static var shortWait: Duration { .milliseconds(5) }
    private static var longWait: Duration { .milliseconds(50) }

    init(
        _ outside: World, _ context: HostContext, name: String, worker: Int = 0,
        clock: @escaping () -> Instant
    ) {
        self.outside = outside
        self.context = context
        self.name = name
        self.clock = clock
        health = context.health.part(worker == 0 ? name : "\(name)-\(worker)")
        figures = LoopFigures(context.metrics, loop: name, worker: worker)
        standing = Standing(context, loop: name)
        backlog = Backlog(context.metrics, loop: name, worker: worker)
        losses = Losses(context, loop: name)
    }

    func turn(_ log: borrowing L) throws {
        unwritten += outside.outcomes(within: untilOutcomesMatter, at: clock())
        try gather(log)
        try take(log)
        tell(log)
    }

    /// The process is asked to stop. What is under way may still end within a short time; then what is known
    /// is written, and what waits stays on the log.
    func end(_ log: borrowing L, within time: Duration = Patience.lastOutcomes) throws {
        let end = ContinuousClock.now + time
        while outside.isBusy, ContinuousClock.now < end {
            unwritten += outside.outcomes(within: end - .now, at: clock())
        }
        unwritten += outside.stop(at: clock())
        waiting.removeAll()
        try take(log)
    }

    private var untilOutcomesMatter: Duration {
        guard outside.isBusy else { return .zero }
        if outside.room == 0 { return Self.longWait }
        return waiting.isEmpty ? Self.shortWait : .zero
    }

    // MARK: Reading

    private func gather(_ log: borrowing L) throws {
        var limits = BatchSettings()
        limits.records = Self.waitingLimit - waiting.count
        let isIdle = !outside.isBusy && unwritten.isEmpty && waiting.isEmpty
        let batch = log.gather(limits, waitingMilliseconds: isIdle ? Patience.pollMilliseconds : 0)
        waiting += batch.records
        for record in batch.records { fetched[record.topicPartition(context.topics)] = record.position }
        fetched.merge(batch.ends) { max($0, $1) }
        switch batch.interruption {
        case nil: return
        case .assign(let partitions): try assigned(partitions, log)
        case .revoke:
            // Nothing was done with what waits: the next owner does it.
            positions.removeAll()
            try forget([:])
            standing.withdraw()
            health.notReady("waiting for the group")
            try log.release()
        case .failed(let error):
            guard error.remedy != .restart else { throw error }
            if error.isOffsetOutOfRange, let place = error.topicPartition {
                return try goOn(behind: place, log)
            }
            context.log.warning("consuming", ["loop": .text(name), "reason": .text("\(error)")])
        }
    }

    /// Records were gone before they were read. What waits was read, so it is taken nevertheless.
    private func goOn(behind place: TopicPartition, _ log: borrowing L) throws {
        guard let position = fetched[place], let marks = try log.watermarks(of: [place])[place] else {
            return
        }
        try write([Loss.before(position, at: place, marks)].compactMap(\.self), log)
        fetched[place] = marks.low
        try log.rewind(to: fetched)
    }

    private func write(_ lost: [Loss], _ log: borrowing L) throws {
        try losses.write(lost, to: log, at: clock(), onAbort: aborted)
    }

    private func assigned(_ partitions: [TopicPartition], _ log: borrowing L) throws {
        let committed = try log.committed(partitions)
        let marks = try log.watermarks(of: partitions)
        let lost = committed.compactMap { place, position in
            marks[place].flatMap { Loss.before(position, at: place, $0) }
        }
        positions = marks.mapValues(\.low).merging(committed) { max($0, $1) }
        for loss in lost { positions[loss.place] = loss.marks.low }
        try forget(positions)
        try log.accept(positions)
        try write(lost, log)
        health.ready()
    }

    private func forget(_ positions: [TopicPartition: Position]) throws {
        waiting.removeAll()
        fetched = positions
    }

    // MARK: Taking

    private func take(_ log: borrowing L) throws {
        let batch = waiting.prefix(context.stop.isRaised ? 0 : outside.room)
        guard !batch.isEmpty || !unwritten.isEmpty else { return }
        let now = clock()
        let announced = batch.map { announce($0, at: now) }
        var next: [TopicPartition: Position] = [:]
        for record in batch { next[record.topicPartition(context.topics)] = record.position }
        let outgoing = unwritten + announced.flatMap(\.outgoing)
        let started = ContinuousClock.now
        guard try log.transact(outgoing, next, onAbort: aborted) != nil else {
            // The outcomes stay as they are and are written with the next transaction.
            try forget(positions)
            return try log.rewind(to: positions)
        }
        figures.committed(batch: batch.count, emitted: outgoing.count, in: .now - started)
        unwritten.removeAll()
        waiting.removeFirst(batch.count)
        positions.merge(next) { $1 }
        for deed in announced.compactMap(\.deed) { begin(deed) }
    }

    private func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: World.Deed?) {
        guard let reason = layout.misplacement(of: record) else { return outside.announce(record, at: now) }
        figures.refused.add()
        let letter = DeadLetter(record, reason: reason, refusedBy: name, at: now)
        return ([letter.outgoing(traceparent: record.traceparent)], nil)
    }

    /// A deed may take its time before it is under way, so the stop flag is looked at before each.
    private func begin(_ deed: World.Deed) {
        if context.stop.isRaised {
            unwritten += outside.drop(deed, at: clock())
        } else {
            outside.begin(deed, at: clock())
        }
    }

    private func aborted(_ error: L.Failure) {
        context.log.warning("transaction aborted", ["loop": .text(name), "reason": .text("\(error)")])
        figures.aborted.add()
    }

    // MARK: Telling

    private func tell(_ log: borrowing L) {
        // Behind what waits here nothing is worked off, however far was read.
        let places = Set(waiting.map { $0.topicPartition(context.topics) })
        standing.tell(fetched.merging(positions.filter { places.contains($0.key) }) { $1 }) {
            log.knownEnd(of: $0)
        }
        let unread = fetched.reduce(into: Int64(0)) { count, read in
            count += max(0, (log.knownEnd(of: read.key)?.next ?? 0) - read.value.next)
        }
        backlog.tell(waiting: Int64(waiting.count) + unread, oldest: waiting.first?.timestamp, at: clock())
    }
}

/// What waits to be taken.
struct Backlog {
    private let waiting: Metrics.Gauge
    private let oldest: Metrics.Gauge

    init(_ metrics: Metrics, loop: String, worker: Int) {
        let labels = ["loop": loop, "worker": String(worker)]
        waiting = metrics.gauge(
            "dayu_waiting", labels, help: "Records that wait to be taken outside, at the most.")
        oldest = metrics.gauge(
            "dayu_waiting_oldest_seconds", labels, help: "How long the oldest of them has been waiting.")
    }

    func tell(waiting count: Int64, oldest moment: Instant?, at now: Instant) {
        waiting.set(count)
        oldest.set(moment.map { Double(max(0, (now - $0).wholeMilliseconds)) / 1000 } ?? 0)
    }
}
