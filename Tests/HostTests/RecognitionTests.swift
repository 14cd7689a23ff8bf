import Foundation
import Kafka
import Models
import Processing
import Testing
import Text

@testable import Host

@Suite("A topic that was made again is recognised")
struct RecognitionTests {
    private let place = TopicPartition(topic: "registry", partition: 0)

    private func record(_ offset: Int64, _ key: String, second: Int64 = 0) -> Record {
        Record(
            topic: .registry, partition: 0, offset: offset,
            timestamp: Instant(millisecondsSince1970: second * 1000), key: Array(key.utf8), value: [1],
            headers: [Record.Header]())
    }

    /// After a record was read at offset 4, and a rest.
    private func rested() throws -> (Recognition, from: Position?) {
        var recognition = Recognition()
        #expect(try recognition.isNew(record(4, "chief/a"), at: place))
        try recognition.ends(place, at: Position(next: 5), reached: Position(next: 5))
        let from = recognition.begin(at: [place: Position(next: 5)])[place]
        return (recognition, from)
    }

    @Test("the last record comes once more and is not new; the next one is")
    func same() throws {
        var (recognition, from) = try rested()
        #expect(from == Position(next: 4))
        #expect(try !recognition.isNew(record(4, "chief/a"), at: place))
        #expect(try recognition.isNew(record(5, "chief/b"), at: place))
    }

    @Test(
        "another record at its offset: another key, or another moment",
        arguments: [("chief/b", 0), ("chief/a", 9)])
    func other(key: String, second: Int64) throws {
        var (recognition, _) = try rested()
        #expect(throws: TopicMadeAgain.self) {
            _ = try recognition.isNew(record(4, key, second: second), at: place)
        }
    }

    @Test("an end before what was read")
    func shorter() throws {
        var (recognition, _) = try rested()
        #expect(throws: TopicMadeAgain.self) {
            try recognition.ends(place, at: Position(next: 4), reached: Position(next: 5))
        }
    }

    @Test("where compaction took the record, the next one is new, and nothing is said")
    func compacted() throws {
        var (recognition, _) = try rested()
        #expect(try recognition.isNew(record(7, "chief/b"), at: place))
        (recognition, _) = try rested()
        try recognition.ends(place, at: Position(next: 5), reached: Position(next: 5))
        #expect(try recognition.isNew(record(5, "chief/b"), at: place))
    }
}

/// On the broker in memory.
@Suite("The copy of the registry", .timeLimit(.minutes(20)))
struct RegistryReplicaTests {
    private let folder = NSTemporaryDirectory() + "dayu-replica-\(UUID().uuidString)"

    private func publish(_ name: String, _ cluster: ClusterSettings) throws {
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        let entity = RegistryEntity.department(
            Department(
                id: try #require(DepartmentID("department-\(name)")), name: Name(zh: name, en: name),
                region: RegionID(literal: "town")))
        try producer.send(
            topic: "t.registry", key: Array(entity.key.description.utf8), value: entity.data,
            headers: HeaderList(capacity: 0))
        try producer.flush(timeoutMilliseconds: 5000)
    }

    @Test("follows the topic, tells its standing, and applies nothing twice after a rest")
    func follows() throws {
        let broker = try MockBroker(topics: [("t.registry", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        try publish("a", cluster)
        let place = TopicPartition(topic: "t.registry", partition: 0)
        do {
            let replica = try RegistryReplica(context, loop: "dayu-test", worker: 1)
            let key = Progress.Place(loop: "dayu-test.registry-1", partition: place)
            #expect(replica.registry.entities.count == 1)
            #expect(context.standings.all == [key: Position(next: 1)])
            var changes = 0
            for name in ["b", "c"] {
                // Long enough for a rest and for the standing, which is told once a second.
                let rested = ContinuousClock.now + .milliseconds(2500)
                while ContinuousClock.now < rested { if try replica.refresh() { changes += 1 } }
                try publish(name, cluster)
                waitUntil("\(name) is read") { (try? replica.refresh(isAwaited: true)) == true }
            }
            #expect(changes == 0, "nothing was published while it rested and read on")
            #expect(replica.registry.entities.count == 3 && replica.position == Position(next: 3))
            waitUntil("it is told") {
                _ = try? replica.refresh()
                return context.standings.all == [key: Position(next: 3)]
            }
        }
        #expect(context.standings.all.isEmpty, "with the replica its standing is gone")
        #expect(context.health.notes.isEmpty)
        withExtendedLifetime(broker) {}
    }

    @Test("a registry whose first records are gone is told of")
    func gap() throws {
        #expect(RegistryRenewal.gap(before: 0, after: nil) == nil)
        #expect(RegistryRenewal.gap(before: 7, after: nil)?.contains("before 7") == true)
        #expect(RegistryRenewal.gap(before: 7, after: RegistryRenewal(start: 7)) == nil)
        #expect(RegistryRenewal.gap(before: 8, after: RegistryRenewal(start: 7)) != nil, "lost again")
    }

    /// The broker in memory keeps 5 MiB of a partition.
    @Test("the note about lost records ends with the renewal that a publication writes")
    func renewed() throws {
        let broker = try MockBroker(topics: [("t.registry", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        let producer = try Producer(cluster, clientID: "test", overrides: ["linger.ms": "0"])
        for _ in 0..<8 {
            try producer.send(
                topic: "t.registry", key: Array("river/x".utf8),
                value: [UInt8](repeating: 32, count: 900_000), headers: HeaderList(capacity: 0))
            try producer.flush(timeoutMilliseconds: 5000)
        }
        let place = TopicPartition(topic: "t.registry", partition: 0)
        let start = try #require(
            Cluster(cluster, clientID: "test").watermarks(of: [place], timeoutMilliseconds: 5000)[place]
        ).low.next
        #expect(start > 0)
        let replica = try RegistryReplica(context, loop: "dayu-test")
        #expect(context.health.notes.contains { $0.contains("before \(start) of the registry are gone") })
        try producer.send(
            topic: "t.registry", key: Array(RegistryRenewal.key.utf8),
            value: JSON.encode(RegistryRenewal(start: start)), headers: HeaderList(capacity: 0))
        try producer.flush(timeoutMilliseconds: 5000)
        waitUntil("it is read") {
            _ = try? replica.refresh(isAwaited: true)
            return context.health.notes.isEmpty
        }
        _ = try RegistryReplica(context, loop: "dayu-other")
        #expect(context.health.notes.isEmpty, "nor does one that starts later say it")
        withExtendedLifetime(broker) {}
    }

    @Test("a copy that the service can do without makes it not unready")
    func dispensable() throws {
        let broker = try MockBroker(topics: [("t.registry", 1)])
        let cluster = ClusterSettings(bootstrapServers: broker.bootstrapServers)
        let context = HostContext.testing(cluster, prefix: "t.", folder: folder)
        try publish("a", cluster)
        let replica = try RegistryReplica(context, loop: "dayu-test", isVital: false)
        #expect(context.standings.all.isEmpty && context.dispensableStandings.all.count == 1)
        withExtendedLifetime(replica) {}
        withExtendedLifetime(broker) {}
    }
}
