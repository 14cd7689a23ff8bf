import Models
import Processing
import Support
import Testing
import Text

@testable import Notification

@Suite("A notice is seen through to the gateway's word")
struct DispatchTests {
    @Test("a request is attempted at once: an event, and a job for the gateway")
    func attempt() throws {
        var desk = Desk()
        #expect(try desk.ask().map(\.kind) == [.attempted])
        let job = try #require(desk.jobs.first)
        #expect(desk.jobs.count == 1 && job.attempt == 1 && job.phone == Desk.recipient.phone)
        #expect(job.text == "notice 1" && job.reference == Desk.request().reference)
        #expect(job.expiresAt == Town.start + .seconds(86_400))
    }

    @Test("accepted is the end of the attempts")
    func accepted() throws {
        var desk = Desk()
        try desk.ask()
        #expect(try desk.hear(.taken, attempt: 1).map(\.kind) == [.taken])
        #expect(try desk.hear(.accepted, attempt: 1).map(\.kind) == [.accepted])
        #expect(desk.alarm == nil)
        #expect(try desk.wait(.seconds(86_400)) == [])
    }

    @Test("refused is the end of it, with the gateway's reason")
    func refused() throws {
        var desk = Desk()
        try desk.ask()
        let failed = NoticeEvent.Failed(
            reference: Desk.request().reference, attempt: 1, why: .refused, reason: "HTTP 400")
        #expect(try desk.hear(.refused, attempt: 1, reason: "HTTP 400") == [.failed(failed)])
        #expect(desk.alarm == nil)
    }

    @Test("put off: tried again after a pause that grows, under the same reference, until it is given up")
    func deferred() throws {
        var desk = Desk()
        try desk.ask()
        for (attempt, seconds) in [(1, 10), (2, 30), (3, 120), (4, 600), (5, 3600)] {
            try desk.hear(.taken, attempt: attempt)
            #expect(try desk.hear(.deferred, attempt: attempt).map(\.kind) == [.deferred])
            #expect(try desk.hear(.deferred, attempt: attempt) == [], "one pause for one attempt")
            #expect(try desk.wait(.seconds(seconds - 1)) == [])
            #expect(try desk.wait(.seconds(1)).map(\.kind) == [.attempted])
        }
        #expect(
            try desk.hear(.deferred, attempt: 6, reason: "HTTP 503") == [failed(.exhausted, 6, "HTTP 503")])
        #expect(desk.jobs.map(\.attempt) == Array(1...6))
        #expect(Set(desk.jobs.map(\.reference)).count == 1 && desk.alarm == nil)
        #expect(Set(desk.events.map(\.id)).count == desk.events.count, "two events share an id")
    }

    private func failed(
        _ why: NoticeEvent.Failed.Why, _ attempt: Int, _ reason: String? = nil
    ) -> NoticeEvent {
        .failed(
            .init(reference: Desk.request().reference, attempt: attempt, why: why, reason: reason))
    }

    // MARK: The time to answer

    @Test("a job that waits is left alone, however long it takes")
    func waits() throws {
        var desk = Desk()
        try desk.ask()
        for _ in 1...23 { #expect(try desk.wait(.seconds(3600)) == []) }
        #expect(desk.jobs.count == 1)
        #expect(try desk.wait(.seconds(3600)) == [failed(.expired, 1)])
    }

    @Test("the time to answer begins when the job is taken; then it is asked again, and given up in the end")
    func silent() throws {
        var desk = Desk()
        try desk.ask()
        try desk.wait(.seconds(600))
        for attempt in 1...5 {
            #expect(try desk.hear(.taken, attempt: attempt).map(\.kind) == [.taken])
            #expect(try desk.wait(.seconds(59)) == [])
            #expect(try desk.wait(.seconds(1)).map(\.kind) == [.unanswered])
            #expect(try desk.wait(.seconds(600)) == [], "it waits for what it wrote itself")
            #expect(try desk.readOwn().map(\.kind) == [.deferred])
            #expect(try desk.wait(.seconds(9)) == [])
            #expect(try desk.wait(Dispatch.pauses[attempt - 1]).map(\.kind) == [.attempted])
        }
        #expect(try desk.fallSilent(6) == [failed(.exhausted, 6, "no answer in time")])
        #expect(desk.alarm == nil && Set(desk.jobs.map(\.reference)).count == 1)
        #expect(desk.jobs.map(\.attempt) == Array(1...6))
        #expect(Set(desk.events.map(\.id)).count == desk.events.count, "two events share an id")
    }

    @Test("an answer that was written in time counts, even if it is read after the alarm")
    func readLate() throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        // The answer lies unread before what Dispatch writes now.
        #expect(try desk.wait(.seconds(600)).map(\.kind) == [.unanswered])
        #expect(try desk.hear(.accepted, attempt: 1).map(\.kind) == [.accepted])
        #expect(try desk.readOwn() == [])
        #expect(desk.jobs.count == 1 && desk.alarm == nil)
    }

    @Test("taken counts once, and only while the job waits")
    func takenOnce() throws {
        var desk = Desk()
        try desk.ask()
        try desk.hear(.taken, attempt: 1)
        try desk.wait(.seconds(30))
        #expect(try desk.hear(.taken, attempt: 1) == [])
        #expect(try desk.wait(.seconds(30)).map(\.kind) == [.unanswered])
    }

    @Test("nobody looked for a year: it is given up, not sent")
    func expired() throws {
        var desk = Desk()
        try desk.ask()
        #expect(try desk.wait(.seconds(365 * 86_400)) == [failed(.expired, 1)])
        #expect(desk.jobs.count == 1)
    }

    @Test("a request older than a day is not sent at all")
    func stale() throws {
        var desk = Desk()
        #expect(try desk.ask(at: Town.start + .seconds(-86_400)) == [failed(.expired, 0)])
        #expect(desk.jobs.isEmpty && desk.alarm == nil)
    }

    // MARK: Receipts in any order

    @Test("a receipt that comes twice, late, early, or for nothing at all changes nothing")
    func strayReceipts() throws {
        var desk = Desk()
        for outcome in SMSReceipt.Outcome.allCases { #expect(try desk.hear(outcome, attempt: 1) == []) }
        try desk.ask()
        for outcome in SMSReceipt.Outcome.allCases {
            #expect(try desk.hear(outcome, attempt: 2) == [], "of an attempt that was not made")
            #expect(try desk.hear(outcome, attempt: 0) == [])
        }
        try desk.fallSilent(1)
        try desk.wait(.seconds(10))
        for outcome in [SMSReceipt.Outcome.deferred, .refused, .undelivered, .taken, .unanswered] {
            #expect(try desk.hear(outcome, attempt: 1) == [], "the second attempt is under way")
        }
        #expect(try desk.hear(.accepted, attempt: 2).map(\.kind) == [.accepted])
        for outcome in [SMSReceipt.Outcome.accepted, .deferred, .refused, .taken, .unanswered] {
            #expect(try desk.hear(outcome, attempt: 2) == [])
        }
    }

    @Test(
        "a yes to an earlier attempt ends the matter, in every stage of a later one",
        arguments: [SMSReceipt.Outcome.accepted, .delivered])
    func lateYes(_ outcome: SMSReceipt.Outcome) throws {
        for stage in 0..<4 {
            var desk = Desk()
            try desk.ask()
            try desk.fallSilent(1)
            if stage > 0 { try desk.wait(.seconds(10)) }
            if stage > 1 { try desk.hear(.taken, attempt: 2) }
            if stage > 2 { try desk.wait(.seconds(60)) }
            let told = try desk.hear(outcome, attempt: 1)
            #expect(
                told.map(\.kind) == [outcome == .accepted ? .accepted : .delivered] && told[0].attempt == 1)
            #expect(try desk.hear(.refused, attempt: 2) == [] && desk.alarm == nil)
            #expect(try desk.readOwn() == [])
            #expect(desk.jobs.count == (stage > 0 ? 2 : 1))
        }
    }

    @Test("whether it reached the phone is told after the gateway's yes, or before it")
    func reports() throws {
        for order in [[SMSReceipt.Outcome.accepted, .delivered], [.delivered, .accepted]] {
            var desk = Desk()
            try desk.ask()
            try desk.hear(.taken, attempt: 1)
            let told = try order.flatMap { try desk.hear($0, attempt: 1) }
            #expect(told.map(\.kind) == (order[0] == .accepted ? [.accepted, .delivered] : [.delivered]))
            #expect(try desk.hear(.undelivered, attempt: 1) == [] && desk.hear(.delivered, attempt: 1) == [])
        }
        for order in [[SMSReceipt.Outcome.accepted, .undelivered], [.undelivered, .accepted]] {
            var desk = Desk()
            try desk.ask()
            try desk.hear(.taken, attempt: 1)
            let told = try order.flatMap { try desk.hear($0, attempt: 1, reason: "UNDELIV") }
            #expect(told.last == failed(.undelivered, 1, "UNDELIV"), "\(order)")
            #expect(told.count == (order[0] == .accepted ? 2 : 1) && desk.alarm == nil)
            #expect(
                try desk.hear(.delivered, attempt: 1).map(\.kind) == [.delivered], "another gateway's word")
        }
    }

    @Test("what was given up may still turn out accepted, of whatever attempt")
    func afterTheEnd() throws {
        for attempt in [1, 6] {
            var desk = Desk()
            try desk.ask()
            for attempt in 1...6 {
                try desk.hear(.deferred, attempt: attempt)
                try desk.wait(.seconds(3600))
            }
            #expect(desk.alarm == nil && desk.events.last?.id.hasSuffix("failed.exhausted") == true)
            #expect(try desk.hear(.accepted, attempt: attempt).map(\.kind) == [.accepted])
            #expect(try desk.hear(.accepted, attempt: 2) == [])
            #expect(try desk.hear(.undelivered, attempt: 3) == [], "of another attempt than was accepted")
            #expect(try desk.hear(.undelivered, attempt: attempt) == [failed(.undelivered, attempt, nil)])
            #expect(try desk.hear(.accepted, attempt: attempt) == [])
            #expect(Set(desk.events.map(\.id)).count == desk.events.count, "two events share an id")
        }
    }

    @Test("the same request again is the same message: while it waits, and when it is finished")
    func duplicates() throws {
        var desk = Desk()
        try desk.ask()
        #expect(try desk.ask() == [])
        try desk.hear(.accepted, attempt: 1)
        #expect(try desk.ask() == [])
        #expect(desk.jobs.count == 1)
    }

    @Test("messages to one number do not mix")
    func several() throws {
        var desk = Desk()
        for number in 1...3 {
            try desk.ask(number)
            try desk.hear(.taken, attempt: 1, of: number)
        }
        try desk.hear(.accepted, attempt: 1, of: 2)
        let told = try desk.wait(.seconds(60))
        #expect(told.map(\.reference) == [Desk.request(1).reference, Desk.request(3).reference])
        #expect(told.allSatisfy { $0.kind == .unanswered } && desk.own.count == 2)
    }

    @Test("a chief who is also a complainant: two notices, one number, one state")
    func shared() throws {
        var desk = Desk()
        let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")
        #expect(citizen.handle == Desk.recipient.handle && citizen.key != Desk.recipient.key)
        try desk.ask()
        #expect(try desk.ask(1, for: citizen).map(\.kind) == [.attempted])
        #expect(desk.state?.waiting.count == 2 && Set(desk.jobs.map(\.phone)).count == 1)
        try desk.hear(.accepted, attempt: 1)
        #expect(desk.state?.waiting.keys.sorted() == [Desk.request(1, for: citizen).reference])
    }

    @Test("a request or a receipt under another number's key, and what is neither, are refused")
    func malformed() throws {
        let desk = Desk()
        let other = Town.recipient(.chief, "li", "+86 000 0000 0102").handle.text
        let receipt = SMSReceipt(
            handle: Desk.recipient.handle, reference: "r", attempt: 1, outcome: .accepted)
        for key in [other, "chief/wang"] {
            let request = Desk.record(
                Desk.request(), topic: .noticeRequests, id: "a", at: Town.start, key: key)
            #expect(throws: Malformed.self) { try desk.dispatch.understand(request) }
            let stray = Desk.record(receipt, topic: .receipts, id: "a", at: Town.start, key: key)
            #expect(throws: Malformed.self) { try desk.dispatch.understand(stray) }
        }
        let long = SMSReceipt(
            handle: Desk.recipient.handle, reference: "a" + String(repeating: "\u{301}", count: 5000),
            attempt: 1,
            outcome: .accepted)
        let piled = Desk.record(long, topic: .receipts, id: "a", at: Town.start)
        #expect(throws: Malformed("reference", "is longer than 4096 bytes")) {
            try desk.dispatch.understand(piled)
        }
        for topic in [Topic.noticeRequests, .receipts] {
            let record = Desk.record(["reference": "x"], topic: topic, id: "a", at: Town.start)
            #expect(throws: Malformed.self) { try desk.dispatch.understand(record) }
        }
    }

    // MARK: Restoring

    private static let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")

    @Test("a request that was read on restoring but never attempted is attempted when it comes")
    func recalledOnly() throws {
        var desk = Desk()
        let request = Desk.request()
        let record = Desk.record(request, topic: .noticeRequests, id: request.reference, at: Town.start)
        try desk.partition.recall(record, with: desk.dispatch)
        #expect(desk.alarm == nil)
        #expect(try desk.ask().map(\.kind) == [.attempted])
        #expect(desk.jobs.count == 1)
    }

    @Test(
        "requests and the own log give the state back, from any earlier position",
        arguments: 0..<120 as Range<UInt64>)
    func restore(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = Desk(
            limits: NumberLimits(
                official: SendLimit(perHour: 1, perDay: 2), complainant: SendLimit(perHour: 1, perDay: 1)))
        for _ in 0..<60 {
            if random.once(in: 30) { try desk.confirm() }
            let number = Int.random(in: 1...6, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: try desk.ask(number, isUrgent: number > 4)
            case 1: try desk.ask(number, for: Self.citizen)
            case 2:
                try desk.wait(random.one(of: [.seconds(5), .seconds(60), .seconds(700), .seconds(40_000)]))
            default:
                let attempt = Int.random(in: 1...3, using: &random)
                try desk.hear(
                    random.one(of: SMSReceipt.Outcome.allCases + [.taken, .taken, .deferred, .deferred]),
                    attempt: attempt, of: number)
                if random.once(in: 2) { try desk.readOwn() }
            }
        }
        let live = desk.state

        var restored = Partition<Dispatch>(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        #expect(
            try restored.state(of: Desk.key) == live,
            "seed \(seed); repeat with --filter DispatchTests")

        let from = Int.random(in: 0...desk.log.count, using: &random)
        let encoded = live.map(JSON.encode)
        var behind = Partition<Dispatch>(load: { _ in
            try encoded.map { try JSON.decode(DispatchState.self, from: $0) }
        })
        for record in desk.requests + desk.log[from...]
        where from == desk.log.count || record.topic == .noticeRequests {
            try behind.recall(record, with: desk.dispatch)
        }
        #expect(
            try behind.state(of: Desk.key) == live,
            "seed \(seed); repeat with --filter DispatchTests")
    }

    @Test("the end of a notice that is read twice counts once")
    func twice() throws {
        var desk = Desk()
        for number in 1...3 {
            try desk.ask(number)
            try desk.hear(.accepted, attempt: 1, of: number)
        }
        let live = desk.state
        for record in desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        #expect(desk.state == live)
    }

    @Test("what is remembered of finished messages has a bound")
    func bounded() throws {
        var desk = Desk()
        for number in 1...Dispatch.endedLimit + 50 {
            try desk.ask(number)
            try desk.hear(.accepted, attempt: 1, of: number)
        }
        #expect(desk.state?.ended.count == Dispatch.endedLimit && desk.state?.waiting.isEmpty == true)
    }
}
