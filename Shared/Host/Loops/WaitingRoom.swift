import Kafka
import Processing

/// The records that can't be decided before another topic has been read up to a position.
///
/// A waiting record holds up its whole input partition: the records behind it queue, and the partition is not
/// fetched. What the log must do about that is returned as `Fetching`.
struct WaitingRoom {
    /// An effect on the log.
    enum Fetching: Equatable {
        case pause(TopicPartition)
        case resume(TopicPartition)
    }

    private struct Queue {
        var records: [Record]
        let other: TopicPartition
        let target: Position
    }

    private var queues: [TopicPartition: Queue] = [:]

    /// Whether records of this partition wait.
    func holds(_ place: TopicPartition) -> Bool { queues[place] != nil }

    /// The first record of a partition that must wait: until `other` has been read up to `target`.
    mutating func open(
        with record: Record, at place: TopicPartition, until other: TopicPartition, reaches target: Position
    ) -> Fetching {
        precondition(!holds(place), "\(place) waits already")
        queues[place] = Queue(records: [record], other: other, target: target)
        return .pause(place)
    }

    /// Queues a record behind those of its partition; false if none of them waits.
    mutating func join(_ record: Record, at place: TopicPartition) -> Bool {
        queues[place]?.records.append(record) != nil
    }

    /// Takes out the records of one partition whose wait is over; nil if there is none. The first of them is
    /// the one that waited, and the others queued behind it.
    mutating func leave(
        whereReached isReached: (TopicPartition, Position) -> Bool
    ) -> (place: TopicPartition, records: [Record])? {
        let over = queues.filter { isReached($0.value.other, $0.value.target) }.keys.min()
        guard let place = over, let queue = queues.removeValue(forKey: place) else { return nil }
        return (place, queue.records)
    }

    /// What to do about a partition after its records left: nothing if one of them waits again.
    func left(_ place: TopicPartition) -> Fetching? { holds(place) ? nil : .resume(place) }

    mutating func clear() { queues.removeAll() }
}
