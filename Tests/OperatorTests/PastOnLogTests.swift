import Foundation
import Kafka
import LivedCity
import Models
import Processing
import Testing

@testable import Operator

/// On the broker in memory, which keeps 5 MiB of a partition.
@Suite("A past on a broker that does not keep it", .timeLimit(.minutes(20)))
struct PastOnLogTests {
    private func write(
        _ count: Int, bytes: Int, then look: (Surroundings) throws -> Void = { _ in }
    ) throws {
        let broker = try MockBroker(topics: LivedCity.topics.map { ("t.\($0.rawValue)", 1) })
        let surroundings = Surroundings(environment: [
            "DAYU_KAFKA": broker.bootstrapServers, "DAYU_PREFIX": "t.",
            // So that as many bytes are kept as are written.
            "KAFKA_COMPRESSION_CODEC": "none", "KAFKA_BATCH_SIZE": "100000",
        ])
        let past = try PastOnLog(surroundings)
        // Bytes that no compression makes fewer.
        let random = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
        for number in 0..<count {
            let data = [UInt8](random.readData(ofLength: bytes))
            try past.write(
                Outgoing(
                    .events, key: "key", id: "\(number)", source: "test",
                    type: EventType("complaint", "noted"),
                    trail: Trail(at: Instant(millisecondsSince1970: 0)), data: data))
        }
        try past.close()
        try look(surroundings)
        withExtendedLifetime(broker) {}
    }

    @Test("is refused when a part of it is gone already, and the error names the topic")
    func dropped() throws {
        let error = #expect(throws: PastOnLog.Unfit.self) { try write(100, bytes: 100_000) }
        let said = "\(error as Any)"
        #expect(
            said.contains("offsets of t.complaints.events") || said.contains("dropped(\"t.complaints.events"))
    }

    @Test("is taken where everything is still there")
    func whole() throws { try write(10, bytes: 100_000) }

    /// A broker without ACLs lets the command do anything, so what it did is compared with the rules.
    @Test("the operator's rules name the groups for which it commits")
    func rules() throws {
        var committed: Set<String> = []
        try write(1, bytes: 10) { surroundings in
            let cluster = try Cluster(surroundings.cluster, clientID: "test")
            let topics = try cluster.topics(timeoutMilliseconds: 5000).filter { $0.key.hasPrefix("t.") }
            let places = topics.flatMap { name, count in
                (0..<count).map { TopicPartition(topic: name, partition: $0) }
            }
            for loop in ServiceLoop.all {
                let group = "t." + loop.name
                let consumer = try Consumer(surroundings.cluster, clientID: "test", group: group)
                if try !consumer.committed(places, timeoutMilliseconds: 5000).isEmpty {
                    committed.insert(group)
                }
            }
        }
        let rules = AccessRules(prefix: "t.", gateways: []).rules.filter {
            $0.user == AccessRules.operatorUser && $0.resource == .group && $0.operation == .read
        }
        // `dayu restore` commits for all groups.
        let groups = ServiceLoop.all.filter { $0.kind == .processor }.map { "t." + $0.name }
        #expect(!committed.isEmpty && committed.isSubset(of: groups))
        #expect(rules.map(\.name).sorted() == groups.sorted())
        #expect(rules.allSatisfy { $0.pattern == .literal })
    }
}
