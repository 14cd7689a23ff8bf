import Foundation
import Kafka
import Models
import Processing
import Synchronization

/// Kafka as one member holds it, on one thread: a consumer, a transactional producer, and a client that asks
/// for watermarks.
struct KafkaLog: TransactionalLog, ~Copyable {
    private let context: HostContext
    private let reader: KafkaReader
    private let producer: Producer
    private let cluster: Cluster
    private let written: WrittenPositions
    private let setbacks = Setbacks()

    /// Joins the group `name`, and fences the producer that had this instance's identity before.
    init(_ context: HostContext, name: String, inputs: [Topic], worker: Int = 0) throws {
        let identity = try InstanceIdentity(folder: context.dataFolder, worker: worker)
        let group = context.topics.group(of: name)
        let written = WrittenPositions()
        let producer = try Producer(
            context.cluster, clientID: name, overrides: context.presets(LoopSettings.producer),
            transactionalID: "\(group).\(identity)", isStopping: { context.stop.isRaised },
            onDelivery: { delivery in
                if delivery.error == nil, let offset = delivery.offset {
                    written.note(offset, at: delivery.place)
                }
            })
        try context.ask("the transactional id") { () throws(KafkaError) in
            try producer.initTransactions(timeoutMilliseconds: Patience.askMilliseconds)
        }
        let consumer = try Consumer(
            context.cluster, clientID: name, group: group, overrides: try context.membership(worker: worker))
        try consumer.subscribe(to: inputs.map(context.topics.name))
        cluster = try Cluster(context.cluster, clientID: name)
        self.context = context
        reader = KafkaReader(consumer, context)
        self.producer = producer
        self.written = written
    }

    /// Leaves the group.
    consuming func close() { reader.close() }

    // MARK: The member

    func poll(timeoutMilliseconds: Int32) -> Arrival<KafkaError> {
        reader.poll(timeoutMilliseconds: timeoutMilliseconds)
    }

    func accept(_ positions: [TopicPartition: Position]) throws(KafkaError) {
        try reader.consumer.accept(positions)
    }

    func release() throws(KafkaError) { try reader.consumer.release() }

    func rewind(to positions: [TopicPartition: Position]) throws(KafkaError) {
        try reader.consumer.assign(positions)
    }

    func pause(_ place: TopicPartition) throws(KafkaError) { try reader.consumer.pause([place]) }

    func resume(_ place: TopicPartition) throws(KafkaError) { try reader.consumer.resume([place]) }

    func committed(_ places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Position] {
        try context.ask("committed positions") { () throws(KafkaError) in
            try reader.consumer.committed(places, timeoutMilliseconds: Patience.askMilliseconds)
        }
    }

    func knownEnd(of place: TopicPartition) -> Position? { reader.consumer.knownEnd(of: place) }

    // MARK: Restoring

    func watermarks(of places: [TopicPartition]) throws(KafkaError) -> [TopicPartition: Watermarks] {
        try context.ask("watermarks") { () throws(KafkaError) in
            try cluster.watermarks(of: places, timeoutMilliseconds: Patience.askMilliseconds)
        }
    }

    /// More threads than processors: while one waits for the broker, another uses its processor.
    func restore<P: Processor>(_ partitions: [PartitionRestore<P>]) -> any RestoreRun {
        let atOnce = 2 * ProcessInfo.processInfo.activeProcessorCount
        return SideBySide(partitions, atOnce: atOnce) { [context] partition, stop in
            try partition.run { stretch, apply in
                let reader = try TopicReader(context, purpose: "restore", presets: LoopSettings.restoring)
                let (from, to) = ([stretch.place: stretch.start], [stretch.place: stretch.end])
                return try reader.read(from: from, to: to, stop: stop, apply: apply)[stretch.place]
            }
        }
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
        try producer.sendOffsets(positions, group: reader.consumer.groupMetadata)
    }

    func commit() throws(KafkaError) -> [TopicPartition: Position] {
        try producer.commit()
        setbacks.forget()
        return written.ends
    }

    /// The loop tries again what was aborted, after a pause. The pause grows until a transaction succeeds.
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

/// The positions after this producer's records of the current transaction.
private final class WrittenPositions {
    private(set) var ends: [TopicPartition: Position] = [:]

    func note(_ offset: Offset, at place: TopicPartition) {
        ends[place] = max(ends[place] ?? offset.following, offset.following)
    }

    func clear() { ends.removeAll(keepingCapacity: true) }
}
