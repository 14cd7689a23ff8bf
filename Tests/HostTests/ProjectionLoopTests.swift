import Foundation
import Kafka
import Models
import Processing
import Store
import Synchronization
import Testing

@testable import Host

@Suite("A projection's loop and its files")
struct ProjectionLoopTests {
    private static let topic = "t.indicators"

    /// Notes every record's offset, and publishes once that it is there.
    private class Notes: Projection {
        static let schema = ["CREATE TABLE notes (offset INTEGER NOT NULL)"]
        class var version: Int { 1 }

        var onPublished: () -> Void = {}
        private var isPublished = false
        private let insert: Statement

        required init(_ database: borrowing Database) throws {
            insert = try database.prepare("INSERT INTO notes VALUES (?)")
        }

        func apply(_ record: Record) throws { try insert.run(.integer(Int(record.offset))) }

        func pending() -> [Outgoing] {
            guard !isPublished else { return [] }
            let trail = Trail(at: Instant(millisecondsSince1970: 0))
            let type = EventType("notes", "ready")
            return [
                Outgoing(.deadLetters, key: "n", id: "1", source: "test", type: type, trail: trail, data: [])
            ]
        }

        func published() {
            isPublished = true
            onPublished()
        }
    }

    private final class NewerNotes: Notes {
        override class var version: Int { 2 }
    }

    /// Reads everything there is, and gives the offsets that stand in the file afterwards.
    private func run<P: Notes>(
        _ type: P.Type, _ broker: borrowing MockBroker, _ folder: String
    ) throws -> [Int64] {
        let context = HostContext.testing(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), prefix: "t.", folder: folder)
        context.health.expect(parts: 1)
        let isPublished = Atomic(false)
        let isDone = Atomic(false)
        let thread = Thread {
            try? ProjectionLoop<P>(context, name: "notes", topics: [.indicators], sharing: .everything) {
                let notes = try P($0)
                notes.onPublished = { isPublished.store(true, ordering: .releasing) }
                return notes
            }.run()
            isDone.store(true, ordering: .releasing)
        }
        thread.start()
        waitUntil("it has caught up") { context.health.reasons.isEmpty }
        // A producer of librdkafka 2.0.2 that is destroyed before it has reached the broker may free twice.
        waitUntil("it has published") { isPublished.load(ordering: .acquiring) }
        context.stop.raise()
        waitUntil("the loop has ended") { isDone.load(ordering: .acquiring) }
        let path = ProjectionLoop<P>.path(in: context, name: "notes")
        return try Database(path: path).prepare("SELECT offset FROM notes ORDER BY rowid").all {
            $0.integer(0)
        }
    }

    @Test("a file is gone on with by its own version, and replaced by any other")
    func versions() throws {
        let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let broker = try MockBroker(topics: [
            (name: Self.topic, partitions: 1), (name: "t.dead-letters", partitions: 1),
        ])
        let producer = try Producer(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "notes")
        func send(_ count: Int) throws {
            for _ in 0..<count {
                try producer.send(OutgoingRecord(topic: Self.topic, key: [1], value: [2]))
            }
            try producer.flush(timeoutMilliseconds: 10_000)
        }
        try send(2)
        #expect(try run(Notes.self, broker, folder) == [0, 1])
        try send(1)
        #expect(try run(Notes.self, broker, folder) == [0, 1, 2], "no record is applied twice")
        #expect(try run(NewerNotes.self, broker, folder) == [0, 1, 2], "they are read again")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/notes")
        #expect(files.allSatisfy { $0.hasPrefix("everything.v2.sqlite") }, "\(files)")
        // Going back to the former program is a change of version like any other.
        #expect(try run(Notes.self, broker, folder) == [0, 1, 2])
        withExtendedLifetime(broker) {}
    }

    @Test("what is no file of a version before stays; what is one goes with its log")
    func folder() throws {
        let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let context = HostContext.testing(
            ClusterSettings(bootstrapServers: "127.0.0.1:1"), prefix: "t.", folder: folder)
        let present = ProjectionFolder(in: context, of: "notes", version: 1)
        try present.prepare()
        for name in [
            "partition-1.v1.sqlite", "partition-1.v1.sqlite-wal", "partition-1.v11.sqlite",
            "partition-2.v2.sqlite", "partition-2.v2.sqlite-shm", "partition-3.sqlite", "note.txt",
        ] {
            try Data().write(to: URL(fileURLWithPath: "\(folder)/notes/\(name)"))
        }
        try present.prepare()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: "\(folder)/notes").sorted() == [
                "note.txt", "partition-1.v1.sqlite", "partition-1.v1.sqlite-wal",
            ])
        #expect(present.path(of: "partition-1") == "\(folder)/notes/partition-1.v1.sqlite")
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
