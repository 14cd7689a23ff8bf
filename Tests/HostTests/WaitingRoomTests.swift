import Kafka
import Models
import Processing
import Testing

@testable import Host

@Suite("Records that wait for other topics")
struct WaitingRoomTests {
    private let place = TopicPartition(topic: "events", partition: 0)
    private let other = TopicPartition(topic: "contacts", partition: 0)

    private func record(_ offset: Int64) -> Record {
        Record(
            topic: .events, partition: 0, offset: offset, timestamp: Instant(millisecondsSince1970: 0),
            key: nil, value: nil, headers: [])
    }

    private func reached(_ next: Int64) -> (TopicPartition, Position) -> Bool {
        { [other] in $0 == other && $1 <= Position(next: next) }
    }

    @Test("the first one pauses its partition, and those behind it queue in order")
    func queues() {
        var room = WaitingRoom()
        let isQueued = room.join(record(1), at: place)
        #expect(!isQueued)
        let fetching = room.open(with: record(1), at: place, until: [other: Position(next: 5)])
        #expect(fetching == .pause(place) && room.holds(place))
        for offset in Int64(2)...3 {
            let isQueued = room.join(record(offset), at: place)
            #expect(isQueued)
        }

        let early = room.leave(whereReached: reached(4))
        #expect(early == nil)
        let left = room.leave(whereReached: reached(5))
        #expect(left?.place == place && left?.records.map(\.offset) == [1, 2, 3])
        #expect(room.left(place) == .resume(place))
        let again = room.leave(whereReached: reached(5))
        #expect(again == nil)
    }

    @Test("a partition of which another record waits again is not resumed")
    func waitsAgain() throws {
        var room = WaitingRoom()
        _ = room.open(with: record(1), at: place, until: [other: Position(next: 5)])
        _ = room.join(record(2), at: place)
        let left = room.leave(whereReached: reached(5))
        let second = try #require(left?.records.last)
        _ = room.open(with: second, at: place, until: [other: Position(next: 9)])
        #expect(room.left(place) == nil)
        let rest = room.leave(whereReached: reached(9))
        #expect(rest?.records.map(\.offset) == [2])
    }

    @Test("who waits for two topics leaves when both have been read")
    func both() {
        var room = WaitingRoom()
        let words = TopicPartition(topic: "words", partition: 0)
        _ = room.open(
            with: record(1), at: place, until: [other: Position(next: 5), words: Position(next: 3)])
        let early = room.leave(whereReached: reached(9))
        #expect(early == nil)
        let left = room.leave { place, target in
            target <= Position(next: place == words ? 3 : 5)
        }
        #expect(left?.records.count == 1)
    }

    @Test("partitions wait apart from each other, and leave in their order")
    func apart() {
        var room = WaitingRoom()
        let second = TopicPartition(topic: "events", partition: 1)
        let third = TopicPartition(topic: "events", partition: 2)
        _ = room.open(with: record(1), at: third, until: [other: Position(next: 5)])
        _ = room.open(with: record(1), at: place, until: [other: Position(next: 5)])
        _ = room.open(with: record(1), at: second, until: [other: Position(next: 7)])
        var left: [TopicPartition] = []
        while let (place, _) = room.leave(whereReached: reached(5)) { left.append(place) }
        #expect(left == [place, third] && room.holds(second))
        room.clear()
        #expect(!room.holds(second))
    }
}
