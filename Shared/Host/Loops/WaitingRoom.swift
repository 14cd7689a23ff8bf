import Kafka
import Processing

/// The records that can't be decided yet, because other topics must first be read up to certain positions.
///
/// A waiting record holds up its whole input partition: the records behind it queue, and nothing more is
/// fetched from the partition. The methods return what the log must do as `Fetching`.
struct WaitingRoom {
    /// What the log must do about a partition.
    enum Fetching: Equatable {
        case pause(TopicPartition)
        case resume(TopicPartition)
    }

    private struct Queue {
        var records: [Record]
        let targets: [TopicPartition: Position]
    }

    private var queues: [TopicPartition: Queue] = [:]

    /// Whether records of this partition wait.
    func holds(_ place: TopicPartition) -> Bool { queues[place] != nil }

    /// Whether some record waits until this partition has been read up to some position.
    func awaits(_ place: TopicPartition) -> Bool { queues.values.contains { $0.targets[place] != nil } }

    /// Adds the first record of a partition that must wait until all `targets` have been reached.
    mutating func open(
        with record: Record, at place: TopicPartition, until targets: [TopicPartition: Position]
    ) -> Fetching {
        precondition(!holds(place), "\(place) waits already")
        queues[place] = Queue(records: [record], targets: targets)
        return .pause(place)
    }

    /// Queues a record behind the waiting records of its partition; false if none wait.
    mutating func join(_ record: Record, at place: TopicPartition) -> Bool {
        queues[place]?.records.append(record) != nil
    }

    /// Takes out the records of one partition whose wait is over; nil if there is none. The first one is the
    /// record that had to wait; the others queued behind it.
    mutating func leave(
        whereReached isReached: (TopicPartition, Position) -> Bool
    ) -> (place: TopicPartition, records: [Record])? {
        let over = queues.filter { $0.value.targets.allSatisfy { isReached($0.key, $0.value) } }.keys.min()
        guard let place = over, let queue = queues.removeValue(forKey: place) else { return nil }
        return (place, queue.records)
    }

    /// What to do with a partition after its records left: nothing if one of them waits again.
    func left(_ place: TopicPartition) -> Fetching? { holds(place) ? nil : .resume(place) }

    mutating func clear() { queues.removeAll() }
}
