import Kafka
import Models
import Processing

/// Recognises a partition by the last record that was read of it.
///
/// A topic that was deleted and made again may soon reach the reader's position, and then no broker says that
/// anything is wrong (librdkafka 2.0.2 knows no topic ids). So a reader that comes back after a rest reads
/// its last record once more. If another record stands there, or the partition ends before it, the topic was
/// made again. If compaction took the record, nothing can be said, and nothing is.
struct Recognition {
    private struct Stamp: Equatable {
        let offset: Int64
        let timestamp: Instant
        let key: [UInt8]?

        init(_ record: Record) {
            offset = record.offset
            timestamp = record.timestamp
            key = record.key
        }
    }

    private var last: [TopicPartition: Stamp] = [:]
    /// Those that are read once more.
    private var expected: [TopicPartition: Stamp] = [:]

    /// Where to begin to fetch, so that the last records come once more.
    mutating func begin(at positions: [TopicPartition: Position]) -> [TopicPartition: Position] {
        expected = last.filter { positions[$0.key] != nil }
        return positions.merging(expected.mapValues { Position(next: $0.offset) }) { $1 }
    }

    /// Whether the record was not read before.
    mutating func isNew(_ record: Record, at place: TopicPartition) throws -> Bool {
        if let known = expected.removeValue(forKey: place), record.offset <= known.offset {
            guard known == Stamp(record) else { throw TopicMadeAgain(place: place) }
            return false
        }
        last[place] = Stamp(record)
        return true
    }

    /// The partition ends at `end`, and was read up to `reached` before.
    mutating func ends(_ place: TopicPartition, at end: Position, reached: Position?) throws {
        expected[place] = nil
        if let reached, end < reached { throw TopicMadeAgain(place: place) }
    }
}

struct TopicMadeAgain: Error, CustomStringConvertible {
    let place: TopicPartition

    var description: String { "\(place.topic) was made again; it must be read anew from its beginning" }
}
