import Kafka
public import Models
public import Processing

/// Takes the records of one topic to the outside world, and writes what came of each.
///
/// What is outside can't be in a transaction: a crash between the deed and the commit repeats the deed, so whoever acts carries
/// a reference by which the other side, or a reader of the log, knows a repetition.
public final class OutsideLoop {
    private let context: HostContext
    private let name: String
    private let input: Topic
    private let perform: (Record) -> [Outgoing]
    private let health: Health.Part
    private let figures: LoopFigures

    private var positions: [TopicPartition: Position] = [:]

    /// Deeds before a commit: few, so that few are repeated after a crash.
    private static let recordsPerCommit = 20

    /// - Parameter perform: acts on one record; it never throws, for what went wrong outside is something to write down too.
    public init(
        _ context: HostContext, name: String, input: Topic, perform: @escaping (Record) -> [Outgoing]
    ) {
        self.context = context
        self.name = name
        self.input = input
        self.perform = perform
        health = context.health.part(name)
        figures = LoopFigures(context.metrics, loop: name)
    }

    public func run() throws {
        let identity = try InstanceIdentity(folder: context.dataFolder)
        let producer = try Producer(
            context.cluster, clientID: name, overrides: context.presets(LoopSettings.producer),
            transactionalID: "\(context.topics.group(of: name)).\(identity)")
        try producer.initTransactions(timeoutMilliseconds: Patience.askMilliseconds * 3)
        let consumer = try Consumer(
            context.cluster, clientID: name, group: context.topics.group(of: name), overrides: try context.membership())
        try consumer.subscribe(to: [context.topics.name(of: input)])
        while !context.stop.isRaised {
            try act(on: try gather(consumer), consumer, producer)
        }
        consumer.close()
    }

    private func gather(_ consumer: borrowing Consumer) throws -> [Record] {
        var batch: [Record] = []
        var wait = Patience.pollMilliseconds
        while batch.count < Self.recordsPerCommit {
            switch consumer.poll(timeoutMilliseconds: wait) {
            case .record(let fetched):
                guard let record = Record(fetched, names: context.topics) else { continue }
                batch.append(record)
                wait = 0
            case .idle: return batch
            case .assign(let partitions):
                batch.removeAll()
                try assigned(partitions, consumer)
            case .revoke:
                // Nothing was done with them yet: the next owner does it.
                batch.removeAll()
                positions.removeAll()
                try consumer.release()
            case .failed(let error):
                guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
                context.log.warning("consuming", ["loop": .text(name), "reason": .of(error)])
            default: continue
            }
        }
        return batch
    }

    private func assigned(_ partitions: [TopicPartition], _ consumer: borrowing Consumer) throws {
        let committed = try consumer.committed(partitions, timeoutMilliseconds: Patience.askMilliseconds)
        let cluster = try Cluster(context.cluster, clientID: name)
        let marks = try cluster.watermarks(of: partitions, timeoutMilliseconds: Patience.askMilliseconds)
        positions = marks.mapValues(\.low).merging(committed) { max($0, $1) }
        try consumer.accept(positions)
        health.ready()
    }

    private func act(
        on batch: [Record], _ consumer: borrowing Consumer, _ producer: borrowing Producer
    ) throws {
        guard !batch.isEmpty, !context.stop.isRaised else { return }
        let outgoing = batch.flatMap(perform)
        var next: [TopicPartition: Position] = [:]
        for record in batch { next[record.topicPartition(context.topics)] = record.position }
        let started = ContinuousClock.now
        do throws(KafkaError) {
            try producer.begin()
            for record in outgoing { try producer.send(OutgoingRecord(record, names: context.topics)) }
            try producer.sendOffsets(next, group: consumer.groupMetadata)
            try producer.commit()
        } catch {
            guard error.remedy == .abortTransaction else { throw error }
            context.log.warning("transaction aborted", ["loop": .text(name), "reason": .of(error)])
            figures.aborted.add()
            try producer.abort()
            try consumer.assign(positions)
            return
        }
        positions.merge(next) { $1 }
        figures.committed(batch: batch.count, emitted: outgoing.count, in: .now - started)
    }
}
