import Foundation
import Kafka
import Models
import Processing
import Synchronization
import Testing
import Text

@testable import Host

/// Restores that take longer than `max.poll.interval.ms` allows a member to be silent.
@Suite("A restore that takes long")
struct LongRestoreTests {
    /// Counts records, and takes its time for each that it recalls.
    private struct Slow: Processor {
        struct State: Codable, StoredState {
            var count = 0
        }

        let name = "slow"
        let inputs: [Topic] = [.submissions]
        let memory: [Topic] = [.events]
        let pause: useconds_t

        func understand(_ record: Record) throws(Malformed) -> (key: String, input: Int) {
            (try record.keyText(), 1)
        }

        func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Int) {
            usleep(pause)
            return (try record.keyText(), 1)
        }

        func decide(_ state: State?, _ input: Int, at now: Instant, caughtUp: Bool) -> [Int] { [input] }
        func evolve(_ state: State?, _ fact: Int) -> State? { State(count: (state?.count ?? 0) + fact) }
        func records(of fact: Int) -> [Outgoing] { [] }
    }

    /// The mock broker lets a session be short, and librdkafka allows no interval below it.
    private static let interval = Duration.seconds(3)
    private static let events = 200
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"

    private func context(on broker: borrowing MockBroker) throws -> HostContext {
        let milliseconds = "\(Self.interval.wholeMilliseconds)"
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        cluster.passedThrough = [
            "session.timeout.ms": milliseconds, "max.poll.interval.ms": milliseconds,
            "heartbeat.interval.ms": "500",
        ]
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return HostContext.testing(cluster, prefix: "t.", folder: folder)
    }

    private func broker(partitions: Int32 = 1) throws -> MockBroker {
        let names = TopicNames(prefix: "t.")
        let events = names.name(of: .events)
        let broker = try MockBroker(topics: [
            (names.name(of: .submissions), partitions), (events, partitions),
        ])
        let producer = try Producer(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "events")
        for number in 0..<Self.events {
            try producer.send(
                OutgoingRecord(topic: events, key: Array("key-\(number % 7)".utf8), value: []))
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        return broker
    }

    private func member(
        _ context: HostContext, pause: Duration, onOpen: @escaping () -> Void
    ) -> Member<Slow, KafkaLog> {
        let slow = Slow(pause: useconds_t(pause.wholeMilliseconds * 1000))
        return Member(slow, context, clock: { .now }) { [folder] number in
            onOpen()
            return try StateFile(folder: "\(folder)/slow", partition: number, shape: 1)
        }
    }

    private func turn(
        _ member: Member<Slow, KafkaLog>, _ log: borrowing KafkaLog, for time: Duration = .seconds(60),
        until isDone: () -> Bool
    ) throws {
        let deadline = ContinuousClock.now + time
        while !isDone(), ContinuousClock.now < deadline { try member.turn(log) }
    }

    @Test("the group keeps the member, so the restore is not begun again")
    func isKept() throws {
        let broker = try broker()
        let context = try context(on: broker)
        var opened = 0
        let member = member(context, pause: Self.interval * 2 / Self.events) { opened += 1 }
        let log = try KafkaLog(context, name: "slow", inputs: [.submissions])

        try turn(member, log) { opened > 0 }
        let started = ContinuousClock.now
        try turn(member, log) { !member.owned.isEmpty }
        #expect(ContinuousClock.now - started > Self.interval, "it did not take long enough to show anything")
        // A member that was expelled hears of it now.
        try turn(member, log, for: Self.interval) { opened > 1 }

        #expect(opened == 1)
        let store = try #require(member.stores[0])
        #expect(try store.position(of: .events) == Position(next: Int64(Self.events)))
        member.close()
        log.close()
    }

    @Test("a member that joins meanwhile does not wait for it: it ends, and each restores its own share")
    func isInterrupted() throws {
        let broker = try broker(partitions: 2)
        let context = try context(on: broker)
        var opened: [Int32] = []
        let slow = Slow(pause: 200_000)
        let member = Member<Slow, KafkaLog>(slow, context, clock: { .now }) { [folder] number in
            opened.append(number)
            return try StateFile(folder: "\(folder)/slow", partition: number, shape: 1)
        }
        let log = try KafkaLog(context, name: "slow", inputs: [.submissions])
        try turn(member, log) { !opened.isEmpty }
        #expect(opened.sorted() == [0, 1])

        let second = try Consumer(
            context.cluster, clientID: "second", group: context.topics.group(of: "slow"))
        try second.subscribe(to: [context.topics.name(of: .submissions)])
        var share: [TopicPartition] = []
        try turn(member, log) {
            if case .assign(let partitions) = second.poll(timeoutMilliseconds: 20) { share = partitions }
            return !share.isEmpty && opened.count > 2
        }
        #expect(share.count == 1)
        #expect(Set(opened.suffix(1)).isDisjoint(with: share.map(\.partition)))
        #expect(member.owned.isEmpty, "it has waited until everything was restored")
        member.close()
        log.close()
        try second.release()
    }

    @Test("who is asked to stop in the middle stops, and leaves no half of a store")
    func isStopped() throws {
        let broker = try broker()
        let context = try context(on: broker)
        var opened = 0
        let member = member(context, pause: .milliseconds(100)) { opened += 1 }
        let log = try KafkaLog(context, name: "slow", inputs: [.submissions])
        try turn(member, log) { opened > 0 }
        try member.turn(log)

        let started = ContinuousClock.now
        member.close()
        log.close()
        // All of them would take 20 s.
        #expect(ContinuousClock.now - started < .seconds(10))
        #expect(member.owned.isEmpty)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/slow") == [])
    }
}
