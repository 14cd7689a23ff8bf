import Models
import Processing
import Testing
import Text

@testable import Notification

@Suite("A gateway that reports what becomes of a message")
struct ReportTests {
    private static let time = Duration.seconds(3600)

    /// Asked, and taken by a gateway that reports within an hour.
    private func taken(by gateway: String = "kannel-1") throws -> Desk {
        var desk = Desk()
        try desk.ask()
        try desk.take(1, by: gateway, within: Self.time)
        return desk
    }

    @Test("its yes is not the end: the notice waits for the report, and ends with it")
    func delivered() throws {
        var desk = try taken()
        #expect(try desk.hear(.accepted, attempt: 1).map(\.kind) == [.accepted])
        #expect(desk.alarm == desk.now + Self.time)
        #expect(try desk.hear(.accepted, attempt: 1) == [], "said twice, once by the SMSC")
        #expect(try desk.hear(.delivered, attempt: 1).map(\.kind) == [.delivered])
        #expect(desk.alarm == nil)
        for late in [SMSReceipt.Outcome.accepted, .delivered, .undelivered, .returned, .unknown] {
            #expect(try desk.hear(late, attempt: 1) == [])
        }
        #expect(desk.jobs.count == 1 && desk.raised.isEmpty)
    }

    @Test("nobody knows when the time is over; a later report still counts, once")
    func unknown() throws {
        var desk = try taken()
        try desk.hear(.accepted, attempt: 1)
        #expect(try desk.wait(Self.time).map(\.kind) == [.unknown])
        #expect(desk.alarm == nil && desk.jobs.count == 1, "it may have arrived, so it is not sent again")
        #expect(try desk.hear(.unknown, attempt: 1) == [])
        #expect(try desk.hear(.undelivered, attempt: 1).map(\.kind) == [.failed])
        #expect(try desk.hear(.undelivered, attempt: 1) == [])
        #expect(try desk.hear(.delivered, attempt: 1).map(\.kind) == [.delivered])
        #expect(try desk.hear(.undelivered, attempt: 1) == [])
    }

    @Test("the network may say that nobody will ever know")
    func neverKnown() throws {
        var desk = try taken()
        try desk.hear(.accepted, attempt: 1)
        #expect(try desk.hear(.unknown, attempt: 1).map(\.kind) == [.unknown])
        #expect(desk.alarm == nil && desk.raised.isEmpty)
    }

    @Test("what comes back is sent again, whether the yes comes before or after it")
    func returned() throws {
        for order in [[SMSReceipt.Outcome.accepted, .returned], [.returned, .accepted]] {
            var desk = try taken()
            for outcome in order { try desk.hear(outcome, attempt: 1, reason: "NACK/Retries Exceeded") }
            guard case .deferred(let deferred)? = desk.told.last(where: { $0.kind == .deferred }) else {
                Issue.record("it was not put off")
                return
            }
            #expect(deferred.returned == true && deferred.reason == "NACK/Retries Exceeded")
            #expect(try desk.hear(.returned, attempt: 1) == [])
            try desk.wait(Dispatch.pauses[0])
            #expect(desk.jobs.map(\.attempt) == [1, 2] && desk.jobs.last?.only == nil)
        }
    }

    @Test("a blacklist that is told in a report leads to the next gateway, and up only when none is left")
    func declined() throws {
        var desk = try taken(by: "aliyun-1")
        try desk.hear(.accepted, attempt: 1)
        let told = try desk.hear(.returned, attempt: 1, reason: "MOBILE_IN_BLACK", declinedBy: "aliyun-1")
        guard case .deferred(let deferred)? = told.first else { throw Unexpected() }
        #expect(deferred.returned == true && deferred.declinedBy == "aliyun-1" && desk.raised.isEmpty)
        try desk.wait(Dispatch.pauses[0])
        #expect(desk.jobs.last?.attempt == 2 && desk.jobs.last?.declinedBy == ["aliyun-1"])
        try desk.take(2, by: "tencent-2", within: Self.time)
        // A gateway that tells by the name it gave the message says nothing of itself.
        try desk.hear(.returned, attempt: 2, declinedBy: "tencent-2")
        try desk.wait(Dispatch.pauses[1])
        #expect(desk.jobs.last?.declinedBy == ["aliyun-1", "tencent-2"] && desk.raised.isEmpty)
        var restored = Partition<Dispatch>(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        #expect(try restored.state(of: Desk.key) == desk.state)
        guard let stored = desk.state else { throw Unexpected() }
        let bytes = JSON.encode(stored)
        #expect(try JSON.decode(DispatchState.self, from: bytes) == stored)
        try desk.hear(.refused, attempt: 3, reason: "every gateway's blacklist has the number")
        #expect(desk.raised.count == 1)
    }

    @Test("the gateway that has the number on its blacklist holds nothing up that nobody knows of")
    func declinedHold() throws {
        var desk = try taken(by: "aliyun-1")
        try desk.hear(.deferred, attempt: 1, hold: desk.now + .seconds(3600))
        try desk.wait(Dispatch.pauses[0])
        #expect(desk.jobs.last?.only?.gateway == "kannel-1")
        try desk.take(2, by: "kannel-1", within: Self.time)
        try desk.hear(.returned, attempt: 2, declinedBy: "kannel-1")
        try desk.wait(Dispatch.pauses[1])
        #expect(desk.jobs.last?.only == nil && desk.jobs.last?.declinedBy == ["kannel-1"])
    }

    private struct Unexpected: Error {}

    @Test(
        "a refusal counts more than a yes, whichever comes first",
        arguments: [
            [SMSReceipt.Outcome.accepted, .refused], [.refused, .accepted],
        ])
    func refused(order: [SMSReceipt.Outcome]) throws {
        var desk = try taken()
        for outcome in order { try desk.hear(outcome, attempt: 1) }
        guard case .failed(let failed)? = desk.told.last else {
            Issue.record("it goes on")
            return
        }
        #expect(failed.why == .refused && desk.alarm == nil)
    }

    @Test("a report that overtakes the gateway's answer ends it")
    func overtaking() throws {
        var desk = try taken()
        #expect(try desk.hear(.delivered, attempt: 1).map(\.kind) == [.delivered])
        #expect(try desk.hear(.accepted, attempt: 1) == [])
    }

    @Test("a gateway that knows a message by its own name alone")
    func named() throws {
        var desk = try taken(by: "tencent-1")
        try desk.hear(.accepted, attempt: 1)
        func report(_ outcome: SMSReceipt.Outcome, _ name: String) throws -> [NoticeEvent.Kind] {
            let receipt = SMSReceipt(
                handle: Desk.recipient.handle, reference: "", attempt: 0, outcome: outcome,
                gatewayReference: name, gateway: "tencent-1")
            return try desk.take(Desk.record(receipt, topic: .receipts, id: "report", at: desk.now)).map(
                \.kind)
        }
        #expect(try report(.delivered, "another") == [])
        #expect(try report(.undelivered, "g") == [.failed])
        #expect(try report(.undelivered, "g") == [])
        #expect(try report(.delivered, "g") == [.delivered])
    }

    @Test("a store that is restored from the log is the same")
    func restored() throws {
        var desk = try taken()
        try desk.hear(.accepted, attempt: 1)
        try desk.hear(.returned, attempt: 1)
        try desk.wait(Dispatch.pauses[0])
        try desk.take(2, by: "kannel-1", within: Self.time)
        try desk.hear(.deferred, attempt: 2, hold: desk.now + Self.time)
        let state = desk.state
        var restored = Partition<Dispatch>(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        #expect(try restored.state(of: Desk.key) == state)
    }

    // MARK: Which gateway

    @Test("while a gateway may have a message, no other one is given it; then any may")
    func hold() throws {
        var desk = try taken()
        let until = desk.now + .seconds(20)
        try desk.hear(.deferred, attempt: 1, hold: until)
        try desk.wait(Dispatch.pauses[0])
        #expect(desk.jobs.last?.only == GatewayHold(gateway: "kannel-1", until: until))
        // What is certain of the second attempt says nothing about the first.
        try desk.take(2, by: "kannel-1", within: Self.time)
        try desk.hear(.deferred, attempt: 2)
        try desk.wait(Dispatch.pauses[1])
        #expect(desk.jobs.map(\.attempt) == [1, 2, 3] && desk.jobs.last?.only == nil)
    }

    @Test("a gateway that never answered may have it; one that was not asked has nothing")
    func silence() throws {
        var desk = try taken()
        try desk.wait(Dispatch.answerWithin)
        try desk.readOwn()
        try desk.wait(Dispatch.pauses[0])
        #expect(desk.jobs.last?.only == GatewayHold(gateway: "kannel-1", until: Town.start + Self.time))

        var other = try taken()
        try other.hear(.unsent, attempt: 1)
        try other.wait(.zero)
        #expect(other.jobs.count == 2 && other.jobs.last?.only == nil)
    }
}

@Suite("An official whom no message reaches")
struct UnreachedTests {
    private func actions(_ desk: Desk) throws -> [ComplaintAction] {
        try desk.raised.map { outgoing in
            #expect(outgoing.topic == .actions && outgoing.key == Town.code.compact)
            #expect(outgoing.event.type == "org.dayu.action.raise.v1")
            #expect(outgoing.event.id == "unreached/\(Desk.request().reference)")
            return try JSON.decode(ComplaintAction.self, from: outgoing.event.data ?? [])
        }
    }

    @Test(
        "his complaint is asked to go up, with the failure and once",
        arguments: [
            [SMSReceipt.Outcome.refused], [.undelivered], [.accepted, .undelivered],
            [.accepted, .undelivered, .undelivered], [.undelivered, .accepted, .refused],
        ])
    func raised(outcomes: [SMSReceipt.Outcome]) throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        for outcome in outcomes { try desk.hear(outcome, attempt: 1, reason: "042") }
        let raise = ComplaintAction(complaint: Town.code, by: .system, verb: .raise(over: Town.chief))
        #expect(try actions(desk) == [raise])
        let all = desk.raised.map {
            "\($0.event.headers) \(String(decoding: $0.event.data ?? [], as: UTF8.self))"
        }
        #expect(all.allSatisfy { !$0.contains("0101") && !$0.contains(Desk.key) }, "the number or its handle")
    }

    @Test("after the last attempt that was put off he does not know of it: it goes up, once")
    func exhausted() throws {
        var desk = Desk()
        try desk.ask()
        for attempt in 1...Dispatch.pauses.count + 1 {
            try desk.hear(.taken, attempt: attempt)
            try desk.hear(.deferred, attempt: attempt)
            if attempt <= Dispatch.pauses.count { try desk.wait(Dispatch.pauses[attempt - 1]) }
        }
        guard case .failed(let failed)? = desk.told.last else {
            Issue.record("it goes on")
            return
        }
        #expect(failed.why == .exhausted)
        let raise = ComplaintAction(complaint: Town.code, by: .system, verb: .raise(over: Town.chief))
        #expect(try actions(desk) == [raise])
        try desk.hear(.undelivered, attempt: failed.attempt)
        #expect(Set(desk.raised.map(\.event.id)).count == 1, "the same record again at most")
    }

    @Test("no time and no room for an attempt say nothing about his number")
    func expired() throws {
        var desk = Desk()
        try desk.ask()
        try desk.wait(Dispatch.expiresAfter)
        guard case .failed(let failed)? = desk.told.last else {
            Issue.record("it goes on")
            return
        }
        #expect(failed.why == .expired && desk.raised.isEmpty)
    }

    @Test("a complainant has no superior, and a notice about a dead number leads to no other one")
    func nobody() throws {
        let complainant = Town.recipient(.complainant, Town.code.compact, "+86 000 0000 0101")
        var desk = Desk()
        try desk.ask(for: complainant)
        try desk.hear(.taken, attempt: 1, for: complainant)
        try desk.hear(.refused, attempt: 1, for: complainant)
        #expect(desk.told.last?.kind == .failed && desk.raised.isEmpty)

        let request = NoticeRequest(
            reference: Desk.request().reference, recipient: Desk.recipient, complaint: Town.code,
            about: .unreached, text: "notice")
        var other = Desk()
        _ = try other.take(Desk.record(request, topic: .noticeRequests, id: request.reference, at: other.now))
        try other.hear(.taken, attempt: 1)
        try other.hear(.undelivered, attempt: 1)
        #expect(other.told.last?.kind == .failed && other.raised.isEmpty)
    }
}
