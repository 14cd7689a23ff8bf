import FoundationEssentials
import Host
import Models
import Processing
import Store
import Testing
import Text

@testable import Intake

@Suite("Whoever asked for an action sees what became of it")
struct OutcomesTests {
    private static let moment = Instant(millisecondsSince1970: 1_800_000_000_000)
    private let action = "action/1"

    private func record(_ topic: Topic, cause: String, data: [UInt8]) -> Record {
        let event = CloudEvent(
            id: "1", source: "dayu-routing", type: EventType("complaint", "accepted").description,
            subject: Counter.complaint.code.compact, version: 3, trail: Trail(at: Self.moment, cause: cause),
            data: data)
        return Record(
            topic: topic, partition: 0, offset: 0, timestamp: Self.moment, key: nil, value: data,
            headers: event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) })
    }

    /// What a reader finds after these records.
    private func outcome(_ records: Record..., of action: String = "1") throws -> ActionOutcome {
        let path = FileManager.default.temporaryDirectory.path + "/outcomes-\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try Database(path: path)
        try database.migrate(Outcomes.steps)
        let outcomes = try Outcomes(database)
        for record in records { try outcomes.apply(record) }
        return OutcomeReader(path: path).outcome(of: action, on: Counter.complaint.code)
    }

    @Test("pending until Routing has come to it, and for a reader before there is a file")
    func pending() throws {
        #expect(try outcome() == .pending)
        #expect(OutcomeReader(path: "nowhere").outcome(of: "1", on: Counter.complaint.code) == .pending)
        let other = record(.events, cause: "gateway/action/1", data: Array("{}".utf8))
        #expect(try outcome(other) == .pending, "another gateway may number its actions alike")
    }

    @Test("done where a fact names it, refused with the reason where a refusal does")
    func decided() throws {
        let cause = "\(Reception.source)/\(action)"
        let fact = record(.events, cause: cause, data: Array("{}".utf8))
        #expect(try outcome(fact) == ActionOutcome(state: .done, at: Self.moment))
        let refusal = ActionRefusal(
            complaint: Counter.complaint.code, action: cause, verb: .urge, by: .citizen, reason: .often,
            detail: "three times already", at: Self.moment)
        let refused = try outcome(record(.refusals, cause: cause, data: JSON.encode(refusal)))
        #expect(refused.state == .refused && refused.reason == .often && refused.detail == refusal.detail)
    }

    @Test("an erasure is known of the complaint that it is about, and of no other")
    func erased() throws {
        let path = FileManager.default.temporaryDirectory.path + "/outcomes-\(UUID().uuidString).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = OutcomeReader(path: path)
        #expect(!reader.isErased(Counter.complaint.code), "there is no file yet")
        let database = try Database(path: path)
        try database.migrate(Outcomes.steps)
        let outcomes = try Outcomes(database)
        try outcomes.apply(record(.events, cause: "dayu-intake/action/1", data: Array("{}".utf8)))
        #expect(!reader.isErased(Counter.complaint.code))
        let fact = ComplaintFact(
            complaint: Counter.complaint.code, version: 4,
            trail: Trail(at: Self.moment, cause: "dayu/erase/1"),
            event: .erased(.init(by: .system, until: Self.moment)))
        let event = fact.cloudEvent(source: "dayu-routing")
        for _ in 0..<2 {
            try outcomes.apply(
                Record(
                    topic: .events, partition: 0, offset: 1, timestamp: Self.moment, key: nil,
                    value: event.data,
                    headers: event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) }))
        }
        #expect(reader.isErased(Counter.complaint.code) && !reader.isErased(Counter.id2.code))
    }
}
