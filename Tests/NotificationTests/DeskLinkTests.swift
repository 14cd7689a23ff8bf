import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("The message with the link to a desk")
struct DeskLinkTests {
    private let dispatch = Dispatch()
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    private func asked(valid: Duration = .seconds(1800)) throws -> (DeskLinkAsked, Record) {
        let handle = try #require(NumberHandle("AAECAwQFBgcICQoLDA0ODw"))
        let asked = DeskLinkAsked(
            reference: "desk/1", handle: handle, phone: try PhoneNumber("+86 000 0000 7001", country: nil),
            text: "打开您的工作台：https://desk.example.org/desk#x", sentence: "打开您的工作台", link: "x",
            expiresAt: now + valid)
        let outgoing = Outgoing(
            .messages, key: handle.text, id: asked.reference, source: "dayu-intake", type: DeskLinkAsked.type,
            trail: Trail(at: now), data: JSON.encode(asked))
        let headers = outgoing.event.headers.map { Record.Header(name: $0.name, value: Array($0.value.utf8)) }
        return (
            asked,
            Record(
                topic: .messages, partition: 0, offset: 0, timestamp: now, key: Array(handle.text.utf8),
                value: outgoing.event.data, headers: headers)
        )
    }

    @Test("it becomes one urgent job, and leaves nothing behind")
    func job() throws {
        let (asked, record) = try asked()
        let (key, input) = try dispatch.understand(record)
        let facts = try dispatch.decide(nil, input, at: now, caughtUp: true)
        #expect(key == asked.handle.text && facts.count == 1)
        let written = facts.flatMap(dispatch.records)
        #expect(written.map(\.topic) == [.urgentJobs] && written[0].key == key)
        let job = try JSON.decode(SMSJob.self, from: try #require(written[0].event.data))
        #expect(job.text == asked.text && job.phone == asked.phone && job.isUrgent && job.fields?.link == "x")
        #expect(job.fields?.sentence == "打开您的工作台" && job.about == nil)
        #expect(dispatch.evolve(nil, facts[0]) == nil)
        // What the gateway says of it concerns no notice.
        let receipt = SMSReceipt(job, .delivered)
        #expect(try dispatch.decide(nil, .receipt(receipt, Trail(at: now)), at: now, caughtUp: true) == [])
    }

    @Test("when nobody waits for it any more it is not sent; under another key it is a dead letter")
    func refused() throws {
        let (late, record) = try asked(valid: .zero)
        let input = Dispatch.Input.deskLink(late, Trail(at: now))
        #expect(try dispatch.decide(nil, input, at: now, caughtUp: true) == [])
        let other = Record(
            topic: .messages, partition: 0, offset: 0, timestamp: now,
            key: Array("AAAAAAAAAAAAAAAAAAAAAA".utf8),
            value: record.value, headers: record.headers)
        #expect(throws: Malformed.self) { try dispatch.understand(other) }
    }
}
