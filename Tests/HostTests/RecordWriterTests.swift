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

    private func order(_ number: Int, key: String = "same key", bytes: Int = 0) -> Outgoing {
        Outgoing(
            topic: .submissions, key: key,
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
            try spool.append([order(1), order(2)])
            try spool.append([order(3)])
            #expect(!spool.hasRoom(for: 3))
            #expect(spool.hasRoom(for: 2))
        }
        let spool = try Spool(path: path, limit: 5)
        #expect(spool.count == 3)
        let entries = try spool.first(2)
        #expect(entries.map(\.record) == [order(1), order(2)])
        try spool.settle(delivered: [entries[1].number], refused: [(entries[0].number, "too large")])
        #expect(try spool.first(10).map(\.record) == [order(3)])
        #expect(spool.count == 1 && spool.asideCount == 1)
        #expect(spool.hasRoom(for: 3) && !spool.hasRoom(for: 4), "what is set aside takes its room")
        // What was refused may be taken after the next start, before what came later.
        let again = try Spool(path: path, limit: 5)
        #expect(again.asideCount == 0)
        #expect(try again.first(10).map(\.record) == [order(1), order(3)])
    }

    @Test("a round holds one record of each key, the oldest; a failure keeps the rest of its key behind it")
    func rounds() throws {
        let keys = ["a", "b", "a", "c", "b"]
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
        var outcome = drain.end()
        #expect(outcome == nil, "no report is in")
        let foreign = drain.note(99, .delivered)
        #expect(!foreign, "not one of the round's")
        let own = [
            drain.note(sent[0].token, .delivered), drain.note(sent[2].token, .delivered),
        ]
        outcome = drain.end()
        #expect(own == [true, true] && outcome == nil && !drain.isIdle)
        _ = drain.note(sent[1].token, .failed(reason: "away"))
        outcome = drain.end()
        #expect(outcome?.delivered == [1, 4] && outcome?.refused.isEmpty == true)
        #expect(outcome?.mustWait == true && outcome?.hindrance == "away")
        #expect(drain.isIdle)
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
        let together = drain.end()
        #expect(together?.refused.isEmpty == true && together?.mustWait == false)
        var left = entries[...]
        var refused: [Int64] = []
        while let suspect = left.first {
            #expect(drain.window == 1)
            let sent = drain.begin(Array(left.prefix(drain.window)), nextToken: next)
            #expect(sent.count == 1)
            _ = drain.note(
                sent[0].token, suspect.number == 2 ? .refused(reason: "large") : .delivered)
            refused += drain.end()?.refused.map(\.number) ?? []
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
            try spool.append([order(1), order(2, bytes: 4000), order(3)])
        }
        context.health.expect(parts: 1)
        let stop = StopFlag()
        let writer = RecordWriter(context, spoolLimit: 10, stop: stop)
        let outcomes = Outcomes()
        let thread = Thread { try? writer.run() }
        thread.start()
        defer { stop.raise() }
        waitUntil("the spool is empty") { context.metrics.render().contains("dayu_spool_records 0.0") }
        #expect(context.metrics.render().contains("dayu_spool_aside_records 1.0"))
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

    private func write(_ numbers: ClosedRange<Int>, _ writer: RecordWriter, _ outcomes: Outcomes) {
        for number in numbers {
            writer.write([order(number)]) { outcome in
                switch outcome {
                case .written: outcomes.add("\(number) written")
                case .spooled: outcomes.add("\(number) spooled")
                case .failed: outcomes.add("\(number) failed")
                case .refused: outcomes.add("\(number) refused")
                }
            }
        }
    }

    private func waitUntil(_ what: String, _ condition: () -> Bool) {
        let deadline = ContinuousClock.now + .seconds(30)
        while !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(what): not within 30 s")
                return
            }
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}

private final class Outcomes: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}
