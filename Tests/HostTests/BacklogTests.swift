import Foundation
import Kafka
import Models
import Processing
import Testing

@testable import Host

@Suite("What waits for the outside world", .timeLimit(.minutes(20)))
struct BacklogTests {
    /// The world outside takes nothing.
    private struct Closed: Outside {
        let room = 0
        let isBusy = false

        func announce(_ record: Record, at now: Instant) -> (outgoing: [Outgoing], deed: Never?) { ([], nil) }
        func begin(_ deed: Never, at now: Instant) {}
        func outcomes(within wait: Duration, at now: Instant) -> [Outgoing] {
            Thread.sleep(forTimeInterval: wait / .seconds(1))
            return []
        }
        func drop(_ deed: Never, at now: Instant) -> [Outgoing] {}
        func stop(at now: Instant) -> [Outgoing] { [] }
    }

    @Test("is counted in full, also what arrives while the loop has enough and fetches nothing")
    func counted() throws {
        let folder = NSTemporaryDirectory() + "dayu-backlog-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try MockBroker(topics: [("t.sms.jobs", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        let producer = try Producer(cluster, clientID: "test", overrides: [:])
        func send(_ count: Int) throws {
            for _ in 0..<count {
                try producer.send(
                    topic: "t.sms.jobs", partition: 0, key: [1], value: [2],
                    headers: HeaderList(capacity: 0))
            }
            try producer.flush(timeoutMilliseconds: 5000)
        }
        func shows(_ figure: String, _ value: Int) -> Bool {
            context.metrics.render().split(separator: "\n").contains {
                $0.hasPrefix(figure) && $0.hasSuffix(" \(value).0")
            }
        }
        let thread = Thread {
            try? OutsideLoop(Closed(), context, name: "pusher", input: .jobs).run()
        }
        try send(600)
        thread.start()
        ProgressWatch(context, patience: .seconds(3)).start()
        defer { context.stop.raise() }
        waitUntil("what is there is counted") { shows("dayu_waiting{", 600) && shows("dayu_lag{", 600) }
        try send(700)
        waitUntil("what arrives later is counted") {
            shows("dayu_waiting{", 1300) && shows("dayu_lag{", 1300)
        }
        withExtendedLifetime(broker) {}
    }
}
