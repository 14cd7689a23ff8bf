import Models
import Processing
import Support
import Testing
import Text

@testable import Notification

@Suite("A limit of so many in an hour and in a day")
struct SendLimitTests {
    @Test("is read from a text, and nothing else is")
    func text() {
        #expect(SendLimit("60/h,300/d", greatest: 1000) == SendLimit(perHour: 60, perDay: 300))
        #expect(SendLimit("7/d", greatest: 7)?.windows == [.init(count: 7, span: .seconds(86_400))])
        #expect(SendLimit("none", greatest: 1) == SendLimit.none)
        for wrong in ["", "60", "60/m", "0/h", "-1/h", "8/h", "1/h,", "1/h,2/h", "1/h;2/d", "1/h/d", " 1/h"] {
            #expect(SendLimit(wrong, greatest: 7) == nil, "\(wrong)")
        }
    }

    @Test("wherever a window is laid, it holds no more than its number", arguments: 0..<100 as Range<UInt64>)
    func windows(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = SendLimit(perHour: Int.random(in: 1...4, using: &random), perDay: 7)
        var sent: [Instant] = []
        var now = Town.start
        for _ in 0..<60 {
            // Clocks jump back, too.
            now = now + .seconds(Int.random(in: -1200...4000, using: &random))
            sent.append(limit.opening(after: sent, at: now))
            #expect(sent.last.map { $0 >= now } == true)
        }
        for window in limit.windows {
            for moment in sent {
                let count = sent.count { $0 >= moment && $0 - moment < window.span }
                #expect(count <= window.count, "seed \(seed)")
            }
        }
        #expect(SendLimit.none.opening(after: sent, at: now) == now)
    }
}

@Suite("What one number gets")
struct LimitTests {
    private static let limits = NumberLimits(
        official: SendLimit(perHour: 3, perDay: 5), complainant: SendLimit(perHour: 2, perDay: 3))
    private static let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")
    private static let hour: Duration = .seconds(3600)

    private func until(_ events: [NoticeEvent]) -> Instant? {
        guard case .deferred(let deferred) = events.first, events.count == 1 else { return nil }
        #expect(deferred.attempt == 0 && deferred.reason == "limit of this number")
        return deferred.until
    }

    @Test("what exceeds the limit waits until there is room, and then goes in one message")
    func holdsBack() throws {
        var desk = Desk(limits: Self.limits)
        for number in 1...3 {
            #expect(try desk.ask(number).map(\.kind) == [.attempted])
            try desk.hear(.accepted, attempt: 1, of: number)
            try desk.wait(.seconds(60))
        }
        for number in 4...6 {
            #expect(until(try desk.ask(number)) == Town.start + Self.hour)
            try desk.wait(.seconds(1))
        }
        #expect(desk.partition.takeCounts() == ["notice.held-back": 3])
        #expect(try desk.wait(Self.hour - .seconds(184)) == [])
        let told = try desk.wait(.seconds(1))
        #expect(told.map(\.kind) == [.grouped, .grouped, .attempted])
        #expect(told.map(\.reference) == [4, 5, 6].map { Desk.request($0).reference })
        try desk.hear(.accepted, attempt: 1, of: 6)
        #expect(try desk.ask(4) == [], "the same request again is the same notice")
        // The day has five, so the next but one waits for tomorrow.
        #expect(until(try desk.ask(7)) == Town.start + Self.hour + .seconds(60))
        try desk.wait(.seconds(60))
        try desk.hear(.accepted, attempt: 1, of: 7)
        #expect(until(try desk.ask(8)) == Town.start + .seconds(86_400))
        #expect(desk.jobs.map(\.attempt) == [1, 1, 1, 1, 1], "waiting is no attempt")
        #expect(desk.jobs[3].text.contains("3件"))
        #expect(Set(desk.events.map(\.id)).count == desk.events.count, "two events share an id")
    }

    @Test("repeated attempts of one notice count once, and are never held back")
    func attempts() throws {
        var desk = Desk(limits: Self.limits)
        try desk.ask(1)
        for attempt in 1...5 {
            try desk.hear(.deferred, attempt: attempt)
            try desk.wait(Dispatch.pauses[attempt - 1])
        }
        #expect(desk.jobs.count == 6 && desk.state?.sent.count == 1)
        #expect(try desk.ask(2).map(\.kind) == [.attempted])
    }

    @Test("urgent notices may use the limit once more, and wait behind no ordinary one")
    func urgent() throws {
        var desk = Desk(limits: Self.limits)
        for number in 1...3 { try desk.ask(number) }
        let held = try #require(until(try desk.ask(4)))
        for number in 5...7 {
            #expect(try desk.ask(number, isUrgent: true).map(\.kind) == [.attempted])
        }
        #expect(desk.jobs.map(\.isUrgent) == [false, false, false, true, true, true])
        #expect(until(try desk.ask(8, isUrgent: true)) == held)
        // Whatever waits goes with the urgent one.
        let told = try desk.wait(Self.hour)
        #expect(told.map(\.reference) == [4, 8].map { Desk.request($0).reference })
        #expect(told.map(\.kind) == [.grouped, .attempted])
        #expect(desk.jobs.last?.isUrgent == true)
    }

    @Test("a number is an official's and a complainant's apart")
    func apart() throws {
        var desk = Desk(limits: Self.limits)
        try desk.confirm()
        for number in 1...3 { try desk.ask(number) }
        for number in 1...2 {
            #expect(try desk.ask(number, for: Self.citizen).map(\.kind) == [.attempted])
        }
        #expect(until(try desk.ask(3, for: Self.citizen)) == Town.start + Self.hour)
    }

    @Test("what finds no room within its day says so, and nothing leaves")
    func limited() throws {
        var desk = Desk(limits: NumberLimits(official: SendLimit(perHour: 1, perDay: 1)))
        try desk.ask(1)
        try desk.hear(.accepted, attempt: 1)
        try desk.wait(.seconds(1))
        #expect(until(try desk.ask(2)) == Town.start + .seconds(86_400))
        #expect(try desk.wait(.seconds(86_399)).map(\.kind) == [.attempted])
        try desk.hear(.accepted, attempt: 1, of: 2)
        let third = try #require(until(try desk.ask(3, at: desk.now + .seconds(-3600))))
        #expect(third == desk.now + .seconds(82_800), "not beyond its own end")
        let failed = NoticeEvent.Failed(reference: Desk.request(3).reference, attempt: 0, why: .limited)
        #expect(try desk.wait(.seconds(82_800)) == [.failed(failed)])
        #expect(desk.jobs.count == 2)
    }

    @Test("many that wait for room are decided once each, and fill few messages")
    func once() throws {
        var desk = Desk(limits: NumberLimits(official: SendLimit(perHour: 10, perDay: 1000)))
        for number in 1...200 { try desk.ask(number) }
        for number in 1...10 { try desk.hear(.accepted, attempt: 1, of: number) }
        for _ in 1...3 { try desk.wait(Self.hour) }
        #expect(desk.jobs.count == 12, "190 wait, and a message is about at most a hundred")
        #expect(desk.events.count { $0.type == "org.dayu.notice.deferred.v1" } == 190)
        #expect(desk.events.count { $0.type == "org.dayu.notice.grouped.v1" } == 188)
    }

    @Test(
        "through a restart the limit is the same: from the log, with requests that are gone",
        arguments: 0..<40 as Range<UInt64>)
    func restart(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var desk = Desk(limits: Self.limits)
        for number in 1...12 {
            try desk.ask(number, for: random.once(in: 2) ? Self.citizen : Desk.recipient)
            try desk.wait(.seconds(Int.random(in: 0...4000, using: &random)))
        }
        var restored = desk
        restored.partition = Partition(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.partition.recall(record, with: desk.dispatch) }
        #expect(restored.state == desk.state)
        for number in 13...16 {
            #expect(try restored.ask(number) == desk.ask(number), "seed \(seed)")
        }
        // After a week the requests are gone; what counts stands on the own log.
        var alone = Partition<Dispatch>(load: { _ in nil })
        for record in desk.log { try alone.recall(record, with: desk.dispatch) }
        let state = try alone.state(of: Desk.key)
        #expect(state?.sent == desk.state?.sent && state?.complainantToldAt == desk.state?.complainantToldAt)
    }
}

@Suite("A number that nobody has confirmed")
struct UnconfirmedTests {
    private static let citizen = Town.recipient(.complainant, Town.code.compact, "0086-000-0000-0101")
    private static let month: Duration = .seconds(30 * 86_400)

    private func unconfirmed(_ number: Int) -> [NoticeEvent] {
        let reference = Desk.request(number, for: Self.citizen).reference
        return [.failed(.init(reference: reference, attempt: 0, why: .unconfirmed))]
    }

    @Test("gets one message in thirty days, and the others end at once")
    func one() throws {
        var desk = Desk()
        #expect(try desk.ask(1, for: Self.citizen).map(\.kind) == [.attempted])
        #expect(try desk.ask(2, for: Self.citizen) == unconfirmed(2))
        #expect(try desk.ask(3).map(\.kind) == [.attempted], "as an official's it gets what it must")
        try desk.wait(Self.month - .seconds(1))
        #expect(try desk.ask(4, for: Self.citizen) == unconfirmed(4))
        try desk.wait(.seconds(1))
        #expect(try desk.ask(5, for: Self.citizen).map(\.kind) == [.attempted])
        #expect(try desk.ask(6, for: Self.citizen) == unconfirmed(6))
        #expect(desk.jobs.count == 3)
    }

    @Test("its one message is tried as often as any")
    func again() throws {
        var desk = Desk()
        try desk.ask(1, for: Self.citizen)
        let reference = Desk.request(1, for: Self.citizen).reference
        let receipt = SMSReceipt(
            handle: Self.citizen.handle, reference: reference, attempt: 1, outcome: .deferred)
        _ = try desk.take(Desk.record(receipt, topic: .receipts, id: "receipt", at: desk.now))
        #expect(try desk.wait(.seconds(10)).map(\.kind) == [.attempted])
    }

    @Test("confirmed once it gets everything, for ever, also after a restart from the log alone")
    func confirmed() throws {
        var desk = Desk()
        try desk.ask(1, for: Self.citizen)
        try desk.confirm()
        try desk.confirm()
        let confirmations = desk.log.filter {
            (try? $0.cloudEvent().type) == NumberConfirmed.type.description
        }
        #expect(confirmations.count == 1, "once on the own log")
        #expect(try confirmations[0].cloudEvent().trail.cause == "dayu-intake/number/\(Desk.key)")
        #expect(try desk.ask(2, for: Self.citizen).map(\.kind) == [.attempted])

        desk.partition = Partition(load: { _ in nil })
        for record in desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        #expect(desk.state?.isConfirmed == true)
        for number in 3...5 {
            #expect(try desk.ask(number, for: Self.citizen).map(\.kind) == [.attempted])
        }
    }

    private func message(_ text: String, id: String = "1", from handle: NumberHandle? = nil, in desk: Desk)
        -> Record
    {
        let message = PhoneMessage(
            handle: handle ?? Desk.recipient.handle, gateway: GatewayID(literal: "sms"), id: id, text: text)
        return Record(
            Outgoing(
                .messages, key: Desk.key, id: "message/sms/\(id)", source: "dayu-intake",
                type: PhoneMessage.type, trail: Trail(at: desk.now, traceparent: "00-trace"),
                data: JSON.encode(message)), offset: 0)
    }

    @Test("a message from the number confirms it as its link does, once, however often it comes")
    func heard() throws {
        var desk = Desk()
        try desk.ask(1, for: Self.citizen)
        for id in ["1", "1", "2"] { _ = try desk.take(message("好的", id: id, in: desk)) }
        try desk.confirm()
        let confirmations = desk.log.filter {
            (try? $0.cloudEvent().type) == NumberConfirmed.type.description
        }
        #expect(confirmations.count == 1)
        #expect(try confirmations[0].cloudEvent().trail.cause == "dayu-intake/message/sms/1")
        #expect(try desk.ask(2, for: Self.citizen).map(\.kind) == [.attempted])
        desk.partition = Partition(load: { _ in nil })
        for record in desk.log { try desk.partition.recall(record, with: desk.dispatch) }
        #expect(desk.state?.isConfirmed == true)
    }

    @Test("who wants no more messages does not get more of them for saying so")
    func stop() throws {
        var desk = Desk()
        try desk.ask(1, for: Self.citizen)
        _ = try desk.take(message("TD", in: desk))
        #expect(desk.state?.isConfirmed == false)
        #expect(try desk.ask(2, for: Self.citizen).map(\.kind) == [.failed])
    }

    @Test("a message under another number's key is refused")
    func stray() throws {
        let other = Town.recipient(.chief, "li", "+86 000 0000 0102").handle
        let desk = Desk()
        #expect(throws: Malformed.self) {
            try desk.dispatch.understand(message("1", from: other, in: desk))
        }
    }

    @Test("a confirmation before the first message counts, too; one under another number's key is refused")
    func early() throws {
        var desk = Desk()
        try desk.confirm()
        for number in 1...3 {
            #expect(try desk.ask(number, for: Self.citizen).map(\.kind) == [.attempted])
        }
        let other = Town.recipient(.chief, "li", "+86 000 0000 0102").handle
        let stray = Desk.record(
            NumberConfirmed(handle: other), topic: .messages, id: "number/x", at: desk.now)
        #expect(throws: Malformed.self) { try desk.dispatch.understand(stray) }
        let wrong = Desk.record(
            NumberConfirmed(handle: Desk.recipient.handle), topic: .messages, id: "x", at: desk.now)
        #expect(throws: Malformed.self, "its type is another") { try desk.dispatch.understand(wrong) }
    }
}

@Suite("Urgent first")
struct UrgencyTests {
    private func urgent(
        _ event: ComplaintEvent, _ part: Addressee.Part, category: String = "odour"
    ) -> Bool {
        let entities =
            Town.entities + [
                .category(
                    Category(
                        code: Town.id("spill"), name: Town.name("spill"), group: Town.name("water"),
                        urgency: .emergency, acceptHours: 1, resolveHours: 4))
            ]
        let submission = Submission(
            complaint: Town.code, category: Town.id(category), place: Town.place, channel: .web, gateway: nil,
            anonymous: false, contactable: false, words: nil, submittedAt: Town.start)
        let notice = Notice(
            fact: Town.fact(event, version: 3),
            addressee: Addressee(recipient: Desk.recipient, part: part),
            known: AddressingState(submission: submission), registry: Registry(entities), link: nil)
        return notice.isUrgent
    }

    @Test("whoever has waited too long, and what can't wait; never who need do nothing")
    func rule() {
        let (wang, li) = (Town.assignee("wang"), Town.assignee("li"))
        let warned = ComplaintEvent.warned(.init(deadline: .accept, due: Town.start, assignee: wang))
        let escalated = Town.assigned(to: li, why: .escalated).event
        let ordinary = Town.assigned().event
        for event in [warned, escalated, .urged(.init(by: .citizen))] { #expect(urgent(event, .holder)) }
        #expect(!urgent(ordinary, .holder) && !urgent(.accepted(.init(by: Town.chief)), .complainant))
        let up = ComplaintEvent.escalated(.init(deadline: .accept, due: Town.start, from: wang, to: li))
        #expect(!urgent(up, .former), "the one above learns it from his assignment")
        for part in [Addressee.Part.holder, .superior, .checker] {
            #expect(urgent(ordinary, part, category: "spill"))
        }
        for part in [Addressee.Part.complainant, .former] {
            #expect(!urgent(warned, part, category: "spill"))
        }
    }

    @Test("an urgent job has a topic of its own, and the same one in every attempt")
    func topic() throws {
        let dispatch = Dispatch()
        for isUrgent in [false, true] {
            var partition = Partition<Dispatch>(load: { _ in nil })
            let request = Desk.request(isUrgent: isUrgent)
            let record = Desk.record(
                request, topic: .noticeRequests, id: request.reference, at: Town.start)
            guard
                case .done(let outgoing, _) = try partition.take(
                    record, with: dispatch, at: Town.start, caughtUp: true)
            else {
                Issue.record("refused")
                return
            }
            #expect(outgoing.map(\.topic) == [.noticeEvents, isUrgent ? .urgentJobs : .jobs])
        }
    }
}
