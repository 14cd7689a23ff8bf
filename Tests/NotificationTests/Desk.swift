import Models
import Processing
import Testing
import Text

@testable import Notification

/// One number's messages, told in records; everything that is written is kept as a reader would find it.
struct Desk {
    let dispatch: Dispatch
    var partition = Partition<Dispatch>(load: { _ in nil })
    var now = Town.start
    private(set) var requests: [Record] = []
    private(set) var log: [Record] = []
    private(set) var jobs: [SMSJob] = []
    private(set) var withdrawals: [JobWithdrawal] = []
    /// The actions on complaints.
    private(set) var raised: [Outgoing] = []
    private(set) var events: [CloudEvent] = []
    /// What was made of messages from the phone, and what was written back.
    private(set) var answers: [PhoneAnswer] = []
    private(set) var replies: [NoticeRequest] = []
    private(set) var told: [NoticeEvent] = []
    /// What Dispatch wrote for itself and has not read yet.
    private(set) var own: [Record] = []

    /// Without limits: most of these tests are about something else.
    init(
        limits: NumberLimits = NumberLimits(official: .none, complainant: .none),
        wording: Wording = Wording(), answers: PhoneAnswers = .none
    ) {
        dispatch = Dispatch(limits: limits, wording: wording, answers: answers)
    }

    static let recipient = Town.recipient(.chief, "wang", "+86 000 0000 0101")
    static let key = recipient.handle.text

    static func request(
        _ number: Int = 1, for recipient: Recipient = recipient, bare: String? = nil,
        manner: NoticeManner? = nil, question: NoticeQuestion? = nil, isUrgent: Bool = false
    ) -> NoticeRequest {
        NoticeRequest(
            reference: "\(Town.code.compact).\(number)/\(recipient.key)", recipient: recipient,
            complaint: Town.code,
            about: .assigned, text: "notice \(number)", bare: bare, manner: manner,
            question: question, isUrgent: isUrgent)
    }

    /// Its owner has opened a link that came to it.
    mutating func confirm() throws {
        let confirmed = NumberConfirmed(handle: Self.recipient.handle)
        let outgoing = Outgoing(
            .messages, key: Self.key, id: "number/\(Self.key)", source: "dayu-intake",
            type: NumberConfirmed.type, trail: Trail(at: now, traceparent: "00-trace"),
            data: JSON.encode(confirmed))
        _ = try take(Record(outgoing, offset: 0))
    }

    static func record<Data: Encodable>(
        _ data: Data, topic: Topic, id: String, at time: Instant, key: String? = nil,
        type: String = "requested"
    ) -> Record {
        Record(
            Outgoing(
                topic, key: key ?? Self.key, id: id, source: "test", type: EventType("notice", type),
                trail: Trail(at: time, traceparent: "00-trace"), data: JSON.encode(data)), offset: 0)
    }

    @discardableResult
    mutating func ask(
        _ number: Int = 1, at time: Instant? = nil, for recipient: Recipient = recipient,
        bare: String? = nil, manner: NoticeManner? = nil, isUrgent: Bool = false
    ) throws -> [NoticeEvent] {
        let request = Self.request(number, for: recipient, bare: bare, manner: manner, isUrgent: isUrgent)
        let record = Self.record(request, topic: .noticeRequests, id: request.reference, at: time ?? now)
        requests.append(record)
        return try take(record)
    }

    @discardableResult
    mutating func request(_ request: NoticeRequest) throws -> [NoticeEvent] {
        let record = Self.record(request, topic: .noticeRequests, id: request.reference, at: now)
        requests.append(record)
        return try take(record)
    }

    mutating func hearDelivered(_ reference: String) throws {
        let receipt = SMSReceipt(
            handle: Self.recipient.handle, reference: reference, attempt: 1, outcome: .delivered)
        _ = try take(Self.record(receipt, topic: .receipts, id: "receipt", at: now))
    }

    @discardableResult
    mutating func hear(
        _ outcome: SMSReceipt.Outcome, attempt: Int, of number: Int = 1, for recipient: Recipient = recipient,
        reason: String? = nil, hold: Instant? = nil, declinedBy: String? = nil
    ) throws -> [NoticeEvent] {
        let receipt = SMSReceipt(
            handle: recipient.handle, reference: Self.request(number, for: recipient).reference,
            attempt: attempt,
            outcome: outcome, gatewayReference: "g", reason: reason,
            gateway: hold == nil ? declinedBy : "kannel-1", mayArriveUntil: hold,
            isDeclined: declinedBy != nil)
        return try take(Self.record(receipt, topic: .receipts, id: "receipt", at: now))
    }

    /// A gateway takes the job. It may deliver the message, and reports what became of it, within a time.
    mutating func take(_ attempt: Int, by gateway: String, within time: Duration) throws {
        let receipt = SMSReceipt(
            handle: Self.recipient.handle, reference: Self.request().reference, attempt: attempt,
            outcome: .taken, gateway: gateway, mayArriveUntil: now + time, reportBy: now + time)
        _ = try take(Self.record(receipt, topic: .receipts, id: "receipt", at: now))
    }

    mutating func withdraw(_ number: Int = 1, for recipient: Recipient = recipient) throws {
        let withdrawal = NoticeWithdrawal(
            reference: Self.request(number, for: recipient).reference, handle: recipient.handle,
            complaint: Town.code)
        let record = Self.record(
            withdrawal, topic: .noticeRequests, id: "withdrawn", at: now, type: "withdrawn")
        requests.append(record)
        _ = try take(record)
    }

    /// The pusher takes the job, and hears nothing until the gateway's time is over and Dispatch has read
    /// what it wrote about that.
    @discardableResult
    mutating func fallSilent(_ attempt: Int, of number: Int = 1) throws -> [NoticeEvent] {
        try hear(.taken, attempt: attempt, of: number)
        try wait(Dispatch.answerWithin)
        return try readOwn()
    }

    @discardableResult
    mutating func readOwn() throws -> [NoticeEvent] {
        let records = own
        own = []
        return try records.flatMap { try take($0) }
    }

    @discardableResult
    mutating func wait(_ duration: Duration) throws -> [NoticeEvent] {
        now = now + duration
        guard let alarm, alarm <= now else { return [] }
        return try note(try partition.wake(Self.key, with: dispatch, at: now))
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

    var state: DispatchState? {
        mutating get { try? partition.state(of: Self.key) }
    }

    private mutating func note(_ outgoing: [Outgoing]) throws -> [NoticeEvent] {
        var told: [NoticeEvent] = []
        for outgoing in outgoing {
            if outgoing.topic == .actions || outgoing.topic == .words {
                raised.append(outgoing)
                continue
            }
            if outgoing.topic == .noticeRequests {
                let request = try JSON.decode(NoticeRequest.self, from: try #require(outgoing.event.data))
                replies.append(request)
                own.append(Record(outgoing, offset: Int64(own.count)))
                requests.append(Record(outgoing, offset: 0))
                continue
            }
            #expect(
                outgoing.key == Self.key && outgoing.event.subject == Self.key
                    && outgoing.event.trail.traceparent == "00-trace")
            let data = try #require(outgoing.event.data)
            if outgoing.topic == .jobs || outgoing.topic == .urgentJobs {
                let job = try JSON.decode(SMSJob.self, from: data)
                #expect(outgoing.event.trail.cause == job.reference && outgoing.event.time == now)
                jobs.append(job)
            } else if outgoing.topic == .jobWithdrawals {
                withdrawals.append(try JSON.decode(JobWithdrawal.self, from: data))
            } else if outgoing.topic == .receipts {
                own.append(Record(outgoing, offset: Int64(own.count)))
            } else if outgoing.event.type == PhoneAnswer.type.description {
                answers.append(try JSON.decode(PhoneAnswer.self, from: data))
                log.append(Record(outgoing, offset: Int64(log.count)))
            } else if outgoing.event.type == NumberConfirmed.type.description {
                #expect(outgoing.topic == .noticeEvents)
                log.append(Record(outgoing, offset: Int64(log.count)))
            } else {
                #expect(outgoing.topic == .noticeEvents)
                let kind = try #require(NoticeEvent.Kind(rawValue: try EventType(outgoing.event.type).name))
                let event = try NoticeEvent(kind: kind, data: data)
                #expect(outgoing.event.trail.cause == event.reference && outgoing.event.time == now)
                told.append(event)
                self.told.append(event)
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
