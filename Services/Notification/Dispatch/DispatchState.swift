import Models
import Processing
import Text

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
        waiting[reference]?.withdraw()
    }

    mutating func take(_ event: NoticeEvent, at moment: Instant) {
        apply(event, at: moment)
        wakeThoseBehind(at: moment)
    }

    private mutating func apply(_ event: NoticeEvent, at moment: Instant) {
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

    /// What waited behind the number's jobs need not wait once none of them is in a queue.
    private mutating func wakeThoseBehind(at moment: Instant) {
        let behind = waiting.values.filter(\.isBehind)
        guard !behind.isEmpty else { return }
        let queued = waiting.values.filter { $0.stage == .queued && !$0.request.isUrgent }
        for one in behind where !queued.contains(where: one.isLike) {
            waiting[one.request.reference]?.wake(at: moment)
        }
    }

    /// The notices that still wait and say nothing any more once a later one about the same complaint is
    /// there.
    func overtaken(by later: Waiting) -> [Waiting] {
        guard let overtaking = later.request.manner?.overtakes else { return [] }
        return held(about: later.request.complaint).filter { earlier in
            earlier.request.recipient.key == later.request.recipient.key
                && earlier.request.reference != later.request.reference && earlier.trail.at <= later.trail.at
                && (overtaking == .all || Self.reminders.contains(earlier.request.about))
        }
    }

    private static let reminders: Set<ComplaintEvent.Kind> = [.warned, .urged, .lapsed, .extended]

    /// Those about the complaint that were never attempted. A message about a dead number is not among them:
    /// no other one names that number.
    func held(about complaint: TrackingCode) -> [Waiting] {
        waiting.values.filter {
            $0.isHeldBack && $0.request.complaint == complaint && $0.request.about != .unreached
        }.sorted { $0.request.reference < $1.request.reference }
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

    /// Urgent ones first, then in the order in which their time came, then in that of the requests: what
    /// waits for a limit has one time together.
    func due(at now: Instant) -> [Waiting] {
        waiting.values.compactMap { waiting in waiting.until.map { (waiting, until: $0) } }
            .filter { $0.until <= now }
            .sorted { left, right in
                let (one, other) = (left.0.request, right.0.request)
                if one.isUrgent != other.isUrgent { return one.isUrgent }
                return (left.until, left.0.trail.at, one.reference)
                    < (right.until, right.0.trail.at, other.reference)
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
            gatewayReference: gatewayReference, reason: reason, gateway: gateway, isDeclined: isDeclined)
    }
}

extension GatewayHold {
    fileprivate init?(_ gateway: String?, until: Instant?) {
        guard let gateway, let until else { return nil }
        self.init(gateway: gateway, until: until)
    }
}

// MARK: JSON

extension DispatchState: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        if let members = try json.member("waiting")?.members() {
            for member in members { waiting[member.name] = try Waiting(member.value) }
        }
        ended = try json.field("ended")
        sent = try json.field("sent")
        complainantToldAt = try json.field("complainantToldAt")
        isConfirmed = try json.field("isConfirmed")
        conversation = try json.field("conversation")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complainantToldAt", complainantToldAt)
            json.field("conversation", conversation)
            json.field("ended", ended)
            json.field("isConfirmed", isConfirmed)
            json.field("sent", sent)
            json.field("waiting", Named(waiting))
        }
    }

    /// The notices by their references, in the order of these.
    private struct Named: JSONWritable {
        let waiting: [String: Waiting]

        init(_ waiting: [String: Waiting]) { self.waiting = waiting }

        func write(to json: inout JSONWriter) {
            json.object { json in
                for (reference, one) in waiting.sorted(by: { $0.key < $1.key }) {
                    json.member(reference, one)
                }
            }
        }
    }
}

extension Sent: JSONCoded {
    init(_ json: JSONNode) throws(Malformed) {
        reference = try json.field("reference")
        kind = try json.field("kind")
        at = try json.field("at")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("kind", kind)
            json.field("reference", reference)
        }
    }
}
