import Models
import Processing

/// What may still be written to each partition of a broker that keeps only so much.
///
/// The broker in memory drops the oldest records of a partition beyond 5 MiB, read or not. Nobody can ask it
/// who has read what. So whoever writes counts what it has written since it started, and ends before that:
/// then nothing is dropped.
struct LogRoom {
    private struct Place: Hashable {
        let topic: Topic
        let lane: Lane
    }

    /// 0: no limit.
    private let bytes: Int
    private var written: [Place: Int] = [:]
    /// It had to refuse something.
    private(set) var isExhausted = false

    static let reason =
        "the broker keeps no more in one partition: Dayu must be started anew, or use Apache Kafka"
    /// What a batch of one record costs beside the record.
    private static let batchBytes = 100

    init(bytes: Int) { self.bytes = bytes }

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
