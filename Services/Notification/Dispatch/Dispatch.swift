import Models
import Processing

/// Sees each notice through to the gateway's word: attempts it, waits for the receipt, tries again, gives up.
///
/// Keyed by recipient. The attempt is an event before the message and the receipt one after it, so a crash in
/// between is an alarm that rings, never a lost message; what is repeated is repeated under the same
/// reference.
struct Dispatch: Processor {
    struct State: Codable, StoredState {
        var waiting: [String: Waiting] = [:]
        /// The latest references that are finished, oldest first: a request that comes again is known.
        var finished: [String] = []
    }

    struct Waiting: Codable, Equatable, Sendable {
        let request: NoticeRequest
        let requestedAt: Instant
        let traceparent: String?
        var attempt: Int
        /// When to try again unless a receipt says otherwise; nil before the first attempt.
        var retryAt: Instant?
    }

    enum Input: Equatable, Sendable {
        case requested(NoticeRequest, at: Instant, traceparent: String?)
        case receipt(SMSReceipt)
        case elapsed
    }

    enum Fact: Equatable, Sendable {
        /// Already on the log, as the request itself.
        case requested(NoticeRequest, at: Instant, traceparent: String?)
        case happened(NoticeEvent, key: String, at: Instant, job: SMSJob?, traceparent: String?)
    }

    let name = "dayu-notification.dispatch"
    let inputs: [Topic] = [.noticeRequests, .receipts]
    let memory: [Topic] = [.noticeRequests, .noticeEvents]

    /// A gateway that says nothing for this long is asked again.
    static let receiptWithin: Duration = .seconds(60)
    /// The pauses after the first, second … attempt that was put off.
    static let pauses: [Duration] = [
        .seconds(10), .seconds(30), .seconds(120), .seconds(600), .seconds(3600),
    ]
    /// After this nobody wants to be told any more.
    static let expiresAfter: Duration = .seconds(24 * 3600)
    static let finishedLimit = 200

    // MARK: Reading

    func understand(_ record: Record) throws(Malformed) -> (key: String, input: Input) {
        let key = try record.keyText()
        let event = try record.cloudEvent()
        guard let data = event.data else { throw Malformed("", "a \(record.topic.rawValue) record has data") }
        if record.topic == .receipts { return (key, .receipt(try JSON.decode(SMSReceipt.self, from: data))) }
        let request = try JSON.decode(NoticeRequest.self, from: data)
        guard request.recipient.key == key else {
            throw Malformed("recipient", "differs from the record's key")
        }
        return (key, .requested(request, at: event.time, traceparent: event.traceparent))
    }

    func recall(_ record: Record) throws(Malformed) -> (key: String, fact: Fact) {
        if record.topic == .noticeRequests {
            guard case (let key, .requested(let request, let at, let traceparent)) = try understand(record)
            else {
                throw Malformed("", "is not a request")
            }
            return (key, .requested(request, at: at, traceparent: traceparent))
        }
        let event = try record.cloudEvent()
        let type = try EventType(event.type)
        guard let kind = NoticeEvent.Kind(rawValue: type.name), let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not a notice's event")
        }
        let key = try record.keyText()
        let happened = try NoticeEvent(kind: kind, data: data)
        return (key, .happened(happened, key: key, at: event.time, job: nil, traceparent: event.traceparent))
    }

    // MARK: Deciding

    func decide(
        _ state: State?, _ input: Input, at now: Instant, caughtUp: Bool
    ) throws(Refusal) -> [Fact] {
        let state = state ?? State()
        switch input {
        case .requested(let request, let at, let traceparent):
            // A restart may have recalled the request already; what counts is whether it was attempted.
            let known = state.waiting[request.reference]
            guard known?.retryAt == nil, !state.finished.contains(request.reference) else { return [] }
            let waiting = Waiting(request: request, requestedAt: at, traceparent: traceparent, attempt: 0)
            return [.requested(request, at: at, traceparent: traceparent), next(waiting, now)]
        case .receipt(let receipt):
            guard let waiting = state.waiting[receipt.reference] else { return [] }
            // A yes may come after the patience with its attempt was over: the message is delivered all the
            // same, and need not go out again. A late no or "later" says nothing of the attempt under way.
            let isLateYes =
                receipt.outcome == .accepted && (1..<max(1, waiting.attempt)).contains(receipt.attempt)
            guard receipt.attempt == waiting.attempt || isLateYes else { return [] }
            return [answer(to: waiting, receipt, now)]
        case .elapsed:
            return state.waiting.values.filter { $0.retryAt.map { $0 <= now } ?? false }
                .sorted { $0.request.reference < $1.request.reference }
                .map { next($0, now) }
        }
    }

    /// The next attempt, or the end of the attempts.
    private func next(_ waiting: Waiting, _ now: Instant) -> Fact {
        let request = waiting.request
        let expiresAt = waiting.requestedAt + Self.expiresAfter
        if now >= expiresAt { return fail(waiting, "expired", now) }
        if waiting.attempt > Self.pauses.count { return fail(waiting, "the gateway did not take it", now) }
        let attempt = waiting.attempt + 1
        let event = NoticeEvent.attempted(
            .init(
                reference: request.reference, attempt: attempt, about: request.about,
                complaint: request.complaint))
        let job = SMSJob(
            reference: request.reference, attempt: attempt, phone: request.recipient.phone,
            text: request.text,
            expiresAt: expiresAt)
        return happened(event, to: waiting, now, job: job)
    }

    private func answer(to waiting: Waiting, _ receipt: SMSReceipt, _ now: Instant) -> Fact {
        let reference = receipt.reference
        switch receipt.outcome {
        case .accepted:
            return happened(
                .accepted(.init(reference: reference, gatewayReference: receipt.gatewayReference)),
                to: waiting, now)
        case .refused:
            return fail(waiting, waiting.request.told(receipt.reason) ?? "the gateway refused it", now)
        case .deferred:
            guard waiting.attempt <= Self.pauses.count else {
                return fail(waiting, waiting.request.told(receipt.reason) ?? "put off", now)
            }
            let until = now + Self.pauses[max(0, waiting.attempt - 1)]
            let deferred = NoticeEvent.Deferred(
                reference: reference, attempt: waiting.attempt, until: until,
                reason: waiting.request.told(receipt.reason))
            return happened(.deferred(deferred), to: waiting, now)
        }
    }

    private func fail(_ waiting: Waiting, _ reason: String, _ now: Instant) -> Fact {
        happened(.failed(.init(reference: waiting.request.reference, reason: reason)), to: waiting, now)
    }

    private func happened(
        _ event: NoticeEvent, to waiting: Waiting, _ now: Instant, job: SMSJob? = nil
    ) -> Fact {
        .happened(
            event, key: waiting.request.recipient.key, at: now, job: job, traceparent: waiting.traceparent)
    }

    // MARK: Evolving

    func evolve(_ state: State?, _ fact: Fact) -> State? {
        var next = state ?? State()
        switch fact {
        case .requested(let request, let at, let traceparent):
            guard next.waiting[request.reference] == nil, !next.finished.contains(request.reference) else {
                break
            }
            next.waiting[request.reference] = Waiting(
                request: request, requestedAt: at, traceparent: traceparent, attempt: 0)
        case .happened(.attempted(let attempted), _, let at, _, _):
            next.waiting[attempted.reference]?.attempt = attempted.attempt
            next.waiting[attempted.reference]?.retryAt = at + Self.receiptWithin
        case .happened(.deferred(let deferred), _, _, _, _):
            next.waiting[deferred.reference]?.retryAt = deferred.until
        case .happened(.accepted(let accepted), _, _, _, _): next.finish(accepted.reference)
        case .happened(.failed(let failed), _, _, _, _): next.finish(failed.reference)
        }
        return next == State() ? nil : next
    }

    func records(of fact: Fact) -> [Outgoing] {
        guard case .happened(let event, let key, let at, let job, let traceparent) = fact else { return [] }
        let attempt =
            switch event {
            case .attempted(let attempted): "/\(attempted.attempt)"
            case .deferred(let deferred): "/\(deferred.attempt)"
            case .accepted, .failed: ""
            }
        let told = Outgoing(
            topic: .noticeEvents, key: key,
            event: CloudEvent(
                id: "\(event.reference)/\(event.kind.rawValue)\(attempt)", source: name,
                type: EventType("notice", event.kind.rawValue).description, subject: key, time: at,
                cause: event.reference, traceparent: traceparent, data: event.data))
        guard let job else { return [told] }
        let handed = Outgoing(
            topic: .jobs, key: key,
            event: CloudEvent(
                id: "\(job.reference)/\(job.attempt)", source: name,
                type: EventType("sms", "job").description,
                subject: key, time: at, cause: event.reference, traceparent: traceparent,
                data: JSON.encode(job)))
        return [told, handed]
    }

    func wakeUp(of state: State) -> Instant? { state.waiting.values.compactMap(\.retryAt).min() }

    func wokenUp(_ key: String) -> Input? { .elapsed }
}

extension Dispatch.State {
    fileprivate mutating func finish(_ reference: String) {
        waiting[reference] = nil
        // The own log may be read from a position that lies before what the store holds.
        guard !finished.contains(reference) else { return }
        finished.append(reference)
        if finished.count > Dispatch.finishedLimit {
            finished.removeFirst(finished.count - Dispatch.finishedLimit)
        }
    }
}

extension NoticeRequest {
    /// A gateway's reason as it may stand on a topic that is not restricted: some gateways repeat what they
    /// were given.
    fileprivate func told(_ reason: String?) -> String? {
        guard let reason else { return nil }
        let number = recipient.phone.filter(\.isNumber).suffix(Self.tellingDigits)
        let isRepeated =
            reason.contains(text) || !number.isEmpty && reason.filter(\.isNumber).contains(number)
        return isRepeated ? "withheld: it repeats the message" : String(reason.prefix(Self.reasonCharacters))
    }

    private static let tellingDigits = 8
    private static let reasonCharacters = 200
}
