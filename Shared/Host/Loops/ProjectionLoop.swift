import Foundation
import Kafka
public import Models
import Processing
public import Store

/// How the instances share the reading of a projection's topics.
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
    private let onTurn: (() -> Bool) throws -> Void
    private let health: Health.Part
    private let applied: Metrics.Counter
    private let standing: Standing
    private let losses: Losses
    /// Letters about lost records that are not on the log yet.
    private var letters: [DeadLetter] = []
    /// Letters about misplaced records that are not on the log yet.
    private var setAside: [Outgoing] = []
    /// Which partition each key belongs to; set before anything is read.
    private var layout = TopicLayout()
    /// How far each partition was read, control records included.
    private var reached: [TopicPartition: Position] = [:]

    private var shards: [Int32: Shard<P>] = [:]
    /// The partitions it has, including those that are missing in `shards` because their file could not be
    /// written.
    private var numbers: Set<Int32> = []

    /// - Parameters:
    ///   - isVital: whether the service is not ready before this has caught up.
    ///   - afterCommit: called on the loop's thread when readers of the file can see something new.
    ///   - onTurn: called in each turn. Its argument asks the cluster whether everything that the topics hold
    ///     at this moment has been applied; while the cluster does not answer, it says no.
    public init(
        _ context: HostContext, name: String, topics: [Topic], sharing: Sharing, isVital: Bool = true,
        afterCommit: @escaping () -> Void = {},
        onTurn: @escaping (_ isCurrent: () -> Bool) throws -> Void = { _ in },
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
        losses = Losses(
            context, loop: name,
            file: sharing == .everything
                ? ProjectionFolder(in: context, of: name, version: P.version).losses : nil)
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
        layout = try context.layout(of: topics)
        switch sharing {
        case .everything: try takeEverything(consumer)
        case .group: try consumer.subscribe(to: topics.map(context.topics.name))
        }
        let reader = KafkaReader(consumer, context)
        let cluster = try Cluster(context.cluster, clientID: name)
        do {
            while !context.stop.isRaised {
                try turn(reader, producer)
                try onTurn { isCurrent(cluster) }
                standing.tell(reached) { reader.consumer.knownEnd(of: $0) }
            }
        } catch is Stopped {
            // It was asked to stop while it waited for a disk.
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
        try writeLetters(producer)
        let batch = reader.gather(context.batch, waitingMilliseconds: Patience.pollMilliseconds)
        reached.merge(batch.ends) { $1 }
        batch.ends.keys.forEach(reachedEnd)
        switch batch.interruption {
        case nil: try apply(batch.records, producer)
        // When partitions come or go, the batch is dropped. It has not been applied, so its records are read
        // again: the positions are stored together with the state.
        case .assign(let partitions):
            try open(Set(partitions.map(\.partition)))
            reached = try positions(of: partitions)
            try reader.consumer.accept(reached)
            health.ready()
        case .revoke:
            shards.removeAll()
            numbers.removeAll()
            reached.removeAll()
            standing.withdraw()
            health.notReady("waiting for the consumer group")
            try reader.consumer.release()
        case .failed(let error):
            guard error.remedy != .restart else { throw error }
            try apply(batch.records, producer)
            if error.isOffsetOutOfRange, let place = error.topicPartition {
                return try goOn(behind: place, reader)
            }
            context.log.warning("reading from Kafka failed", ["loop": .text(name), "reason": .of(error)])
        }
    }

    /// Records were removed before they were read: goes on with the rest.
    private func goOn(behind place: TopicPartition, _ reader: borrowing KafkaReader) throws {
        let cluster = try Cluster(context.cluster, clientID: name)
        let marks = try cluster.watermarks(of: [place], timeoutMilliseconds: Patience.askMilliseconds)
        guard let position = reached[place], let marks = marks[place] else { return }
        try note(Loss.before(position, at: place, marks, in: context.topics))
        reached[place] = marks.low
        try reader.consumer.assign(reached)
    }

    /// A replica that reads everything writes nothing to the log, because it may be the public side.
    private func note(_ loss: Loss?) throws {
        guard let letter = loss.flatMap({ losses.letter(of: $0, at: .now) }) else { return }
        switch sharing {
        case .everything: try losses.keep(letter)
        case .group: letters.append(letter)
        }
    }

    private func writeLetters(_ producer: borrowing Producer) throws {
        let outgoing = setAside + letters.map { $0.outgoing() }
        guard !outgoing.isEmpty, try send(outgoing, producer) else { return }
        letters.forEach(losses.tell)
        letters.removeAll()
        setAside.removeAll()
    }

    /// Notes a record that lies on another partition than its key's, and returns whether it is one. It is not
    /// applied: another partition's file, or the order of its own key, would go wrong.
    ///
    /// Of a topic that lasts, such a record was written when the topic had another number of partitions. Then
    /// what this model knows of a key is perhaps not all, and nothing may be answered from it.
    private func isMisplaced(_ record: Record) throws -> Bool {
        guard let reason = layout.misplacement(of: record) else { return false }
        guard !record.topic.isLasting else { throw LayoutFault(record, reason) }
        losses.leaveOut(record, reason)
        // A replica that reads everything writes nothing to the log.
        if sharing == .group { setAside.append(record.setAside(because: reason, by: name, at: .now)) }
        return true
    }

    private func apply(_ batch: [Record], _ producer: borrowing Producer) throws {
        if !batch.isEmpty {
            let strays = Set(try batch.filter(isMisplaced).map(\.place))
            // Before the positions move behind them.
            try writeLetters(producer)
            if !strays.isEmpty { try losses.keep() }
            var isLate = false
            for (number, records) in Dictionary(grouping: batch, by: { shard(of: $0.partition) }) {
                if try apply(records, to: number, without: strays) { isLate = true }
            }
            applied.add(batch.count)
            for record in batch {
                let place = record.topicPartition(context.topics)
                reached[place] = max(reached[place] ?? record.position, record.position)
            }
            afterCommit()
            // The group may have given the partitions away. The next poll tells.
            if isLate, sharing == .group { return }
        }
        for shard in shards.values {
            try publish(shard.projection, producer)
            try shard.tidy()
        }
    }

    /// What a shard knows in memory may be ahead of its file when the file could not be written. So the shard
    /// is opened anew.
    ///
    /// Returns whether that took longer than a group waits for a member.
    private func apply(
        _ records: [Record], to number: Int32, without strays: Set<Record.Place>
    ) throws -> Bool {
        guard numbers.contains(number) else { return false }
        return try context.writing(to: name) {
            let shard = try shards.removeValue(forKey: number) ?? shard(number)
            try shard.apply(records) { !strays.contains($0.place) }
            shards[number] = shard
        }
    }

    /// Publishes snapshots under compacted keys. Sending one twice does no harm, so this needs no
    /// transaction: after a crash or an outage of the cluster, the next turn sends what is still pending.
    private func publish(_ projection: P, _ producer: borrowing Producer) throws {
        let pending = try projection.pending()
        guard !pending.isEmpty else { return }
        if try send(pending, producer) { try context.writing(to: name) { try projection.published() } }
    }

    /// Returns false if the cluster does not take them now.
    private func send(_ pending: [Outgoing], _ producer: borrowing Producer) throws -> Bool {
        do throws(KafkaError) {
            for outgoing in pending { try producer.send(outgoing, names: context.topics) }
            try producer.flush(timeoutMilliseconds: Patience.askMilliseconds)
            return true
        } catch {
            guard error.remedy == .retry, !error.refusesRecord else { throw error }
            context.log.warning("publishing failed", ["loop": .text(name), "reason": .of(error)])
            return false
        }
    }

    // MARK: Partitions

    private var awaitedEnds: Set<TopicPartition> = []

    private func takeEverything(_ consumer: borrowing Consumer) throws {
        let partitions = layout.counts.flatMap { topic, count in
            (0..<count).map { TopicPartition(topic: context.topics.name(of: topic), partition: $0) }
        }
        try open([0])
        health.notReady("reading the log so far")
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
        try ProjectionFolder(in: context, of: name, version: P.version).prepare()
        shards.removeAll()
        self.numbers = numbers
        for number in numbers { shards[number] = try shard(number) }
    }

    private func shard(_ number: Int32) throws -> Shard<P> {
        let file = sharing == .everything ? Self.everything : "partition-\(number)"
        let folder = ProjectionFolder(in: context, of: name, version: P.version)
        return try Shard(path: folder.path(of: file), make: make)
    }

    private func shard(of partition: Int32) -> Int32 { sharing == .everything ? 0 : partition }

    private func positions(of partitions: [TopicPartition]) throws -> [TopicPartition: Position] {
        let cluster = try Cluster(context.cluster, clientID: name)
        let marks = try cluster.watermarks(of: partitions, timeoutMilliseconds: Patience.askMilliseconds)
        var positions: [TopicPartition: Position] = [:]
        // A replica that reads everything can be rebuilt at any time, and nobody could dismiss its letters.
        // The groups report losses on the same topics.
        func unread(_ low: Position) -> Position { sharing == .group ? .nothingRead : low }
        for (place, mark) in marks {
            guard let topic = context.topics.topic(named: place.topic) else { continue }
            let stored =
                try shards[shard(of: place.partition)]?.position(of: topic, place.partition)
                ?? unread(mark.low)
            guard stored <= mark.high else {
                throw StoreAhead(
                    partition: place, stored: stored, high: mark.high, folder: context.dataFolder)
            }
            try note(Loss.before(stored, at: place, mark, in: context.topics))
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
    private let log: LogTidying

    init(
        path: String, tidyWithin: Duration = StateFile.tidyWithin, make: (borrowing Database) throws -> P
    ) throws {
        database = try Database(path: path)
        try database.migrate(P.steps)
        select = try database.prepare("SELECT next FROM positions WHERE topic = ? AND partition = ?")
        upsert = try database.prepare(
            """
            INSERT INTO positions VALUES (?, ?, ?)
            ON CONFLICT (topic, partition) DO UPDATE SET next = excluded.next
            """)
        log = try LogTidying(database, within: tidyWithin)
        projection = try make(database)
    }

    /// Removes what the files still hold of values that were replaced or deleted a while ago.
    func tidy() throws { try log.tidy() }

    func position(of topic: Topic, _ partition: Int32) throws -> Position? {
        try select.first(.text(topic.rawValue), .integer(Int(partition))) { Position(next: $0.integer(0)) }
    }

    private struct Place: Hashable {
        let topic: Topic
        let partition: Int32
    }

    /// The positions move behind all records, also behind those that are not `wanted`.
    func apply(_ records: [Record], where isWanted: (Record) -> Bool = { _ in true }) throws {
        try database.transaction {
            var ends: [Place: Int64] = [:]
            for record in records {
                if isWanted(record) { try projection.apply(record) }
                ends[Place(topic: record.topic, partition: record.partition)] = record.offset + 1
            }
            for (place, next) in ends {
                try upsert.run(
                    .text(place.topic.rawValue), .integer(Int(place.partition)), .integer(next))
            }
        }
        log.note()
    }
}
