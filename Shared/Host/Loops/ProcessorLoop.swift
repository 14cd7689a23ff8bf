import Foundation
import Kafka
import Models
public import Processing

/// Runs a processor on the partitions that its group gives this instance: restore, decide, commit, save (DESIGN, "A stateful service").
///
/// One thread owns it, with a consumer and a transactional producer of its own. The store is written after the log and never
/// before: a crash anywhere leaves it behind, and the next owner reads the difference from the own log.
public final class ProcessorLoop<P: Processor> {
    private var processor: P
    private let context: HostContext
    private let usesRegistry: Bool
    private let health: Health.Part
    private let figures: LoopFigures

    private var owned: [Int32: OwnedPartition<P>] = [:]
    /// The next record to work off, for each input partition: what the group has committed.
    private var positions: [TopicPartition: Position] = [:]
    /// How far each input partition was read, control records included.
    private var reached: [TopicPartition: Position] = [:]
    private var held: [TopicPartition: Held] = [:]
    private var nextAlarm: Instant?

    /// Records that wait for another topic to be read up to a position.
    private struct Held {
        var records: [Record]
        let other: TopicPartition
        let target: Position
    }

    public init(_ processor: P, _ context: HostContext, registry: Bool = false) {
        self.processor = processor
        self.context = context
        usesRegistry = registry
        health = context.health.part(processor.name)
        figures = LoopFigures(context.metrics, loop: processor.name)
    }

    // MARK: The loop

    public func run() throws {
        do {
            try work()
        } catch is Stopped {
            return
        }
    }

    private func work() throws {
        try checkPartitions()
        let registry = usesRegistry ? try RegistryReplica(context) : nil
        if let registry { processor.adopt(registry.registry) }
        let written = WrittenPositions()
        let producer = try makeProducer(written)
        let consumer = try Consumer(
            context.cluster, clientID: processor.name, group: context.topics.group(of: processor.name),
            overrides: try context.membership())
        try consumer.subscribe(to: processor.inputs.map(context.topics.name))
        health.notReady("waiting for the group")
        while !context.stop.isRaised {
            if let registry, try registry.refresh() { processor.adopt(registry.registry) }
            let batch = try gather(consumer, producer, written)
            try process(batch, consumer, producer, written)
        }
        consumer.close()
    }

    /// What one turn of the loop brought: at least nothing.
    private func gather(
        _ consumer: borrowing Consumer, _ producer: borrowing Producer, _ written: WrittenPositions
    ) throws -> [Record] {
        var batch: [Record] = []
        var bytes = 0
        var wait = untilNextAlarm(at: .now)
        while batch.count < context.batch.records, bytes < context.batch.bytes {
            switch consumer.poll(timeoutMilliseconds: wait) {
            case .record(let fetched):
                guard let record = Record(fetched, names: context.topics) else { continue }
                bytes += (record.value?.count ?? 0) + (record.key?.count ?? 0)
                batch.append(record)
                wait = Int32(clamping: context.batch.linger.wholeMilliseconds)
            case .idle: return batch
            case .assign(let partitions):
                try process(batch, consumer, producer, written)
                batch.removeAll()
                try assigned(partitions, consumer)
            case .revoke(_, let lost):
                // What is asked back in peace is finished first; what is lost already belongs to somebody else.
                if !lost { try process(batch, consumer, producer, written) }
                batch.removeAll()
                try revoked(consumer)
            case .reachedEnd(let place, let position): reached[place] = position
            case .failed(let error): try failed(error, consumer)
            case .log(let line): context.log.debug("librdkafka", ["line": .text(line.message)])
            }
        }
        return batch
    }

    private func untilNextAlarm(at now: Instant) -> Int32 {
        guard let nextAlarm else { return Patience.pollMilliseconds }
        return Int32(clamping: max(0, min(Int64(Patience.pollMilliseconds), (nextAlarm - now).wholeMilliseconds)))
    }

    private func failed(_ error: KafkaError, _ consumer: borrowing Consumer) throws {
        guard error.remedy != .restart else { throw error }
        guard error.isOffsetOutOfRange, let place = error.topicPartition, positions[place] != nil else {
            return context.log.warning("consuming", ["reason": .of(error)])
        }
        // Retention took records that were never worked off. Nothing can bring them back; go on with what is there.
        let cluster = try Cluster(context.cluster, clientID: processor.name)
        let marks = try cluster.watermarks(of: [place], timeoutMilliseconds: Patience.askMilliseconds)
        context.log.error(
            "records are gone before they were read",
            ["partition": .of(place), "from": .text(positions[place]?.description ?? "")])
        positions[place] = marks[place]?.low
        try rewind(consumer)
    }

    // MARK: One batch: decide, commit, save

    private struct Work {
        var outgoing: [Outgoing] = []
        var positions: [TopicPartition: Position] = [:]
        var decided = 0
        var refused = 0

        var isEmpty: Bool { outgoing.isEmpty && positions.isEmpty }
    }

    private func process(
        _ batch: [Record], _ consumer: borrowing Consumer, _ producer: borrowing Producer,
        _ written: WrittenPositions
    ) throws {
        let now = Instant.now
        var work = Work()
        try wake(at: now, into: &work)
        try take(batch, at: now, into: &work, consumer)
        try releaseHeld(at: now, into: &work, consumer)
        guard !work.isEmpty else { return }

        written.clear()
        let started = ContinuousClock.now
        do throws(KafkaError) {
            try producer.begin()
            for outgoing in work.outgoing {
                try producer.send(OutgoingRecord(outgoing, names: context.topics))
            }
            try producer.sendOffsets(work.positions, group: consumer.groupMetadata)
            try producer.commit()
        } catch {
            guard error.remedy == .abortTransaction else { throw error }
            context.log.warning("transaction aborted", ["reason": .of(error)])
            figures.aborted.add()
            try producer.abort()
            owned.values.forEach { $0.forget() }
            try rewind(consumer)
            return
        }
        // The log has it. From here on a crash costs reading it again, nothing more.
        figures.committed(batch: batch.count, emitted: work.outgoing.count, in: .now - started)
        figures.decided.add(work.decided)
        figures.refused.add(work.refused)
        positions.merge(work.positions) { $1 }
        reached.merge(work.positions) { max($0, $1) }
        try save(work, written)
    }

    private func save(_ work: Work, _ written: WrittenPositions) throws {
        for (number, partition) in owned {
            var remembered: [Topic: Position] = [:]
            for topic in processor.memory {
                let place = TopicPartition(topic: context.topics.name(of: topic), partition: number)
                remembered[topic] = work.positions[place] ?? written.position(of: place)
            }
            if partition.memory.hasChanges || !remembered.isEmpty {
                try partition.save(positions: remembered, with: processor)
            }
        }
        try findNextAlarm()
    }

    /// Due alarms are inputs like any other, taken first, a bounded number at a time.
    private func wake(at now: Instant, into work: inout Work) throws {
        guard let alarm = nextAlarm, alarm <= now else { return }
        for partition in owned.values {
            work.outgoing += try partition.wake(with: processor, at: now, limit: LoopSettings.alarmsPerTurn)
        }
        // An alarm that led to nothing would ring for ever.
        if work.outgoing.isEmpty { nextAlarm = now + LoopSettings.deafFor }
    }

    private func take(
        _ batch: [Record], at now: Instant, into work: inout Work, _ consumer: borrowing Consumer
    ) throws {
        // A topic that others refer to is named first, so that within a batch nothing waits for its neighbour.
        for topic in processor.inputs {
            for record in batch where record.topic == topic {
                let place = record.topicPartition(context.topics)
                guard let partition = owned[record.partition] else { continue }
                guard held[place] == nil else {
                    held[place]?.records.append(record)
                    continue
                }
                try take(record, at: place, in: partition, now, caughtUp: false, &work, consumer)
            }
        }
    }

    private func take(
        _ record: Record, at place: TopicPartition, in partition: OwnedPartition<P>, _ now: Instant,
        caughtUp: Bool, _ work: inout Work, _ consumer: borrowing Consumer
    ) throws {
        switch try partition.take(record, with: processor, at: now, caughtUp: caughtUp) {
        case .done(let outgoing, let verdict):
            work.outgoing += outgoing
            work.positions[place] = record.position
            note(verdict, of: record, &work)
        case .awaits(let topic):
            let other = TopicPartition(topic: context.topics.name(of: topic), partition: record.partition)
            let target = try highWatermark(of: other)
            if hasReached(other, target, work) {
                try take(record, at: place, in: partition, now, caughtUp: true, &work, consumer)
            } else {
                held[place] = Held(records: [record], other: other, target: target)
                try consumer.pause([place])
            }
        }
    }

    private func note(_ verdict: Verdict, of record: Record, _ work: inout Work) {
        switch verdict {
        case .decided(let facts): work.decided += facts
        case .refused(let reason):
            work.refused += 1
            context.log.warning(
                "a record was set aside",
                [
                    "topic": .text(record.topic.rawValue), "partition": .of(record.partition),
                    "offset": .of(record.offset), "reason": .text(reason),
                ])
        }
    }

    private func releaseHeld(at now: Instant, into work: inout Work, _ consumer: borrowing Consumer) throws {
        for (place, waiting) in held where hasReached(waiting.other, waiting.target, work) {
            guard let partition = owned[place.partition] else { continue }
            held[place] = nil
            for (index, record) in waiting.records.enumerated() {
                if held[place] != nil {
                    held[place]?.records.append(record)
                } else {
                    try take(record, at: place, in: partition, now, caughtUp: index == 0, &work, consumer)
                }
            }
            if held[place] == nil { try consumer.resume([place]) }
        }
    }

    private func hasReached(_ place: TopicPartition, _ target: Position, _ work: Work) -> Bool {
        [work.positions[place], reached[place]].compactMap { $0 }.contains { $0 >= target }
    }

    private func highWatermark(of place: TopicPartition) throws -> Position {
        let cluster = try Cluster(context.cluster, clientID: processor.name)
        return try cluster.watermarks(of: [place], timeoutMilliseconds: Patience.askMilliseconds)[place]?.high
            ?? .beginning
    }

    // MARK: Partitions come and go

    private func assigned(_ partitions: [TopicPartition], _ consumer: borrowing Consumer) throws {
        forgetPartitions()
        try checkTogether(partitions)
        let folder = "\(context.dataFolder)/\(processor.name)"
        for number in Set(partitions.map(\.partition)) {
            owned[number] = try OwnedPartition(number, processor: processor, folder: folder)
        }
        try restore()
        let committed = try consumer.committed(partitions, timeoutMilliseconds: Patience.askMilliseconds)
        let cluster = try Cluster(context.cluster, clientID: processor.name)
        let marks = try cluster.watermarks(
            of: partitions.filter { committed[$0] == nil }, timeoutMilliseconds: Patience.askMilliseconds)
        for place in partitions { positions[place] = committed[place] ?? marks[place]?.low ?? .beginning }
        try consumer.accept(positions)
        try findNextAlarm()
        health.ready()
        context.log.info(
            "partitions assigned",
            [
                "loop": .text(processor.name),
                "partitions": .text(owned.keys.sorted().map(String.init).joined(separator: ",")),
            ])
    }

    private func revoked(_ consumer: borrowing Consumer) throws {
        forgetPartitions()
        try consumer.release()
        context.log.info("partitions given back", ["loop": .text(processor.name)])
    }

    private func forgetPartitions() {
        owned.removeAll()
        positions.removeAll()
        reached.removeAll()
        held.removeAll()
        nextAlarm = nil
    }

    /// Back to what is committed: everything decided since did not happen.
    private func rewind(_ consumer: borrowing Consumer) throws {
        held.removeAll()
        reached = reached.filter { positions[$0.key] != nil }
        try consumer.assign(positions)
    }

    private func findNextAlarm() throws {
        nextAlarm = try owned.values.compactMap { try $0.nextAlarm() }.min()
    }

    // MARK: Restoring

    /// Reads what the stores do not know yet from the topics that remember it.
    private func restore() throws {
        guard !processor.memory.isEmpty, !owned.isEmpty else { return }
        let reader = try TopicReader(context, purpose: "restore")
        for topic in processor.memory {
            let name = context.topics.name(of: topic)
            let places = owned.keys.map { TopicPartition(topic: name, partition: $0) }
            let marks = try reader.watermarks(of: places)
            var from: [TopicPartition: Position] = [:]
            for (place, mark) in marks {
                let stored = try owned[place.partition]?.position(of: topic) ?? mark.low
                guard stored <= mark.high else {
                    throw StoreAhead(partition: place, stored: stored, high: mark.high, folder: context.dataFolder)
                }
                from[place] = max(stored, mark.low)
            }
            try restore(topic, from: from, with: reader)
        }
    }

    private func restore(_ topic: Topic, from: [TopicPartition: Position], with reader: TopicReader) throws {
        let started = ContinuousClock.now
        var count = 0
        var last = from
        let reached = try reader.read(from: from, stop: context.stop) { record in
            guard let partition = owned[record.partition] else { return }
            try partition.recall(record, with: processor)
            count += 1
            last[record.topicPartition(context.topics)] = record.position
            if partition.memory.changeCount >= LoopSettings.restoreSaveEvery {
                let place = record.topicPartition(context.topics)
                try partition.save(positions: [topic: last[place] ?? record.position], with: processor)
            }
        }
        for (place, position) in reached {
            try owned[place.partition]?.save(positions: [topic: position], with: processor)
        }
        context.log.info(
            "restored",
            [
                "loop": .text(processor.name), "topic": .text(topic.rawValue), "records": .of(count),
                "milliseconds": .of((ContinuousClock.now - started).wholeMilliseconds),
            ])
    }

    // MARK: Topics

    /// Refuses topics that do not fit each other: with unequal counts one key would live in two places.
    private func checkPartitions() throws {
        let cluster = try Cluster(context.cluster, clientID: processor.name)
        let counts = try Set(processor.inputs + processor.memory).map { topic in
            (topic, try cluster.existingPartitions(of: context.topics.name(of: topic)))
        }
        guard Set(counts.map(\.1)).count <= 1 else {
            let list = counts.map { "\($0.0.rawValue) \($0.1)" }.sorted().joined(separator: ", ")
            throw TopicFault(description: "topics that belong together differ in partitions: \(list)")
        }
    }

    /// The range assignor gives one member the same numbers of all topics; anything else breaks ownership.
    private func checkTogether(_ partitions: [TopicPartition]) throws {
        let numbers = Dictionary(grouping: partitions, by: \.topic).values.map { Set($0.map(\.partition)) }
        guard Set(numbers).count <= 1 else {
            throw TopicFault(description: "the group gave different partitions of topics that belong together")
        }
    }

    private func makeProducer(_ written: WrittenPositions) throws -> Producer {
        let identity = try InstanceIdentity(folder: context.dataFolder)
        let producer = try Producer(
            context.cluster, clientID: processor.name, overrides: context.presets(LoopSettings.producer),
            transactionalID: "\(context.topics.group(of: processor.name)).\(identity)",
            onDelivery: { _, error, place, offset in
                if error == nil, let offset { written.note(offset, at: place) }
            })
        try producer.initTransactions(timeoutMilliseconds: Patience.askMilliseconds * 3)
        return producer
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
        the store is ahead of the log at \(partition): it stands at \(stored), the log ends at \(high). The log lost records or this \
        is another cluster; if the log is right, delete \(folder) and start again
        """
    }
}

/// Where this producer's records of the transaction at hand ended up.
final class WrittenPositions {
    private var ends: [TopicPartition: Position] = [:]

    func note(_ offset: Offset, at place: TopicPartition) {
        ends[place] = max(ends[place] ?? offset.following, offset.following)
    }

    func position(of place: TopicPartition) -> Position? { ends[place] }

    func clear() { ends.removeAll(keepingCapacity: true) }
}
