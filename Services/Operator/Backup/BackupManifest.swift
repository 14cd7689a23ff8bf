import Models

/// What a backup's folder holds, in the file manifest.json.
struct BackupManifest: Codable, Equatable {
    /// One file with records of one partition, in their order.
    struct File: Codable, Equatable {
        /// Its path within the folder.
        var name: String
        /// The position behind everything that the file covers: here the next file begins.
        var next: Int64
        var records: Int
        var bytes: Int
        var sha256: String
    }

    struct Partition: Codable, Equatable {
        var partition: Int32
        /// Where the log began, and where the backup ends: at the last stable offset of the cut.
        var begin: Int64
        var end: Int64
        var files: [File] = []

        var next: Int64 { files.last?.next ?? begin }
        var isComplete: Bool { next >= end }
        var records: Int { files.reduce(0) { $0 + $1.records } }
    }

    struct Topic: Codable, Equatable {
        /// Without the prefix.
        var name: String
        var holdsPersonalData: Bool
        var partitions: [Partition]
    }

    /// Where a group stood at the cut.
    struct Group: Codable, Equatable {
        struct Place: Codable, Equatable {
            /// Without the prefix.
            var topic: String
            var partition: Int32
            var next: Int64
        }

        /// Without the prefix.
        var name: String
        var places: [Place]
    }

    static let form = 1

    var format = Self.form
    var note = """
        A backup of Dayu. The topics with "holdsPersonalData" hold what people wrote, their names and numbers, or \
        something to act with: keep this folder as you keep those.
        """
    /// The version of the program that wrote it.
    var version: String
    var prefix: String
    var clusterID: String?
    var cutAt: Instant
    var topics: [Topic]
    var groups: [Group]

    var isComplete: Bool { topics.allSatisfy { $0.partitions.allSatisfy(\.isComplete) } }
    var files: [File] { topics.flatMap { $0.partitions.flatMap(\.files) } }
    var records: Int { files.reduce(0) { $0 + $1.records } }
    var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

extension BackupManifest {
    /// A manifest of this moment that goes on where an earlier one ended, for the topics that are kept for
    /// ever. Every other topic begins anew: what Kafka has removed meanwhile must be gone from the backup,
    /// and a tombstone that Kafka has removed must not be missed.
    func goingOn(from former: BackupManifest) -> BackupManifest {
        var result = self
        guard former.clusterID == clusterID, former.prefix == prefix else { return result }
        for index in result.topics.indices {
            let topic = result.topics[index]
            guard let known = Models.Topic(rawValue: topic.name), known.retention == .forever,
                let before = former.topics.first(where: { $0.name == topic.name }),
                before.partitions.count == topic.partitions.count
            else { continue }
            for number in topic.partitions.indices {
                let own = topic.partitions[number]
                guard let part = before.partitions.first(where: { $0.partition == own.partition }),
                    part.next <= own.end, own.begin <= part.next
                else { continue }
                result.topics[index].partitions[number].begin = part.begin
                result.topics[index].partitions[number].files = part.files
            }
        }
        return result
    }
}
