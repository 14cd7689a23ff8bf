import Foundation
import Kafka
import LivedCity
import Models
import Processing
import Testing

@testable import Operator

/// On the broker in memory, which keeps 5 MiB of a partition.
@Suite("A past on a broker that does not keep it", .timeLimit(.minutes(2)))
struct PastOnLogTests {
    private func write(_ count: Int, bytes: Int) throws {
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
}
