import Models
import Processing
import Text

/// Follows each notice to its end: attempts it, waits for the receipt, tries again or gives up.
///
/// Keyed by the number's handle, so that everything about one number is in one place, whoever it belongs to.
/// The attempt is written as an event before the message is sent, and the receipt after it. So a crash in
/// between leads to a wake-up and another attempt, never to a lost message. A repetition has the same
/// reference.
///
/// A job may wait long before the gateway is asked, and while it waits nothing else is done about it. The
/// pusher takes it from the queue in one transaction with the receipt `taken`; only then does the gateway's
/// time to answer begin. So a second job of a notice can exist only when the first one is in no queue.
///
/// A job that waits when its words are erased can't be taken off the queue. So Dispatch tells the pusher that
/// the job is withdrawn. The pusher passes it over and says so in a receipt; then the next attempt follows.
///
/// An attempt that never reached the gateway has a number, because its job needs a name, and does not count.
struct Dispatch: Processor {
    enum Input: Equatable, Sendable {
        /// Each trail is for everything that follows from the input.
        case requested(NoticeRequest, Trail)
        case withdrawn(NoticeWithdrawal)
        case receipt(SMSReceipt, Trail)
        case confirmed(NumberHandle, Trail)
        /// A phone sent something.
        case message(PhoneMessage, Trail)
        case elapsed
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the request itself.
        case requested(NoticeRequest, Trail)
        /// Already on the log, as the withdrawal itself. `job` is the job that waits at this moment.
        case withdrawn(NoticeWithdrawal, Trail?, job: JobWithdrawal?)
        case happened(NoticeEvent, about: NumberHandle, Trail, sends: Message?)
        case confirmed(NumberHandle, Trail)
    }

    /// What is written together with an event.
    enum Message: Equatable, Sendable {
        case job(SMSJob)
        /// Dispatch's own receipt `unanswered`.
        ///
        /// Wake-ups are decided before new records, and after a standstill many receipts may be unread. So a
        /// wake-up does not decide that an answer is missing. It writes this receipt behind all others.
        /// Whoever reads it has read every answer that came before.
        case receipt(SMSReceipt)
    }

    let name = "dayu-notification.dispatch"
    /// 5: with the attempts that were not sent.
    let stateShape = 5
    let inputs: [Topic] = [.noticeRequests, .receipts, .messages]
    let memory: [Topic] = [.noticeRequests, .noticeEvents]

    /// How long a gateway may take to answer after the pusher took the job.
    static let answerWithin: Duration = .seconds(60)
    /// The pauses after the first, second … attempt that was put off.
    static let pauses: [Duration] = [
        .seconds(10), .seconds(30), .seconds(120), .seconds(600), .seconds(3600),
    ]
    /// The pauses after the first, second … attempt that was not sent; the last one repeats. The next job
    /// waits on the log until a pusher takes it, so the first pause may be short. But whoever writes receipts
    /// must not be able to ask for jobs without end.
    static let unsentPauses: [Duration] = [.zero, .seconds(5), .seconds(15), .seconds(60)]
    /// After this time a notice is no longer of use.
    static let expiresAfter: Duration = .seconds(24 * 3600)
    static let endedLimit = 200
    /// A number that nobody has confirmed gets one message in this time, because whoever complains may name
    /// somebody else's number.
    static let unconfirmedPause: Duration = .seconds(30 * 86_400)

    private let limits: NumberLimits

    init(limits: NumberLimits = NumberLimits()) {
        self.limits = limits
    }

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let event = try record.cloudEvent()
        guard let data = event.data else {
            throw Malformed("", "the \(record.topic.rawValue) record has no data")
        }
        switch record.topic {
        case .receipts:
            let receipt = try receipt(data, key)
            return (key, .receipt(receipt, event.trail.causedBy(receipt.reference)))
        case .messages where event.type == PhoneMessage.type.description:
            return (key, .message(try message(data, key), event.next))
        case .messages: return (key, .confirmed(try confirmed(event, key), event.next))
        case _ where event.type == NoticeWithdrawal.type.description:
            return (key, .withdrawn(try withdrawal(data, key)))
        default:
            let request = try JSON.decode(NoticeRequest.self, from: data)
            guard request.recipient.handle.text == key else {
                throw Malformed("recipient.handle", "differs from the record's key")
            }
            return (key, .requested(request, event.trail.causedBy(request.reference)))
        }
    }

    private func withdrawal(_ data: [UInt8], _ key: String) throws(Malformed) -> NoticeWithdrawal {
        let withdrawal = try JSON.decode(NoticeWithdrawal.self, from: data)
        guard withdrawal.handle.text == key else {
            throw Malformed("handle", "differs from the record's key")
        }
        return withdrawal
    }

    private func receipt(_ data: [UInt8], _ key: String) throws(Malformed) -> SMSReceipt {
        let receipt = try JSON.decode(SMSReceipt.self, from: data)
        guard receipt.handle.text == key else {
            throw Malformed("handle", "differs from the record's key")
        }
        // The reference is looked up, and a gateway may send anything. The suite's own references fit into a
        // header.
        guard receipt.reference.utf8.count <= Limit.headerBytes else {
            throw Malformed("reference", "is longer than \(Limit.headerBytes) bytes")
        }
        return receipt
    }

    private func message(_ data: [UInt8], _ key: String) throws(Malformed) -> PhoneMessage {
        let message = try JSON.decode(PhoneMessage.self, from: data)
        guard message.handle.text == key else { throw Malformed("handle", "differs from the record's key") }
        return message
    }

    /// Reads a confirmation. It has the same form on `sms.messages` and on the own log.
    private func confirmed(_ event: CloudEvent, _ key: String) throws(Malformed) -> NumberHandle {
        guard event.type == NumberConfirmed.type.description, let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not a type that a phone sends")
        }
        let handle = try JSON.decode(NumberConfirmed.self, from: data).handle
        guard handle.text == key else { throw Malformed("handle", "differs from the record's key") }
        return handle
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .noticeRequests {
            switch try understand(record) {
            case (let key, .requested(let request, let trail)): return (key, .requested(request, trail))
            case (let key, .withdrawn(let withdrawal)): return (key, .withdrawn(withdrawal, nil, job: nil))
            case (_, .receipt), (_, .confirmed), (_, .message), (_, .elapsed):
                throw Malformed("", "is not a request")
            }
        }
        let event = try record.cloudEvent()
        let key = try record.keyText()
        if event.type == NumberConfirmed.type.description {
            return (key, .confirmed(try confirmed(event, key), event.trail))
        }
        let type = try EventType(event.type)
        guard let kind = NoticeEvent.Kind(rawValue: type.name), let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not a notice's event")
        }
        guard let handle = NumberHandle(key) else { throw Malformed("key", "is not a number's handle") }
        let happened = try NoticeEvent(kind: kind, data: data)
        return (key, .happened(happened, about: handle, event.trail, sends: nil))
    }

    // MARK: Deciding

    func decide(
        _ state: DispatchState?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let state = state ?? DispatchState()
        switch input {
        case .requested(let request, let trail):
            // A restart may have recalled the request already; what counts is whether it was attempted.
            let known = state.waiting[request.reference]
            guard known.map({ $0.stage == .asked }) ?? true, !state.hasEnded(request.reference) else {
                return []
            }
            return [.requested(request, trail), next(Waiting(request, trail), state, now)]
        case .withdrawn(let withdrawal):
            guard let waiting = state.waiting[withdrawal.reference] else { return [] }
            // A citizen's number was erased, so he can't be told. An official is still told.
            let isErased = waiting.request.recipient.kind.isCitizen
            return [.withdrawn(withdrawal, waiting.trail.at(now), job: waiting.queued)]
                + (isErased ? [fail(waiting, .erased, nil, now)] : [])
        case .receipt(let receipt, let trail):
            if let waiting = state.waiting[receipt.reference] {
                return answer(to: waiting, receipt, now).map { [$0] } ?? []
            }
            guard let ended = state.ended(receipt.reference), let event = ended.event(after: receipt) else {
                return []
            }
            return [.happened(event, about: receipt.handle, trail.at(now), sends: nil)]
        case .confirmed(let handle, let trail):
            return state.isConfirmed ? [] : [.confirmed(handle, trail.at(now))]
        // Whoever has the phone wrote, so the number is his, whatever he wrote. But who wants no more
        // messages must not get more of them for saying so.
        case .message(let message, let trail):
            return state.isConfirmed || message.asksForNoMore
                ? [] : [.confirmed(message.handle, trail.at(now))]
        case .elapsed: return elapsed(state, now)
        }
    }

    /// One after the other, because each notice uses up a part of the limit.
    private func elapsed(_ state: DispatchState, _ now: Instant) -> [Fact] {
        var (state, facts) = (state, [Fact]())
        for waiting in state.due(at: now) {
            let fact = waiting.stage == .taken ? unanswered(waiting, now) : next(waiting, state, now)
            state = evolve(state, fact) ?? DispatchState()
            facts.append(fact)
        }
        return facts
    }

    /// The next attempt, a pause, or the end of the attempts.
    private func next(_ waiting: Waiting, _ state: DispatchState, _ now: Instant) -> Fact {
        if now >= waiting.expiresAt {
            return fail(waiting, waiting.isHeldBack ? .limited : .expired, nil, now)
        }
        if waiting.tries > Self.pauses.count { return fail(waiting, .exhausted, nil, now) }
        let request = waiting.request
        // A limit counts notices, not attempts: a notice that was attempted once has been counted.
        if waiting.attempt == 0 {
            if request.recipient.kind.isCitizen, !state.mayTellComplainant(at: now) {
                return fail(waiting, .unconfirmed, nil, now)
            }
            let opening = opening(for: waiting, state, now)
            if opening > now { return holdBack(waiting, until: opening, now) }
        }
        return attempt(waiting, now)
    }

    private func attempt(_ waiting: Waiting, _ now: Instant) -> Fact {
        let request = waiting.request
        let attempt = waiting.attempt + 1
        let event = NoticeEvent.attempted(
            .init(
                reference: request.reference, attempt: attempt, about: request.about,
                complaint: request.complaint, recipient: request.recipient.kind))
        let job = SMSJob(
            reference: request.reference, attempt: attempt, handle: request.recipient.handle,
            phone: request.recipient.phone, text: request.text, expiresAt: waiting.expiresAt,
            isUrgent: request.isUrgent)
        return happened(event, to: waiting, now, sends: .job(job))
    }

    /// When its number's limit has room for the notice, after the notices that already wait for room. For a
    /// notice that was held back, room under the messages sent so far is enough.
    private func opening(for waiting: Waiting, _ state: DispatchState, _ now: Instant) -> Instant {
        let request = waiting.request
        let limit = limits.limit(of: request.recipient.kind)
        let factor = request.isUrgent ? NumberLimits.urgentFactor : 1
        let sent = state.sent(to: request.recipient.kind)
        if waiting.isHeldBack, limit.opening(after: sent, times: factor, at: now) <= now { return now }
        return limit.opening(after: sent + state.heldBack(before: waiting), times: factor, at: now)
    }

    private func holdBack(_ waiting: Waiting, until opening: Instant, _ now: Instant) -> Fact {
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: 0, until: min(opening, waiting.expiresAt),
            reason: "limit of this number")
        return happened(.deferred(deferred), to: waiting, now)
    }

    private func unanswered(_ waiting: Waiting, _ now: Instant) -> Fact {
        let (reference, attempt) = (waiting.request.reference, waiting.attempt)
        let receipt = SMSReceipt(
            handle: waiting.request.recipient.handle, reference: reference, attempt: attempt,
            outcome: .unanswered)
        return happened(
            .unanswered(.init(reference: reference, attempt: attempt)), to: waiting, now,
            sends: .receipt(receipt))
    }

    /// Nil where the receipt changes nothing.
    ///
    /// The gateway's yes, or a report that the message is on the phone, counts whichever attempt it is about:
    /// the message need not go out again. Any other receipt counts only if it is about the attempt that is
    /// under way.
    private func answer(to waiting: Waiting, _ receipt: SMSReceipt, _ now: Instant) -> Fact? {
        guard waiting.attempt > 0, (1...waiting.attempt).contains(receipt.attempt) else { return nil }
        let attempt = NoticeEvent.Attempt(reference: receipt.reference, attempt: receipt.attempt)
        let isCurrent = receipt.attempt == waiting.attempt
        let reason = waiting.request.told(receipt.reason)
        switch (receipt.outcome, waiting.stage) {
        case (.accepted, _):
            let accepted = NoticeEvent.Accepted(
                reference: attempt.reference, attempt: attempt.attempt,
                gatewayReference: receipt.gatewayReference)
            return happened(.accepted(accepted), to: waiting, now)
        case (.delivered, _): return happened(.delivered(attempt), to: waiting, now)
        case _ where !isCurrent: return nil
        case (.undelivered, _): return fail(waiting, .undelivered, reason, now)
        case (.refused, _):
            return fail(waiting, now >= waiting.expiresAt ? .expired : .refused, reason, now)
        case (.taken, .queued): return happened(.taken(attempt), to: waiting, now)
        case (.withdrawn, .queued): return putBack(waiting, nil, now)
        case (.unsent, .queued), (.unsent, .taken), (.unsent, .unanswered):
            return putBack(waiting, reason, now)
        case (.unanswered, .unanswered): return putOff(waiting, "no answer in time", now)
        case (.deferred, .queued), (.deferred, .taken), (.deferred, .unanswered):
            return putOff(waiting, reason, now)
        case (.taken, _), (.unanswered, _), (.deferred, _), (.withdrawn, _), (.unsent, _): return nil
        }
    }

    /// The gateway was not asked, so the attempt does not count. The notice ends when it expires.
    private func putBack(_ waiting: Waiting, _ reason: String?, _ now: Instant) -> Fact {
        let pause = Self.unsentPauses[min(waiting.unsent, Self.unsentPauses.count - 1)]
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: waiting.attempt,
            until: min(now + pause, waiting.expiresAt), reason: reason, unsent: true)
        return happened(.deferred(deferred), to: waiting, now)
    }

    private func putOff(_ waiting: Waiting, _ reason: String?, _ now: Instant) -> Fact {
        guard (1...Self.pauses.count).contains(waiting.tries) else {
            return fail(waiting, .exhausted, reason, now)
        }
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: waiting.attempt,
            until: now + Self.pauses[waiting.tries - 1], reason: reason)
        return happened(.deferred(deferred), to: waiting, now)
    }

    private func fail(
        _ waiting: Waiting, _ why: NoticeEvent.Failed.Why, _ reason: String?, _ now: Instant
    ) -> Fact {
        let failed = NoticeEvent.Failed(
            reference: waiting.request.reference, attempt: waiting.attempt, why: why, reason: reason)
        return happened(.failed(failed), to: waiting, now)
    }

    private func happened(
        _ event: NoticeEvent, to waiting: Waiting, _ now: Instant, sends message: Message? = nil
    ) -> Fact {
        .happened(event, about: waiting.request.recipient.handle, waiting.trail.at(now), sends: message)
    }

    // MARK: Evolving

    func evolve(_ state: DispatchState?, _ fact: Fact) -> DispatchState? {
        var next = state ?? DispatchState()
        switch fact {
        case .requested(let request, let trail): next.ask(Waiting(request, trail))
        case .withdrawn(let withdrawal, _, _): next.withdraw(withdrawal.reference)
        case .happened(let event, _, let trail, _): next.take(event, at: trail.at)
        case .confirmed: next.confirm()
        }
        return next == DispatchState() ? nil : next
    }

    func counted(_ fact: Fact) -> String? {
        guard case .happened(let event, _, _, _) = fact else { return nil }
        switch event {
        case .deferred(let deferred) where deferred.attempt == 0: return "notice.held-back"
        case .failed(let failed): return "notice.\(failed.why.rawValue)"
        default: return nil
        }
    }

    func records(of fact: Fact) -> [Outgoing] {
        if case .confirmed(let handle, let trail) = fact {
            return [
                Outgoing(
                    .noticeEvents, key: handle.text, id: "\(handle.text)/confirmed", source: name,
                    type: NumberConfirmed.type, trail: trail,
                    data: JSON.encode(NumberConfirmed(handle: handle)))
            ]
        }
        if case .withdrawn(_, let trail?, let job?) = fact {
            return [
                Outgoing(
                    .jobWithdrawals, key: job.handle.text, id: "\(job.reference)/\(job.attempt)/withdrawn",
                    source: name, type: JobWithdrawal.type, trail: trail, data: JSON.encode(job))
            ]
        }
        guard case .happened(let event, let handle, let trail, let message) = fact else { return [] }
        func outgoing(_ topic: Topic, _ id: String, _ type: EventType, _ data: [UInt8]) -> Outgoing {
            Outgoing(
                topic, key: handle.text, id: id, source: name, type: type, trail: trail, data: data)
        }
        let told = outgoing(
            .noticeEvents, "\(event.reference)/\(event.attempt)/\(event.step)",
            EventType("notice", event.kind.rawValue), event.data)
        switch message {
        case nil: return [told]
        case .job(let job):
            return [
                told,
                outgoing(
                    job.isUrgent ? .urgentJobs : .jobs, "\(job.reference)/\(job.attempt)",
                    EventType("sms", "job"), JSON.encode(job)),
            ]
        case .receipt(let receipt):
            return [
                told,
                outgoing(
                    .receipts, receipt.recordID, EventType("sms", "receipt"), JSON.encode(receipt)),
            ]
        }
    }

    func wakeUp(of state: DispatchState) -> Instant? { state.waiting.values.compactMap(\.until).min() }

    func wokenUp(_ key: String) -> Input? { .elapsed }
}

extension NoticeEvent {
    /// A part of the event's id: an attempt of a notice goes through each step only once.
    fileprivate var step: String {
        switch self {
        case .failed(let failed): "\(kind.rawValue).\(failed.why.rawValue)"
        case .deferred(let deferred) where deferred.attempt == 0: "\(kind.rawValue).\(deferred.until)"
        default: kind.rawValue
        }
    }
}

extension SMSReceipt {
    /// The id of the record that holds this receipt.
    var recordID: String { "\(reference)/\(attempt)/\(outcome.rawValue)" }
}
