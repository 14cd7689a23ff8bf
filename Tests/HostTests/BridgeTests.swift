import Kafka
import Models
import Processing
import Testing

@testable import Host

@Suite("Between Kafka's records and ours")
struct BridgeTests {
    private static let names = TopicNames(prefix: "t.")

    private func read(
        _ count: Int, of topic: String, on broker: borrowing MockBroker
    ) throws -> [Record?] {
        let reader = try Consumer(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "bridge", group: nil)
        try reader.assign([TopicPartition(topic: topic, partition: 0): .beginning])
        var records: [Record?] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while records.count < count, ContinuousClock.now < deadline {
            if case .record(let fetched) = reader.poll(timeoutMilliseconds: 50) {
                records.append(Record(fetched, names: Self.names))
            }
        }
        return records
    }

    @Test("what is sent is read: key, attributes and data")
    func roundTrip() throws {
        let topic = Self.names.name(of: .events)
        let broker = try MockBroker(topics: [(name: topic, partitions: 1)])
        let producer = try Producer(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "bridge")
        let full = CloudEvent(
            id: "a.1", source: "dayu-routing", type: "org.dayu.complaint.assigned.v1", subject: "a",
            version: 7,
            trail: Trail(
                at: Instant(millisecondsSince1970: 1_795_412_495_120), cause: "城市热线/1",
                traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), data: [0x7B, 0x7D])
        let least = CloudEvent(
            id: "a", source: "s", type: "t", trail: Trail(at: Instant(millisecondsSince1970: 0)), data: nil)
        for event in [full, least] {
            try producer.send(Outgoing(topic: .events, key: "鱼", event: event), names: Self.names)
        }
        try producer.flush(timeoutMilliseconds: 10_000)

        let records = try read(2, of: topic, on: broker)

        #expect(try records.map { try $0?.cloudEvent() } == [full, least])
        #expect(try records.map { try $0?.keyText() } == ["鱼", "鱼"])
        #expect(records.map { $0?.offset } == [0, 1])
        #expect(records.map { $0?.traceparent } == [full.trail.traceparent, nil])
        #expect(records.allSatisfy { $0?.topicPartition(Self.names).topic == topic })
    }

    @Test("every byte of every header is kept, for the dead letter that may be made of it")
    func headers() throws {
        let topic = Self.names.name(of: .actions)
        let broker = try MockBroker(topics: [(name: topic, partitions: 1)])
        let producer = try Producer(
            ClusterSettings(bootstrapServers: broker.bootstrapServers), clientID: "bridge")
        let odd = [
            Header("twice", [1]), Header("", [2]), Header("twice", []), Header("not text", [0xC3, 0x28, 0]),
            Header("long", [UInt8](repeating: 7, count: 70_000)),
        ]
        try producer.send(OutgoingRecord(topic: topic, key: nil, value: nil, headers: odd))
        try producer.send(OutgoingRecord(topic: topic, key: [0xFF], value: []))
        try producer.flush(timeoutMilliseconds: 10_000)

        let records = try read(2, of: topic, on: broker)

        #expect(records[0]?.headers.map { Header($0.name, $0.value) } == odd)
        #expect(records[0]?.key == nil && records[0]?.value == nil)
        #expect(records[1]?.headers == [] && records[1]?.key == [0xFF] && records[1]?.value == [])
    }

    @Test("a topic is known by its whole name and by no other")
    func names() {
        for topic in Topic.allCases + [.gateway(GatewayID(literal: "hotline"))] {
            #expect(Self.names.topic(named: Self.names.name(of: topic)) == topic)
        }
        for wrong in ["", "t.", "registry", "t.registry2", "u.registry", "t.t.registry"] {
            #expect(Self.names.topic(named: wrong) == nil, "\(wrong)")
        }
    }
}
