import Foundation
import Kafka
import Models

/// Records that somebody's open transaction holds back from all readers of their partition.
///
/// Between the last stable offset and the high watermark stand records that nobody who reads committed may
/// have yet (KIP-98). A transaction of ours is over within a moment. One whose producer died is aborted by
/// the broker after `transaction.timeout.ms`, and some never (KAFKA-12671).
struct OpenTransactions: ~Copyable {
    private let surroundings: Surroundings
    private let ends: Cluster
    private let stable: Cluster

    /// The last stable offset of a partition in use moves on within this time.
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

    /// The first record behind the last stable offset is the first of the oldest transaction.
    private func tellingSince(_ held: [TopicPartition: Held]) -> [TopicPartition: Held] {
        var told = held
        // Whoever may not read the topic is told without it.
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

/// What waits on one partition.
struct Held: Hashable {
    /// The last stable offset.
    let from: Position
    let to: Position
    /// When the transaction wrote its first record there.
    var since: Instant?

    var offsets: Int64 { to.next - from.next }

    /// - Parameters:
    ///   - ends: as they were before `stable` was asked for.
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
