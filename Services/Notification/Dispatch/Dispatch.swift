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
/// A notice may wait before its first attempt: for others, for the end of quiet hours, for room under a
/// limit. What waits for one number goes in one message (`Grouping.swift`).
///
/// If no message reaches an official, his complaint goes one level up: Dispatch writes the action `raise`.
struct Dispatch: Processor {
    enum Input: Equatable, Sendable {
        /// Each trail is for everything that follows from the input.
        case requested(NoticeRequest, Trail)
        case withdrawn(NoticeWithdrawal)
        case receipt(SMSReceipt, Trail)
        case confirmed(NumberHandle, Trail)
        /// What somebody was asked was done in another way.
        case settled(NoticeSettlement, Trail)
        /// A phone sent something.
        case message(PhoneMessage, Trail)
        /// An official asked for the link to his desk.
        case deskLink(DeskLinkAsked, Trail)
        case elapsed
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the request itself.
        case requested(NoticeRequest, Trail)
        /// Already on the log, as the withdrawal itself. `job` is the job that waits at this moment.
        case withdrawn(NoticeWithdrawal, Trail?, job: JobWithdrawal?)
        case happened(NoticeEvent, about: NumberHandle, Trail, sends: Message?)
        case confirmed(NumberHandle, Trail)
        /// Already on the log. What follows from it is on the own log, so by itself it changes nothing.
        case settled(NoticeSettlement)
        case answered(PhoneAnswer, Trail, Deed?)
        /// Written as a request of its own, which comes back as an input.
        case replied(NoticeRequest, Trail)
        /// Written as a job that is followed no further.
        case sent(SMSJob, Trail)
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
    /// 7: with notices that go in one message.
    let stateShape = 7
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
    static let unsentPauses: [Duration] = [
        .zero, .seconds(5), .seconds(15), .seconds(60), .seconds(300),
    ]
    /// After this time a notice is no longer of use.
    static let expiresAfter: Duration = .seconds(24 * 3600)
    static let endedLimit = 200
    /// A number that nobody has confirmed gets one message in this time, because whoever complains may name
    /// somebody else's number.
    static let unconfirmedPause: Duration = .seconds(30 * 86_400)
    /// From then on a job that no pusher has taken holds up what comes after it. So while the city's limit is
    /// reached, a number's notices become one message and not a queue.
    static let heldUpAfter: Duration = .seconds(60)
    /// So long a notice waits for the number's jobs to leave the queue before it looks itself. It is woken
    /// when they do.
    static let behindAtMost: Duration = .seconds(6 * 3600)
    /// A message about more notices tells no more.
    static let groupLimit = 100
    /// So long a notice that is to go alone waits for room under a limit. Then it goes with others, while it
    /// still can.
    static let aloneFor: Duration = .seconds(12 * 3600)

    let limits: NumberLimits
    /// How long a notice waits for others; zero: it does not.
    let window: Duration
    let wording: Wording
    let answers: PhoneAnswers

    static let usualWindow: Duration = .seconds(600)

    init(
        limits: NumberLimits = NumberLimits(), window: Duration = usualWindow, wording: Wording = Wording(),
        answers: PhoneAnswers = .none
    ) {
        self.answers = answers
        self.limits = limits
        self.window = window
        self.wording = wording
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
            let waiting = Waiting(request, trail)
            let overtaken = state.overtaken(by: waiting).flatMap { fail($0, .overtaken, nil, state, now) }
            return [.requested(request, trail)] + overtaken + next(waiting, state, now)
        case .withdrawn(let withdrawal): return withdrawn(withdrawal, state, now)
        case .receipt(let receipt, let trail):
            guard let named = state.named(receipt) else { return [] }
            let trail = receipt.reference.isEmpty ? trail.causedBy(named.reference) : trail
            let receipt = named
            if let waiting = state.waiting[receipt.reference] {
                return answer(to: waiting, receipt, state, now)
            }
            guard let ended = state.ended(receipt.reference), let event = ended.event(after: receipt) else {
                return []
            }
            let members = state.endedMembers(of: ended.reference)
            return failures(of: members, after: event, receipt.handle, trail.at(now)) + [
                .happened(
                    event, about: receipt.handle, trail.at(now), sends: raise(after: event, ended.duty))
            ]
        case .confirmed(let handle, let trail):
            return state.isConfirmed ? [] : [.confirmed(handle, trail.at(now))]
        case .settled(let settlement, let trail): return settled(settlement, state, trail, now)
        case .message(let message, let trail): return heard(message, state, trail, now)
        case .deskLink(let asked, let trail):
            return now < asked.expiresAt ? [.sent(SMSJob(asked), trail.at(now))] : []
        case .elapsed: return elapsed(state, now)
        }
    }

    /// One after the other, because each notice uses up a part of the limit, and may take others with it.
    private func elapsed(_ state: DispatchState, _ now: Instant) -> [Fact] {
        var (state, facts) = (state, [Fact]())
        for due in state.due(at: now) {
            guard let waiting = state.waiting[due.request.reference], waiting == due else { continue }
            let next =
                switch waiting.stage {
                case .taken: [unanswered(waiting, now)]
                case .sent: [happened(.unknown(waiting.named), to: waiting, now)]
                case .asked, .queued, .unanswered, .deferred, .grouped: next(waiting, state, now)
                }
            state = next.reduce(state) { evolve($0, $1) ?? DispatchState() }
            facts += next
        }
        return facts + closing(state, now)
    }

    /// The next attempt, a pause, or the end of the attempts.
    private func next(_ waiting: Waiting, _ state: DispatchState, _ now: Instant) -> [Fact] {
        if now >= waiting.expiresAt {
            return fail(waiting, waiting.isHeldBack ? .limited : .expired, nil, state, now)
        }
        if waiting.tries > Self.pauses.count { return fail(waiting, .exhausted, nil, state, now) }
        // He may have said so while an attempt was put off.
        if waiting.request.recipient.kind.isCitizen, state.conversation.isStopped {
            return fail(waiting, .stopped, nil, state, now)
        }
        let members = state.members(of: waiting.request.reference)
        // A limit counts messages, not attempts: a notice that was attempted once has been counted.
        guard waiting.attempt == 0 else { return [attempt(waiting, with: members, now)] }
        if waiting.request.recipient.kind.isCitizen {
            guard state.mayTellComplainant(at: now) else {
                return fail(waiting, .unconfirmed, nil, state, now)
            }
        }
        if let hold = hold(waiting, state, now) {
            return [holdBack(waiting, until: hold.until, because: hold.reason, now)]
        }
        let group = group(around: waiting, state, now)
        let grouped = group.members.map { member in
            let request = member.request
            let event = NoticeEvent.Grouped(
                reference: request.reference, into: group.lead.request.reference, about: request.about,
                complaint: request.complaint, recipient: request.recipient.kind)
            return happened(.grouped(event), to: member, now)
        }
        return grouped + [attempt(group.lead, with: group.members, now)]
    }

    private func attempt(_ waiting: Waiting, with members: [Waiting], _ now: Instant) -> Fact {
        let request = waiting.request
        let attempt = waiting.attempt + 1
        let event = NoticeEvent.attempted(
            .init(
                reference: request.reference, attempt: attempt, about: request.about,
                complaint: request.complaint, recipient: request.recipient.kind))
        return happened(event, to: waiting, now, sends: .job(job(waiting, attempt, with: members, now)))
    }

    private func holdBack(
        _ waiting: Waiting, until opening: Instant, because hold: Hold, _ now: Instant
    ) -> Fact {
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: 0, until: min(opening, waiting.expiresAt),
            reason: hold.rawValue)
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

    /// Nothing where the receipt changes nothing.
    ///
    /// The gateway's yes, or a report that the message is on the phone, counts whichever attempt it is about:
    /// the message need not go out again. Any other receipt counts only if it is about the attempt that is
    /// under way.
    ///
    /// Reports come in any order, also before the gateway's own answer. What the network says of an attempt
    /// counts more than the gateway's yes.
    private func answer(
        to waiting: Waiting, _ receipt: SMSReceipt, _ state: DispatchState, _ now: Instant
    ) -> [Fact] {
        guard waiting.attempt > 0, (1...waiting.attempt).contains(receipt.attempt) else { return [] }
        let attempt = NoticeEvent.Attempt(reference: receipt.reference, attempt: receipt.attempt)
        let isCurrent = receipt.attempt == waiting.attempt
        let reason = waiting.request.told(receipt.reason)
        switch (receipt.outcome, waiting.stage) {
        case (.accepted, .sent): return []
        case (.accepted, _) where receipt.attempt == waiting.returned: return []
        case (.accepted, _):
            let accepted = NoticeEvent.Accepted(
                reference: attempt.reference, attempt: attempt.attempt,
                gatewayReference: receipt.gatewayReference)
            return [happened(.accepted(accepted), to: waiting, now)]
        case (.delivered, _): return [happened(.delivered(attempt), to: waiting, now)]
        case _ where !isCurrent: return []
        case (.undelivered, _): return fail(waiting, .undelivered, reason, state, now)
        case (.refused, _):
            return fail(waiting, now >= waiting.expiresAt ? .expired : .refused, reason, state, now)
        case (.unknown, .taken), (.unknown, .unanswered), (.unknown, .sent):
            return [happened(.unknown(attempt), to: waiting, now)]
        case (.returned, .taken), (.returned, .unanswered), (.returned, .sent):
            let gateway = receipt.gateway ?? waiting.asked?.gateway
            return putOff(
                waiting, reason, state, now, isReturned: true, declinedBy: receipt.isDeclined ? gateway : nil)
        case (.taken, .queued):
            let taken = NoticeEvent.Attempt(
                reference: attempt.reference, attempt: attempt.attempt, gateway: receipt.gateway,
                mayArriveUntil: receipt.mayArriveUntil, reportBy: receipt.reportBy)
            return [happened(.taken(taken), to: waiting, now)]
        case (.withdrawn, .queued): return [putBack(waiting, nil, state, now)]
        case (.unsent, .queued), (.unsent, .taken), (.unsent, .unanswered):
            return [putBack(waiting, reason, state, now)]
        case (.unanswered, .unanswered):
            return putOff(waiting, "no answer in time", state, now, waiting.asked)
        case (.deferred, .queued), (.deferred, .taken), (.deferred, .unanswered):
            return putOff(waiting, reason, state, now, receipt.hold)
        case (.taken, _), (.unanswered, _), (.deferred, _), (.withdrawn, _), (.unsent, _), (.returned, _),
            (.unknown, _):
            return []
        }
    }

    /// The gateway was not asked, so the attempt does not count. The notice ends when it expires.
    private func putBack(
        _ waiting: Waiting, _ reason: String?, _ state: DispatchState, _ now: Instant
    ) -> Fact {
        let pause = Self.unsentPauses[min(waiting.unsent, Self.unsentPauses.count - 1)]
        let until = quietEnd(for: waiting, state, at: now + pause)
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: waiting.attempt,
            until: min(until, waiting.expiresAt), reason: reason, unsent: true)
        return happened(.deferred(deferred), to: waiting, now)
    }

    /// - Parameter hold: the gateway that may have it all the same.
    private func putOff(
        _ waiting: Waiting, _ reason: String?, _ state: DispatchState, _ now: Instant,
        _ hold: GatewayHold? = nil, isReturned: Bool = false, declinedBy: String? = nil
    ) -> [Fact] {
        guard (1...Self.pauses.count).contains(waiting.tries) else {
            return fail(waiting, .exhausted, reason, state, now)
        }
        let deferred = NoticeEvent.Deferred(
            reference: waiting.request.reference, attempt: waiting.attempt,
            until: quietEnd(for: waiting, state, at: now + Self.pauses[waiting.tries - 1]), reason: reason,
            returned: isReturned, gateway: hold?.gateway, mayArriveUntil: hold?.until, declinedBy: declinedBy)
        return [happened(.deferred(deferred), to: waiting, now)]
    }

    /// Whatever went with it fails, too, each with what follows for its own complaint.
    func fail(
        _ waiting: Waiting, _ why: NoticeEvent.Failed.Why, _ reason: String?, _ state: DispatchState,
        _ now: Instant
    ) -> [Fact] {
        let failed = NoticeEvent.Failed(
            reference: waiting.request.reference, attempt: waiting.attempt, why: why, reason: reason)
        let event = NoticeEvent.failed(failed)
        let members = state.members(of: waiting.request.reference).map {
            (reference: $0.request.reference, duty: Duty($0.request))
        }
        let (handle, trail) = (waiting.request.recipient.handle, waiting.trail.at(now))
        return failures(of: members, after: event, handle, trail)
            + [happened(event, to: waiting, now, sends: raise(after: event, Duty(waiting.request)))]
    }

    private func failures(
        of members: [(reference: String, duty: Duty?)], after event: NoticeEvent, _ handle: NumberHandle,
        _ trail: Trail
    ) -> [Fact] {
        guard case .failed(let failed) = event else { return [] }
        return members.map { member in
            let event = NoticeEvent.failed(
                .init(reference: member.reference, attempt: 0, why: failed.why, reason: failed.reason))
            return .happened(
                event, about: handle, trail.causedBy(member.reference),
                sends: raise(after: event, member.duty))
        }
    }

    /// What an official's complaint is asked for when no message reaches him, also after every attempt was
    /// put off: he does not know of it. If there was no time or no room for an attempt, that says nothing
    /// about his number.
    private func raise(after event: NoticeEvent, _ duty: Duty?) -> Message? {
        guard case .failed(let failed) = event else { return nil }
        switch failed.why {
        case .refused, .undelivered, .exhausted: break
        case .expired, .limited, .unconfirmed, .erased, .stopped, .overtaken: return nil
        }
        return duty.map {
            .raise(ComplaintAction(complaint: $0.complaint, by: .system, verb: .raise(over: $0.official)))
        }
    }

    func happened(
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
        case .answered(let answer, let trail, _): next.take(answer, at: trail.at)
        case .replied, .settled, .sent: break
        }
        return next == DispatchState() ? nil : next
    }

    func counted(_ fact: Fact) -> String? {
        if case .answered(let answer, _, _) = fact {
            // Nobody answered.
            if answer.outcome == .closed || answer.outcome == .settled { return nil }
            return "answer.\(answer.outcome.rawValue)"
        }
        guard case .happened(let event, _, _, _) = fact else { return nil }
        switch event {
        case .deferred(let deferred) where deferred.attempt == 0:
            return deferred.reason.flatMap(Hold.init)?.counted
        case .grouped: return "notice.grouped"
        case .failed(let failed): return "notice.\(failed.why.rawValue)"
        default: return nil
        }
    }

    func wakeUp(of state: DispatchState) -> Instant? {
        (state.waiting.values.compactMap(\.until) + [state.conversation.closesAt].compactMap(\.self)).min()
    }

    func wokenUp(_ key: String) -> Input? { .elapsed }
}
