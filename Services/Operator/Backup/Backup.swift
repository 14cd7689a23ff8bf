import Foundation
import Kafka
import Models

/// Writes what the log holds up to the cut into files.
///
/// Every file is written whole, and the unfinished manifest names it then. So a run that is interrupted goes
/// on behind the last file.
final class Backup {
    private let surroundings: Surroundings
    private let folder: BackupFolder
    private var manifest: BackupManifest

    private static let pollMilliseconds: Int32 = 200
    private static let patience: Duration = .seconds(30)
    /// A file is written when it has so many bytes, or when its partition is read.
    private static let fileBytes = 8 << 20
    /// So many partitions are read together. Each may hold a file's bytes in memory.
    private static let partitionsAtOnce = 8
    /// Kafka keeps a tombstone for a day after compaction (`delete.retention.ms`). A run that goes on later
    /// might miss one.
    private static let cutValidMilliseconds: Int64 = 12 * 3_600_000

    /// Begins a backup, or goes on with the one that was interrupted.
    init(_ surroundings: Surroundings, to folder: BackupFolder) throws {
        self.surroundings = surroundings
        self.folder = folder
        let former = try folder.manifest()
        if let begun = try folder.unfinishedManifest(), begun.prefix == surroundings.prefix,
            Instant.now.millisecondsSince1970 - begun.cutAt.millisecondsSince1970 < Self.cutValidMilliseconds,
            try Self.clusterID(surroundings) == begun.clusterID
        {
            manifest = begun
            Terminal.say("going on with the backup of \(begun.cutAt)")
            return
        }
        folder.dropUnfinished()
        let fresh = try BackupCut.manifest(surroundings)
        if let former, former.prefix != fresh.prefix || former.clusterID != fresh.clusterID {
            throw BackupFolder.Unfit(
                description: """
                    \(folder.path) holds a backup of another cluster or prefix (\(former.prefix), cluster \
                    \(former.clusterID ?? "unknown")): name another folder
                    """)
        }
        manifest = former.map(fresh.goingOn(from:)) ?? fresh
        try checkSameLog()
        try folder.write(unfinished: manifest)
        Terminal.say("the backup is of \(manifest.cutAt); services that were stopped for it may go on")
    }

    private static func clusterID(_ surroundings: Surroundings) throws -> String? {
        try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
            .clusterID(timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
    }

    /// A topic that was deleted and made again has other records at the same offsets. So the last record that
    /// the folder has of a partition must be the one on the log.
    private func checkSameLog() throws {
        var last: [TopicPartition: BackupRecord] = [:]
        for topic in manifest.topics {
            for partition in topic.partitions {
                guard let file = partition.files.last(where: { $0.records > 0 }) else { continue }
                let place = TopicPartition(
                    topic: surroundings.prefix + topic.name, partition: partition.partition)
                last[place] = try folder.records(file, of: topic, partition.partition).last
            }
        }
        var others = last
        try LogReading(surroundings).readFirst(
            from: last.mapValues { Position(next: $0.offset) }
        ) { record in
            if last[record.topicPartition] == BackupRecord(record) { others[record.topicPartition] = nil }
        }
        guard let (place, record) = others.min(by: { $0.key < $1.key }) else { return }
        throw BackupFolder.Unfit(
            description: """
                \(place)/\(record.offset) is not the record that \(folder.path) has: the topic was made again. Name another \
                folder
                """)
    }

    func run() throws -> BackupManifest {
        for index in manifest.topics.indices {
            let open = manifest.topics[index].partitions.indices.filter {
                !manifest.topics[index].partitions[$0].isComplete
            }
            for start in stride(from: 0, to: open.count, by: Self.partitionsAtOnce) {
                try read(topic: index, open[start..<min(start + Self.partitionsAtOnce, open.count)])
            }
        }
        try folder.finish(manifest)
        return manifest
    }

    /// What was read of one partition and is in no file yet.
    private struct Gathered {
        var body: [UInt8] = []
        var records = 0
        var first: Int64
        /// Behind the last record that was read.
        var next: Int64
    }

    private func read(topic index: Int, _ numbers: ArraySlice<Int>) throws {
        let topic = manifest.topics[index]
        let name = surroundings.prefix + topic.name
        let reader = try Consumer(
            surroundings.cluster, clientID: Surroundings.clientID, group: nil,
            overrides: ["enable.partition.eof": "true"])
        var gathered: [Int: Gathered] = [:]
        for number in numbers {
            let next = topic.partitions[number].next
            gathered[number] = Gathered(first: next, next: next)
        }
        let places = Dictionary(
            uniqueKeysWithValues: numbers.map {
                (TopicPartition(topic: name, partition: topic.partitions[$0].partition), $0)
            })
        try reader.assign(places.mapValues { Position(next: topic.partitions[$0].next) })
        var deadline = ContinuousClock.now + Self.patience
        var lastError: KafkaError?
        while !gathered.isEmpty {
            switch reader.poll(timeoutMilliseconds: Self.pollMilliseconds) {
            case .record(let record):
                deadline = ContinuousClock.now + Self.patience
                guard let number = places[record.topicPartition], var part = gathered[number] else {
                    continue
                }
                let offset = record.offset.value
                if offset < topic.partitions[number].end {
                    BackupRecord(record).append(to: &part.body)
                    part.records += 1
                    part.next = offset + 1
                    gathered[number] = part
                    if part.body.count >= Self.fileBytes {
                        try write(part, topic: index, number)
                        gathered[number] = Gathered(first: part.next, next: part.next)
                    }
                }
                if offset >= topic.partitions[number].end - 1 {
                    try close(&gathered, topic: index, number, reader, record.topicPartition)
                }
            case .reachedEnd(let place, let position):
                guard let number = places[place], gathered[number] != nil,
                    position.next >= topic.partitions[number].end
                else { continue }
                try close(&gathered, topic: index, number, reader, place)
            case .failed(let error):
                if error.remedy == .restart { throw error }
                lastError = error
            default: break
            }
            guard ContinuousClock.now < deadline else {
                throw BackupFolder.Unfit(
                    description: "\(name) could not be read to the end\(lastError.map { ": \($0)" } ?? "")")
            }
        }
    }

    /// The partition was read up to the cut.
    private func close(
        _ gathered: inout [Int: Gathered], topic index: Int, _ number: Int, _ reader: borrowing Consumer,
        _ place: TopicPartition
    ) throws {
        guard var part = gathered.removeValue(forKey: number) else { return }
        part.next = manifest.topics[index].partitions[number].end
        try write(part, topic: index, number)
        try reader.pause([place])
    }

    private func write(_ part: Gathered, topic index: Int, _ number: Int) throws {
        let topic = manifest.topics[index]
        let file = try folder.write(
            part.body, records: part.records, of: topic, topic.partitions[number].partition, from: part.first,
            next: part.next, cut: String(manifest.cutAt.millisecondsSince1970))
        manifest.topics[index].partitions[number].files.append(file)
        try folder.write(unfinished: manifest)
    }
}
