import Kafka
import Models
import Processing

/// One member of a group that acts outside: it takes records with their announcements, begins the deeds, and
/// writes the outcomes in the order in which they arrive.
///
/// A record that was not taken waits on the log, and belongs to the owner of its partition. A record that was
/// taken belongs to this process: it writes the outcome even if the partition has gone to another member
/// meanwhile.
///
/// It may follow a second topic, whose partitions belong to those of the input. That topic is read from its
/// beginning whenever the group gives partitions, and no position of it is committed: what it says is known
/// in memory alone. A record of the input is taken only when the other topic's partition has been read to its
/// end.
final class OutsideMember<World: Outside, L: TransactionalLog & ~Copyable> {
    private var outside: World
    private let context: HostContext
    private let name: String
    private let followed: Topic?
    private let clock: () -> Instant
    private let health: Health.Part
    private let figures: LoopFigures
    private let standing: Standing
    private let backlog: Backlog
    private let losses: Losses

    /// Which partition each key belongs to. Without a layout every partition is accepted.
    var layout = TopicLayout()
    /// The committed positions of the group: behind the last record that was taken.
    private var positions: [TopicPartition: Position] = [:]
    /// The positions behind the last record that was read.
    private var fetched: [TopicPartition: Position] = [:]
    /// Records that were read and not taken yet.
    private var waiting: [Record] = []
    /// Outcomes that are not on the log yet.
    private var unwritten: [Outgoing] = []
    /// The partitions whose first waiting record may not be taken yet. Nothing is fetched from them
    /// meanwhile.
    private var held: Set<TopicPartition> = []
    /// So many records wait that no more of the input is fetched. Polling goes on: the group and the followed
    /// topic must be heard.
    private var isBrimming = false
    /// The partitions from which nothing is fetched.
    private var paused: Set<TopicPartition> = []
    /// The positions behind what was read of the followed topic.
    private var followedPositions: [TopicPartition: Position] = [:]
    /// The partitions of the followed topic whose end has not been reached since they were assigned.
    private var behind: Set<Int32> = []

    /// Enough records to use all room at once, and to know how old the oldest is.
    private static var waitingLimit: Int { 500 }
    /// How long to wait for outcomes: short while new records may arrive, longer while there is no room for
    /// any.
    private static var shortWait: Duration { .milliseconds(5) }
    private static var longWait: Duration { .milliseconds(longWaitMilliseconds) }
    private static var longWaitMilliseconds: Int32 { 50 }

    init(
        _ outside: World, _ context: HostContext, name: String, following followed: Topic? = nil,
        worker: Int = 0, clock: @escaping () -> Instant
    ) {
        self.outside = outside
        self.context = context
        self.name = name
        self.followed = followed
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

    /// The process is asked to stop. Deeds under way get a short time to end. Then the known outcomes are
    /// written, and records that were not taken stay on the log.
    func end(_ log: borrowing L, within time: Duration = Patience.lastOutcomes) throws {
        let end = ContinuousClock.now + time
        outside.ends()
        while outside.mayLearnMore, ContinuousClock.now < end {
            unwritten += outside.outcomes(within: end - .now, at: clock())
        }
        unwritten += outside.stop(at: clock())
        waiting.removeAll()
        try take(log)
    }

    private var untilOutcomesMatter: Duration {
        // If nothing is under way, the loop waits for the log (`gather`).
        guard outside.isBusy else { return .zero }
        if outside.room == 0 { return Self.longWait }
        return hasTakeable ? .zero : Self.shortWait
    }

    private var hasTakeable: Bool { waiting.contains { !isHeld($0) } }

    private func isHeld(_ record: Record) -> Bool {
        !held.isEmpty && held.contains(record.topicPartition(context.topics))
    }

    // MARK: Reading

    private func gather(_ log: borrowing L) throws {
        // Records that are held back take no room from the others.
        let count = waiting.count { !isHeld($0) }
        isBrimming = isBrimming ? count > Self.waitingLimit / 2 : count >= Self.waitingLimit
        try pauseAndResume(log)
        var limits = BatchSettings()
        limits.records = isBrimming ? Self.waitingLimit : Self.waitingLimit - count
        let batch = log.gather(limits, waitingMilliseconds: millisecondsToGather)
        for record in batch.records { take(in: record) }
        for (place, end) in batch.ends { reached(end, of: place) }
        switch batch.interruption {
        case nil: return
        case .assign(let partitions): try assigned(partitions, log)
        case .revoke:
            // Nothing was done with the waiting records: the next owner takes them.
            positions.removeAll()
            forget([:])
            follow([:])
            outside.own([], of: 0, at: clock())
            standing.withdraw()
            health.notReady("waiting for the consumer group")
            try log.release()
        case .failed(let error):
            guard error.remedy != .restart else { throw error }
            if error.isOffsetOutOfRange, let place = error.topicPartition {
                return isFollowed(place) ? try followAgain(log) : try goOn(behind: place, log)
            }
            context.log.warning(
                "reading from Kafka failed", ["loop": .text(name), "reason": .text("\(error)")])
        }
    }

    private var millisecondsToGather: Int32 {
        if outside.isBusy || !unwritten.isEmpty { return 0 }
        if !hasTakeable { return Patience.pollMilliseconds }
        // The world is closed: nothing that waits can be taken, and there is no hurry to read more.
        return outside.room == 0 ? Self.longWaitMilliseconds : 0
    }

    private func take(in record: Record) {
        let place = record.topicPartition(context.topics)
        if isFollowed(place) {
            outside.note(record)
            followedPositions[place] = record.position
        } else {
            waiting.append(record)
            fetched[place] = record.position
        }
    }

    private func reached(_ end: Position, of place: TopicPartition) {
        if isFollowed(place) {
            followedPositions[place] = end
            behind.remove(place.partition)
        } else {
            fetched[place] = max(fetched[place] ?? end, end)
        }
    }

    private func isFollowed(_ place: TopicPartition) -> Bool {
        followed.map { context.topics.name(of: $0) == place.topic } ?? false
    }

    private func follow(_ positions: [TopicPartition: Position]) {
        followedPositions = positions
        behind = Set(positions.keys.map(\.partition))
    }

    /// Everything that the followed topic still has is read again. What retention has removed is too old to
    /// matter.
    private func followAgain(_ log: borrowing L) throws {
        follow(try log.watermarks(of: Array(followedPositions.keys)).mapValues(\.low))
        try rewind(to: fetched, log)
    }

    private func rewind(to positions: [TopicPartition: Position], _ log: borrowing L) throws {
        held.removeAll()
        paused.removeAll()
        try log.rewind(to: positions.merging(followedPositions) { own, _ in own })
    }

    /// Records were removed before they were read. The letter and the position are one transaction; if it is
    /// aborted, the same loss is met again. Records that wait here were read, so they are taken all the same:
    /// the position then moves with them.
    private func goOn(behind place: TopicPartition, _ log: borrowing L) throws {
        guard let position = fetched[place], let marks = try log.watermarks(of: [place])[place] else {
            return
        }
        let letter = Loss.before(position, at: place, marks, in: context.topics).flatMap {
            losses.letter(of: $0, at: clock())
        }
        let isTaken = !waiting.contains { $0.topicPartition(context.topics) == place }
        let outgoing = [letter].compactMap { $0?.outgoing() }
        if try log.transact(outgoing, isTaken ? [place: marks.low] : [:], onAbort: aborted) != nil {
            if isTaken { positions[place] = marks.low }
            fetched[place] = marks.low
            if let letter { losses.tell(letter) }
        }
        try rewind(to: fetched, log)
    }

    private func assigned(_ all: [TopicPartition], _ log: borrowing L) throws {
        try layout.checkTogether(all, context.topics)
        let partitions = all.filter { !isFollowed($0) }
        follow(try log.watermarks(of: all.filter(isFollowed)).mapValues(\.low))
        let committed = try log.committed(partitions)
        positions = Dictionary(
            uniqueKeysWithValues: partitions.map { ($0, committed[$0] ?? .nothingRead) })
        forget(positions)
        try log.accept(positions.merging(followedPositions) { own, _ in own })
        outside.own(Set(partitions.map(\.partition)), of: count(of: partitions), at: clock())
        health.ready()
    }

    private func count(of partitions: [TopicPartition]) -> Int {
        let topic = partitions.first.flatMap { context.topics.topic(named: $0.topic) }
        return topic.flatMap { layout.counts[$0] }.map(Int.init) ?? partitions.count
    }

    private func forget(_ positions: [TopicPartition: Position]) {
        waiting.removeAll()
        held.removeAll()
        paused.removeAll()
        isBrimming = false
        fetched = positions
    }

    // MARK: Taking

    private func take(_ log: borrowing L) throws {
        let taken = try choose(log)
        guard taken.count > 0 || !unwritten.isEmpty else { return }
        let outgoing = unwritten + taken.outgoing
        let started = ContinuousClock.now
        guard try log.transact(outgoing, taken.positions, onAbort: aborted) != nil else {
            // The outcomes stay as they are and are written with the next transaction.
            forget(positions)
            return try rewind(to: positions, log)
        }
        figures.committed(batch: taken.count, emitted: outgoing.count, in: .now - started)
        unwritten.removeAll()
        waiting = taken.left
        positions.merge(taken.positions) { $1 }
        for deed in taken.deeds { begin(deed) }
    }

    /// The records that are taken now, and those that go on waiting.
    private struct Taken {
        var count = 0
        var outgoing: [Outgoing] = []
        var deeds: [World.Deed] = []
        var positions: [TopicPartition: Position] = [:]
        var left: [Record] = []
    }

    /// Takes as many records as there is room for, in their order. If a record may not be taken yet, no later
    /// record of its partition is taken either.
    private func choose(_ log: borrowing L) throws -> Taken {
        var taken = Taken()
        let room = context.stop.isRaised ? 0 : outside.room
        guard room > 0 else {
            taken.left = waiting
            return taken
        }
        let now = clock()
        var (asked, refused) = (Set<TopicPartition>(), Set<TopicPartition>())
        for record in waiting {
            guard taken.count < room else {
                taken.left.append(record)
                continue
            }
            let place = record.topicPartition(context.topics)
            asked.insert(place)
            let mayBeTaken = !refused.contains(place) && !behind.contains(place.partition)
            let announced = mayBeTaken ? announce(record, at: now) : nil
            guard let announced, announced.deed == nil || outside.allows(record, at: now) else {
                refused.insert(place)
                taken.left.append(record)
                continue
            }
            taken.count += 1
            taken.outgoing += announced.outgoing
            taken.positions[place] = record.position
            if let deed = announced.deed { taken.deeds.append(deed) }
        }
        try hold(refused.union(held.subtracting(asked)), log)
        return taken
    }

    private func hold(_ refused: Set<TopicPartition>, _ log: borrowing L) throws {
        held = refused
        try pauseAndResume(log)
    }

    private func pauseAndResume(_ log: borrowing L) throws {
        let wanted = isBrimming ? held.union(fetched.keys) : held
        for place in wanted.subtracting(paused).sorted() { try log.pause(place) }
        for place in paused.subtracting(wanted).sorted() { try log.resume(place) }
        paused = wanted
    }

    private func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: World.Deed?) {
        guard let reason = layout.misplacement(of: record) else { return outside.announce(record, at: now) }
        figures.refused.add()
        return ([record.setAside(because: reason, by: name, at: now)], nil)
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
        // Nothing behind the waiting records is finished, even if more was read.
        let places = Set(waiting.map { $0.topicPartition(context.topics) })
        let read = fetched.merging(positions.filter { places.contains($0.key) }) { $1 }
        standing.tell(
            read.merging(followedPositions) { own, _ in own },
            resting: held.filter { !behind.contains($0.partition) }
        ) { log.knownEnd(of: $0) }
        let unread = fetched.reduce(into: Int64(0)) { count, read in
            let end = standing.end(of: read.key, fetched: log.knownEnd(of: read.key))
            count += max(0, (end?.next ?? 0) - read.value.next)
        }
        backlog.tell(waiting: Int64(waiting.count) + unread, oldest: waiting.first?.timestamp, at: clock())
    }
}

/// The records that wait to be taken.
struct Backlog {
    private let waiting: Metrics.Gauge
    private let oldest: Metrics.Gauge

    init(_ metrics: Metrics, loop: String, worker: Int) {
        let labels = ["loop": loop, "worker": String(worker)]
        waiting = metrics.gauge(
            "dayu_waiting", labels, help: "Upper limit of the records that wait to be sent.")
        oldest = metrics.gauge(
            "dayu_waiting_oldest_seconds", labels, help: "How long the oldest of these records has waited.")
    }

    func tell(waiting count: Int64, oldest moment: Instant?, at now: Instant) {
        waiting.set(count)
        oldest.set(moment.map { Double(max(0, (now - $0).wholeMilliseconds)) / 1000 } ?? 0)
    }
}
