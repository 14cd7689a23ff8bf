import Models
import Processing

/// What Routing knows of one complaint: the fold of its facts.
struct Complaint: Codable, StoredState {
    let code: TrackingCode
    /// The fingerprint of the submission that the complaint began with.
    let fingerprint: String?
    var version: Int
    var status: ComplaintStatus
    var matter: Matter
    let receivedAt: Instant
    var assignment: ComplaintEvent.Assigned?
    var assignedAt: Instant?
    /// The chiefs who have had their turn, from the reach's own chief upwards. It is now the last one's turn.
    /// Somebody else may have acted in a chief's place. Empty while an office or a department has the
    /// complaint.
    var ladder: [ChiefID] = []
    /// The deadlines of this assignment that have passed and led to an event, and those that were warned of.
    var missed: Set<Deadline> = []
    var warned: Set<Deadline> = []
    /// How often it was passed on as "not mine" since an office last passed it on or corrected it, or since
    /// it was last reopened.
    var handBacks = 0
    /// When the citizen urged it, since it was last reopened.
    var urges: [Instant] = []
    /// Orders of the office at the top (督办), since it was last reopened.
    var orders = 0
    /// Whether no message reaches whoever it waits for: its assignee, or its checker.
    var isUnreached = false
    var resolvedBy: Actor?
    var checker: Assignee?
    var verifyBy: Instant?
    var closesAt: Instant?
    /// Until when the citizen may reopen what is closed.
    var reopensUntil: Instant?
    /// Complaints that were merged into this one, in that order.
    var followers: [TrackingCode] = []
    /// The complaint that this one was merged into.
    var target: TrackingCode?
    /// What was said to the public with this complaint's events, in their order. What was said with the
    /// events of other complaints is kept there.
    var said: [Saying] = []
    /// The inputs that have led to facts. An input leads to facts only once.
    var causes: Set<String>
    /// Those causes whose words were erased. Words that arrive again under such a cause are erased again.
    var erased: Set<String> = []
    var traceparent: String?
}

/// An outline of what was said to the public with one event.
struct Saying: Codable, Equatable {
    let version: Int
    let outline: Outline

    /// Nil where nothing was said, where another complaint said it, or where it was not said to the public.
    init?(_ fact: ComplaintFact) {
        guard let outline = fact.event.outline else { return nil }
        switch fact.event {
        case .informed: return nil
        case .noted(let noted) where !noted.isPublic: return nil
        default: break
        }
        version = fact.version
        self.outline = outline
    }
}

extension Complaint {
    /// Whether the operator erased what was said, and who complained.
    var isErased: Bool { !erased.isEmpty }

    /// The only way in which a complaint changes, in live work and in restoring.
    static func evolve(_ complaint: consuming Complaint?, _ fact: ComplaintFact) -> Complaint? {
        guard var next = complaint else {
            guard case .received(let received) = fact.event else { return nil }
            return Complaint(
                code: fact.complaint, fingerprint: received.submission.fingerprint, version: fact.version,
                status: .received,
                matter: Matter(received.submission), receivedAt: fact.at,
                said: Saying(fact).map { [$0] } ?? [], causes: [fact.cause],
                traceparent: fact.trail.traceparent)
        }
        // A restore may read the own log from a position that the stored state is already past. A fact that
        // the state holds already changes nothing.
        guard fact.version > next.version else { return next }
        next.version = fact.version
        next.causes.insert(fact.cause)
        if let saying = Saying(fact) { next.said.append(saying) }
        next.take(fact.event, at: fact.at)
        return next
    }

    private mutating func take(_ event: ComplaintEvent, at moment: Instant) {
        status = status.after(event)
        switch event {
        case .received, .accepted, .noted, .rated, .informed, .withheld, .released: break
        case .erased: erased = causes
        case .assigned(let assigned): take(assigned, at: moment)
        case .urged(let urged): if urged.by.role == .citizen { urges.append(moment) }
        case .transferred(let transferred):
            handBacks = transferred.by.role == .office ? 0 : handBacks + 1
        case .warned(let warned): self.warned.insert(warned.deadline)
        case .lapsed(let lapsed): missed.insert(lapsed.deadline)
        case .escalated(let escalated): missed.insert(escalated.deadline)
        case .unreached: isUnreached = true
        case .supervised(let supervised):
            orders = supervised.order
            promise(supervised.due)
        case .extended(let extended): extend(until: extended.until, at: moment)
        case .resolved(let resolved):
            (resolvedBy, checker, verifyBy) = (resolved.by, resolved.checker, resolved.verifyBy)
            isUnreached = false
            closesAt = resolved.closesAt
        case .verified(let verified): closesAt = verified.closesAt
        case .unchecked(let unchecked): closesAt = unchecked.closesAt
        case .reopened:
            begin()
            (handBacks, urges, orders) = (0, [], 0)
        case .edited(let edited):
            matter = matter.corrected(by: edited.correction)
            handBacks = 0
        case .rejected: end()
        case .merged(let merged):
            end()
            target = merged.into
        case .joined(let joined): followers.append(joined.follower)
        case .parted: begin()
        case .closed(let closed):
            end()
            reopensUntil = closed.reopensUntil
        }
    }

    private mutating func take(_ assigned: ComplaintEvent.Assigned, at moment: Instant) {
        assignment = assigned.bare
        assignedAt = moment
        if let chief = assigned.chief {
            ladder = [chief]
        } else if let superior = assigned.superior {
            ladder = ladder.prefix { $0 != superior } + [superior]
        } else {
            ladder = []
        }
        (missed, warned, isUnreached) = ([], [], false)
        (resolvedBy, checker, verifyBy, closesAt) = (nil, nil, nil, nil)
    }

    private mutating func promise(_ due: Due) {
        assignment = assignment?.due(due)
        (missed, warned) = ([], [])
    }

    private mutating func extend(until: Instant, at moment: Instant) {
        guard let due = assignment?.due else { return }
        let atRisk = moment + (until - moment) * Rules.riskShare
        assignment = assignment?.due(
            Due(accept: due.accept, resolve: until, acceptAtRisk: due.acceptAtRisk, resolveAtRisk: atRisk))
        missed.remove(.resolve)
        warned.remove(.resolve)
    }

    private mutating func begin() {
        (closesAt, reopensUntil, target) = (nil, nil, nil)
    }

    private mutating func end() {
        (closesAt, verifyBy) = (nil, nil)
    }
}

// MARK: - What it waits for

extension Complaint {
    /// The deadlines that run now, each with its moment.
    var running: [(deadline: Deadline, at: Instant)] {
        Deadline.allCases.compactMap { deadline in due(deadline).map { (deadline, $0) } }
    }

    /// When to warn of the deadlines that run.
    var warnings: [(deadline: Deadline, at: Instant)] {
        Deadline.allCases.compactMap { deadline in warning(of: deadline).map { (deadline, $0) } }
    }

    /// When the next warning or deadline is due. The warning of a deadline comes before the deadline itself.
    var nextMoment: Instant? {
        Deadline.allCases.reduce(nil) { first, deadline in
            guard let next = warning(of: deadline) ?? due(deadline) else { return first }
            return min(first ?? next, next)
        }
    }

    /// Nil where the deadline does not run, or has passed and led to an event.
    private func due(_ deadline: Deadline) -> Instant? {
        if missed.contains(deadline) { return nil }
        return switch deadline {
        case .accept: status == .assigned ? assignment?.due.accept : nil
        case .resolve: status == .assigned || status == .accepted ? assignment?.due.resolve : nil
        case .verify: status == .verifying ? verifyBy : nil
        case .close: status == .resolved ? closesAt : nil
        }
    }

    private func warning(of deadline: Deadline) -> Instant? {
        guard let due = due(deadline), !warned.contains(deadline),
            let at = assignment?.due.atRisk(deadline), at < due
        else { return nil }
        return at
    }
}

extension Due {
    fileprivate func atRisk(_ deadline: Deadline) -> Instant? {
        switch deadline {
        case .accept: acceptAtRisk
        case .resolve: resolveAtRisk
        case .verify, .close: nil
        }
    }
}

extension ComplaintEvent.Assigned {
    /// The assignment without the reaches that its place was measured against: no decision looks at them.
    fileprivate var bare: Self { due(due) }

    /// The assignment with other deadlines, and without those reaches.
    fileprivate func due(_ due: Due) -> Self {
        Self(
            assignee: assignee, river: river, reach: reach, region: region, why: why,
            distanceMetres: distanceMetres, due: due, chief: chief, superior: superior)
    }
}
