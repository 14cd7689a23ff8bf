import Foundation
import Kafka
import Models
import Processing
import Synchronization
import Testing
import Text

@testable import Host

@Suite("Records that were gone before they were read", .serialized)
struct LossTests {
    private static let place = TopicPartition(topic: "t.complaints.submissions", partition: 0)
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"

    private func marks(_ low: Int64, _ high: Int64) -> Watermarks {
        Watermarks(low: Position(next: low), high: Position(next: high))
    }

    private func loss(at next: Int64, _ low: Int64, _ high: Int64, of topic: Topic = .submissions) -> Loss? {
        let names = TopicNames(prefix: "t.")
        return Loss.before(
            Position(next: next), at: TopicPartition(topic: names.name(of: topic), partition: 0),
            marks(low, high), in: names)
    }

    @Test("a position that the log has is no loss, nor is the end of a transaction before its beginning")
    func nothing() {
        #expect(loss(at: 5, 0, 9) == nil)
        #expect(loss(at: 9, 0, 9) == nil)
        #expect(loss(at: 5, 5, 9) == nil)
        #expect(loss(at: 4, 5, 9, of: .events) == nil, "the marker of the last transaction")
    }

    @Test("one record alone is told where it may be one, and what nobody ever read as well")
    func single() {
        #expect(
            loss(at: 4, 5, 9)?.reason.contains("a record of t.complaints.submissions/0 at offset 4") == true)
        #expect(loss(at: 4, 5, 9, of: .reports)?.records == 1)
        #expect(loss(at: 3, 5, 9, of: .events)?.records == 2)
        #expect(loss(at: 0, 1, 9, of: .events)?.records == 1, "there is no marker before the first record")
        #expect(loss(at: 0, 7, 7)?.records == 7)
        #expect(loss(at: 0, 0, 0) == nil && loss(at: 0, 0, 9) == nil)
    }

    @Test("below the beginning it is known how many, beyond the end nobody knows")
    func reasons() throws {
        let behind = try #require(loss(at: 2, 7, 9))
        #expect(behind.records == 5)
        #expect(behind.reason.contains("up to 5 records") && behind.reason.contains("offsets 2 to 6"))
        let beyond = try #require(loss(at: 10, 0, 9))
        #expect(beyond.records == nil && beyond.reason.contains("made again"))
    }

    @Test(
        "a letter about them lies on their dead letters' topic; who writes nothing keeps it beside his store")
    func letters() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func context() -> HostContext {
            .testing(ClusterSettings(bootstrapServers: "127.0.0.1:1"), prefix: "t.", folder: folder)
        }
        let file = "\(folder)/losses.json"
        let first = context()
        let losses = Losses(first, loop: "reader", file: file)
        let now = Instant(millisecondsSince1970: 1)
        let loss = try #require(self.loss(at: 2, 7, 9))
        let letter = try #require(losses.letter(of: loss, at: now))
        #expect(letter.origin.description == "complaints.submissions/0/2" && letter.lost?.records == 5)
        #expect(letter.outgoing().topic == .deadLetters && letter.refusedBy == "reader")
        try losses.keep(letter)
        let again = context()
        _ = Losses(again, loop: "reader", file: file)
        for context in [first, again] {
            #expect(context.health.notes.joined().contains("up to 5 records"))
            #expect(
                context.metrics.render().contains(
                    #"dayu_records_lost_total{loop="reader",partition="0",topic="complaints.submissions"} 5"#)
            )
        }
    }

    @Test("misplaced records lie in the same file; one that is read again counts once")
    func misplaced() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func context() -> HostContext {
            .testing(ClusterSettings(bootstrapServers: "127.0.0.1:1"), prefix: "t.", folder: folder)
        }
        func record(_ partition: Int32, _ offset: Int64) -> Record {
            Record(
                topic: .events, partition: partition, offset: offset,
                timestamp: Instant(millisecondsSince1970: 0), key: [1], value: [2],
                headers: [Record.Header]())
        }
        let file = "\(folder)/losses.json"
        func losses(_ context: HostContext) -> Losses { Losses(context, loop: "reader", file: file) }
        let first = losses(context())
        for (partition, offset) in [(0, 5), (1, 5), (0, 6)] as [(Int32, Int64)] {
            first.leaveOut(record(partition, offset), "is elsewhere")
        }
        try first.keep()
        let loss = try #require(self.loss(at: 2, 7, 9))
        let letter = first.letter(of: loss, at: Instant(millisecondsSince1970: 1))
        try first.keep(#require(letter))
        // It died before its positions moved.
        let later = context()
        let second = losses(later)
        second.leaveOut(record(0, 6), "is elsewhere")
        second.leaveOut(record(0, 7), "is elsewhere")
        let notes = later.health.notes.joined()
        #expect(notes.contains("4 were left out; the last one, complaints.events/0/7, is elsewhere"))
        #expect(notes.contains("up to 5 records"))
        #expect(
            later.metrics.render().contains(
                #"dayu_records_misplaced_total{loop="reader",topic="complaints.events"} 4"#))
    }

    @Test("what is there already takes room as typical records do; one's own are not counted twice")
    func room() {
        let record = Outgoing(
            .reports, key: "k", id: "1", source: "test", type: EventType("reading", "x"),
            trail: Trail(at: Instant(millisecondsSince1970: 0)), data: [UInt8](repeating: 7, count: 5000))
        let (here, there) = (Lane(partition: 0, among: 2), Lane(partition: 1, among: 2))
        var room = LogRoom(bytes: 12_000)
        let mayBegin = room.take([(record, here)])
        room.hold(1, of: .reports, here)
        room.hold(8, of: .reports, there)
        let (goesHere, goesThere) = (room.take([(record, here)]), room.take([(record, there)]))
        #expect(mayBegin && goesHere && !goesThere && room.isExhausted)
    }

    // MARK: On the broker in memory

    /// Notes the offsets that it decides, and stops at the first until it is let go.
    private struct Noting: Processor {
        let name = "noting"
        let inputs: [Topic] = [.submissions]
        let memory: [Topic] = []
        let noted: Noted

        func understand(_ record: Record) throws(Malformed) -> (key: String, input: Int64) {
            ("k", record.offset)
        }

        func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Int64) { ("k", 0) }

        func decide(_ state: Never?, _ input: Int64, at now: Instant, caughtUp: Bool) -> [Int64] {
            noted.note(input)
            return []
        }

        func evolve(_ state: Never?, _ fact: Int64) -> Never? { nil }
        func records(of fact: Int64) -> [Outgoing] { [] }
    }

    private final class Noted: Sendable {
        private let offsets = Mutex<[Int64]>([])
        private let gate = DispatchSemaphore(value: 0)

        var all: [Int64] { offsets.withLock { $0 } }

        func note(_ offset: Int64) {
            offsets.withLock { $0.append(offset) }
            if offset == 0 { gate.wait() }
        }

        func letGo() { gate.signal() }
    }

    @Test("the broker in memory drops what nobody has read: the loop goes on and writes a letter about it")
    func dropped() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let broker = try MockBroker(topics: [(Self.place.topic, 1), ("t.dead-letters", 1)])
        var cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        // It reads ahead no more than a record or two.
        cluster.passedThrough = [
            "queued.min.messages": "1", "queued.max.messages.kbytes": "1", "fetch.message.max.bytes": "1000",
            "fetch.wait.max.ms": "10",
        ]
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        let noted = Noted()
        let thread = Thread { try? ProcessorLoop(Noting(noted: noted), context).run() }
        thread.start()
        defer { context.stop.raise() }
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        func send(_ count: Int) throws {
            for _ in 0..<count {
                try producer.send(
                    topic: Self.place.topic, key: [1], value: [UInt8](repeating: 7, count: 900_000),
                    headers: HeaderList(capacity: 0))
                try producer.flush(timeoutMilliseconds: 5000)
            }
        }
        try send(1)
        waitUntil("it decides the first") { noted.all == [0] }
        // 11 MB, and the partition holds 5 MiB. (librdkafka looks once a second whether its queue has room.)
        try send(12)
        noted.letGo()
        waitUntil("it decides the last") { noted.all.last == 12 }
        let marks = try #require(
            Cluster(cluster, clientID: "test").watermarks(of: [Self.place], timeoutMilliseconds: 5000)[
                Self.place])
        #expect(marks.low.next > 0, "the broker dropped something")

        var letters: [DeadLetter] = []
        let reader = try TopicReader(context, purpose: "test")
        try reader.read(from: try reader.start(of: .deadLetters), stop: StopFlag()) { record in
            letters.append(try JSON.decode(DeadLetter.self, from: record.value ?? []))
        }
        let letter = try #require(letters.first)
        let gap = (0...12).filter { !noted.all.contains(Int64($0)) }
        #expect(letters.count == 1 && letter.lost?.records == Int64(gap.count))
        #expect(gap.first.map(Int64.init) == letter.origin.offset)
        #expect(context.health.notes.joined().contains("lost before they were read"))
        withExtendedLifetime(broker) {}
    }

    @Test("a start anew gives no more room in the broker in memory")
    func restarted() throws {
        let broker = try MockBroker(topics: [("t.readings.reports", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        var written: [Int] = []
        for life in 1...3 {
            let folder = "\(folder)-\(life)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
            context.health.expect(parts: 1)
            let writer = RecordWriter(context, spoolLimit: 100, partitionBytes: 50_000, stop: context.stop)
            let thread = Thread { try? writer.run() }
            thread.start()
            defer { context.stop.raise() }
            waitUntil("the writer is open") { context.health.reasons.isEmpty }
            let outcomes = Mutex<(written: Int, refused: Int)>((0, 0))
            for number in 0..<60 {
                let record = Outgoing(
                    .reports, key: "section", id: "\(life)/\(number)", source: "test",
                    type: EventType("reading", "x"), trail: Trail(at: Instant(millisecondsSince1970: 0)),
                    data: [UInt8](repeating: 7, count: 700))
                writer.write([record]) { outcome in
                    outcomes.withLock {
                        if case .written = outcome { $0.written += 1 } else { $0.refused += 1 }
                    }
                }
                waitUntil("an answer") { outcomes.withLock { $0.written + $0.refused == number + 1 } }
            }
            written.append(outcomes.withLock { $0.written })
        }
        let first = try #require(written.first)
        #expect(first > 40 && first < 60 && written.dropFirst().allSatisfy { $0 < 20 }, "\(written)")
        #expect(written.reduce(0, +) < 60, "\(written)")
        withExtendedLifetime(broker) {}
    }

    @Test("whoever counts what he writes ends before the broker in memory drops anything")
    func refused() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let place = TopicPartition(topic: "t.readings.reports", partition: 0)
        let broker = try MockBroker(topics: [(place.topic, 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        context.health.expect(parts: 1)
        let writer = RecordWriter(
            context, spoolLimit: 100, partitionBytes: 5_242_880, stop: context.stop)
        let thread = Thread { try? writer.run() }
        thread.start()
        defer { context.stop.raise() }
        waitUntil("the writer is open") { context.health.reasons.isEmpty }
        let outcomes = Mutex<(written: Int, refused: Int)>((0, 0))
        for number in 0..<80 {
            let record = Outgoing(
                .reports, key: "section", id: "\(number)", source: "test", type: EventType("reading", "x"),
                trail: Trail(at: Instant(millisecondsSince1970: 0)),
                data: [UInt8](repeating: 7, count: 100_000))
            writer.write([record]) { outcome in
                outcomes.withLock {
                    switch outcome {
                    case .written: $0.written += 1
                    case .failed(LogRoom.reason): $0.refused += 1
                    default: Issue.record("\(outcome)")
                    }
                }
            }
            waitUntil("an answer") { outcomes.withLock { $0.written + $0.refused == number + 1 } }
        }
        let (written, refused) = outcomes.withLock { $0 }
        #expect(written > 40 && refused > 20)
        let marks = try Cluster(cluster, clientID: "test").watermarks(
            of: [place], timeoutMilliseconds: 5000)
        #expect(marks[place] == self.marks(0, Int64(written)), "nothing was dropped")
        #expect(context.health.reasons.joined().contains("partition of this broker is full"))
        withExtendedLifetime(broker) {}
    }
}
