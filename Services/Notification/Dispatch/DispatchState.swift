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
    private(set) var conversation = Conversation()

    func ended(_ reference: String) -> Ended? { ended.first { $0.reference == reference } }

    func hasEnded(_ reference: String) -> Bool { ended(reference) != nil }

    mutating func ask(_ asked: Waiting) {
        let reference = asked.request.reference
        guard waiting[reference] == nil, !hasEnded(reference) else { return }
        waiting[reference] = asked
    }

    /// From then on this state holds nothing that was erased.
    mutating func withdraw(_ reference: String) {
        conversation.forget(reference)
        guard let waiting = waiting[reference] else { return }
        self.waiting[reference]?.request = waiting.request.withdrawn
        self.waiting[reference]?.isWithdrawn = true
    }

    mutating func take(_ event: NoticeEvent, at moment: Instant) {
        switch event {
        case .grouped(let grouped):
            ask(grouped.reference, at: moment)
            waiting[grouped.reference]?.join(grouped.into)
        case .accepted(let accepted):
            if waiting[accepted.reference]?.isReportAwaited(of: accepted.attempt) == true {
                waiting[accepted.reference]?.send(as: accepted.gatewayReference)
            } else {
                end(event)
            }
        case .delivered, .unknown, .failed: end(event)
        case .attempted(let attempted):
            if attempted.attempt == 1 { ask(attempted.reference, at: moment) }
            waiting[attempted.reference]?.begin(attempted.attempt, at: moment)
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

    /// The notices that go in one message with this one, which is the latest of them.
    func members(of reference: String) -> [Waiting] {
        waiting.values.filter { $0.into == reference }.sorted { $0.request.reference < $1.request.reference }
    }

    /// Those that went in one message with this one, and what follows for each if it does not arrive.
    func endedMembers(of reference: String) -> [(reference: String, duty: Duty?)] {
        ended.filter { $0.into == reference }.map { ($0.reference, $0.duty) }
    }

    /// Whether a message to the number that is not urgent has been waiting for a pusher, because the city's
    /// limit is reached or no gateway works.
    func isHeldUp(_ next: Waiting, at now: Instant) -> Bool {
        waiting.values.contains { other in
            other.isLike(next) && other.stage == .queued && !other.request.isUrgent
                && other.queuedAt.map { now - $0 >= Dispatch.heldUpAfter } ?? false
        }
    }

    func mayTellComplainant(at now: Instant) -> Bool {
        guard !isConfirmed, let complainantToldAt else { return true }
        return now - complainantToldAt >= Dispatch.unconfirmedPause
    }

    mutating func confirm() { isConfirmed = true }

    mutating func take(_ answer: PhoneAnswer, at moment: Instant) { conversation.take(answer, at: moment) }

    private mutating func ask(_ reference: String, at moment: Instant) {
        guard let waiting = waiting[reference] else { return }
        conversation.ask(waiting.request, at: moment, isErased: waiting.isErased)
    }

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
        // What went with it has ended as it has. The log has no events of their own.
        for member in members(of: event.reference) {
            let reference = member.request.reference
            waiting[reference] = nil
            end(Ended(event, member))
        }
        let former = waiting.removeValue(forKey: event.reference)
        if let index = ended.firstIndex(where: { $0.reference == event.reference }) {
            // A restore may read the own log from a position that the stored state is already past.
            if ended[index].outcome.allows(Ended.Outcome(event)) { ended[index].take(event) }
            return
        }
        end(Ended(event, former))
    }

    private mutating func end(_ latest: Ended) {
        guard !hasEnded(latest.reference) else { return }
        ended.append(latest)
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
        /// It goes in one message with another notice, and ends with it.
        case grouped
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
    /// The reference of the notice with which it goes.
    private(set) var into: String?
    /// When its job was written.
    private(set) var queuedAt: Instant?
    /// Whether what it quotes was erased.
    fileprivate(set) var isWithdrawn = false

    init(_ request: NoticeRequest, _ trail: Trail) {
        self.request = request
        self.trail = trail
    }

    mutating func begin(_ attempt: Int, at moment: Instant) {
        self.attempt = attempt
        stage = .queued
        queuedAt = moment
        (asked, reportBy, gatewayReference) = (nil, nil, nil)
    }

    mutating func join(_ into: String) {
        stage = .grouped
        wakeAt = nil
        self.into = into
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

    /// Whether its first attempt waits: for others, for the end of quiet hours, or for room under the limit
    /// of its number.
    var isHeldBack: Bool { stage == .deferred && attempt == 0 }

    /// Its job, where one waits for the pusher.
    var queued: JobWithdrawal? {
        guard stage == .queued else { return nil }
        return JobWithdrawal(
            handle: request.recipient.handle, reference: request.reference, attempt: attempt)
    }

    var expiresAt: Instant { trail.at + Dispatch.expiresAfter }

    /// Whether both are an official's or both a citizen's: only such notices share a limit and a message.
    func isLike(_ other: Waiting) -> Bool {
        request.recipient.kind.isCitizen == other.request.recipient.kind.isCitizen
    }

    /// Whether its number was erased.
    var isErased: Bool { isWithdrawn && request.recipient.kind.isCitizen }

    /// When to look at it again if nothing happens before.
    var until: Instant? {
        switch stage {
        case .asked, .grouped: nil
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
