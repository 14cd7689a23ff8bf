import Foundation
import Kafka
import Models
import Processing
import Synchronization
import Testing

@testable import Host

@Suite("Intake's writer and its spool", .serialized)
struct RecordWriterTests {
    let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"
    private static let now = Instant(millisecondsSince1970: 0)
    private static let lane = Lane(partition: 1, among: 4)

    private func order(_ number: Int, key: String = "same key", bytes: Int = 0, topic: Topic = .submissions)
        -> Outgoing
    {
        Outgoing(
            topic: topic, key: key,
            event: CloudEvent(
                id: "\(number)", source: "test", type: "t",
                trail: Trail(at: Instant(millisecondsSince1970: 0)),
                data: Array("\(number)".utf8) + Array(repeating: 32, count: bytes)))
    }

    @Test("the spool keeps order and survives being opened again; beyond its bound it takes nothing")
    func spool() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let path = "\(folder)/spool.sqlite"
        do {
            let spool = try Spool(path: path, limit: 5)
            try spool.append([(order(1), Self.lane), (order(2), Self.lane)])
            try spool.append([(order(3), Self.lane)])
            #expect(!spool.hasRoom(for: 3))
            #expect(spool.hasRoom(for: 2))
        }
        let spool = try Spool(path: path, limit: 5)
        #expect(spool.count == 3)
        let entries = try spool.first(2, of: .unknown)
        #expect(entries.map(\.record) == [order(1), order(2)])
        try spool.settle(
            .unknown, delivered: [entries[1].number], refused: [(entries[0].number, "too large")])
        #expect(try spool.first(10, of: .unknown).map(\.record) == [order(3)])
        #expect(spool.count == 1 && spool.asideCount == 1)
        #expect(spool.hasRoom(for: 3) && !spool.hasRoom(for: 4), "what is set aside takes its room")
        // What was refused may be taken after the next start, before what came later.
        let again = try Spool(path: path, limit: 5)
        #expect(again.asideCount == 0)
        #expect(try again.first(10, of: .unknown).map(\.record) == [order(1), order(3)])
    }

    @Test("a round holds one record of each key, the oldest; a failure keeps the rest of its key behind it")
    func rounds() throws {
        let keys = ["a", "b", "a/cause", "c", "b/cause"]
        let entries = keys.enumerated().map { index, key in
            Spool.Entry(number: Int64(index + 1), record: order(index + 1, key: key))
        }
        var drain = SpoolDrain()
        var token: UInt = 0
        func next() -> UInt {
            token += 1
            return token
        }
        let sent = drain.begin(entries, nextToken: next)
        #expect(sent.map(\.record.event.id) == ["1", "2", "4"])
        var outcome = drain.end(at: Self.now)
        #expect(outcome == nil, "no report is in")
        let foreign = drain.note(99, .delivered)
        #expect(!foreign, "not one of the round's")
        let own = [
            drain.note(sent[0].token, .delivered), drain.note(sent[2].token, .delivered),
        ]
        outcome = drain.end(at: Self.now)
        #expect(own == [true, true] && outcome == nil && !drain.isIdle)
        _ = drain.note(sent[1].token, .failed(reason: "away"))
        outcome = drain.end(at: Self.now)
        #expect(outcome?.delivered == [1, 4] && outcome?.refused.isEmpty == true)
        #expect(outcome?.mustWait == true && outcome?.hindrance == "away")
        #expect(
            drain.isIdle && !drain.mayBegin(at: Self.now) && drain.mayBegin(at: Self.now + SpoolDrain.pause))
    }

    @Test("a refusal is pinned on a record only when that record went alone")
    func suspects() throws {
        let entries = (1...3).map { Spool.Entry(number: Int64($0), record: order($0, key: "\($0)")) }
        var drain = SpoolDrain()
        var token: UInt = 0
        func next() -> UInt {
            token += 1
            return token
        }
        for (token, _) in drain.begin(entries, nextToken: next) {
            _ = drain.note(token, .refused(reason: "large"))
        }
        let together = drain.end(at: Self.now)
        #expect(together?.refused.isEmpty == true && together?.mustWait == false)
        var left = entries[...]
        var refused: [Int64] = []
        while let suspect = left.first {
            #expect(drain.window == 1)
            let sent = drain.begin(Array(left.prefix(drain.window)), nextToken: next)
            #expect(sent.count == 1)
            _ = drain.note(
                sent[0].token, suspect.number == 2 ? .refused(reason: "large") : .delivered)
            refused += drain.end(at: Self.now)?.refused.map(\.number) ?? []
            left = left.dropFirst()
        }
        #expect(refused == [2])
        #expect(drain.window > 1, "the suspects are through")
    }

    @Test("a record that Kafka never takes is refused; one already in the spool gets out of the others' way")
    func neverTaken() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let broker = try MockBroker(topics: [(name: "t.complaints.submissions", partitions: 1)])
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        cluster.passedThrough = ["message.max.bytes": "2000"]
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        do {
            let spool = try Spool(path: "\(folder)/spool.sqlite", limit: 10)
            try spool.append([order(1), order(2, bytes: 4000), order(3)].map { ($0, Self.lane) })
        }
        context.health.expect(parts: 1)
        let stop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: 10, stop: stop)
        let outcomes = Outcomes()
        let thread = Thread { try? writer.run() }
        thread.start()
        defer { stop.raise() }
        // Before the writer has looked into the spool both figures are 0.
        waitUntil("one record is set aside and the others are written") {
            let figures = context.metrics.render()
            return figures.contains("dayu_spool_aside_records 1.0")
                && figures.contains("dayu_spool_records 0.0")
        }
        #expect(context.health.reasons.isEmpty && context.health.notes.joined().contains("set aside"))
        for (number, bytes) in [(4, 4000), (5, 0)] {
            writer.write([order(number, bytes: bytes)]) {
                outcomes.add("\(number) \($0)".prefix(9).description)
            }
        }
        waitUntil("both have their answer") { outcomes.all.count == 2 }
        #expect(Set(outcomes.all) == ["4 refused", "5 written"])
        #expect(try identities(context) == ["1", "3", "5"])
        withExtendedLifetime(broker) {}
    }

    private func identities(_ context: HostContext) throws -> [String] {
        let reader = try TopicReader(context, purpose: "test")
        var ids: [String] = []
        try reader.read(from: try reader.start(of: .submissions), stop: StopFlag()) { record in
            ids.append(try record.cloudEvent().id)
        }
        return ids
    }

    @Test("while Kafka is away orders are spooled; when it is back they arrive once, in order")
    func away() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let broker = try MockBroker(topics: [(name: "t.complaints.submissions", partitions: 1)])
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        cluster.passedThrough = ["message.timeout.ms": "3000", "reconnect.backoff.max.ms": "100"]
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        context.health.expect(parts: 1)
        let stop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: 8, stop: stop)
        let outcomes = Outcomes()
        let thread = Thread { try? writer.run() }
        thread.start()
        defer { stop.raise() }
        waitUntil("the writer is open") { context.health.reasons.isEmpty }

        write(1...2, writer, outcomes)
        waitUntil("two are written") { outcomes.all == ["1 written", "2 written"] }
        broker.setDown()
        write(3...4, writer, outcomes)
        waitUntil("two are spooled") { outcomes.all.count == 4 }
        write(5...20, writer, outcomes)
        waitUntil("the rest has its answer") { outcomes.all.count == 20 }
        #expect(outcomes.all[2...].prefix(8).allSatisfy { $0.hasSuffix("spooled") }, "\(outcomes.all)")
        #expect(outcomes.all.suffix(10).allSatisfy { $0.hasSuffix("failed") }, "\(outcomes.all)")
        broker.setUp()
        waitUntil("the spool is empty") { context.metrics.render().contains("dayu_spool_records 0.0") }

        let ids = try identities(context)
        // A record that was on its way when the broker went may arrive twice, under the same identity.
        var seen = Set<String>()
        let first = ids.filter { seen.insert($0).inserted }
        #expect(first == (1...10).map(String.init))
        withExtendedLifetime(broker) {}
    }

    @Test("what waits in one lane is in no other lane's way; what waits in the unknown one is before all")
    func lanes() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let spool = try Spool(path: "\(folder)/spool.sqlite", limit: 9)
        let other = Lane(partition: 2, among: 4)
        try spool.append([(order(1), Self.lane), (order(2), other), (order(3), Self.lane)])
        #expect(spool.lanes == [Self.lane, other] && spool.count == 3)
        #expect(!spool.isClear(Self.lane) && !spool.isClear(.unknown))
        #expect(spool.isClear(Lane(partition: 1, among: 8)))
        let entries = try spool.first(9, of: Self.lane)
        #expect(entries.map(\.record) == [order(1), order(3)])
        try spool.settle(Self.lane, delivered: entries.map(\.number), refused: [])
        #expect(spool.isClear(Self.lane) && !spool.isClear(other))
        try spool.append([(order(4), .unknown)])
        #expect(!spool.isClear(Self.lane))
        try spool.append([(order(5), Self.lane)])
        #expect(
            try spool.first(9, of: .unknown).map(\.record) == [order(4), order(5)],
            "behind what is before all")
    }

    @Test("what is on the log is in no file of the spool any more")
    func forgets() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let spool = try Spool(path: "\(folder)/spool.sqlite", limit: 100)
        let records = (1...40).map { order($0, key: "citizen's key \($0)") }
        try spool.append(records.map { ($0, Self.lane) })
        func holds(_ text: String) throws -> Bool {
            try FileManager.default.contentsOfDirectory(atPath: folder).contains { name in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                return bytes.range(of: Data(text.utf8)) != nil
            }
        }
        #expect(try holds("citizen's key 17"), "it is looked for in the right place")
        let numbers = try spool.first(100, of: Self.lane).map(\.number)
        try spool.settle(Self.lane, delivered: numbers, refused: [])
        #expect(try !holds("citizen's key"))
        withExtendedLifetime(spool) {}
    }

    @Test("a record's lane is its complaint's, whatever its topic and the rest of its key")
    func laneOfRecord() throws {
        let broker = try MockBroker(topics: [Topic.submissions, .words].map { ("t.\($0.rawValue)", 4) })
        let cluster = try Cluster(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "test")
        var lanes = Lanes(TopicNames(prefix: "t."))
        #expect(lanes.lane(of: order(1, key: "A")) == .unknown)
        lanes.learn(from: cluster)
        let keys = ["3FKQ2M8T0WXYZ", "8T0WXYZ3FKQ2M", "A", "B", "C", "D", "E"]
        for key in keys {
            let submission = lanes.lane(of: order(1, key: key))
            let words = lanes.lane(of: order(1, key: key + "/cause", topic: .words))
            #expect(submission == words && submission != .unknown)
        }
        #expect(Set(keys.map { lanes.lane(of: order(1, key: $0)) }).count > 1)
        #expect(lanes.lane(of: order(1, key: "A", topic: .reports)) == .unknown, "a topic that nobody made")
        withExtendedLifetime(broker) {}
    }

    @Test("one of two brokers dies: its partition's orders are spooled, the other's are written all the time")
    func onePartition() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let topic = "t.complaints.submissions"
        let broker = try MockBroker(brokers: 2, topics: [(name: topic, partitions: 2)])
        broker.levers.setLeader(of: TopicPartition(topic: topic, partition: 0), broker: 1)
        broker.levers.setLeader(of: TopicPartition(topic: topic, partition: 1), broker: 2)
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        cluster.passedThrough = ["message.timeout.ms": "1000", "reconnect.backoff.max.ms": "100"]
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        context.health.expect(parts: 1)
        let stop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: 100, stop: stop)
        let outcomes = Outcomes()
        let thread = Thread { try? writer.run() }
        thread.start()
        defer { stop.raise() }
        waitUntil("the writer is open") { context.health.reasons.isEmpty }
        func key(of partition: Int32) -> String {
            (1...).lazy.map { "key \($0)" }.first {
                Partitioner.partition(of: Array($0.utf8), among: 2) == partition
            } ?? ""
        }
        let (healthy, dead) = (key(of: 0), key(of: 1))
        write(1...1, writer, outcomes, key: healthy)
        waitUntil("it is written") { outcomes.all == ["1 written"] }
        broker.setDown(broker: 2)
        write(2...2, writer, outcomes, key: dead)
        waitUntil("the dead one's is spooled") { outcomes.all.last == "2 spooled" }
        for number in 3...6 {
            write(number...number, writer, outcomes, key: number.isMultiple(of: 2) ? dead : healthy)
            waitUntil("\(number) has its answer") { outcomes.all.count == number }
        }
        #expect(outcomes.all.suffix(4) == ["3 written", "4 spooled", "5 written", "6 spooled"])
        #expect(context.health.reasons.isEmpty && context.health.notes.joined().contains("3 records wait"))
        broker.setUp(broker: 2)
        waitUntil("the spool is empty") { context.metrics.render().contains("dayu_spool_records 0.0") }
        write(7...7, writer, outcomes, key: dead)
        waitUntil("all goes its usual way") { outcomes.all.last == "7 written" }
        var seen = Set<String>()
        let ids = try identities(context).filter { seen.insert($0).inserted }
        #expect(
            ids.filter { Int($0).map { $0 == 7 || $0.isMultiple(of: 2) } == true } == ["2", "4", "6", "7"])
        #expect(Set(ids) == Set((1...7).map(String.init)))
        withExtendedLifetime(broker) {}
    }

    private func write(
        _ numbers: ClosedRange<Int>, _ writer: RecordWriter, _ outcomes: Outcomes, key: String = "same key"
    ) {
        for number in numbers {
            writer.write([order(number, key: key)]) { outcome in
                switch outcome {
                case .written: outcomes.add("\(number) written")
                case .spooled: outcomes.add("\(number) spooled")
                case .failed: outcomes.add("\(number) failed")
                case .refused: outcomes.add("\(number) refused")
                }
            }
        }
    }
}

private final class Outcomes: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}
