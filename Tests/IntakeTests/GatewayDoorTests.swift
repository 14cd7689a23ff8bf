import Links
import Models
import Processing
import Synchronization
import Testing
import Text

@testable import Intake

@Suite("A gateway's own topic is a door like the others")
struct GatewayDoorTests {
    private func record(
        _ body: String, type: String = "org.dayu.gateway.complaint.v1", gateway: String = "office",
        id: String = "call-1", offset: Int64 = 7, at moment: Instant = Counter.now
    ) -> Record {
        let event = CloudEvent(
            id: id, source: "hotline", type: type, trail: Trail(at: Counter.now), data: Array(body.utf8))
        return Record(
            topic: .gateway(Counter.id(gateway)), partition: 2, offset: offset, timestamp: moment,
            key: Array("any".utf8), value: event.data,
            headers: event.headers.map { .init(name: $0.name, value: Array($0.value.utf8)) })
    }

    /// What a record leads to, and why it was refused if it was.
    private func take(_ record: Record) throws -> (records: [Outgoing], reason: String?) {
        let door = GatewayDoor(
            [Counter.id("office"), Counter.id("app")], Counter().reception, country: .china)
        var partition = Partition<GatewayDoor> { _ in nil }
        guard
            case .done(let outgoing, let verdict) = try partition.take(
                record, with: door, at: Counter.now, caughtUp: false)
        else { return ([], "it waits") }
        if case .refused(let reason) = verdict { return (outgoing, reason) }
        return (outgoing, nil)
    }

    private let contact = #""contact":{"name":"Invented Person","phone":"+86 000 0000 0777"}"#

    @Test("a complaint with its contact is taken, under the gateway's channel")
    func complaint() throws {
        let (records, reason) = try take(record(complaintBody(more: contact)))
        #expect(reason == nil && records.map(\.topic) == [.contacts, .words, .submissions])
        let submission = try JSON.decode(Submission.self, from: try #require(records.last?.event.data))
        #expect(submission.channel == .hotline && submission.gateway == Counter.id("office"))
        #expect(submission.contactable && submission.complaint.compact == records[0].key)
    }

    @Test("the same event again is the same complaint, wherever it lies; another event is another one")
    func repetition() throws {
        let body = complaintBody()
        let first = try take(record(body)).records
        #expect(try take(record(body, offset: 99)).records.map(\.key) == first.map(\.key))
        #expect(try take(record(body, id: "call-2")).records.map(\.key) != first.map(\.key))
        #expect(try take(record(body)).records == first, "an aborted transaction is done again, alike")
    }

    @Test("a record whose time can't be right is set aside: the complaint's time would be wrong, too")
    func time() throws {
        for off: Duration in [.seconds(-9 * 86_400), .seconds(61), .seconds(400 * 86_400)] {
            let (records, reason) = try take(record(complaintBody(), at: Counter.now + off))
            #expect(records.map(\.topic) == [.restrictedDeadLetters])
            #expect(reason?.contains("is not of the last 8 days") == true)
        }
        #expect(try take(record(complaintBody(), at: Counter.now + .seconds(-7 * 86_400))).reason == nil)
        #expect(try take(record(complaintBody(), at: Counter.now + .seconds(30))).reason == nil)
    }

    @Test("the security log tells which gateway brought what, and what it was refused")
    func noted() throws {
        let heard = Mutex<[SecurityEntry]>([])
        let door = GatewayDoor(
            [Counter.id("office"), Counter.id("app")], Counter().reception, country: .china,
            note: { entry in heard.withLock { $0.append(entry) } })
        var partition = Partition<GatewayDoor> { _ in nil }
        let code = Counter.complaint.code
        let action = #"{"action":"accept","complaint":"\#(code)","by":{"role":"chief","id":"wang"}}"#
        let type = "org.dayu.gateway.action.v1"
        let readings =
            #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T13:00:00Z","values":{"w01001":7}}]}"#
        let old = Counter.now + .seconds(-9 * 86_400)
        let records = [
            record(action, type: type, offset: 0), record(action, type: type, gateway: "app", offset: 1),
            record("{}", gateway: "app", offset: 2),
            record(complaintBody(), offset: 3),
            record(readings, type: "org.dayu.gateway.readings.v1", offset: 4),
            record(readings, type: "org.dayu.gateway.readings.v1", gateway: "app", offset: 5),
            // Nothing of these is understood, or nothing of it counts.
            record("{", offset: 6), record("密", type: "org.dayu.gateway.poem.v1", offset: 7),
            record(complaintBody(), type: "密", offset: 8), record(complaintBody(), offset: 9, at: old),
            record(complaintBody(), gateway: "unknown", offset: 10),
        ]
        for record in records {
            _ = try partition.take(record, with: door, at: Counter.now, caughtUp: false)
        }
        let entries = heard.withLock { $0 }
        #expect(entries.count == records.count, "each record has its line")
        #expect(entries.allSatisfy { $0.proof == .topic && $0.status == nil && $0.time == Counter.now })
        #expect(
            entries.map { $0.gateway?.rawValue }
                == records.map { $0.topic.rawValue.split(separator: ".").last.map(String.init) })
        #expect(entries[0].request == "Kafka gateways.office/2/0")
        #expect(entries[0].wanted == "action.accept" && entries[0].complaint == code)
        #expect(entries[0].by == Actor(role: .chief, id: "wang") && entries[0].refusal == nil)
        #expect(entries[1].refusal == "gateway app may not act as chief wang")
        #expect(entries[1].wanted == "action.accept" && entries[1].complaint == code)
        #expect(entries[1].by == Actor(role: .chief, id: "wang"))
        #expect(entries[2].refusal == "malformed" && entries[2].wanted == "complaint.submitted")
        #expect(entries[3].refusal == nil && entries[3].wanted == "complaint.submitted")
        #expect(entries[4].refusal == nil && entries[4].wanted == "reading.reported")
        #expect(entries[5].refusal == "gateway app may not post readings of bridge")
        #expect(entries[6...8].allSatisfy { $0.refusal == "malformed" && $0.wanted == nil })
        #expect(entries[9].refusal == "its time is not of the last 8 days")
        #expect(entries[10].refusal == "gateway unknown is not in the registry")
        #expect(!entries.map { String(decoding: JSON.encode($0), as: UTF8.self) }.joined().contains("密"))
    }

    @Test("an action names complaint and official, and needs the scope")
    func action() throws {
        let code = Counter.complaint.code
        let body = #"{"action":"accept","complaint":"\#(code)","by":{"role":"chief","id":"wang"}}"#
        let type = "org.dayu.gateway.action.v1"
        let (records, reason) = try take(record(body, type: type))
        #expect(reason == nil && records.map(\.topic) == [.actions] && records[0].key == code.compact)
        let (letters, refusal) = try take(record(body, type: type, gateway: "app"))
        #expect(letters.map(\.topic) == [.restrictedDeadLetters])
        #expect(refusal?.contains("may not act") == true)
    }

    @Test("readings go through the same checks")
    func readings() throws {
        let body =
            #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T13:00:00Z","values":{"w01001":7}}]}"#
        let type = "org.dayu.gateway.readings.v1"
        #expect(try take(record(body, type: type)).records.map(\.topic) == [.reports])
        #expect(try take(record(body, type: type, gateway: "app")).reason?.contains("may not post") == true)
    }

    @Test("reviews go through the same checks")
    func reviews() throws {
        let body =
            #"{"office":"city","reviews":[{"section":"bridge","observedAt":"2026-07-09T13:00:00Z","#
            + #""verdict":"valid"}]}"#
        let type = "org.dayu.gateway.reviews.v1"
        let (records, reason) = try take(record(body, type: type))
        #expect(reason == nil && records.map(\.topic) == [.reports])
        #expect(records.first?.event.type == EventType("reading", "reviewed").description)
        #expect(try take(record(body, type: type, gateway: "app")).reason != nil)
        #expect(try take(record("{\"office\":\"city\"}", type: type)).reason?.contains("reviews") == true)
    }

    @Test("what is refused is set aside where only few may read it, with its bytes and the reason")
    func refused() throws {
        let wrong = [
            record("{", type: "org.dayu.gateway.complaint.v1"), record("{}"),
            record(complaintBody(), type: "org.dayu.gateway.poem.v1"),
            record(complaintBody(), type: "something"), record(complaintBody(), gateway: "unknown"),
        ]
        for record in wrong {
            let (letters, reason) = try take(record)
            #expect(reason != nil && letters.map(\.topic) == [.restrictedDeadLetters])
            let letter = try JSON.decode(DeadLetter.self, from: try #require(letters.first?.event.data))
            #expect(letter.origin.topic == record.topic && letter.value != nil)
        }
    }
}

/// `complaint(…)` of the counter, under a name that a test called `complaint` does not hide.
private func complaintBody(more: String = "") -> String { complaint(more: more) }
