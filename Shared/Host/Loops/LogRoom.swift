import Kafka
import Models
import Processing

/// How much may still be written to each partition of a broker that keeps only a limited number of bytes.
///
/// The broker in memory drops the oldest records of a partition beyond 5 MiB, read or not. Nobody can ask it
/// who has read what. So the writer counts the bytes it writes and stops before the limit: then nothing is
/// dropped. Records that a partition holds already, from other writers or a former process, are counted once,
/// when the broker is first asked. The broker reports offsets and not bytes, so each offset counts as one
/// typical record.
struct LogRoom {
    private struct Place: Hashable {
        let topic: Topic
        let lane: Lane
    }

    /// 0: no limit.
    private let bytes: Int
    private var written: [Place: Int] = [:]
    private var isLearned = false
    private var askAgainAt: ContinuousClock.Instant?
    /// True once it had to refuse something.
    private(set) var isExhausted = false

    static let reason =
        "a partition of this broker is full: start Dayu with an empty broker, or use Apache Kafka"
    /// What a batch of one record costs in addition to the record.
    private static let batchBytes = 100
    /// What each record costs that is in the partition already. Most are readings and events of complaints: a
    /// few hundred bytes with their headers.
    static let typicalRecordBytes = 1000
    private static let askPause: Duration = .seconds(5)

    init(bytes: Int) { self.bytes = bytes }

    /// Asks once how much the partitions hold. Does not wait long: the thread that waits for an unreachable
    /// cluster writes nothing meanwhile.
    mutating func learn(
        from cluster: borrowing Cluster, _ lanes: Lanes, within milliseconds: Int32,
        at now: ContinuousClock.Instant = .now
    ) {
        guard bytes > 0, !isLearned, askAgainAt.map({ $0 <= now }) ?? true else { return }
        let places = lanes.places
        guard !places.isEmpty else { return }
        askAgainAt = now + Self.askPause
        guard
            let marks = try? cluster.watermarks(
                of: places.map(\.partition), timeoutMilliseconds: milliseconds)
        else { return }
        for (topic, lane, partition) in places {
            guard let marks = marks[partition] else { continue }
            hold(Int(clamping: marks.high.next - marks.low.next), of: topic, lane)
        }
        isLearned = true
    }

    /// The partition holds this many records. Records that this process has written may be among them.
    mutating func hold(_ records: Int, of topic: Topic, _ lane: Lane) {
        let place = Place(topic: topic, lane: lane)
        written[place] = max(written[place] ?? 0, records * Self.typicalRecordBytes)
    }

    /// Takes room for all of these records, or for none.
    mutating func take(_ records: [(record: Outgoing, lane: Lane)]) -> Bool {
        guard bytes > 0 else { return true }
        var after = written
        for (record, lane) in records {
            let place = Place(topic: record.topic, lane: lane)
            after[place, default: 0] += Self.size(of: record)
            guard after[place, default: 0] <= bytes else {
                isExhausted = true
                return false
            }
        }
        written = after
        return true
    }

    private static func size(of record: Outgoing) -> Int {
        record.key.utf8.count + (record.event.data?.count ?? 0) + batchBytes
            + record.event.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }
}
