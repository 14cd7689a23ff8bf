import Models
import Processing
import Support
import Testing

@testable import Notification

/// One recipient's messages, told in records; everything that is written is kept as a reader would find it.
struct Desk {
    let dispatch = Dispatch()
    var partition = Partition<Dispatch>(load: { _ in nil })
    var now = Town.start
    private(set) var requests: [Record] = []
    private(set) var log: [Record] = []
    private(set) var jobs: [SMSJob] = []
    private(set) var events: [CloudEvent] = []

    static let recipient = Recipient(kind: .chief, id: "wang", phone: "+86 000 0000 0101")

    static func request(_ number: Int = 1) -> NoticeRequest {
        NoticeRequest(
            reference: "\(Town.code.compact).\(number)/chief/wang", recipient: recipient,
            complaint: Town.code,
            about: .assigned, text: "notice \(number)")
    }

    static func record<Data: Encodable>(
        _ data: Data, topic: Topic, id: String, at time: Instant, key: String? = nil
    ) -> Record {
        Record(
            Outgoing(
                topic: topic, key: key ?? recipient.key,
                event: CloudEvent(
                    id: id, source: "test", type: "org.dayu.notice.requested.v1", time: time,
                    traceparent: "00-trace",
                    data: JSON.encode(data))), offset: 0)
    }

    @discardableResult
    mutating func ask(_ number: Int = 1, at time: Instant? = nil) throws -> [NoticeEvent] {
        let request = Self.request(number)
        let record = Self.record(request, topic: .noticeRequests, id: request.reference, at: time ?? now)
        requests.append(record)
        return try take(record)
    }

    @discardableResult
    mutating func hear(
        _ outcome: SMSReceipt.Outcome, attempt: Int, of number: Int = 1, reason: String? = nil
    ) throws -> [NoticeEvent] {
        let receipt = SMSReceipt(
            reference: Self.request(number).reference, attempt: attempt, outcome: outcome,
            gatewayReference: "g",
            reason: reason)
        return try take(Self.record(receipt, topic: .receipts, id: "receipt", at: now))
    }

    @discardableResult
    mutating func wait(_ duration: Duration) throws -> [NoticeEvent] {
        now = now + duration
        guard let alarm, alarm <= now else { return [] }
        return try note(try partition.wake(Self.recipient.key, with: dispatch, at: now))
    }

    mutating func take(_ record: Record) throws -> [NoticeEvent] {
        guard
            case .done(let outgoing, .decided) = try partition.take(
                record, with: dispatch, at: now, caughtUp: false)
        else {
            Issue.record("refused")
            return []
        }
        return try note(outgoing)
    }

    var alarm: Instant? {
        mutating get { state.flatMap(dispatch.wakeUp(of:)) }
    }

    var state: Dispatch.State? {
        mutating get { try? partition.state(of: Self.recipient.key) }
    }

    private mutating func note(_ outgoing: [Outgoing]) throws -> [NoticeEvent] {
        var told: [NoticeEvent] = []
        for outgoing in outgoing {
            #expect(outgoing.key == Self.recipient.key && outgoing.event.traceparent == "00-trace")
            let data = try #require(outgoing.event.data)
            if outgoing.topic == .jobs {
                jobs.append(try JSON.decode(SMSJob.self, from: data))
            } else {
                #expect(outgoing.topic == .noticeEvents)
                let kind = try #require(NoticeEvent.Kind(rawValue: try EventType(outgoing.event.type).name))
                told.append(try NoticeEvent(kind: kind, data: data))
                events.append(outgoing.event)
                log.append(Record(outgoing, offset: Int64(log.count)))
                let text = String(decoding: data, as: UTF8.self)
                #expect(
                    !text.contains("0101") && !text.contains("notice "),
                    "phone or text on an open topic: \(text)")
            }
        }
        return told
    }
}

@Suite("A notice is seen through to the gateway's word")
struct DispatchTests {
    @Test("a request is attempted at once: an event, and a job for the gateway")
    func attempt() throws {
        var desk = Desk()
        #expect(try desk.ask().map(\.kind) == [.attempted])
        let job = try #require(desk.jobs.first)
        #expect(desk.jobs.count == 1 && job.attempt == 1 && job.phone == "+86 000 0000 0101")
        #expect(job.text == "notice 1" && job.reference == Desk.request().reference)
        #expect(job.expiresAt == Town.start + .seconds(86_400))
    }

    @Test("accepted is the end of it")
    func accepted() throws {
        var desk = Desk()
        try desk.ask()
        #expect(try desk.hear(.accepted, attempt: 1).map(\.kind) == [.accepted])
        #expect(desk.alarm == nil)
        #expect(try desk.wait(.seconds(86_400)) == [])
    }

    @Test("refused is the end of it, with the gateway's reason")
    func refused() throws {
        var desk = Desk()
        try desk.ask()
        #expect(
            try desk.hear(.refused, attempt: 1, reason: "HTTP 400")
                == [.failed(.init(reference: Desk.request().reference, reason: "HTTP 400"))])
        #expect(desk.alarm == nil)
    }

    @Test("put off: tried again after a pause that grows, under the same reference, until it is given up")
    func deferred() throws {
        var desk = Desk()
        try desk.ask()
        for (attempt, seconds) in [(1, 10), (2, 30), (3, 120), (4, 600), (5, 3600)] {
            #expect(try desk.hear(.deferred, attempt: attempt).map(\.kind) == [.deferred])
            #expect(try desk.wait(.seconds(seconds - 1)) == [])
            #expect(try desk.wait(.seconds(1)).map(\.kind) == [.attempted])
        }
        #expect(try desk.hear(.deferred, attempt: 6).map(\.kind) == [.failed])
        #expect(desk.jobs.map(\.attempt) == Array(1...6))
        #expect(Set(desk.jobs.map(\.reference)).count == 1 && desk.alarm == nil)
        #expect(Set(desk.events.map(\.id)).count == desk.events.count, "two events share an id")
    }

    @Test("a gateway that says nothing is asked again after a minute, and given up in the end")
    func silent() throws {
        var desk = Desk()
        try desk.ask()
        for attempt in 2...6 {
            #expect(try desk.wait(.seconds(59)) == [])
            let told = try desk.wait(.seconds(1))
            #expect(told.map(\.kind) == [.attempted] && desk.jobs.last?.attempt == attempt)
        }
        #expect(try desk.wait(.seconds(60)).map(\.kind) == [.failed])
        #expect(desk.alarm == nil && Set(desk.jobs.map(\.reference)).count == 1)
    }

    @Test("nobody looked for a year: it is given up, not sent")
    func expired() throws {
        var desk = Desk()
        try desk.ask()
        #expect(
            try desk.wait(.seconds(365 * 86_400)) == [
                .failed(.init(reference: Desk.request().reference, reason: "expired"))
            ])
        #expect(desk.jobs.count == 1)
    }

    @Test("a request older than a day is not sent at all")
    func stale() throws {
        var desk = Desk()
        #expect(try desk.ask(at: Town.start + .seconds(-86_400)).map(\.kind) == [.failed])
        #expect(desk.jobs.isEmpty && desk.alarm == nil)
    }

    @Test("a receipt that comes twice, late, early, or for nothing at all changes nothing")
    func strayReceipts() throws {
        var desk = Desk()
        #expect(try desk.hear(.accepted, attempt: 1) == [])
        try desk.ask()
        #expect(try desk.hear(.refused, attempt: 2) == [], "of an attempt that was not made")
        #expect(try desk.hear(.refused, attempt: 0) == [])
        try desk.wait(.seconds(60))
        #expect(try desk.hear(.deferred, attempt: 1) == [], "the second attempt is under way")
        #expect(try desk.hear(.accepted, attempt: 2).map(\.kind) == [.accepted])
        #expect(try desk.hear(.accepted, attempt: 2) == [])
        #expect(try desk.hear(.deferred, attempt: 2) == [])
    }

    @Test("a yes to an earlier attempt ends the matter: the message was delivered")
    func lateYes() throws {
        var desk = Desk()
        try desk.ask()
        try desk.wait(.seconds(60))
        #expect(desk.jobs.map(\.attempt) == [1, 2])
        #expect(try desk.hear(.accepted, attempt: 1).map(\.kind) == [.accepted])
        #expect(try desk.hear(.refused, attempt: 2) == [])
        #expect(desk.alarm == nil)
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

    @Test("messages of one recipient do not mix")
    func several() throws {
        var desk = Desk()
        for number in 1...3 { try desk.ask(number) }
        try desk.hear(.accepted, attempt: 1, of: 2)
        let told = try desk.wait(.seconds(60))
        #expect(told.map(\.reference) == [Desk.request(1).reference, Desk.request(3).reference])
        #expect(told.allSatisfy { $0.kind == .attempted })
    }

    @Test("a request under another recipient's key, and what is no request, are refused")
    func malformed() throws {
        let desk = Desk()
        let request = Desk.request()
        let stray = Desk.record(request, topic: .noticeRequests, id: "a", at: Town.start, key: "chief/li")
        #expect(throws: Malformed.self) { try desk.dispatch.understand(stray) }
        for topic in [Topic.noticeRequests, .receipts] {
            let record = Desk.record(["reference": "x"], topic: topic, id: "a", at: Town.start)
            #expect(throws: Malformed.self) { try desk.dispatch.understand(record) }
        }
    }

    // MARK: Restoring

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
        var desk = Desk()
        for _ in 0..<60 {
            let number = Int.random(in: 1...6, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: try desk.ask(number)
            case 1:
                try desk.wait(random.one(of: [.seconds(5), .seconds(60), .seconds(700), .seconds(40_000)]))
            default:
                let attempt = Int.random(in: 1...3, using: &random)
                try desk.hear(
                    random.one(of: [.accepted, .deferred, .deferred, .refused]), attempt: attempt, of: number)
            }
        }
        let live = desk.state

        var restored = Partition<Dispatch>(load: { _ in nil })
        for record in desk.requests + desk.log { try restored.recall(record, with: desk.dispatch) }
        #expect(
            try restored.state(of: Desk.recipient.key) == live,
            "seed \(seed); repeat with --filter DispatchTests")

        let from = Int.random(in: 0...desk.log.count, using: &random)
        let encoded = live.map(JSON.encode)
        var behind = Partition<Dispatch>(load: { _ in
            try encoded.map { try JSON.decode(Dispatch.State.self, from: $0) }
        })
        for record in desk.requests + desk.log[from...]
        where from == desk.log.count || record.topic == .noticeRequests {
            try behind.recall(record, with: desk.dispatch)
        }
        #expect(
            try behind.state(of: Desk.recipient.key) == live,
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
        for number in 1...Dispatch.finishedLimit + 50 {
            try desk.ask(number)
            try desk.hear(.accepted, attempt: 1, of: number)
        }
        #expect(desk.state?.finished.count == Dispatch.finishedLimit && desk.state?.waiting.isEmpty == true)
    }
}
