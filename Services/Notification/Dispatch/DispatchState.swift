import Models
import Processing

/// Everything about one number: the notices that are under way, and the last ones that came to an end.
struct DispatchState: Codable, StoredState {
    private(set) var waiting: [String: Waiting] = [:]
    /// Oldest first, each reference once. They are kept to recognise a repeated request or a late receipt.
    private(set) var ended: [Ended] = []
    /// The first attempt of each notice of the last day, oldest first. It is a set, so that what is read
    /// twice counts once.
    private(set) var sent: [Sent] = []
    /// When a complainant of this number was last written to.
    private(set) var complainantToldAt: Instant?
    private(set) var isConfirmed = false

    func ended(_ reference: String) -> Ended? { ended.first { $0.reference == reference } }

    func hasEnded(_ reference: String) -> Bool { ended(reference) != nil }

    mutating func ask(_ asked: Waiting) {
        let reference = asked.request.reference
        guard waiting[reference] == nil, !hasEnded(reference) else { return }
        waiting[reference] = asked
    }

    /// From then on this state holds nothing that was erased.
    mutating func withdraw(_ reference: String) {
        guard let waiting = waiting[reference] else { return }
        self.waiting[reference]?.request = waiting.request.withdrawn
    }

    mutating func take(_ event: NoticeEvent, at moment: Instant) {
        switch event {
        case .accepted(let accepted):
            if waiting[accepted.reference]?.isReportAwaited(of: accepted.attempt) == true {
                waiting[accepted.reference]?.send(as: accepted.gatewayReference)
            } else {
                end(event)
            }
        case .delivered, .unknown, .failed: end(event)
        case .attempted(let attempted):
            waiting[attempted.reference]?.begin(attempted.attempt)
            if attempted.attempt == 1, let kind = attempted.recipient {
                note(Sent(reference: attempted.reference, kind: kind, at: moment))
            }
        case .taken(let taken):
            waiting[taken.reference]?.take(taken, at: moment)
        case .unanswered(let unanswered): waiting[unanswered.reference]?.stage = .unanswered
        case .deferred(let deferred):
            waiting[deferred.reference]?.putOff(deferred)
        }
    }

    /// The receipt with the reference and the attempt that it is about. Nil if no message of this number has
    /// the name that the gateway gives.
    func named(_ receipt: SMSReceipt) -> SMSReceipt? {
        guard receipt.reference.isEmpty else { return receipt }
        guard let name = receipt.gatewayReference else { return nil }
        if let one = waiting.values.first(where: { $0.gatewayReference == name }) {
            return receipt.about(one.request.reference, one.attempt)
        }
        return ended.first { $0.gatewayReference == name }.map { receipt.about($0.reference, $0.attempt) }
    }

    // MARK: Limits

    /// A day, and an hour for clocks that differ.
    private static let rememberedFor: Duration = .seconds(25 * 3600)
    private static let sentLimit = NumberLimits.greatest * NumberLimits.urgentFactor * 2

    private mutating func note(_ latest: Sent) {
        if latest.kind.isCitizen {
            complainantToldAt = max(complainantToldAt ?? latest.at, latest.at)
        }
        if let index = sent.firstIndex(where: { $0.reference == latest.reference }) {
            guard sent[index].at < latest.at else { return }
            sent.remove(at: index)
        }
        let place = sent.lastIndex { ($0.at, $0.reference) < (latest.at, latest.reference) }
        sent.insert(latest, at: place.map { $0 + 1 } ?? 0)
        guard let newest = sent.last?.at else { return }
        let recent = sent.drop { newest - $0.at > Self.rememberedFor }
        sent = Array(recent.suffix(Self.sentLimit))
    }

    func sent(to kind: Recipient.Kind) -> [Instant] {
        sent.filter { $0.kind.isCitizen == kind.isCitizen }.map(\.at)
    }

    /// When the other notices that wait for room under the same limit will go. Before an urgent notice, only
    /// urgent ones count.
    func heldBack(before next: Waiting) -> [Instant] {
        let recipient = next.request.recipient
        return waiting.values.filter { other in
            let request = other.request
            return other.isHeldBack && request.reference != next.request.reference
                && request.recipient.kind.isCitizen == recipient.kind.isCitizen
                && (request.isUrgent || !next.request.isUrgent)
        }.compactMap { other in other.wakeAt.flatMap { $0 < other.expiresAt ? $0 : nil } }
    }

    func mayTellComplainant(at now: Instant) -> Bool {
        guard !isConfirmed, let complainantToldAt else { return true }
        return now - complainantToldAt >= Dispatch.unconfirmedPause
    }

    mutating func confirm() { isConfirmed = true }

    /// Urgent ones first, then in the order in which their time came.
    func due(at now: Instant) -> [Waiting] {
        waiting.values.compactMap { waiting in waiting.until.map { (waiting, until: $0) } }
            .filter { $0.until <= now }
            .sorted { left, right in
                let (one, other) = (left.0.request, right.0.request)
                if one.isUrgent != other.isUrgent { return one.isUrgent }
                return (left.until, one.reference) < (right.until, other.reference)
            }
            .map(\.0)
    }

    private mutating func end(_ event: NoticeEvent) {
        let former = waiting.removeValue(forKey: event.reference)
        if let index = ended.firstIndex(where: { $0.reference == event.reference }) {
            // A restore may read the own log from a position that the stored state is already past.
            if ended[index].outcome.allows(Ended.Outcome(event)) { ended[index].take(event) }
            return
        }
        ended.append(Ended(event, former))
        if ended.count > Dispatch.endedLimit { ended.removeFirst(ended.count - Dispatch.endedLimit) }
    }
}

/// A notice that has not come to an end.
struct Waiting: Codable, Equatable, Sendable {
    enum Stage: String, Codable, Sendable {
        /// No attempt was made yet.
        case asked
        /// The job waits for the pusher.
        case queued
        /// The gateway is being asked.
        case taken
        /// The time to answer is over; the receipt that says so is on its way through the log.
        case unanswered
        /// The gateway has it and will report what became of it.
        case sent
        /// The next attempt comes later.
        case deferred
    }

    var request: NoticeRequest
    /// The trail of what follows from the request, at the moment of the request.
    let trail: Trail
    /// The number of the last attempt; 0 before the first. It names a job: no two jobs of a notice have the
    /// same.
    var attempt = 0
    /// How many of the attempts did not reach the gateway.
    var unsent = 0
    var stage = Stage.asked
    /// The end of the time to answer, of the pause, or of the time to report.
    var wakeAt: Instant?
    /// The gateway that is asked, and until when it may deliver what it is given.
    private(set) var asked: GatewayHold?
    /// By when it has reported; nil if it never does.
    private(set) var reportBy: Instant?
    /// The gateway that may have an earlier attempt, although nobody knows.
    private(set) var hold: GatewayHold?
    /// The attempt that a gateway took and gave back.
    private(set) var returned: Int?
    /// The gateway's own name of the message.
    private(set) var gatewayReference: String?

    init(_ request: NoticeRequest, _ trail: Trail) {
        self.request = request
        self.trail = trail
    }

    mutating func begin(_ attempt: Int) {
        self.attempt = attempt
        stage = .queued
        (asked, reportBy, gatewayReference) = (nil, nil, nil)
    }

    mutating func take(_ taken: NoticeEvent.Attempt, at moment: Instant) {
        stage = .taken
        wakeAt = moment + Dispatch.answerWithin
        asked = taken.hold
        reportBy = taken.reportBy
    }

    mutating func send(as gatewayReference: String?) {
        stage = .sent
        wakeAt = reportBy
        self.gatewayReference = gatewayReference
    }

    mutating func putOff(_ deferred: NoticeEvent.Deferred) {
        stage = .deferred
        wakeAt = deferred.until
        if deferred.unsent == true { unsent += 1 }
        if deferred.returned == true { returned = deferred.attempt }
        // What is certain of this attempt says nothing about an earlier one.
        if let next = deferred.hold {
            hold = GatewayHold(gateway: next.gateway, until: max(next.until, hold?.until ?? next.until))
        }
    }

    func isReportAwaited(of attempt: Int) -> Bool { attempt == self.attempt && reportBy != nil }

    var named: NoticeEvent.Attempt { .init(reference: request.reference, attempt: attempt) }

    /// The attempts that count.
    var tries: Int { attempt - unsent }

    /// Whether its first attempt waits for room under the limit of its number.
    var isHeldBack: Bool { stage == .deferred && attempt == 0 }

    /// Its job, where one waits for the pusher.
    var queued: JobWithdrawal? {
        guard stage == .queued else { return nil }
        return JobWithdrawal(
            handle: request.recipient.handle, reference: request.reference, attempt: attempt)
    }

    var expiresAt: Instant { trail.at + Dispatch.expiresAfter }

    /// When to look at it again if nothing happens before.
    var until: Instant? {
        switch stage {
        case .asked: nil
        case .queued, .unanswered: expiresAt
        case .taken, .deferred, .sent: wakeAt
        }
    }
}

/// A notice that counts under the limit of its number.
struct Sent: Codable, Equatable, Sendable {
    let reference: String
    let kind: Recipient.Kind
    let at: Instant
}

/// A notice that came to an end. It is kept because receipts may come late.
struct Ended: Codable, Equatable, Sendable {
    enum Outcome: String, Codable, Sendable {
        /// Given up without the gateway's yes.
        case failed
        case accepted, unknown, undelivered, delivered

        init(_ event: NoticeEvent) {
            self =
                switch event {
                case .delivered: .delivered
                case .unknown: .unknown
                case .failed(let failed): failed.why == .undelivered ? .undelivered : .failed
                default: .accepted
                }
        }

        /// Receipts come in any order. The one that tells more wins. A report that the message is on the
        /// phone tells the most: a report that it is not may be about another attempt.
        func allows(_ later: Self) -> Bool {
            switch (self, later) {
            case (.failed, .accepted), (.failed, .delivered), (.accepted, .delivered),
                (.accepted, .unknown), (.accepted, .undelivered), (.unknown, .undelivered),
                (.unknown, .delivered), (.undelivered, .delivered):
                true
            default: false
            }
        }
    }

    let reference: String
    /// The last attempt that was made.
    let last: Int
    private(set) var outcome: Outcome
    /// The attempt that the outcome is about.
    private(set) var attempt: Int
    /// Whether the gateway refused that attempt, so that no yes about it can follow.
    private(set) var isRefused: Bool
    /// Nil if the notice went to no official, or is no longer known.
    let duty: Duty?
    let gatewayReference: String?

    fileprivate init(_ event: NoticeEvent, _ former: Waiting?) {
        reference = event.reference
        last = former?.attempt ?? event.attempt
        outcome = Outcome(event)
        attempt = event.attempt
        isRefused = event.isRefusal
        duty = former.flatMap { Duty($0.request) }
        gatewayReference = event.gatewayReference ?? former?.gatewayReference
    }

    fileprivate mutating func take(_ event: NoticeEvent) {
        outcome = Outcome(event)
        attempt = event.attempt
        isRefused = event.isRefusal
    }

    /// The event of a late receipt; nil where the receipt tells nothing new.
    func event(after receipt: SMSReceipt) -> NoticeEvent? {
        guard last > 0, (1...last).contains(receipt.attempt) else { return nil }
        let event: NoticeEvent
        switch receipt.outcome {
        case .accepted where isRefused && receipt.attempt == attempt: return nil
        case .accepted:
            event = .accepted(
                .init(
                    reference: reference, attempt: receipt.attempt,
                    gatewayReference: receipt.gatewayReference))
        case .delivered: event = .delivered(.init(reference: reference, attempt: receipt.attempt))
        case .unknown where receipt.attempt == attempt:
            event = .unknown(.init(reference: reference, attempt: attempt))
        // Nobody makes another attempt any more, so a message that comes back is not delivered either.
        case .undelivered where receipt.attempt == attempt, .returned where receipt.attempt == attempt:
            event = .failed(
                .init(
                    reference: reference, attempt: attempt, why: .undelivered,
                    reason: receipt.reason.flatMap(Self.code)))
        case .taken, .unanswered, .withdrawn, .unsent, .deferred, .refused, .undelivered, .returned, .unknown:
            return nil
        }
        return outcome.allows(Outcome(event)) ? event : nil
    }

    /// The gateway's reason when the message is no longer known, so that nobody can tell whether the reason
    /// repeats it. Only one short word that holds no phone number is passed on, such as UNDELIV or
    /// EXPIRED/042.
    private static func code(_ reason: String) -> String? {
        let isCode =
            reason.utf8.count <= 32 && reason.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && reason.utf8.count { (0x30...0x39).contains($0) } < 8
        return isCode ? reason : nil
    }
}

/// What an official has to do with a complaint of which he is told.
struct Duty: Codable, Equatable, Sendable {
    let complaint: TrackingCode
    let official: Actor

    /// Nil for a complainant, and for who follows a complaint. A notice about somebody's dead number has no
    /// duty either: if it reaches nobody, it must not lead to another one.
    init?(_ request: NoticeRequest) {
        guard request.about != .unreached else { return nil }
        let role: Role
        switch request.recipient.kind {
        case .chief: role = .chief
        case .office: role = .office
        case .department: role = .department
        case .complainant, .follower: return nil
        }
        complaint = request.complaint
        official = Actor(role: role, id: request.recipient.id)
    }
}

extension NoticeEvent {
    fileprivate var isRefusal: Bool {
        if case .failed(let failed) = self { return failed.why == .refused }
        return false
    }

    fileprivate var gatewayReference: String? {
        if case .accepted(let accepted) = self { return accepted.gatewayReference }
        return nil
    }
}

extension NoticeEvent.Attempt {
    var hold: GatewayHold? { GatewayHold(gateway, until: mayArriveUntil) }
}

extension NoticeEvent.Deferred {
    var hold: GatewayHold? { GatewayHold(gateway, until: mayArriveUntil) }
}

extension SMSReceipt {
    var hold: GatewayHold? { GatewayHold(gateway, until: mayArriveUntil) }

    fileprivate func about(_ reference: String, _ attempt: Int) -> SMSReceipt {
        SMSReceipt(
            handle: handle, reference: reference, attempt: attempt, outcome: outcome,
            gatewayReference: gatewayReference, reason: reason, gateway: gateway)
    }
}

extension GatewayHold {
    fileprivate init?(_ gateway: String?, until: Instant?) {
        guard let gateway, let until else { return nil }
        self.init(gateway: gateway, until: until)
    }
}
