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

    private func order(_ number: Int) -> Outgoing {
        Outgoing(
            topic: .submissions, key: "same key",
            event: CloudEvent(
                id: "\(number)", source: "test", type: "t", time: Instant(millisecondsSince1970: 0),
                data: Array("\(number)".utf8)))
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
        try spool.remove(through: entries[1].number)
        #expect(try spool.first(10).map(\.record) == [order(3)])
        #expect(spool.count == 1)
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

        let reader = try TopicReader(context, purpose: "test")
        var ids: [String] = []
        try reader.read(from: try reader.start(of: .submissions), stop: StopFlag()) { record in
            ids.append(try record.cloudEvent().id)
        }
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
