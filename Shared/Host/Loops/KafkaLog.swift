import Foundation
import Kafka
import Models
import Processing
import Synchronization

/// Kafka as one member holds it: a consumer, a transactional producer and a place to ask, on one thread.
struct KafkaLog: TransactionalLog, ~Copyable {
    private let context: HostContext
    private let consumer: Consumer
    private let producer: Producer
    private let cluster: Cluster
    private let written: WrittenPositions
    private let setbacks = Setbacks()

    /// Joins the group `name`, and fences whoever wrote under this instance's identity before.
    init(_ context: HostContext, name: String, inputs: [Topic], worker: Int = 0) throws {
        let identity = try InstanceIdentity(folder: context.dataFolder, worker: worker)
        let group = context.topics.group(of: name)
        let written = WrittenPositions()
        let producer = try Producer(
            context.cluster, clientID: name, overrides: context.presets(LoopSettings.producer),
            transactionalID: "\(group).\(identity)", isStopping: { context.stop.isRaised },
            onDelivery: { _, error, place, offset in
                if error == nil, let offset { written.note(offset, at: place) }
            })
        try context.ask("the transactional id") { () throws(KafkaError) in
            try producer.initTransactions(timeoutMilliseconds: Patience.askMilliseconds)
        }
        let consumer = try Consumer(
            context.cluster, clientID: name, group: group, overrides: try context.membership(worker: worker))
        try consumer.subscribe(to: inputs.map(context.topics.name))
        cluster = try Cluster(context.cluster, clientID: name)
        self.context = context
        self.consumer = consumer
        self.producer = producer
        self.written = written
    }

    /// Leaves the group.
    consuming func close() { consumer.close() }

    // MARK: The member

    func poll(timeoutMilliseconds: Int32) -> Arrival<KafkaError> {
        while true {
            switch consumer.poll(timeoutMilliseconds: timeoutMilliseconds) {
            case .record(let fetched):
                guard let record = Record(fetched, names: context.topics) else { continue }
                return .record(record)
            case .assign(let partitions): return .assign(partitions)
            case .revoke(_, let lost): return .revoke(lost: lost)
            case .reachedEnd(let place, let position): return .reachedEnd(place, position)
            case .failed(let error): return .failed(error)
            case .log(let line): context.log.debug("librdkafka", ["line": .text(line.message)])
            case .idle: return .idle
            }
        }
    }

    func accept(_ positions: [TopicPartition: Position]) throws(KafkaError) { try consumer.accept(positions) }

    func release() throws(KafkaError) { try consumer.release() }

    func rewind(to positions: [TopicPartition: Position]) throws(KafkaError) {
        try consumer.assign(positions)
    }

    func pause(_ place: TopicPartition) throws(KafkaError) { try consumer.pause([place]) }

    func resume(_ place: TopicPartition) throws(KafkaError) { try consumer.resume([place]) }

    func committed(_ places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Position] {
        try context.ask("committed positions") { () throws(KafkaError) in
            try consumer.committed(places, timeoutMilliseconds: Patience.askMilliseconds)
        }
    }

    func knownEnd(of place: TopicPartition) -> Position? { consumer.knownEnd(of: place) }

    // MARK: Restoring

    func watermarks(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Watermarks] {
        try context.ask("watermarks") { () throws(KafkaError) in
            try cluster.watermarks(of: places, timeoutMilliseconds: Patience.askMilliseconds)
        }
    }

    func read(
        from positions: [TopicPartition: Position], to ends: [TopicPartition: Position],
        apply: @escaping @Sendable (Record) throws -> Void
    ) throws -> [TopicPartition: Position] {
        let reached = Mutex(positions)
        try each(positions.keys.sorted()) { [context] place in
            let one = try TopicReader(context, purpose: "restore", presets: LoopSettings.restoring)
                .read(
                    from: positions.filter { $0.key == place }, to: ends.filter { $0.key == place },
                    stop: context.stop, apply: apply)
            reached.withLock { $0.merge(one) { $1 } }
        }
        return reached.withLock { $0 }
    }

    /// While one waits for the broker another has a processor for itself.
    func each(_ places: [TopicPartition], _ work: @escaping @Sendable (TopicPartition) throws -> Void) throws
    {
        try sideBySide(places, atOnce: 2 * ProcessInfo.processInfo.activeProcessorCount, work)
    }

    // MARK: Transactions

    func begin() throws(KafkaError) {
        written.clear()
        try producer.begin()
    }

    func send(_ outgoing: Outgoing) throws(KafkaError) {
        try producer.send(outgoing, names: context.topics)
    }

    func sendOffsets(_ positions: [TopicPartition: Position]) throws(KafkaError) {
        try producer.sendOffsets(positions, group: consumer.groupMetadata)
    }

    func commit() throws(KafkaError) -> [TopicPartition: Position] {
        try producer.commit()
        setbacks.forget()
        return written.ends
    }

    /// What was aborted is tried again by the loop: after a pause, which grows while nothing succeeds.
    func abort() throws(KafkaError) {
        try producer.abort()
        let pause = setbacks.pause(chance: .random(in: 0...1))
        context.stop.wait(for: .milliseconds(Int(clamping: pause.wholeMilliseconds)))
    }
}

/// How many transactions in a row were aborted.
private final class Setbacks {
    private var count = 0

    func pause(chance: Double) -> Duration {
        count += 1
        return LoopSettings.afterAbort.pause(after: count, chance: chance)
    }

    func forget() { count = 0 }
}

/// Where this producer's records of the transaction at hand ended up.
private final class WrittenPositions {
    private(set) var ends: [TopicPartition: Position] = [:]

    func note(_ offset: Offset, at place: TopicPartition) {
        ends[place] = max(ends[place] ?? offset.following, offset.following)
    }

    func clear() { ends.removeAll(keepingCapacity: true) }
}
