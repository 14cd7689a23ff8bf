import Host
import Models
import Processing
import Testing
import Text

@testable import Notification

/// The texts of notices may name a complainant: they live on the topics that are restricted, and nowhere
/// else.
@Suite("What may be seen of a notice")
struct SecrecyTests {
    private static let secrets = ["0777", "Invented", "glue"]

    private static let request = NoticeRequest(
        reference: "\(Town.code.compact).2/chief/wang",
        recipient: Town.recipient(.chief, "wang", "+86 000 0000 0777"), complaint: Town.code,
        about: .assigned, text: "Invented Person: it smells of glue")

    private static let place = WordsKey(complaint: Town.code, cause: Town.cause(1))

    private func show(_ value: some Any) -> String { "\(value) \(String(reflecting: value))" }

    private func isSilent(_ text: String) -> Bool { !Self.secrets.contains { text.contains($0) } }

    /// What becomes of the request, through every outcome that a gateway has.
    private func written(_ outcome: SMSReceipt.Outcome, reason: String?) throws -> [Outgoing] {
        let dispatch = Dispatch()
        var partition = Partition<Dispatch>(load: { _ in nil })
        var written: [Outgoing] = []
        func take(_ data: [UInt8], _ topic: Topic, _ id: String) throws {
            let record = Record(
                Outgoing(
                    topic, key: Self.request.recipient.handle.text, id: id, source: "test",
                    type: EventType("notice", "requested"), trail: Trail(at: Town.start), data: data),
                offset: 0)
            guard
                case .done(let outgoing, .decided) = try partition.take(
                    record, with: dispatch, at: Town.start, caughtUp: true)
            else {
                Issue.record("was refused")
                return
            }
            written += outgoing
            #expect(isSilent(show(try partition.state(of: Self.request.recipient.handle.text) as Any)))
        }
        try take(JSON.encode(Self.request), .noticeRequests, Self.request.reference)
        let receipt = SMSReceipt(
            handle: Self.request.recipient.handle, reference: Self.request.reference, attempt: 1,
            outcome: outcome, reason: reason)
        try take(JSON.encode(receipt), .receipts, "receipt")
        return written
    }

    @Test(
        "its events tell neither text nor phone, not even where the gateway repeats them",
        arguments: SMSReceipt.Outcome.allCases)
    func events(_ outcome: SMSReceipt.Outcome) throws {
        let reasons = [
            nil, "busy", "bad number 0086-000-00000777", "refused: \(Self.request.text)",
            "refused: \(Self.request.text.dropLast(3))", "号码 0000777 无效",
        ]
        for reason in reasons {
            let written = try written(outcome, reason: reason)
            // Whom no message reaches, his complaint goes up.
            let isFinal = [.refused, .undelivered].contains(outcome)
            #expect(Set(written.map(\.topic)) == Set([.noticeEvents, .jobs] + (isFinal ? [.actions] : [])))
            for record in written where record.topic != .jobs {
                let data = String(decoding: record.event.data ?? [], as: UTF8.self)
                #expect(isSilent(data + show(record.event.headers) + record.key), "\(data)")
            }
            let told = written.contains { record in
                String(decoding: record.event.data ?? [], as: UTF8.self).contains("busy")
            }
            let tells = [.deferred, .unsent, .refused, .undelivered].contains(outcome)
            #expect(told == (reason == "busy" && tells))
        }
    }

    @Test("what a gateway says of a message that is finished tells only a short word")
    func lateReasons() throws {
        for (reason, told) in [
            ("UNDELIV/042", true), ("Invented", true), ("EXPIRED 042", false), ("000-0000-0777", false),
            ("glue", true), (Self.request.text, false), ("", true),
        ] {
            var state = DispatchState()
            state.ask(Waiting(Self.request, Trail(at: Town.start)))
            let (reference, handle) = (Self.request.reference, Self.request.recipient.handle)
            state.take(
                .attempted(
                    .init(
                        reference: reference, attempt: 1, about: .assigned, complaint: Town.code,
                        recipient: .chief)),
                at: Town.start)
            state.take(
                .accepted(.init(reference: reference, attempt: 1, gatewayReference: nil)), at: Town.start)
            let receipt = SMSReceipt(
                handle: handle, reference: reference, attempt: 1, outcome: .undelivered, reason: reason)
            let event = try #require(state.ended(reference)?.event(after: receipt))
            guard case .failed(let failed) = event else {
                Issue.record("\(event)")
                return
            }
            #expect((failed.reason != nil) == told && failed.why == .undelivered, "\(reason)")
        }
    }

    @Test("nothing that holds a text or a contact shows it when it is printed")
    func printed() throws {
        let job = SMSJob(
            reference: "r", attempt: 1, handle: Self.request.recipient.handle,
            phone: Self.request.recipient.phone, text: Self.request.text, expiresAt: Town.start)
        let facts: [Addressing.Fact] = [
            .contact(Town.code, Town.contact), .words(Self.place, Town.words, at: Town.start),
            .request(Self.request, link: nil, cause: Town.assigned()),
        ]
        var values: [Any] = facts
        values += [Self.request, job, Addressing.Input.contact(Town.code, Town.contact)] as [Any]
        values.append(Addressing.Input.words(Self.place, Town.words, at: Town.start))
        values.append(Dispatch.Input.requested(Self.request, Trail(at: Town.start)))
        for value in values { #expect(isSilent(show(value)), "\(type(of: value))") }
    }

    @Test("the log's line of a message is made of the receipt alone")
    func log() {
        let receipt = SMSReceipt(
            handle: Self.request.recipient.handle, reference: Self.request.reference, attempt: 2,
            outcome: .deferred, reason: "HTTP 503")
        let fields = Pushing.fields(of: receipt, Trail(at: Town.start, traceparent: "00-trace"))
        #expect(Set(fields.keys) == ["reference", "attempt", "outcome", "reason", "trace"])
        #expect(isSilent(show(fields)))
    }

    @Test("a request that can't be read is set aside with a reason that shows nothing of it")
    func refused() throws {
        let data = JSON.encode(Self.request)
        let broken = String(decoding: data, as: UTF8.self).replacing("\"assigned\"", with: "\"unheard-of\"")
        let record = Record(
            Outgoing(
                .noticeRequests, key: Self.request.recipient.handle.text, id: "r", source: "test",
                type: EventType("notice", "requested"), trail: Trail(at: Town.start),
                data: Array(broken.utf8)), offset: 0)
        var partition = Partition<Dispatch>(load: { _ in nil })
        guard
            case .done(_, .refused(let reason)) = try partition.take(
                record, with: Dispatch(), at: Town.start, caughtUp: true)
        else {
            Issue.record("was taken")
            return
        }
        #expect(isSilent(reason), "\(reason)")
    }
}
