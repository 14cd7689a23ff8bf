import Foundation
import Kafka
import Models

/// Records that an open transaction holds back from all readers of their partition.
///
/// Records between the last stable offset and the high watermark are not yet visible to a reader with
/// `read_committed` (KIP-98). A transaction of this suite is over within a moment. If its producer died, the
/// broker aborts it after `transaction.timeout.ms`, but some are never aborted (KAFKA-12671).
struct OpenTransactions: ~Copyable {
    private let surroundings: Surroundings
    private let ends: Cluster
    private let stable: Cluster

    /// On a partition in use, the last stable offset moves on within this time.
    private static let patience: TimeInterval = 3

    init(_ surroundings: Surroundings) throws {
        let ends = try Cluster(surroundings.cluster, clientID: Surroundings.clientID)
        let stable = try Cluster(
            surroundings.cluster, clientID: Surroundings.clientID, isolation: .readCommitted)
        self.ends = ends
        self.stable = stable
        self.surroundings = surroundings
    }

    func held(at places: [TopicPartition]) throws -> [TopicPartition: Held] {
        let before = Held.all(try marks(places, ends), stable: try marks(places, stable))
        guard !before.isEmpty else { return [:] }
        Thread.sleep(forTimeInterval: Self.patience)
        let still = Array(before.keys)
        let after = Held.all(try marks(still, ends), stable: try marks(still, stable))
        return tellingSince(after.filter { before[$0.key]?.from == $0.value.from })
    }

    private func marks(
        _ places: [TopicPartition], _ cluster: borrowing Cluster
    ) throws -> [TopicPartition: Watermarks] {
        try cluster.watermarks(
            of: places, timeoutMilliseconds: Surroundings.answerWithinMilliseconds)
    }

    /// The first record after the last stable offset is the first record of the oldest transaction.
    private func tellingSince(_ held: [TopicPartition: Held]) -> [TopicPartition: Held] {
        var told = held
        // If this user may not read the topic, the time stays unknown.
        try? LogReading(surroundings).read(
            from: held.mapValues(\.from), isolation: .readUncommitted
        ) { record in
            guard told[record.topicPartition]?.since == nil else { return }
            told[record.topicPartition]?.since = Instant(
                millisecondsSince1970: record.timestampMilliseconds)
        }
        return told
    }
}

/// The records that wait on one partition.
struct Held: Hashable {
    /// The last stable offset.
    let from: Position
    let to: Position
    /// When the transaction wrote its first record there.
    var since: Instant?

    var offsets: Int64 { to.next - from.next }

    /// - Parameters:
    ///   - ends: the watermarks, requested before `stable` was.
    static func all(
        _ ends: [TopicPartition: Watermarks], stable: [TopicPartition: Watermarks]
    ) -> [TopicPartition: Held] {
        var held: [TopicPartition: Held] = [:]
        for (place, marks) in ends {
            guard let from = stable[place]?.high, from < marks.high else { continue }
            held[place] = Held(from: from, to: marks.high)
        }
        return held
    }
}
