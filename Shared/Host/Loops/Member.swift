import Kafka
import Models
import Processing

/// One member of a processor's group: restores, decides, commits, saves (DESIGN, "A stateful service").
///
/// Here is the order of the steps, over any log and any store, so that what runs on Kafka is what the
/// simulation tries. The store is written after the log and never before: a crash anywhere leaves it behind,
/// and the next owner reads the difference from the own log.
final class Member<P: Processor, L: TransactionalLog & ~Copyable> {
    private var processor: P
    private let context: HostContext
    private let clock: () -> Instant
    private let openStore: (Int32) throws -> any StateStore
    private let health: Health.Part
    private let figures: LoopFigures
    private let standing: Standing

    private(set) var owned: [Int32: OwnedPartition<P>] = [:]
    /// The next record to work off, for each input partition: what the group has committed.
    private var positions: [TopicPartition: Position] = [:]
    /// How far each input partition was read, control records included.
    private var reached: [TopicPartition: Position] = [:]
    private var held: [TopicPartition: Held] = [:]
    private var nextAlarm: Instant?
    private var registry: Registry?
    /// The registry as it is published now; nil where none is used.
    var newestRegistry: () throws -> Registry? = { nil }
    /// Where everything that waits is being reviewed: behind which key to go on, for each partition.
    private var reviews: [Int32: String] = [:]
    /// When time alone asks for a review, and when that was told.
    private var nextReview: (at: Instant?, toldAt: Instant)?

    /// Records that wait for another topic to be read up to a position.
    private struct Held {
        var records: [Record]
        let other: TopicPartition
        let target: Position
    }

    init(
        _ processor: P, _ context: HostContext, worker: Int = 0, clock: @escaping () -> Instant,
        openStore: @escaping (Int32) throws -> any StateStore
    ) {
        self.processor = processor
        self.context = context
        self.clock = clock
        self.openStore = openStore
        health = context.health.part(worker == 0 ? processor.name : "\(processor.name)-\(worker)")
        figures = LoopFigures(context.metrics, loop: processor.name, worker: worker)
        standing = Standing(context, loop: processor.name)
    }

    func adopt(_ fresh: Registry) {
        guard fresh != registry else { return }
        registry = fresh
        processor.adopt(fresh)
        reviewAll(at: clock())
    }

    func waits(for what: String) { health.notReady("waiting for \(what)") }

    /// One turn of the loop: what there is to read, decided and committed.
    func turn(_ log: borrowing L) throws {
        let batch = try gather(log)
        try process(batch, log)
        standing.tell(
            positions.merging(reached.filter { held[$0.key] == nil }) { max($0, $1) }
        ) { log.knownEnd(of: $0) }
    }

    /// What one turn of the loop brought: at least nothing.
    private func gather(_ log: borrowing L) throws -> [Record] {
        var batch: [Record] = []
        var bytes = 0
        var wait = untilWorkIsDue(at: clock())
        while batch.count < context.batch.records, bytes < context.batch.bytes {
            switch log.poll(timeoutMilliseconds: wait) {
            case .record(let record):
                bytes += (record.value?.count ?? 0) + (record.key?.count ?? 0)
                batch.append(record)
                wait = Int32(clamping: context.batch.linger.wholeMilliseconds)
            case .idle: return batch
            case .assign(let partitions):
                try process(batch, log)
                batch.removeAll()
                try assigned(partitions, log)
            case .revoke(let lost):
                // What is asked back in peace is finished first; what is lost already belongs to somebody
                // else.
                if !lost { try process(batch, log) }
                batch.removeAll()
                try revoked(log)
            case .reachedEnd(let place, let position): reached[place] = position
            case .failed(let error):
                // Where it goes back, what is in hand comes again.
                if try wentBack(after: error, log) { batch.removeAll() }
            }
        }
        return batch
    }

    private func untilWorkIsDue(at now: Instant) -> Int32 {
        guard reviews.isEmpty else { return 0 }
        guard let nextAlarm else { return Patience.pollMilliseconds }
        let left = max(0, (nextAlarm - now).wholeMilliseconds)
        return Int32(min(Int64(Patience.pollMilliseconds), left))
    }

    private func wentBack(after error: L.Failure, _ log: borrowing L) throws -> Bool {
        guard error.remedy != .restart else { throw error }
        guard error.isOffsetOutOfRange, let place = error.topicPartition, positions[place] != nil else {
            context.log.warning("consuming", ["reason": .text("\(error)")])
            return false
        }
        // Retention took records that were never worked off. Nothing can bring them back; go on with what is
        // left.
        let marks = try log.watermarks(of: [place])
        context.log.error(
            "records are gone before they were read",
            ["partition": .of(place), "from": .text(positions[place]?.description ?? "")])
        positions[place] = marks[place]?.low
        try rewind(log)
        return true
    }

    // MARK: One batch: decide, commit, save

    private struct Work {
        var hasBegun = false
        var emitted = 0
        var positions: [TopicPartition: Position] = [:]
        var decided = 0
        var refused = 0
        /// How far the reviews have come if it is committed; where it is aborted they have not.
        var reviews: [Int32: String]

        var isEmpty: Bool { emitted == 0 && positions.isEmpty }
    }

    private func process(_ batch: [Record], _ log: borrowing L) throws {
        let now = clock()
        lookForReview(at: now)
        var work = Work(reviews: reviews)
        let written: [TopicPartition: Position]
        do {
            try wake(at: now, into: &work, log)
            try review(at: now, into: &work, log)
            try take(batch, at: now, into: &work, log)
            try releaseHeld(at: now, into: &work, log)
            guard !work.isEmpty else { return reviews = work.reviews }
            let started = ContinuousClock.now
            try begin(&work, log)
            try log.sendOffsets(work.positions)
            written = try log.commit()
            // The log has it. From here on a crash costs reading it again, nothing more.
            figures.committed(batch: batch.count, emitted: work.emitted, in: .now - started)
        } catch let error as L.Failure where error.remedy == .abortTransaction {
            aborted(error)
            try log.abort()
            owned.values.forEach { $0.forget() }
            return try rewind(log)
        }
        figures.decided.add(work.decided)
        figures.refused.add(work.refused)
        reviews = work.reviews
        positions.merge(work.positions) { $1 }
        reached.merge(work.positions) { max($0, $1) }
        try save(work, written)
    }

    private func begin(_ work: inout Work, _ log: borrowing L) throws {
        guard !work.hasBegun else { return }
        try log.begin()
        work.hasBegun = true
    }

    /// Each record goes as soon as it is decided: the log takes it in while the next one is being decided.
    private func send(_ outgoing: [Outgoing], _ work: inout Work, _ log: borrowing L) throws {
        guard !outgoing.isEmpty else { return }
        try begin(&work, log)
        for record in outgoing { try log.send(record) }
        work.emitted += outgoing.count
    }

    private func aborted(_ error: L.Failure) {
        context.log.warning("transaction aborted", ["reason": .text("\(error)")])
        figures.aborted.add()
    }

    private func save(_ work: Work, _ written: [TopicPartition: Position]) throws {
        for (number, partition) in inOrder {
            var remembered: [Topic: Position] = [:]
            for topic in processor.memory {
                let place = TopicPartition(topic: context.topics.name(of: topic), partition: number)
                remembered[topic] = work.positions[place] ?? written[place]
            }
            if partition.memory.hasChanges || !remembered.isEmpty {
                try partition.save(positions: remembered)
            }
        }
        try findNextAlarm()
    }

    /// Due alarms are inputs like any other, taken first: those that are overdue the longest, and a bounded
    /// number at a time.
    private func wake(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        guard let alarm = nextAlarm, alarm <= now else { return }
        let limit = LoopSettings.alarmsPerTurn
        let due = try owned.values.flatMap { partition in
            try partition.due(at: now, limit: limit).map { (alarm: $0, partition: partition) }
        }
        for (alarm, partition) in due.sorted(by: { $0.alarm < $1.alarm }).prefix(limit) {
            let outgoing = try partition.wake(alarm.key, with: processor, at: now)
            try send(outgoing, of: partition, &work, log)
        }
        // An alarm that led to nothing would ring for ever.
        if work.emitted == 0 { nextAlarm = now + LoopSettings.deafFor }
    }

    /// From the first key on; a review that is under way begins again.
    private func reviewAll(at now: Instant) {
        reviews = owned.mapValues { _ in "" }
        nextReview = (processor.nextReview(after: now), toldAt: now)
    }

    private func lookForReview(at now: Instant) {
        guard let (next, toldAt) = nextReview else { return }
        if let next, next <= now {
            reviewAll(at: now)
        } else if now < toldAt {
            // A clock that was put back may come by the same moment again.
            nextReview = (processor.nextReview(after: now), toldAt: now)
        }
    }

    /// Goes on with the reviews; what is as it should be costs no transaction.
    private func review(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        var left = LoopSettings.reviewsPerTurn
        for (number, partition) in inOrder {
            guard left > 0, let last = reviews[number] else { continue }
            let keys = try partition.waiting(after: last, limit: left)
            for key in keys {
                try send(try partition.review(key, with: processor, at: now), of: partition, &work, log)
            }
            work.reviews[number] = keys.count < left ? nil : keys.last
            left -= keys.count
        }
    }

    /// What no record has led to moves no position. They are sent nevertheless, because it is by its
    /// positions that the group knows a transaction of a member it has given up, and that the next owner
    /// waits for one that is under way.
    private func send(
        _ outgoing: [Outgoing], of partition: OwnedPartition<P>, _ work: inout Work, _ log: borrowing L
    ) throws {
        guard !outgoing.isEmpty else { return }
        try send(outgoing, &work, log)
        work.positions.merge(positions.filter { $0.key.partition == partition.number }) { $1 }
    }

    private func take(_ batch: [Record], at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        // A topic that others refer to is named first, so that within a batch nothing waits for its
        // neighbour.
        for topic in processor.inputs {
            let name = context.topics.name(of: topic)
            for record in batch where record.topic == topic {
                let place = TopicPartition(topic: name, partition: record.partition)
                guard let partition = owned[record.partition] else { continue }
                guard held[place] == nil else {
                    held[place]?.records.append(record)
                    continue
                }
                try take(record, at: place, in: partition, now, caughtUp: false, &work, log)
            }
        }
    }

    private func take(
        _ record: Record, at place: TopicPartition, in partition: OwnedPartition<P>, _ now: Instant,
        caughtUp: Bool, _ work: inout Work, _ log: borrowing L
    ) throws {
        switch try partition.take(record, with: processor, at: now, caughtUp: caughtUp) {
        case .done(let outgoing, let verdict):
            try send(outgoing, &work, log)
            work.positions[place] = record.position
            note(verdict, of: record, &work)
        case .awaits(.registry):
            // It is small and nobody writes to it for long: it is read on the spot.
            if let newest = try newestRegistry() { adopt(newest) }
            work.reviews = reviews
            try take(record, at: place, in: partition, now, caughtUp: true, &work, log)
        case .awaits(let topic):
            let other = TopicPartition(topic: context.topics.name(of: topic), partition: record.partition)
            let target = try log.watermarks(of: [other])[other]?.high ?? .beginning
            if hasReached(other, target, work) {
                try take(record, at: place, in: partition, now, caughtUp: true, &work, log)
            } else {
                held[place] = Held(records: [record], other: other, target: target)
                try log.pause(place)
            }
        }
    }

    private func note(_ verdict: Verdict, of record: Record, _ work: inout Work) {
        switch verdict {
        case .decided(let facts):
            work.decided += facts
            context.log.debug(
                "decided",
                [
                    "topic": .text(record.topic.rawValue), "partition": .of(record.partition),
                    "offset": .of(record.offset), "facts": .of(facts),
                    "trace": .text(record.traceparent ?? ""),
                ])
        case .refused(let reason):
            work.refused += 1
            context.log.warning(
                "a record was set aside",
                [
                    "topic": .text(record.topic.rawValue), "partition": .of(record.partition),
                    "offset": .of(record.offset), "reason": .text(reason),
                    "trace": .text(record.traceparent ?? ""),
                ])
        }
    }

    private func releaseHeld(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        for (place, waiting) in held.sorted(by: { $0.key < $1.key }) {
            guard hasReached(waiting.other, waiting.target, work), let partition = owned[place.partition]
            else {
                continue
            }
            held[place] = nil
            for (index, record) in waiting.records.enumerated() {
                if held[place] != nil {
                    held[place]?.records.append(record)
                } else {
                    try take(record, at: place, in: partition, now, caughtUp: index == 0, &work, log)
                }
            }
            if held[place] == nil { try log.resume(place) }
        }
    }

    private func hasReached(_ place: TopicPartition, _ target: Position, _ work: Work) -> Bool {
        [work.positions[place], reached[place]].compactMap { $0 }.contains { $0 >= target }
    }

    // MARK: Partitions come and go

    private func assigned(_ partitions: [TopicPartition], _ log: borrowing L) throws {
        forgetPartitions()
        try checkTogether(partitions)
        for number in Set(partitions.map(\.partition)).sorted() {
            let store = processor.memory.isEmpty ? nil : try openStore(number)
            owned[number] = OwnedPartition(number, store)
        }
        // Asked first: the answer waits for transactions that a former owner still has under way, and from
        // then on the group lets none of his in. What they wrote is on the log when it is read below.
        let committed = try log.committed(partitions)
        try Restoring(processor, context, health).restore(owned, from: log)
        let marks = try log.watermarks(of: partitions.filter { committed[$0] == nil })
        for place in partitions { positions[place] = committed[place] ?? marks[place]?.low ?? .beginning }
        try log.accept(positions)
        try findNextAlarm()
        // Nobody knows how far a former owner came with his review, nor by which registry he decided.
        reviewAll(at: clock())
        health.ready()
        context.log.info(
            "partitions assigned",
            [
                "loop": .text(processor.name),
                "partitions": .text(owned.keys.sorted().map(String.init).joined(separator: ",")),
            ])
    }

    private func revoked(_ log: borrowing L) throws {
        forgetPartitions()
        try log.release()
        context.log.info("partitions given back", ["loop": .text(processor.name)])
    }

    private func forgetPartitions() {
        owned.removeAll()
        positions.removeAll()
        reached.removeAll()
        held.removeAll()
        reviews.removeAll()
        nextAlarm = nil
        standing.withdraw()
    }

    /// Back to what is committed: everything decided since did not happen.
    private func rewind(_ log: borrowing L) throws {
        held.removeAll()
        reached = positions
        try log.rewind(to: positions)
    }

    private func findNextAlarm() throws {
        nextAlarm = try owned.values.compactMap { try $0.nextAlarm() }.min()
    }

    /// In the order of their numbers: the same inputs give the same records in the same order.
    private var inOrder: [(key: Int32, value: OwnedPartition<P>)] { owned.sorted { $0.key < $1.key } }

    /// The range assignor gives one member the same numbers of all topics; anything else breaks ownership.
    private func checkTogether(_ partitions: [TopicPartition]) throws {
        let numbers = Dictionary(grouping: partitions, by: \.topic).values.map { Set($0.map(\.partition)) }
        guard Set(numbers).count <= 1 else {
            throw TopicFault(
                description: "the group gave different partitions of topics that belong together")
        }
    }
}
