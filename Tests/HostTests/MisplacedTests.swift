import Foundation
import Kafka
import Models
import Processing
import Store
import Synchronization
import Testing
import Text

@testable import Host

/// A read model that keeps the keys of its records, on the broker in memory.
@Suite("A read model leaves out what lies on another partition than its key's", .timeLimit(.minutes(20)))
struct MisplacedTests {
    private let folder = NSTemporaryDirectory() + "dayu-misplaced-\(UUID().uuidString)"

    private final class Applied: Sendable {
        let keys = Mutex<[String]>([])
    }

    private final class Keys: Projection {
        static let schema: [String] = []
        private let applied: Applied

        init(_ applied: Applied) { self.applied = applied }
        init(_ database: borrowing Database) { preconditionFailure("made by the test") }

        func apply(_ record: Record) throws {
            let key = try? record.keyText()
            applied.keys.withLock { $0.append(key ?? "?") }
        }
    }

    @Test(
        "counts it, says so in /readyz, also after a restart, and goes on; a member of a group writes a dead letter",
        arguments: [true, false])
    func leftOut(isShared: Bool) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try MockBroker(topics: [("t.complaints.submissions", 2), ("t.dead-letters", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        let applied = Applied()
        let thread = Thread {
            try? ProjectionLoop<Keys>(
                context, name: "dayu-test", topics: [.submissions], sharing: isShared ? .group : .everything,
                make: { _ in Keys(applied) }
            ).run()
        }
        thread.start()
        defer { context.stop.raise() }
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        let home = Partitioner.partition(of: Array("a".utf8).span, among: 2)
        for (key, partition) in [("a", home), ("a", 1 - home), ("a", home)] {
            try producer.send(
                topic: "t.complaints.submissions", partition: partition, key: Array(key.utf8), value: [1],
                headers: HeaderList(capacity: 0))
            try producer.flush(timeoutMilliseconds: 5000)
        }
        waitUntil("the misplaced one is told") {
            context.health.notes.contains { $0.hasPrefix("dayu-test, misplaced records: 1 were left out") }
        }
        waitUntil("the others are applied") { applied.keys.withLock { $0.count } == 2 }
        #expect(
            context.metrics.render().contains(
                #"dayu_records_misplaced_total{loop="dayu-test",topic="complaints.submissions"} 1"#))
        let reader = try TopicReader(context, purpose: "letters")
        func letters() -> [DeadLetter] {
            var letters: [DeadLetter] = []
            guard let start = try? reader.start(of: .deadLetters) else { return [] }
            _ = try? reader.read(from: start, stop: StopFlag()) { record in
                letters.append(try JSON.decode(DeadLetter.self, from: record.value ?? []))
            }
            return letters
        }
        if isShared {
            waitUntil("a letter") { letters().count == 1 }
            #expect(letters().first?.reason.contains("its key belongs on \(home) of 2") == true)
        } else {
            #expect(letters().isEmpty, "a replica that may be the public side writes nothing")
            context.stop.raise()
            let again = HostContext.testing(cluster, prefix: "t.", folder: folder)
            _ = Losses(
                again, loop: "dayu-test",
                file: ProjectionFolder(in: again, of: "dayu-test", version: Keys.version).losses)
            #expect(again.health.notes.joined().contains("misplaced records: 1 were left out"))
            #expect(
                again.metrics.render().contains(
                    #"dayu_records_misplaced_total{loop="dayu-test",topic="complaints.submissions"} 1"#))
        }
        withExtendedLifetime(broker) {}
    }

    /// Only the suite writes these topics. So they had another number of partitions then, and what the model
    /// knows of a key is perhaps not all.
    @Test("of a topic that is kept for ever, it stops at such a record", arguments: [true, false])
    func standsStill(isShared: Bool) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try MockBroker(topics: [("t.complaints.events", 2), ("t.dead-letters", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let producer = try Producer(cluster, clientID: "test")
        let home = Partitioner.partition(of: Array("a".utf8).span, among: 2)
        try producer.send(
            topic: "t.complaints.events", partition: 1 - home, key: Array("a".utf8), value: [1],
            headers: HeaderList(capacity: 0))
        try producer.flush(timeoutMilliseconds: 5000)
        let applied = Applied()
        // Started again it does the same: nothing of it was applied.
        for _ in 0..<2 {
            let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
            let fault = #expect(throws: LayoutFault.self) {
                try ProjectionLoop<Keys>(
                    context, name: "dayu-test", topics: [.events],
                    sharing: isShared ? .group : .everything, make: { _ in Keys(applied) }
                ).run()
            }
            #expect(fault?.description.contains("its key belongs on \(home) of 2") == true)
        }
        #expect(applied.keys.withLock { $0 } == [])
        withExtendedLifetime(broker) {}
    }
}
