import Kafka
import Models
import Processing

/// One member of a processor's group: restores, decides, commits, saves (DESIGN, "A stateful service").
///
/// This is only the order of the steps, over any log and any store: the simulation tries the same code that
/// runs on Kafka. The store is always written after the log. A crash then leaves it behind the log, and the
/// next owner reads the rest from the own log.
final class Member<P: Processor, L: TransactionalLog & ~Copyable> {
    private var processor: P
    private let context: HostContext
    private let clock: () -> Instant
    private let openStore: (Int32) throws -> any StateStore
    private let health: Health.Part
    private var figures: LoopFigures
    private let standing: Standing
    private let losses: Losses

    private var phase = Phase<Restoring<P>>.joining
    /// The states in memory of each partition it works on; empty in any phase but `working`.
    private(set) var owned: [Int32: Partition<P>] = [:]
    /// The stores of these partitions; empty if the processor keeps no state.
    private(set) var stores: [Int32: any StateStore] = [:]
    /// The next record to decide, for each input partition: what the group has committed.
    private var positions: [TopicPartition: Position] = [:]
    /// How far each input partition has been read, control records included.
    private var reached: [TopicPartition: Position] = [:]
    private var waitingRoom = WaitingRoom()
    private var reviews = Reviews()
    private var nextWakeUp: Instant?
    private var registry: Registry?
    /// Which partition each key belongs to. Without a layout every partition is accepted.
    var layout = TopicLayout()
    /// How far the registry that was adopted goes; nil if the processor uses none.
    var registryRead: Position?

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
        losses = Losses(context, loop: processor.name)
    }

    func adopt(_ fresh: Registry) {
        guard fresh != registry else { return }
        registry = fresh
        processor.adopt(fresh)
        reviews.begin(owned.keys, at: clock(), next: processor.nextReview)
    }

    /// Whether a record waits until more of the registry has been adopted.
    var awaitsRegistry: Bool { waitingRoom.awaits(registryPlace) }

    private var registryPlace: TopicPartition {
        TopicPartition(topic: context.topics.name(of: .registry), partition: 0)
    }

    func waits(for what: String) { health.notReady("waiting for \(what)") }

    /// The last call: ends a restore that is under way, and closes the stores.
    func close() {
        giveUpPartitions()
        phase.take(.closed)
    }

    // MARK: One turn

    /// One turn of the loop: gathers a batch, works on it, and answers the group.
    func turn(_ log: borrowing L) throws {
        if case .restoring(let restoring) = phase, try restoring.isComplete(within: Patience.restoreSlice) {
            try restored(restoring, log)
        }
        let batch = log.gather(context.batch, waitingMilliseconds: patience(at: clock()))
        reached.merge(batch.ends) { $1 }
        switch batch.interruption {
        case nil: try process(batch.records, log)
        case .assign(let partitions):
            try process(batch.records, log)
            try assigned(partitions, log)
        case .revoke(let lost):
            // The next owner waits for us, so we finish the batch. Lost partitions already have a next owner.
            if !lost { try process(batch.records, log) }
            try revoked(log)
        case .failed(let error):
            // After going back, the records of the batch arrive again.
            if try !wentBack(after: error, log) { try process(batch.records, log) }
        }
        tellStanding(log)
        for store in stores.values { try store.tidy() }
    }

    /// How long polling may wait for a record.
    private func patience(at now: Instant) -> Int32 {
        if case .restoring = phase { return 0 }
        guard !reviews.isUnderWay else { return 0 }
        guard let nextWakeUp else { return Patience.pollMilliseconds }
        let left = max(0, (nextWakeUp - now).wholeMilliseconds)
        return Int32(min(Int64(Patience.pollMilliseconds), left))
    }

    private func wentBack(after error: L.Failure, _ log: borrowing L) throws -> Bool {
        guard error.remedy != .restart else { throw error }
        guard error.isOffsetOutOfRange, let place = error.topicPartition, let position = positions[place],
            let marks = try log.watermarks(of: [place])[place]
        else {
            context.log.warning("reading from Kafka failed", ["reason": .text("\(error)")])
            return false
        }
        let loss = Loss.before(position, at: place, marks, in: context.topics)
        try goOn(behind: loss, at: place, from: marks.low, log)
        return true
    }

    /// Nothing brings lost records back: this reports them, and goes on with the rest. The letter and the
    /// position are one transaction. If it is aborted, the same loss is met again.
    private func goOn(
        behind loss: Loss?, at place: TopicPartition, from position: Position, _ log: borrowing L
    ) throws {
        let letter = loss.flatMap { losses.letter(of: $0, at: clock()) }
        let outgoing = [letter].compactMap { $0?.outgoing() }
        if try log.transact(outgoing, [place: position], onAbort: aborted) != nil {
            positions[place] = position
            if let letter { losses.tell(letter) }
        }
        try rewind(log)
    }

    private func tellStanding(_ log: borrowing L) {
        standing.tell(
            positions.merging(reached.filter { !waitingRoom.holds($0.key) }) { max($0, $1) }
        ) { log.knownEnd(of: $0) }
    }

    // MARK: One batch: decide, commit, save

    /// What one transaction contains.
    private struct Work {
        var hasBegun = false
        var emitted = 0
        var positions: [TopicPartition: Position] = [:]
        var decided = 0
        var refused = 0
        /// The state of the reviews after the commit. After an abort, the former state stays.
        var reviews: Reviews

        var isEmpty: Bool { emitted == 0 && positions.isEmpty }
    }

    private func process(_ batch: [Record], _ log: borrowing L) throws {
        guard case .working = phase else { return }
        let now = clock()
        reviews.tick(owned.keys, at: now, next: processor.nextReview)
        var work = Work(reviews: reviews)
        let written: [TopicPartition: Position]
        do {
            try wake(at: now, into: &work, log)
            try review(at: now, into: &work, log)
            try take(batch, at: now, into: &work, log)
            try takeWaiting(at: now, into: &work, log)
            guard !work.isEmpty else { return reviews = work.reviews }
            let started = ContinuousClock.now
            try begin(&work, log)
            try log.sendOffsets(work.positions)
            written = try log.commit()
            // The log has the batch. If the process crashes now, the records only have to be read again.
            figures.committed(batch: batch.count, emitted: work.emitted, in: .now - started)
        } catch let error as L.Failure where error.remedy == .abortTransaction {
            return try abort(after: error, log)
        }
        figures.decided.add(work.decided)
        figures.refused.add(work.refused)
        for number in owned.keys { figures.count(owned[number]?.takeCounts() ?? [:]) }
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

    /// Sends records as soon as they are decided: the log takes them in while the next input is decided.
    private func send(_ outgoing: [Outgoing], _ work: inout Work, _ log: borrowing L) throws {
        guard !outgoing.isEmpty else { return }
        try begin(&work, log)
        for record in outgoing { try log.send(record) }
        work.emitted += outgoing.count
    }

    private func abort(after error: L.Failure, _ log: borrowing L) throws {
        aborted(error)
        try log.abort()
        for number in owned.keys { owned[number]?.forget() }
        try rewind(log)
    }

    private func aborted(_ error: L.Failure) {
        context.log.warning("transaction aborted", ["reason": .text("\(error)")])
        figures.aborted.add()
    }

    private func save(_ work: Work, _ written: [TopicPartition: Position]) throws {
        for number in owned.keys.sorted() {
            var remembered: [Topic: Position] = [:]
            for topic in processor.memory {
                let place = TopicPartition(topic: context.topics.name(of: topic), partition: number)
                remembered[topic] = work.positions[place] ?? written[place]
            }
            if owned[number]?.hasChanges == true || !remembered.isEmpty {
                try context.writing(to: processor.name) {
                    try owned[number]?.save(to: stores[number], positions: remembered)
                }
            }
        }
        try findNextWakeUp()
    }

    // MARK: Wake-ups and reviews

    /// Due wake-ups are inputs like any other. They come first, the longest overdue before the others, and
    /// each turn takes only a limited number.
    private func wake(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        guard let next = nextWakeUp, next <= now else { return }
        let limit = LoopSettings.wakeUpsPerTurn
        // Where changes are unsaved, the store does not know the new wake-ups yet.
        let due = try stores.filter { owned[$0.key]?.hasChanges == false }.flatMap { number, store in
            try store.due(at: now, limit: limit).map { (wakeUp: $0, number: number) }
        }
        for (wakeUp, number) in due.sorted(by: { $0.wakeUp < $1.wakeUp }).prefix(limit) {
            let outgoing = try owned[number]?.wake(wakeUp.key, with: processor, at: now)
            try send(outgoing ?? [], of: number, &work, log)
        }
        // Nothing changed, so the same wake-ups are still due. Without a pause the loop would never wait.
        if work.emitted == 0 { nextWakeUp = now + LoopSettings.deafFor }
    }

    /// Goes on with the reviews. States that need no change cost no transaction.
    private func review(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        var left = LoopSettings.reviewsPerTurn
        for number in owned.keys.sorted() {
            guard left > 0, let last = reviews.lastKeys[number] else { continue }
            // Unsaved changes can be ignored: missing keys were decided this turn; ended ones are already
            // ended in memory.
            let keys = try stores[number]?.waiting(after: last, limit: left) ?? []
            for key in keys {
                let outgoing = try owned[number]?.review(key, with: processor, at: now)
                try send(outgoing ?? [], of: number, &work, log)
            }
            work.reviews.reviewed(keys, of: number, limit: left)
            left -= keys.count
        }
    }

    /// Wake-ups and reviews consume no record. We still send current positions: that is what fences an
    /// expelled member (KIP-447), and what the next owner waits for.
    private func send(_ outgoing: [Outgoing], of number: Int32, _ work: inout Work, _ log: borrowing L) throws
    {
        // A change that no record tells of is saved, too: no other key of the partition wakes up before.
        guard !outgoing.isEmpty || owned[number]?.hasChanges == true else { return }
        try send(outgoing, &work, log)
        work.positions.merge(positions.filter { $0.key.partition == number }) { $1 }
    }

    // MARK: Records

    private func take(_ batch: [Record], at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        // `inputs` names a topic before those that refer to it. In this order no record waits for another one
        // of the same batch.
        for topic in processor.inputs {
            let name = context.topics.name(of: topic)
            for record in batch where record.topic == topic {
                let place = TopicPartition(topic: name, partition: record.partition)
                guard !waitingRoom.join(record, at: place) else { continue }
                try take(record, at: place, now, caughtUp: false, &work, log)
            }
        }
    }

    private func take(
        _ record: Record, at place: TopicPartition, _ now: Instant, caughtUp: Bool, _ work: inout Work,
        _ log: borrowing L
    ) throws {
        let outcome =
            if let reason = layout.misplacement(of: record) {
                owned[place.partition]?.setAside(record, because: reason, with: processor, at: now)
            } else {
                try owned[place.partition]?.take(
                    record, with: processor, at: now, caughtUp: caughtUp)
            }
        switch outcome {
        case nil: return
        case .done(let outgoing, let verdict):
            try send(outgoing, &work, log)
            work.positions[place] = record.position
            note(verdict, of: record, &work)
        case .awaits(let topic):
            let targets = try ends(ofTopicsBefore: record, andRegistry: topic == .registry, work, log)
            if targets.isEmpty {
                try take(record, at: place, now, caughtUp: true, &work, log)
            } else {
                try perform(waitingRoom.open(with: record, at: place, until: targets), log)
            }
        }
    }

    /// How far the topics that a record may refer to must be read, without those that have been read so far
    /// already. All of them are read, although the processor names only the first one that it missed. The
    /// registry is read beside the turns, so that a turn never waits for it.
    private func ends(
        ofTopicsBefore record: Record, andRegistry: Bool, _ work: Work, _ log: borrowing L
    ) throws -> [TopicPartition: Position] {
        var others = processor.inputs.prefix { $0 != record.topic }.map {
            TopicPartition(topic: context.topics.name(of: $0), partition: record.partition)
        }
        if andRegistry, registryRead != nil { others.append(registryPlace) }
        guard !others.isEmpty else { return [:] }
        let targets = try log.watermarks(of: others).mapValues(\.high)
        return targets.filter { !hasReached($0.key, $0.value, work) }
    }

    /// Takes the records whose wait is over. One of them may begin to wait again; the rest then queue behind
    /// it.
    private func takeWaiting(at now: Instant, into work: inout Work, _ log: borrowing L) throws {
        while let (place, records) = waitingRoom.leave(whereReached: { hasReached($0, $1, work) }) {
            for (index, record) in records.enumerated() where !waitingRoom.join(record, at: place) {
                try take(record, at: place, now, caughtUp: index == 0, &work, log)
            }
            if let fetching = waitingRoom.left(place) { try perform(fetching, log) }
        }
    }

    private func perform(_ fetching: WaitingRoom.Fetching, _ log: borrowing L) throws {
        switch fetching {
        case .pause(let place): try log.pause(place)
        case .resume(let place): try log.resume(place)
        }
    }

    private func hasReached(_ place: TopicPartition, _ target: Position, _ work: Work) -> Bool {
        [work.positions[place], reached[place], place == registryPlace ? registryRead : nil]
            .compactMap { $0 }.contains { $0 >= target }
    }

    private func note(_ verdict: Verdict, of record: Record, _ work: inout Work) {
        let facts: [String: Log.Field] = [
            "topic": .text(record.topic.rawValue), "partition": .of(record.partition),
            "offset": .of(record.offset), "trace": .text(record.traceparent ?? ""),
        ]
        switch verdict {
        case .decided(let count):
            work.decided += count
            context.log.debug("decided", facts + ["facts": .of(count)])
        case .refused(let reason):
            work.refused += 1
            context.log.warning("a record was set aside", facts + ["reason": .text(reason)])
        }
    }

    // MARK: Partitions come and go

    private func assigned(_ partitions: [TopicPartition], _ log: borrowing L) throws {
        giveUpPartitions()
        try layout.checkTogether(partitions, context.topics)
        var stores: [Int32: any StateStore] = [:]
        if !processor.memory.isEmpty {
            for number in Set(partitions.map(\.partition)) { stores[number] = try openStore(number) }
        }
        // Ask for this first. The answer waits for open transactions of a former owner, and afterwards the
        // group accepts none from it. So everything it wrote is on the log before the restore looks for the
        // end.
        let committed = try log.committed(partitions)
        // Answers the group without fetching anything. From now on the member hears when the group changes.
        // Before the answer it would hear nothing, and the whole group would wait for it.
        try log.accept([:])
        let restoring = try Restoring(
            processor, context, stores, partitions, committed: committed, layout: layout, from: log)
        phase.take(.assigned(restoring))
        try losses.write(restoring.losses, to: log, at: clock(), onAbort: aborted)
        health.notReady("restoring its states from the log")
    }

    private func restored(_ restoring: Restoring<P>, _ log: borrowing L) throws {
        for place in restoring.assigned { positions[place] = restoring.committed[place] ?? .nothingRead }
        try log.rewind(to: positions)
        (owned, stores) = (restoring.owned, restoring.stores)
        phase.take(.restored)
        try findNextWakeUp()
        // Nobody knows how far the former owner came with its review, nor which registry it used.
        reviews.begin(owned.keys, at: clock(), next: processor.nextReview)
        health.ready()
        context.log.info(
            "partitions assigned",
            [
                "loop": .text(processor.name),
                "partitions": .text(owned.keys.sorted().map(String.init).joined(separator: ",")),
            ])
    }

    private func revoked(_ log: borrowing L) throws {
        giveUpPartitions()
        try log.release()
        phase.take(.revoked)
        waits(for: "the consumer group")
        context.log.info("partitions given back", ["loop": .text(processor.name)])
    }

    private func giveUpPartitions() {
        if case .restoring(let restoring) = phase { restoring.cancel() }
        owned.removeAll()
        stores.removeAll()
        positions.removeAll()
        reached.removeAll()
        waitingRoom.clear()
        reviews.clear()
        nextWakeUp = nil
        standing.withdraw()
    }

    /// Goes back to the committed positions, and reads on from there.
    private func rewind(_ log: borrowing L) throws {
        waitingRoom.clear()
        reached = positions
        try log.rewind(to: positions)
    }

    private func findNextWakeUp() throws {
        nextWakeUp = try stores.values.compactMap { try $0.nextWakeUp() }.min()
    }
}
