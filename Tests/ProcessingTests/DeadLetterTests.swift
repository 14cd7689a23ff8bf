import Foundation
import Models
import Processing
import Testing
import Text

@Suite("A dead letter")
struct DeadLetterTests {
    /// What a broker takes by default (`message.max.bytes` of librdkafka).
    private let recordLimit = 1_000_000

    private func size(_ outgoing: Outgoing) -> Int {
        outgoing.key.utf8.count + (outgoing.event.data?.count ?? 0)
            + outgoing.event.headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
    }

    @Test("goes to bytes and back, whatever the record's bytes were")
    func roundTrip() throws {
        let bytes = (0...255).map { UInt8($0) }
        let odd = Record(
            topic: .submissions, partition: 2, offset: 9, timestamp: start, key: bytes, value: bytes,
            headers: [.init(name: "ce_id", value: bytes), .init(name: "", value: [])])
        for original in [odd, record(nil, key: nil)] {
            let letter = DeadLetter(original, reason: "\u{0}\"坏", refusedBy: "purse", at: start)
            #expect(try JSON.decode(DeadLetter.self, from: JSON.encode(letter)) == letter)
            #expect(letter.value.flatMap { Data(base64Encoded: $0).map(Array.init) } == original.value)
            #expect(letter.key.flatMap { Data(base64Encoded: $0).map(Array.init) } == original.key)
            #expect(letter.headers.map(\.name) == original.headers.map(\.name))
            #expect(letter.omittedBytes == 0)
        }
    }

    @Test("is keyed by its origin, so that refusing twice is one letter")
    func key() throws {
        let original = record("-1", offset: 41)
        let first = original.setAside(because: "a", by: "purse", at: start)
        let second = original.setAside(because: "a", by: "purse", at: start + .seconds(5))
        #expect(first.key == "complaints.actions/3/41" && second.key == first.key)
        #expect(first.event.id == second.event.id && first.event.subject == first.key)
        #expect(first.event.type == "org.dayu.dead-letter.refused.v1" && first.topic == .deadLetters)
        // Two services may refuse the same record, each for its own reason.
        let other = original.setAside(because: "b", by: "till", at: start)
        #expect(other.event.id != first.event.id)
    }

    @Test(
        "of the largest record a broker takes still fits into a record, or the partition would stop for ever")
    func tooLong() throws {
        let long = [UInt8](repeating: 0x41, count: 990_000)
        let many = (0..<40_000).map { _ in Record.Header(name: "\u{1}\u{2}", value: [1]) }
        let large = [
            Record(
                topic: .actions, partition: 0, offset: 0, timestamp: start, key: nil, value: long, headers: []
            ),
            Record(
                topic: .actions, partition: 0, offset: 0, timestamp: start, key: long, value: nil, headers: []
            ),
            Record(
                topic: .actions, partition: 0, offset: 0, timestamp: start, key: nil, value: nil,
                headers: [.init(name: "traceparent", value: long)]),
            Record(
                topic: .actions, partition: 0, offset: 0, timestamp: start, key: nil, value: nil,
                headers: [.init(name: String(decoding: long, as: UTF8.self), value: [])]),
            Record(
                topic: .actions, partition: 0, offset: 0, timestamp: start, key: nil, value: nil,
                headers: many),
        ]
        let reason = String(repeating: "\u{1}坏", count: 200_000)
        for original in large {
            let letter = DeadLetter(original, reason: reason, refusedBy: "purse", at: start)
            let outgoing = original.setAside(because: reason, by: "purse", at: start)
            #expect(size(outgoing) < recordLimit, "\(size(outgoing)) bytes")
            #expect(letter.omittedBytes > 0, "what was left out is said")
            #expect(letter.reason.count < reason.count && !letter.reason.isEmpty)
            #expect(try JSON.decode(DeadLetter.self, from: try #require(outgoing.event.data)) == letter)
        }
    }

    @Test("of an ordinary record is whole: the longest value that is taken at all loses no byte")
    func whole() throws {
        let bytes = (0..<Limit.recordBytes + 1).map { UInt8(truncatingIfNeeded: $0) }
        let original = Record(
            topic: .actions, partition: 0, offset: 0, timestamp: start, key: nil, value: bytes, headers: [])
        let letter = DeadLetter(original, reason: "too long", refusedBy: "purse", at: start)
        #expect(letter.omittedBytes == 0)
        #expect(letter.value.flatMap { Data(base64Encoded: $0) } == Data(bytes))
    }
}
