import Foundation
import HTTP
import Kafka
import Models
import Processing
import Synchronization
import Testing
import Text

@testable import Host

@Suite("Keys lie where their hash and the number of partitions say")
struct PartitionWatchTests {
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"
    private static let names = TopicNames(prefix: "t.")

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    private func record(_ topic: Topic, _ key: String, on partition: Int32) -> Record {
        Record(
            topic: topic, partition: partition, offset: 0, timestamp: Instant(millisecondsSince1970: 0),
            key: Array(key.utf8), value: nil, headers: [])
    }

    @Test("a record on another partition than its key's is misplaced; what follows a slash does not count")
    func misplaced() throws {
        let layout = TopicLayout([.words: 4, .registry: 4])
        let home = Partitioner.partition(of: Array("code".utf8), among: 4)
        #expect(layout.misplacement(of: record(.words, "code/cause", on: home)) == nil)
        #expect(
            layout.misplacement(of: record(.words, "code/cause", on: (home + 1) % 4))
                == "is on partition \((home + 1) % 4), but its key belongs on \(home) of 4 (murmur2)")
        let gateway = Topic.gateway(try #require(GatewayID("app")))
        for partition: Int32 in 0..<4 {
            #expect(layout.misplacement(of: record(gateway, "free", on: partition)) == nil)
            #expect(layout.misplacement(of: record(.registry, "chief/a", on: partition)) == nil)
        }
    }

    @Test("the numbers outlive the process, and the caches' end")
    func noted() throws {
        try PartitionWatch(folder: folder).check(TopicLayout([.events: 4]))
        let next = PartitionWatch(folder: folder)
        try next.check(TopicLayout([.events: 4, .actions: 4]))
        let fault = #expect(throws: LayoutFault.self) { try next.check(TopicLayout([.actions: 8])) }
        #expect(fault?.description.hasPrefix("complaints.actions has 8 partitions, but had 4") == true)
        #expect(throws: LayoutFault.self) { try next.check(TopicLayout([.words: 8])) }
        // The caches are made anew, and with them the numbers.
        let data = try DataFolder(path: folder)
        defer { data.release() }
        try data.forgetCaches()
        try PartitionWatch(folder: folder).check(TopicLayout([.events: 8, .actions: 8]))
    }

    @Test("numbers of different moments are not compared with each other")
    func moments() throws {
        try PartitionWatch(folder: folder).check(TopicLayout([.events: 4, .refusals: 4, .actions: 4]))
        let next = PartitionWatch(folder: folder)
        // All have five now. Loops ask for a few topics each.
        let fault = #expect(throws: LayoutFault.self) { try next.check(TopicLayout([.actions: 5])) }
        #expect(fault?.description.contains("have different numbers") == false)
        let other = #expect(throws: LayoutFault.self) {
            try next.check(TopicLayout([.events: 5, .refusals: 5]))
        }
        #expect(other?.description.contains("have different numbers") == false)
        // What differs at one moment is told.
        let fresh = PartitionWatch()
        try fresh.check(TopicLayout([.events: 5]))
        #expect(throws: LayoutFault.self) { try fresh.check(TopicLayout([.actions: 4])) }
    }

    @Test("a topic that is kept for ever and becomes shorter was made again")
    func ends() throws {
        let place = TopicPartition(topic: "t.complaints.events", partition: 2)
        var ends = KnownEnds()
        try ends.note([place: Position(next: 3)])
        try ends.note([place: Position(next: 3)])
        try ends.note([:])
        try ends.note([place: Position(next: 8)])
        let fault = #expect(throws: LayoutFault.self) { try ends.note([place: Position(next: 7)]) }
        let told = "was made again: its partition 2 ends at 7, but ended at 8"
        #expect(fault?.description.contains(told) == true)
    }

    /// A process with new caches knows of no other number.
    @Test("records that lie elsewhere than their keys end the watch", arguments: [true, false])
    func sampled(isMisplaced: Bool) throws {
        let broker = try MockBroker(topics: [("t.complaints.events", 2), ("t.complaints.actions", 2)])
        let context = context(on: broker)
        let producer = try Producer(context.cluster, clientID: "test")
        let home = Partitioner.partition(of: Array("key".utf8), among: 2)
        // Of a topic with a limited time, such a record is no fault: it goes to the dead letters.
        for (topic, partition) in [
            ("t.complaints.events", isMisplaced ? 1 - home : home), ("t.complaints.actions", 1 - home),
        ] {
            try producer.send(
                OutgoingRecord(topic: topic, partition: partition, key: Array("key".utf8), value: [1]))
        }
        try producer.flush(timeoutMilliseconds: 10_000)
        context.watch([.events, .actions])
        var looks = 0
        func look() throws {
            try context.watchPartitions {
                looks += 1
                context.stop.raise()
            }
        }
        if isMisplaced {
            let fault = #expect(throws: LayoutFault.self) { try look() }
            #expect(fault?.description.contains("complaints.events: the record at 0 is on partition") == true)
            #expect(looks == 0, "it is not ready before")
        } else {
            try look()
            #expect(looks == 1)
        }
        withExtendedLifetime(broker) {}
    }

    @Test("a cluster that does not answer is no fault")
    func away() throws {
        let broker = try MockBroker(topics: [("t.complaints.events", 2)])
        let context = context(on: broker)
        context.watch([.events])
        broker.setDown()
        try context.watchPartitions { context.stop.raise() }
    }

    @Test("the API names no folder of this machine when a store is ahead of the log; the log and /readyz do")
    func outward() {
        let fault = StoreAhead(
            partition: TopicPartition(topic: "dayu.complaints.events", partition: 2),
            stored: Position(next: 9), high: Position(next: 4), folder: "/var/lib/dayu/dayu-disclosure")
        #expect(fault.description.contains("/var/lib/dayu/dayu-disclosure"))
        #expect(fault.outward == "the store is ahead of the log at dayu.complaints.events/2")
        #expect(LayoutFault(["one"]).outward == LayoutFault(["one"]).description)
    }

    @Test("whoever serves waits for the end of the process, and tells why it serves nobody")
    func obstruction() throws {
        let obstruction = Obstruction()
        #expect(obstruction.response == nil)
        obstruction.obstruct("one")
        obstruction.obstruct("two")
        let response = try #require(obstruction.response)
        guard case .bytes(let bytes) = response.body else { preconditionFailure("a problem is text") }
        let body = String(decoding: bytes, as: UTF8.self)
        #expect(response.status == 503)
        #expect(body.contains("The service has stopped working: one") && !body.contains("two"))
    }

    private func context(on broker: borrowing MockBroker) -> HostContext {
        var context = HostContext.testing(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), prefix: "t.", folder: folder)
        context.partitions = PartitionWatch(folder: folder)
        return context
    }

    private func broker(partitions: Int32) throws -> MockBroker {
        let topics: [Topic] = [.submissions, .actions, .deadLetters]
        return try MockBroker(
            topics: topics.map { (Self.names.name(of: $0), $0 == .deadLetters ? 1 : partitions) })
    }

    @Test("the number of a topic that the service can do without is not watched")
    func dispensable() throws {
        do {
            let broker = try broker(partitions: 2)
            let context = context(on: broker)
            _ = try context.dispensable.layout(of: [.actions])
            #expect(context.partitions.topics.isEmpty)
            withExtendedLifetime(broker) {}
        }
        let broker = try broker(partitions: 3)
        let context = context(on: broker)
        #expect(try context.dispensable.layout(of: [.actions]).counts == [.actions: 3])
        withExtendedLifetime(broker) {}
    }

    @Test("another number than that of the caches ends the watch, and a loop does not begin")
    func changed() throws {
        do {
            let broker = try broker(partitions: 2)
            let layout = try context(on: broker).layout(of: [.submissions, .actions])
            #expect(layout.counts == [.submissions: 2, .actions: 2])
        }
        let broker = try broker(partitions: 3)
        let context = context(on: broker)
        context.watch([.actions])
        #expect(throws: LayoutFault.self) { try context.watchPartitions() }
        #expect(throws: LayoutFault.self) { try ProcessorLoop(Counting(), context).run() }
        #expect(throws: TopicFault.self) { try context.layout(of: [.reports]) }
        withExtendedLifetime(broker) {}
    }

    /// Remembers nothing and says nothing.
    private struct Counting: Processor {
        typealias State = Never

        let name = "counting"
        let inputs: [Topic] = [.submissions]
        let memory: [Topic] = []

        func understand(_ record: Record) throws(Malformed) -> (key: String, input: Int) {
            throw Malformed("", "nobody should understand it")
        }

        func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Int) {
            throw Malformed("", "nothing is remembered")
        }

        func decide(_ state: Never?, _ input: Int, at now: Instant, caughtUp: Bool) -> [Int] { [] }
        func evolve(_ state: Never?, _ fact: Int) -> Never? { nil }
        func records(of fact: Int) -> [Outgoing] { [] }
    }

    @Test("a misplaced record goes to the dead letters with that reason")
    func setAside() throws {
        let broker = try broker(partitions: 2)
        let context = context(on: broker)
        let home = Partitioner.partition(of: Array("key".utf8), among: 2)
        let producer = try Producer(context.cluster, clientID: "test")
        try producer.send(
            OutgoingRecord(
                topic: Self.names.name(of: .submissions), partition: 1 - home, key: Array("key".utf8),
                value: [1]))
        try producer.flush(timeoutMilliseconds: 10_000)
        var letters: [DeadLetter] = []
        let reader = try TopicReader(context, purpose: "letters")
        let start = try reader.start(of: .deadLetters)
        let deadline = ContinuousClock.now + .seconds(60)
        try ProcessorLoop(Counting(), context).run {
            letters = []
            try reader.read(from: start, stop: StopFlag()) { record in
                if let value = record.value { letters.append(try JSON.decode(DeadLetter.self, from: value)) }
            }
            return letters.isEmpty && ContinuousClock.now < deadline
        }
        #expect(
            letters.map(\.reason)
                == ["is on partition \(1 - home), but its key belongs on \(home) of 2 (murmur2)"])
        withExtendedLifetime(broker) {}
    }
}
