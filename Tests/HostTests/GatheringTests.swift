import Kafka
import Models
import Processing
import Testing

@testable import Host

@Suite("One batch of what polling brings")
struct GatheringTests {
    private struct Failure: LogFailure {
        let remedy = Remedy.retry
        let isOffsetOutOfRange = false
        let topicPartition: TopicPartition? = nil
    }

    /// A source that brings what it is told, one arrival a poll.
    private final class Script: RecordSource {
        private var arrivals: [Arrival<Failure>]
        private(set) var waits: [Int32] = []

        init(_ arrivals: [Arrival<Failure>]) { self.arrivals = arrivals }

        func poll(timeoutMilliseconds: Int32) -> Arrival<Failure> {
            waits.append(timeoutMilliseconds)
            return arrivals.isEmpty ? .idle : arrivals.removeFirst()
        }
    }

    private let place = TopicPartition(topic: "t", partition: 0)

    private func record(_ offset: Int64, bytes: Int = 0) -> Arrival<Failure> {
        .record(
            Record(
                topic: .events, partition: 0, offset: offset, timestamp: Instant(millisecondsSince1970: 0),
                key: nil, value: [UInt8](repeating: 0, count: bytes), headers: []))
    }

    private func limits(records: Int = 10, bytes: Int = 1000, linger: Duration = .zero) -> BatchSettings {
        var limits = BatchSettings()
        (limits.records, limits.bytes, limits.linger) = (records, bytes, linger)
        return limits
    }

    @Test("it waits for the first record, and only as long as the linger for the next ones")
    func linger() {
        let script = Script([record(1), record(2), .idle, record(3)])
        let batch = script.gather(limits(linger: .milliseconds(7)), waitingMilliseconds: 200)
        #expect(batch.records.map(\.offset) == [1, 2] && batch.interruption == nil)
        #expect(script.waits == [200, 7, 7])
    }

    @Test("it is full at so many records, or with the record that crosses the bytes")
    func limits() {
        let many = Script((1...20).map { record($0) })
        #expect(many.gather(limits(records: 3), waitingMilliseconds: 0).records.count == 3)
        let large = Script((1...20).map { record($0, bytes: 400) })
        #expect(large.gather(limits(), waitingMilliseconds: 0).records.count == 3)
    }

    @Test("the end of a partition is noted and ends nothing")
    func ends() {
        let script = Script([record(1), .reachedEnd(place, Position(next: 9)), record(2)])
        let batch = script.gather(limits(), waitingMilliseconds: 0)
        #expect(batch.records.map(\.offset) == [1, 2] && batch.ends == [place: Position(next: 9)])
    }

    @Test("what is no record ends it: the loop answers before it polls again")
    func interruptions() {
        let script = Script([record(1), .assign([place]), record(2), .revoke(lost: true), .failed(Failure())])
        let first = script.gather(limits(), waitingMilliseconds: 0)
        guard case .assign([place]) = first.interruption else {
            Issue.record("\(first)")
            return
        }
        #expect(first.records.map(\.offset) == [1])
        let second = script.gather(limits(), waitingMilliseconds: 0)
        guard case .revoke(lost: true) = second.interruption else {
            Issue.record("\(second)")
            return
        }
        #expect(second.records.map(\.offset) == [2])
        let third = script.gather(limits(), waitingMilliseconds: 0)
        guard case .failed = third.interruption else {
            Issue.record("\(third)")
            return
        }
        #expect(third.records.isEmpty)
    }
}
