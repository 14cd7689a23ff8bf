import Foundation
import Kafka
import Models
import Processing
import Store
import Support
import Synchronization
import Testing
import Text

@testable import Host

@Suite("A disk that is nearly full")
struct DiskSpaceTests {
    private let least: Int64 = 256_000_000

    @Test("below what is asked for, or below a twentieth of a small disk")
    func nearlyFull() {
        #expect(DiskSpace(free: 255_000_000, total: 100_000_000_000).isNearlyFull(least: least))
        #expect(!DiskSpace(free: 257_000_000, total: 100_000_000_000).isNearlyFull(least: least))
        #expect(!DiskSpace(free: 51_000_000, total: 1_000_000_000).isNearlyFull(least: least))
        #expect(DiskSpace(free: 49_000_000, total: 1_000_000_000).isNearlyFull(least: least))
        #expect(!DiskSpace(free: 0, total: 1_000_000_000).isNearlyFull(least: 0))
    }

    @Test("the note says how much there is and how much there should be")
    func note() {
        let note = DiskWatch.note(DiskSpace(free: 49_000_000, total: 1_000_000_000), least: least)
        #expect(note == "nearly full: 49 of 1000 MB are free, but 50 MB should be")
        #expect(DiskWatch.note(DiskSpace(free: 51_000_000, total: 1_000_000_000), least: least) == nil)
    }

    @Test("the figures are those of the folder's disk")
    func look() throws {
        let context = HostContext.testing(
            ClusterSettings(bootstrapServers: "127.0.0.1:1"), prefix: "t.", folder: NSTemporaryDirectory())
        DiskWatch(context, megabytes: 0).look()
        let space = try #require(DiskSpace(of: NSTemporaryDirectory()))
        #expect(space.total > 0 && space.free <= space.total)
        #expect(context.metrics.render().contains("dayu_disk_least_bytes 0.0"))
        #expect(!context.metrics.render().contains("dayu_disk_free_bytes 0.0"))
        #expect(context.health.notes == [])
        #expect(DiskSpace(of: "/nowhere/at/all") == nil)
    }
}

@Suite("A full disk", .serialized, .enabled(if: TinyDisk.isPossible, Comment(rawValue: TinyDisk.reason)))
struct DiskFullTests {
    private let disk: TinyDisk

    init() throws { disk = try TinyDisk(kilobytes: 1024) }

    private func context(_ servers: String = "127.0.0.1:1") -> HostContext {
        .testing(ClusterSettings(bootstrapServers: servers), prefix: "t.", folder: disk.path)
    }

    private func change(_ key: String, bytes: Int = 100_000) -> [StateChange] {
        [StateChange(key: key, state: [UInt8](repeating: 7, count: bytes), wakeUp: nil)]
    }

    @Test("a store keeps what it had, says that it is the disk, and goes on when there is room")
    func store() throws {
        let store = try StateFile(
            folder: "\(disk.path)/loop", partition: 0, shape: 1, tidyWithin: .zero)
        try store.restored()
        try store.save(change("a", bytes: 10), positions: [.events: Position(next: 1)])
        disk.fill()
        let error = #expect(throws: StoreError.self) {
            try store.save(change("b"), positions: [.events: Position(next: 2)])
        }
        #expect(error?.isOfDisk == true && error?.message.contains("full") == true)
        #expect(try store.state(of: "b") == nil && store.position(of: .events) == Position(next: 1))
        // What is put in order now and then waits for another time.
        try store.tidy()
        disk.free()
        try store.save(change("b"), positions: [.events: Position(next: 2)])
        try store.tidy()
        #expect(try store.state(of: "b")?.count == 100_000 && store.state(of: "a")?.count == 10)
        #expect(try store.position(of: .events) == Position(next: 2))
    }

    @Test("a loop waits for room and does not go on as if it had written; the service is not ready meanwhile")
    func loop() throws {
        let context = context()
        let store = try StateFile(folder: "\(disk.path)/loop", partition: 0, shape: 1)
        try store.restored()
        disk.fill()
        let told = Mutex<[String]>([])
        let thread = Thread { [disk, waitUntil] in
            waitUntil("it says so") { !context.health.reasons.isEmpty }
            told.withLock { $0 = context.health.reasons }
            disk.free()
        }
        thread.start()
        try context.writing(to: "loop") {
            try store.save(change("a"), positions: [.events: Position(next: 1)])
        }
        #expect(told.withLock { $0.joined() }.contains("can't be written: SQLite 13"))
        #expect(context.health.reasons == [])
        #expect(try store.position(of: .events) == Position(next: 1))
        // One that is asked to stop does not wait.
        disk.fill()
        context.stop.raise()
        #expect(throws: Stopped.self) {
            try context.writing(to: "loop") {
                try store.save(change("b"), positions: [.events: Position(next: 2)])
            }
        }
    }

    /// Keeps much of each key.
    private struct Hoarding: Processor {
        struct State: Codable, StoredState {
            var text = ""
        }

        let name = "hoarding"
        let inputs: [Topic] = [.submissions]
        let memory: [Topic] = [.events]

        func understand(_ record: Record) throws(Malformed) -> (key: String, input: String) {
            let key = try record.keyText()
            return (key, key)
        }

        func recall(_ record: Record) throws(Malformed) -> (key: String, fact: String) {
            let key = try record.keyText()
            return (key, key)
        }

        func decide(_ state: State?, _ input: String, at now: Instant, caughtUp: Bool) -> [String] { [input] }
        func evolve(_ state: State?, _ fact: String) -> State? {
            State(text: String(repeating: "x", count: 200_000))
        }
        func records(of fact: String) -> [Outgoing] {
            [
                Outgoing(
                    .events, key: fact, id: fact, source: "test", type: EventType("complaint", "x"),
                    trail: Trail(at: Instant(millisecondsSince1970: 0)), data: [1])
            ]
        }
    }

    @Test("a loop that waits for its disk ends in good order, at once, when it is asked to stop")
    func stopped() throws {
        let broker = try MockBroker(topics: [("t.complaints.submissions", 1), ("t.complaints.events", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        func submit(_ key: String) throws {
            try producer.send(
                topic: "t.complaints.submissions", key: Array(key.utf8), value: [1],
                headers: HeaderList(capacity: 0))
            try producer.flush(timeoutMilliseconds: 5000)
        }
        let first = context(broker.bootstrapServers)
        let ended = Ended()
        Thread {
            do {
                try ProcessorLoop(Hoarding(), first).run()
                ended.put("in good order")
            } catch { ended.put("\(error)") }
        }.start()
        try submit("a")
        waitUntil("the first is kept") {
            first.metrics.render().contains(
                #"dayu_position{loop="hoarding",partition="0",topic="complaints.submissions"} 1.0"#)
        }
        disk.fill()
        try submit("b")
        waitUntil("it waits") { first.health.reasons.joined().contains("can't be written: SQLite 13") }
        let asked = ContinuousClock.now
        first.stop.raise()
        waitUntil("it ends") { ended.text != nil }
        #expect(ended.text == "in good order" && .now - asked < .seconds(10))
        disk.free()
        // What was decided stands on the log, and the store is made complete from it.
        let store = try StateFile(folder: "\(disk.path)/hoarding", partition: 0, shape: 1)
        #expect(try store.state(of: "a") != nil && store.state(of: "b") == nil)
        let marks = try Cluster(cluster, clientID: "test").watermarks(
            of: [TopicPartition(topic: "t.complaints.events", partition: 0)], timeoutMilliseconds: 5000)
        #expect(marks.values.first.map { $0.high.next >= 2 } == true)
        withExtendedLifetime(broker) {}
    }

    private final class Ended: Sendable {
        private let told = Mutex<String?>(nil)
        var text: String? { told.withLock { $0 } }
        func put(_ text: String) { told.withLock { $0 = text } }
    }

    @Test("a copy of the registry goes on without its file, and writes it when there is room")
    func registry() throws {
        let broker = try MockBroker(topics: [("t.registry", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = context(broker.bootstrapServers)
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        func publish(_ id: String) throws {
            let name = String(repeating: "x", count: 30_000)
            let entity = RegistryEntity.department(
                Department(
                    id: try #require(DepartmentID(id)), name: Name(zh: name, en: name),
                    region: RegionID(literal: "town")))
            try producer.send(
                topic: "t.registry", key: Array(entity.key.description.utf8), value: entity.data,
                headers: HeaderList(capacity: 0))
            try producer.flush(timeoutMilliseconds: 5000)
        }
        try publish("a")
        let snapshot = try RegistrySnapshot(context)
        let replica = try RegistryReplica(context, loop: "dayu-test", snapshot: snapshot)
        #expect(try snapshot.registry().departments.count == 1)
        disk.fill()
        for (number, id) in ["b", "c"].enumerated() {
            try publish(id)
            waitUntil("\(id) is read") {
                _ = try? replica.refresh(isAwaited: true)
                return replica.registry.departments.count == number + 2
            }
        }
        #expect(context.health.notes.joined().contains("dayu-test.registry, file: can't be written"))
        #expect(context.health.reasons == [], "it goes on without the file")
        #expect(try snapshot.registry().departments.count == 1)
        // A copy that begins while the disk is full reads the topic once, too.
        let other = try RegistryReplica(context, loop: "dayu-other", snapshot: snapshot)
        #expect(other.registry.departments.count == 3)
        disk.free()
        waitUntil("the file is written") {
            _ = try? replica.refresh(isAwaited: true)
            _ = try? other.refresh(isAwaited: true)
            return context.health.notes.isEmpty
        }
        #expect(try snapshot.registry().departments.count == 3)
        withExtendedLifetime(broker) {}
    }

    @Test("a loop waits longer than its group does, and then knows it; patience has no end")
    func late() throws {
        #expect(Patience.endless > .seconds(365 * 86_400))
        let context = context()
        let store = try StateFile(folder: "\(disk.path)/loop", partition: 0, shape: 1)
        try store.restored()
        func write(_ key: String) throws -> Bool {
            try context.writing(to: "loop", lateAfter: .milliseconds(300)) {
                try store.save(change(key), positions: [.events: Position(next: 1)])
            }
        }
        #expect(try !write("a"))
        disk.fill()
        let thread = Thread { [disk] in
            Thread.sleep(forTimeInterval: 1)
            disk.free()
        }
        thread.start()
        #expect(try write("b"))
        #expect(try store.state(of: "b") != nil && context.health.reasons == [])
    }

    private func order(_ number: Int, bytes: Int = 50_000) -> Outgoing {
        Outgoing(
            topic: .submissions, key: "k\(number)",
            event: CloudEvent(
                id: "\(number)", source: "test", type: "t",
                trail: Trail(at: Instant(millisecondsSince1970: 0)),
                data: [UInt8](repeating: 32, count: bytes)))
    }

    @Test("the spool has all of an order or nothing")
    func spool() throws {
        let lane = Lane(partition: 0, among: 1)
        let spool = try Spool(path: "\(disk.path)/spool.sqlite", limit: 100)
        try spool.append([(order(1), lane)])
        disk.fill()
        #expect(throws: StoreError.self) {
            try spool.append([(order(2, bytes: 10), lane), (order(3), lane)])
        }
        #expect(spool.count == 1)
        disk.free()
        try spool.append([(order(4), lane)])
        #expect(try spool.first(9, of: lane).map(\.record.event.id) == ["1", "4"])
    }

    private func impatient(_ broker: borrowing MockBroker) -> ClusterSettings {
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        cluster.passedThrough = ["message.timeout.ms": "300", "reconnect.backoff.max.ms": "100"]
        return cluster
    }

    /// Intake's writer with its spool on the small disk; it runs until the context's stop flag is raised.
    private func openWriter(_ cluster: ClusterSettings) -> (HostContext, RecordWriter) {
        let context = HostContext.testing(cluster, prefix: "t.", folder: disk.path)
        context.health.expect(parts: 1)
        let writer = RecordWriter(context, spoolLimit: 100, stop: context.stop)
        Thread { try? writer.run() }.start()
        waitUntil("the writer is open") { context.health.reasons.isEmpty }
        return (context, writer)
    }

    @Test("Intake refuses what the spool can't hold, and takes more when there is room again")
    func writer() throws {
        let broker = try MockBroker(topics: [("t.complaints.submissions", 1)])
        broker.setDown()
        let cluster = impatient(broker)
        let (context, writer) = openWriter(cluster)
        defer { context.stop.raise() }
        let outcomes = Mutex<[String]>([])
        func write(_ number: Int) {
            let before = outcomes.withLock { $0.count }
            writer.write([order(number)]) { outcome in
                outcomes.withLock { $0.append("\(number) \(outcome)") }
            }
            waitUntil("\(number) has its answer") { outcomes.withLock { $0.count } > before }
        }
        write(1)
        disk.fill()
        write(2)
        #expect(context.health.reasons.joined().contains("the spool can't be written"))
        // The log takes records again, and what it has can't be forgotten yet: nothing is sent without end.
        broker.setUp()
        waitUntil("the first is on the log") { high(cluster) == 1 }
        Thread.sleep(forTimeInterval: 2.5)
        #expect(high(cluster) == 1)
        disk.free()
        waitUntil("the spool is empty") { context.metrics.render().contains("dayu_spool_records 0.0") }
        waitUntil("Intake is ready") { context.health.reasons.isEmpty }
        write(3)
        #expect(
            outcomes.withLock { $0 } == [
                "1 spooled", #"2 failed(reason: "the spool can\'t be written")"#, "3 written",
            ])
        #expect(high(cluster) == 2)
        withExtendedLifetime(broker) {}
    }

    @Test(
        "with an empty spool Intake is ready again as soon as there is room, although nobody sends anything")
    func recovery() throws {
        let broker = try MockBroker(topics: [("t.complaints.submissions", 1)])
        broker.setDown()
        let cluster = impatient(broker)
        let (context, writer) = openWriter(cluster)
        defer { context.stop.raise() }
        disk.fill()
        let answered = Mutex(false)
        writer.write([order(1)]) { _ in answered.withLock { $0 = true } }
        waitUntil("it has its answer") { answered.withLock { $0 } }
        Thread.sleep(forTimeInterval: 2.5)
        #expect(
            context.health.reasons.joined().contains("the spool can't be written"), "the disk is still full")
        disk.free()
        waitUntil("Intake is ready") { context.health.reasons.isEmpty }
        #expect(context.metrics.render().contains("dayu_spool_records 0.0"))
        withExtendedLifetime(broker) {}
    }

    private func high(_ cluster: ClusterSettings) -> Int64? {
        let place = TopicPartition(topic: "t.complaints.submissions", partition: 0)
        return try? Cluster(cluster, clientID: "test").watermarks(of: [place], timeoutMilliseconds: 3000)[
            place]?
            .high.next
    }

    @Test("a file of lines has whole lines only")
    func lines() throws {
        let path = "\(disk.path)/lines"
        let file = try LineFile(path: path)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 3000)
        try file.append(line)
        disk.fill()
        var failure: WriteFailure?
        for _ in 0..<3 {
            do throws(WriteFailure) { try file.append(line) } catch { failure = error }
        }
        #expect(failure?.code == ENOSPC && failure?.description.contains("No space left") == true)
        disk.free()
        try file.append(line)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines.count >= 2 && lines.allSatisfy { $0.count == 3000 })
    }

    @Test("a file that is made is there whole or not at all; the next try makes it")
    func whole() throws {
        let path = "\(disk.path)/key"
        disk.fill()
        #expect(throws: WriteFailure.self) {
            try WholeWriting.create(path, [UInt8](repeating: 1, count: 100), mode: 0o600)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["filler"])
        #expect(throws: WriteFailure.self) { try InstanceIdentity(folder: disk.path) }
        disk.free()
        try WholeWriting.create(path, [1, 2], mode: 0o600)
        try WholeWriting.create(path, [3], mode: 0o600)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2]), "the first stays")
        // As a full disk left it once.
        try Data().write(to: URL(fileURLWithPath: "\(disk.path)/instance"))
        let identity = try InstanceIdentity(folder: disk.path).description
        #expect(!identity.isEmpty)
        #expect(try InstanceIdentity(folder: disk.path).description == identity)
    }
}
