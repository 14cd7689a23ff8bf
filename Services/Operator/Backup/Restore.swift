import Kafka
import Models

/// Writes a backup onto a cluster that has the topics and nothing on them.
final class Restore {
    private let manifest: BackupManifest
    private let folder: BackupFolder
    private let surroundings: Surroundings
    /// How many records each partition holds already.
    private var present: [TopicPartition: Int64] = [:]

    private static let flushMilliseconds: Int32 = 120_000
    private static let wait = Surroundings.answerWithinMilliseconds

    typealias Unfit = BackupFolder.Unfit

    /// - Throws: if there is no complete backup.
    static func manifest(of folder: BackupFolder) throws -> BackupManifest {
        guard let manifest = try folder.manifest() else {
            throw Unfit(
                description: try folder.unfinishedManifest() == nil
                    ? "\(folder.path) holds no backup"
                    : "the backup in \(folder.path) is not complete: run dayu backup again")
        }
        return manifest
    }

    /// Reads every file.
    static func check(_ manifest: BackupManifest, in folder: BackupFolder) throws {
        guard manifest.isComplete else { throw Unfit(description: "the manifest names too few records") }
        for topic in manifest.topics {
            for partition in topic.partitions {
                for file in partition.files { _ = try folder.records(file, of: topic, partition.partition) }
            }
        }
    }

    /// - Throws: if the cluster is not fit for it. Nothing was written then.
    init(
        _ manifest: BackupManifest, from folder: BackupFolder, to surroundings: Surroundings, resumes: Bool
    ) throws {
        self.manifest = manifest
        self.folder = folder
        self.surroundings = surroundings
        let cluster = try surroundings.openCluster()
        let counts = try cluster.topics(timeoutMilliseconds: Self.wait)
        for topic in manifest.topics {
            let name = surroundings.prefix + topic.name
            guard let count = counts[name] else {
                throw Unfit(description: "there is no topic \(name): dayu topics create makes it")
            }
            guard count == topic.partitions.count else {
                throw Unfit(
                    description: """
                        \(name) has \(count) partitions, but the backup has \(topic.partitions.count): the records of a \
                        key would be on other partitions. Make the topics with --partitions \(topic.partitions.count)
                        """)
            }
            let marks = try cluster.watermarks(
                of: topic.partitions.map { TopicPartition(topic: name, partition: $0.partition) },
                timeoutMilliseconds: Self.wait)
            for partition in topic.partitions {
                let place = TopicPartition(topic: name, partition: partition.partition)
                let end = marks[place]?.high.next ?? 0
                guard end == 0 || (resumes && end <= partition.records) else {
                    let more = "holds \(end) records, more than the backup has (\(partition.records))"
                    let some = "has held records already: restore onto new topics, or under a new prefix"
                    throw Unfit(description: "\(place) \(resumes ? more : some)")
                }
                present[place] = end
            }
        }
        try checkGroups(cluster)
    }

    private func checkGroups(_ cluster: borrowing Cluster) throws {
        for group in manifest.groups {
            let name = surroundings.prefix + group.name
            // A broker that can't tell is no reason to refuse: the commit is refused, if there are members.
            guard let members = try? cluster.members(of: name, timeoutMilliseconds: Self.wait), members > 0
            else { continue }
            throw Unfit(description: "the group \(name) has \(members) members: stop the services first")
        }
    }

    func run() throws {
        try write()
        let removed = try verify()
        if removed > 0 {
            Terminal.say(
                "\(removed) records are older than their topics keep, or were superseded: Kafka has removed them again"
            )
        }
        try checkGroups(surroundings.openCluster())
        try commit()
    }

    private func write() throws {
        let producer = try Producer(
            surroundings.cluster, clientID: Surroundings.clientID,
            overrides: ["linger.ms": "20", "message.timeout.ms": "120000"])
        for topic in manifest.topics {
            let name = surroundings.prefix + topic.name
            for partition in topic.partitions {
                let place = TopicPartition(topic: name, partition: partition.partition)
                var left = present[place] ?? 0
                for file in partition.files {
                    // These are there already.
                    if left >= file.records {
                        left -= Int64(file.records)
                        continue
                    }
                    let records = try folder.records(file, of: topic, partition.partition).dropFirst(
                        Int(left))
                    left = 0
                    for record in records { try send(record, to: place, with: producer) }
                    try producer.flush(timeoutMilliseconds: Self.flushMilliseconds)
                }
            }
        }
    }

    private func send(
        _ record: BackupRecord, to place: TopicPartition, with producer: borrowing Producer
    ) throws {
        let headers = HeaderList(capacity: record.headers.count)
        for header in record.headers { headers.add(header.name, header.value) }
        try producer.send(
            topic: place.topic, partition: place.partition, key: record.key, value: record.value,
            headers: headers, timestampMilliseconds: max(0, record.timestamp))
    }

    // MARK: Afterwards

    /// Reads everything back and compares it. Answers how many records Kafka has removed again.
    private func verify() throws -> Int {
        var removed = 0
        for topic in manifest.topics {
            for partition in topic.partitions where partition.records > 0 {
                removed += try verify(topic, partition)
            }
        }
        return removed
    }

    private func verify(_ topic: BackupManifest.Topic, _ partition: BackupManifest.Partition) throws -> Int {
        let place = TopicPartition(topic: surroundings.prefix + topic.name, partition: partition.partition)
        let known = Topic(rawValue: topic.name)
        // The brokers stamp what gateways write.
        let byTime = known?.family != .gateway
        var cursor = BackupCursor(partition, of: topic, in: folder)
        var fault: Unfit?
        var found = 0
        try LogReading(surroundings).read(from: [place: .beginning]) { record in
            guard fault == nil else { return }
            do {
                let expected = try cursor.record(at: record.offset.value)
                guard let expected, expected.isSame(as: BackupRecord(record), byTime: byTime) else {
                    fault = Unfit(description: "\(place)/\(record.offset) is not the backup's record")
                    return
                }
                found += 1
            } catch {
                fault = error as? Unfit ?? Unfit(description: "\(error)")
            }
        }
        if let fault { throw fault }
        let removed = partition.records - found
        if removed > 0, known?.retention == .forever {
            throw Unfit(
                description: "\(place) holds \(found) records, but the backup has \(partition.records)")
        }
        return removed
    }

    /// Commits for each group the position that has as many of the backup's records before it as the group
    /// had processed. The ends of transactions had offsets, too, and compaction leaves gaps: neither is on
    /// the new log.
    private func commit() throws {
        for group in manifest.groups {
            var positions: [TopicPartition: Position] = [:]
            for place in group.places {
                guard let topic = manifest.topics.first(where: { $0.name == place.topic }),
                    let partition = topic.partitions.first(where: { $0.partition == place.partition })
                else { continue }
                var count: Int64 = 0
                for file in partition.files {
                    // A file that lies before the position is counted without being read.
                    guard file.next <= place.next else {
                        let records = try folder.records(file, of: topic, partition.partition)
                        count += Int64(records.count { $0.offset < place.next })
                        break
                    }
                    count += Int64(file.records)
                }
                positions[
                    TopicPartition(topic: surroundings.prefix + topic.name, partition: place.partition)] =
                    Position(next: count)
            }
            guard !positions.isEmpty else { continue }
            let consumer = try Consumer(
                surroundings.cluster, clientID: Surroundings.clientID,
                group: surroundings.prefix + group.name)
            try consumer.commit(positions, timeoutMilliseconds: Self.flushMilliseconds)
        }
    }
}

/// The records of one partition of a backup, one after the other; only one file is in memory.
struct BackupCursor {
    private let partition: BackupManifest.Partition
    private let topic: BackupManifest.Topic
    private let folder: BackupFolder
    private var file = 0
    private var records: [BackupRecord] = []
    /// How many records there are before those in memory.
    private var before: Int64 = 0

    init(_ partition: BackupManifest.Partition, of topic: BackupManifest.Topic, in folder: BackupFolder) {
        self.partition = partition
        self.topic = topic
        self.folder = folder
    }

    /// The record at this place in the order; ask for growing places. Nil behind the last one.
    mutating func record(at index: Int64) throws -> BackupRecord? {
        while index >= before + Int64(records.count) {
            guard file < partition.files.count else { return nil }
            before += Int64(records.count)
            records = try folder.records(partition.files[file], of: topic, partition.partition)
            file += 1
        }
        return records[Int(index - before)]
    }
}
