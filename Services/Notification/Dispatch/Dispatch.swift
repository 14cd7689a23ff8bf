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
///
/// Each attempt is one gateway's. While nobody knows whether a gateway took an attempt, the next jobs name
/// that gateway: no other one is given them until the first can no longer deliver the message.
///
/// A gateway that reports what becomes of a message keeps the notice open: it may give the message back. When
/// its time to report is over, nobody knows, and the notice has ended.
///
/// If no message reaches an official, his complaint goes one level up: Dispatch writes the action `raise`.
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
        /// An official could not be reached.
        case raise(ComplaintAction)
    }

    let name = "dayu-notification.dispatch"
    /// 6: with the reports of gateways.
    let stateShape = 6
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
                + (isErased && waiting.stage != .sent ? [fail(waiting, .erased, nil, now)] : [])
        case .receipt(let receipt, let trail):
            guard let named = state.named(receipt) else { return [] }
            let trail = receipt.reference.isEmpty ? trail.causedBy(named.reference) : trail
            let receipt = named
            if let waiting = state.waiting[receipt.reference] {
                return answer(to: waiting, receipt, now).map { [$0] } ?? []
            }
            guard let ended = state.ended(receipt.reference), let event = ended.event(after: receipt) else {
                return []
            }
            return [
                .happened(
                    event, about: receipt.handle, trail.at(now), sends: raise(after: event, ended.duty))
            ]
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
            let fact =
                switch waiting.stage {
                case .taken: unanswered(waiting, now)
                case .sent: happened(.unknown(waiting.named), to: waiting, now)
                case .asked, .queued, .unanswered, .deferred: next(waiting, state, now)
                }
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
            about: request.fields == nil ? nil : request.about, fields: request.fields,
            only: waiting.hold.flatMap { now < $0.until ? $0 : nil }, isUrgent: request.isUrgent)
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
    ///
    /// Reports come in any order, also before the gateway's own answer. What the network says of an attempt
    /// counts more than the gateway's yes.
    private func answer(to waiting: Waiting, _ receipt: SMSReceipt, _ now: Instant) -> Fact? {
        guard waiting.attempt > 0, (1...waiting.attempt).contains(receipt.attempt) else { return nil }
        let attempt = NoticeEvent.Attempt(reference: receipt.reference, attempt: receipt.attempt)
        let isCurrent = receipt.attempt == waiting.attempt
        let reason = waiting.request.told(receipt.reason)
        switch (receipt.outcome, waiting.stage) {
        case (.accepted, .sent): return nil
        case (.accepted, _) where receipt.attempt == waiting.returned: return nil
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
        case (.unknown, .taken), (.unknown, .unanswered), (.unknown, .sent):
            return happened(.unknown(attempt), to: waiting, now)
        case (.returned, .taken), (.returned, .unanswered), (.returned, .sent):
            return putOff(waiting, reason, now, isReturned: true)
        case (.taken, .queued):
            let taken = NoticeEvent.Attempt(
                reference: attempt.reference, attempt: attempt.attempt, gateway: receipt.gateway,
                mayArriveUntil: receipt.mayArriveUntil, reportBy: receipt.reportBy)
            return happened(.taken(taken), to: waiting, now)
        case (.withdrawn, .queued): return putBack(waiting, nil, now)
        case (.unsent, .queued), (.unsent, .taken), (.unsent, .unanswered):
            return putBack(waiting, reason, now)
        case (.unanswered, .unanswered): return putOff(waiting, "no answer in time", now, waiting.asked)
        case (.deferred, .queued), (.deferred, .taken), (.deferred, .unanswered):
            return putOff(waiting, reason, now, receipt.hold)
        case (.taken, _), (.unanswered, _), (.deferred, _), (.withdrawn, _), (.unsent, _), (.returned, _),
            (.unknown, _):
            return nil
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

    /// - Parameter hold: the gateway that may have it all the same.
    private func putOff(
        _ waiting: Waiting, _ reason: String?, _ now: Instant, _ hold: GatewayHold? = nil,
        isReturned: Bool = false
    ) -> Fact {
        guard (1...Self.pauses.count).contains(waiting.tries) else {
            return fail(waiting, .exhausted, reason, now)
        }
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: waiting.attempt,
            until: now + Self.pauses[waiting.tries - 1], reason: reason, returned: isReturned,
            gateway: hold?.gateway, mayArriveUntil: hold?.until)
        return happened(.deferred(deferred), to: waiting, now)
    }

    private func fail(
        _ waiting: Waiting, _ why: NoticeEvent.Failed.Why, _ reason: String?, _ now: Instant
    ) -> Fact {
        let failed = NoticeEvent.Failed(
            reference: waiting.request.reference, attempt: waiting.attempt, why: why, reason: reason)
        let event = NoticeEvent.failed(failed)
        return happened(event, to: waiting, now, sends: raise(after: event, Duty(waiting.request)))
    }

    /// What an official's complaint is asked for when no message reaches him. If the gateways have no time or
    /// no room, that says nothing about his number.
    private func raise(after event: NoticeEvent, _ duty: Duty?) -> Message? {
        guard case .failed(let failed) = event, failed.why == .refused || failed.why == .undelivered
        else { return nil }
        return duty.map {
            .raise(ComplaintAction(complaint: $0.complaint, by: .system, verb: .raise(over: $0.official)))
        }
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
        // One for each notice, however often it is reported to have failed.
        case .raise(let action):
            return [
                told,
                Outgoing(
                    .actions, key: action.complaint.compact, id: "unreached/\(event.reference)",
                    source: name, type: EventType("action", action.verb.name.rawValue), trail: trail,
                    data: JSON.encode(action)),
            ]
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
