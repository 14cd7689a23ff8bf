import Models

/// Which notices wait, and which go together.
///
/// The log has a `deferred` event with attempt 0 for each notice that waits, and a `grouped` event for each
/// that goes with another one. So a restore finds the same groups, and no notice is in two messages.
extension Dispatch {
    /// A message about the latest notice and, with it, all others that wait.
    struct Group {
        /// The latest, because it is of use for the longest time.
        let lead: Waiting
        let members: [Waiting]
    }

    /// Why a notice waits that was never attempted.
    enum Hold: String {
        case others = "waits for others"
        case quiet = "quiet hours"
        case behind = "waits behind another message"
        case limit = "limit of this number"

        /// The name under which it is counted.
        var counted: String {
            switch self {
            case .others: "notice.digest"
            case .quiet: "notice.quiet"
            case .behind, .limit: "notice.held-back"
            }
        }
    }

    /// Until when a notice that was never attempted has to wait, and why; nil if it may go now.
    func hold(_ waiting: Waiting, _ state: DispatchState, _ now: Instant) -> (until: Instant, reason: Hold)? {
        let request = waiting.request
        var (until, reason) = (now, Hold.others)
        func delay(_ moment: Instant, _ why: Hold) {
            if moment > until { (until, reason) = (moment, why) }
        }
        if !waiting.isHeldBack, request.manner?.isDigest == true { delay(now + window, .others) }
        let limit = limits.limit(of: request.recipient.kind)
        let factor = request.isUrgent ? NumberLimits.urgentFactor : 1
        let sent = state.sent(to: request.recipient.kind)
        delay(limit.opening(after: sent, times: factor, at: now), .limit)
        delay(request.manner?.quiet?.end(at: until) ?? until, .quiet)
        // It is woken when there is room, and then everything else is looked at again.
        if !request.isUrgent, state.isHeldUp(waiting, at: now) { delay(now + Self.behindAtMost, .behind) }
        return until > now ? (until, reason) : nil
    }

    /// What goes with a notice whose time has come. One that does not wait goes alone: its own words tell
    /// more.
    func group(around waiting: Waiting, _ state: DispatchState, _ now: Instant) -> Group {
        guard waiting.mayBeGrouped(at: now) else { return Group(lead: waiting, members: []) }
        let others = state.waiting.values.filter { other in
            other.mayBeGrouped(at: now) && other.isLike(waiting) && other.expiresAt > now
                && language(of: other) == language(of: waiting)
                && other.request.reference != waiting.request.reference
                && other.request.manner?.quiet.map { $0.end(at: now) == now } ?? true
        }
        let oldestFirst = others.sorted(by: Self.isEarlier).prefix(Self.groupLimit - 1)
        let all = (oldestFirst + [waiting]).sorted(by: Self.isEarlier)
        return Group(lead: all[all.count - 1], members: Array(all.dropLast()))
    }

    /// One number may have complained in two languages.
    private func language(of waiting: Waiting) -> Language {
        wording.language.spoken(waiting.request.manner?.language)
    }

    private static func isEarlier(_ one: Waiting, _ other: Waiting) -> Bool {
        (one.trail.at, one.request.reference) < (other.trail.at, other.request.reference)
    }

    func job(_ waiting: Waiting, _ attempt: Int, with members: [Waiting], _ now: Instant) -> SMSJob {
        let request = waiting.request
        let requests = [request] + members.map(\.request)
        let quietFrom = requests.compactMap { $0.manner?.quiet?.begin(after: now) }.min()
        let only = waiting.hold.flatMap { now < $0.until ? $0 : nil }
        let isUrgent = requests.contains(where: \.isUrgent)
        func job(_ text: String, _ about: ComplaintEvent.Kind?, _ fields: NoticeFields?) -> SMSJob {
            SMSJob(
                reference: request.reference, attempt: attempt, handle: request.recipient.handle,
                phone: request.recipient.phone, text: text, expiresAt: waiting.expiresAt, about: about,
                fields: fields, only: only, quietFrom: quietFrom, declinedBy: waiting.declinedBy,
                isUrgent: isUrgent)
        }
        guard !members.isEmpty else {
            // A reply does not say what happened, so it goes by the template for everything else.
            let isAbout = request.fields != nil && !waiting.isReply
            return job(request.text, isAbout ? request.about : nil, request.fields)
        }
        // Without its kind, a gateway with templates takes the one for everything else.
        let written = wording.spoken(in: request.manner?.language).message(about: requests)
        let first = request.fields.map { fields in
            NoticeFields(
                code: fields.code, sentence: written.sentence, due: fields.due,
                link: written.address.flatMap { $0.split(separator: "#").dropFirst().last.map(String.init) })
        }
        return job(written.text, nil, first)
    }

    /// The first moment from this one on at which the message may come.
    func quietEnd(for waiting: Waiting, _ state: DispatchState, at moment: Instant) -> Instant {
        let requests = [waiting.request] + state.members(of: waiting.request.reference).map(\.request)
        return requests.compactMap { $0.manner?.quiet?.end(at: moment) }.max() ?? moment
    }

    /// A message about several notices quotes nobody. So it goes out as it is, unless its number was erased
    /// for all of them.
    func withdrawn(_ withdrawal: NoticeWithdrawal, _ state: DispatchState, _ now: Instant) -> [Fact] {
        guard let waiting = state.waiting[withdrawal.reference] else {
            return state.conversation.holds(withdrawal.reference)
                ? [.withdrawn(withdrawal, nil, job: nil)] : []
        }
        var next = state
        next.withdraw(withdrawal.reference)
        guard let lead = next.waiting[waiting.into ?? withdrawal.reference] else { return [] }
        let members = next.members(of: lead.request.reference)
        let isErased = ([lead] + members).allSatisfy(\.isErased)
        let job = members.isEmpty || isErased ? lead.queued : nil
        return [.withdrawn(withdrawal, waiting.trail.at(now), job: job)]
            + (isErased && lead.stage != .sent ? fail(lead, .erased, nil, next, now) : [])
    }
}
