import Foundation
import Kafka
public import Models
import Processing
public import Store

/// Who reads what of a projection's topics.
public enum Sharing: Sendable {
    /// Every replica reads everything, into one file.
    case everything
    /// The group's members divide the partitions; each has a file of its own.
    case group
}

/// Runs a projection: applies a batch and its positions in one SQLite transaction, then publishes what the
/// projection has pending.
public final class ProjectionLoop<P: Projection> {
    private let context: HostContext
    private let name: String
    private let topics: [Topic]
    private let sharing: Sharing
    private let make: (borrowing Database) throws -> P
    private let afterCommit: () -> Void
    private let onTurn: (() -> Bool) -> Void
    private let health: Health.Part
    private let applied: Metrics.Counter
    private let standing: Standing
    /// How far each partition was read, control records included.
    private var reached: [TopicPartition: Position] = [:]

    private var shards: [Int32: Shard<P>] = [:]

    /// - Parameters:
    ///   - isVital: whether the service is not ready before this has caught up.
    ///   - afterCommit: called on the loop's thread when readers of the file can see something new.
    ///   - onTurn: called in each turn. Its argument asks the cluster whether everything that the topics hold
    ///     at this moment has been applied; while the cluster does not answer, it says no.
    public init(
        _ context: HostContext, name: String, topics: [Topic], sharing: Sharing, isVital: Bool = true,
        afterCommit: @escaping () -> Void = {},
        onTurn: @escaping (_ isCurrent: () -> Bool) -> Void = { _ in },
        make: @escaping (borrowing Database) throws -> P
    ) {
        self.context = context
        self.name = name
        self.topics = topics
        self.sharing = sharing
        self.make = make
        self.afterCommit = afterCommit
        self.onTurn = onTurn
        health = (isVital ? context.health : Health()).part(name)
        applied = context.metrics.counter(
            "dayu_records_applied_total", ["loop": name], help: "Records taken into the read model.")
        standing = Standing(context, loop: name)
    }

    /// The file that everything goes into.
    public static func path(in context: HostContext, name: String) -> String {
        ProjectionFolder(in: context, of: name, version: P.version).path(of: everything)
    }

    public func run() throws {
        do {
            try work()
        } catch is Stopped {
            return
        }
    }

    private func work() throws {
        let consumer = try Consumer(
            context.cluster, clientID: name, group: sharing == .group ? context.topics.group(of: name) : nil,
            overrides: sharing == .group ? try context.membership() : context.presets(LoopSettings.consumer))
        let producer = try Producer(
            context.cluster, clientID: name, overrides: context.presets(LoopSettings.plainProducer),
            isStopping: { [stop = context.stop] in stop.isRaised })
        let layout = try context.layout(of: topics)
        switch sharing {
        case .everything: try takeEverything(consumer, layout)
        case .group: try consumer.subscribe(to: topics.map(context.topics.name))
        }
        let reader = KafkaReader(consumer, context)
        let cluster = try Cluster(context.cluster, clientID: name)
        while !context.stop.isRaised {
            try turn(reader, producer)
            onTurn { isCurrent(cluster) }
            standing.tell(reached) { reader.consumer.knownEnd(of: $0) }
        }
        reader.close()
    }

    private func isCurrent(_ cluster: borrowing Cluster) -> Bool {
        guard awaitedEnds.isEmpty, !reached.isEmpty,
            let marks = try? cluster.watermarks(
                of: Array(reached.keys), timeoutMilliseconds: Patience.pollMilliseconds)
        else { return false }
        return reached.allSatisfy { place, position in marks[place].map { $0.high <= position } ?? false }
    }

    private func turn(_ reader: borrowing KafkaReader, _ producer: borrowing Producer) throws {
        let batch = reader.gather(context.batch, waitingMilliseconds: Patience.pollMilliseconds)
        reached.merge(batch.ends) { $1 }
        batch.ends.keys.forEach(reachedEnd)
        switch batch.interruption {
        case nil: try apply(batch.records, producer)
        // When partitions come or go, the batch is dropped. It is not applied yet, so its records are read
        // again: positions are stored with the state.
        case .assign(let partitions):
            try open(Set(partitions.map(\.partition)))
            reached = try positions(of: partitions)
            try reader.consumer.accept(reached)
            health.ready()
        case .revoke:
            shards.removeAll()
            reached.removeAll()
            standing.withdraw()
            health.notReady("waiting for the group")
            try reader.consumer.release()
        case .failed(let error):
            guard error.remedy != .restart, !error.isOffsetOutOfRange else { throw error }
            context.log.warning("consuming", ["loop": .text(name), "reason": .of(error)])
            try apply(batch.records, producer)
        }
    }

    private func apply(_ batch: [Record], _ producer: borrowing Producer) throws {
        if !batch.isEmpty {
            for (number, records) in Dictionary(grouping: batch, by: { shard(of: $0.partition) }) {
                try shards[number]?.apply(records)
            }
            applied.add(batch.count)
            for record in batch {
                let place = record.topicPartition(context.topics)
                reached[place] = max(reached[place] ?? record.position, record.position)
            }
            afterCommit()
        }
        for shard in shards.values { try publish(shard.projection, producer) }
    }

    /// Publishes snapshots under compacted keys. They may be sent twice, so they need no transaction: after a
    /// crash, and after an outage of the cluster, the next turn sends what is still pending.
    private func publish(_ projection: P, _ producer: borrowing Producer) throws {
        let pending = try projection.pending()
        guard !pending.isEmpty else { return }
        do {
            for outgoing in pending { try producer.send(outgoing, names: context.topics) }
            try producer.flush(timeoutMilliseconds: Patience.askMilliseconds)
            try projection.published()
        } catch let error as KafkaError where error.remedy == .retry && !error.refusesRecord {
            context.log.warning("publishing", ["loop": .text(name), "reason": .of(error)])
        }
    }

    // MARK: Partitions

    private var awaitedEnds: Set<TopicPartition> = []

    private func takeEverything(_ consumer: borrowing Consumer, _ layout: TopicLayout) throws {
        let partitions = layout.counts.flatMap { topic, count in
            (0..<count).map { TopicPartition(topic: context.topics.name(of: topic), partition: $0) }
        }
        try open([0])
        health.notReady("reading what happened so far")
        awaitedEnds = Set(partitions)
        reached = try positions(of: partitions)
        try consumer.assign(reached)
    }

    private func reachedEnd(_ place: TopicPartition) {
        guard awaitedEnds.remove(place) != nil, awaitedEnds.isEmpty, sharing == .everything else { return }
        health.ready()
        context.log.info("caught up", ["loop": .text(name)])
    }

    private static var everything: String { "everything" }

    private func open(_ numbers: Set<Int32>) throws {
        let folder = ProjectionFolder(in: context, of: name, version: P.version)
        try folder.prepare()
        shards.removeAll()
        for number in numbers {
            let file = sharing == .everything ? Self.everything : "partition-\(number)"
            shards[number] = try Shard(path: folder.path(of: file), make: make)
        }
    }

    private func shard(of partition: Int32) -> Int32 { sharing == .everything ? 0 : partition }

    private func positions(of partitions: [TopicPartition]) throws -> [TopicPartition: Position] {
        let cluster = try Cluster(context.cluster, clientID: name)
        let marks = try cluster.watermarks(of: partitions, timeoutMilliseconds: Patience.askMilliseconds)
        var positions: [TopicPartition: Position] = [:]
        for (place, mark) in marks {
            guard let topic = context.topics.topic(named: place.topic) else { continue }
            let stored =
                try shards[shard(of: place.partition)]?.position(of: topic, place.partition) ?? mark.low
            guard stored <= mark.high else {
                throw StoreAhead(
                    partition: place, stored: stored, high: mark.high, folder: context.dataFolder)
            }
            positions[place] = max(stored, mark.low)
        }
        return positions
    }
}

/// One file of a projection, with the positions up to which it has applied the topics.
final class Shard<P: Projection> {
    let projection: P
    private let database: Database
    private let select: Statement
    private let upsert: Statement

    init(path: String, make: (borrowing Database) throws -> P) throws {
        database = try Database(path: path)
        try database.migrate(P.steps)
        select = try database.prepare("SELECT next FROM positions WHERE topic = ? AND partition = ?")
        upsert = try database.prepare(
            """
            INSERT INTO positions VALUES (?, ?, ?)
            ON CONFLICT (topic, partition) DO UPDATE SET next = excluded.next
            """)
        projection = try make(database)
    }

    func position(of topic: Topic, _ partition: Int32) throws -> Position? {
        try select.first(.text(topic.rawValue), .integer(Int(partition))) { Position(next: $0.integer(0)) }
    }

    func apply(_ records: [Record]) throws {
        try database.transaction {
            for record in records {
                try projection.apply(record)
                try upsert.run(
                    .text(record.topic.rawValue), .integer(Int(record.partition)), .integer(record.offset + 1)
                )
            }
        }
    }
}
