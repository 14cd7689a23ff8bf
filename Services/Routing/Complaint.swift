import Models
import Processing

/// What Routing knows of one complaint: the fold of its facts.
struct Complaint: Codable, StoredState {
    let id: ComplaintID
    var version: Int
    var status: ComplaintStatus
    var matter: Matter
    let receivedAt: Instant
    var assignment: ComplaintEvent.Assigned?
    var assignedAt: Instant?
    /// The deadlines of this assignment that have passed and were acted upon, and those that were warned of.
    var missed: Set<Deadline> = []
    var warned: Set<Deadline> = []
    /// How often it was passed on as "not mine", since an office last had a hand in it.
    var refusals = 0
    /// When the citizen reminded of it, since it was last reopened.
    var urges: [Instant] = []
    /// Orders of the office at the top (督办), since it was last reopened.
    var orders = 0
    var resolvedBy: Actor?
    var checker: Assignee?
    var verifyBy: Instant?
    var closesAt: Instant?
    /// Until when the citizen may reopen what is closed.
    var reopensUntil: Instant?
    /// Complaints that were merged into this one, in that order.
    var followers: [ComplaintID] = []
    /// The complaint that this one was merged into.
    var target: ComplaintID?
    /// The inputs that have led to facts: each leads to them once.
    var causes: Set<String>
    var traceparent: String?
}

extension Complaint {
    /// The only way in which a complaint changes, in live work and in restoring.
    static func evolve(_ complaint: consuming Complaint?, _ fact: ComplaintFact) -> Complaint? {
        guard var next = complaint else {
            guard case .received(let received) = fact.event else { return nil }
            return Complaint(
                id: fact.complaint, version: fact.version, status: .received,
                matter: Matter(received.submission), receivedAt: fact.at, causes: [fact.cause],
                traceparent: fact.traceparent)
        }
        // A fact that is not news: the own log is read from a position that may lie before what the store
        // holds.
        guard fact.version > next.version else { return next }
        next.version = fact.version
        next.causes.insert(fact.cause)
        next.take(fact.event, at: fact.at)
        return next
    }

    private mutating func take(_ event: ComplaintEvent, at moment: Instant) {
        switch event {
        case .received, .noted, .rated, .informed: break
        case .assigned(let assigned): take(assigned, at: moment)
        case .accepted: status = .accepted
        case .urged(let urged): if urged.by.role == .citizen { urges.append(moment) }
        case .transferred(let transferred):
            refusals = transferred.by.role == .office ? 0 : refusals + 1
        case .warned(let warned): self.warned.insert(warned.deadline)
        case .escalated(let escalated): missed.insert(escalated.deadline)
        case .supervised(let supervised):
            orders = supervised.order
            promise(supervised.due)
        case .extended(let extended): extend(until: extended.until, at: moment)
        case .resolved(let resolved):
            status = resolved.checker == nil ? .resolved : .verifying
            (resolvedBy, checker, verifyBy) = (resolved.by, resolved.checker, resolved.verifyBy)
            closesAt = resolved.closesAt
        case .verified(let verified):
            status = verified.outcome == .failed ? .received : .resolved
            closesAt = verified.closesAt
        case .reopened: begin(again: true)
        case .edited(let edited):
            matter = matter.corrected(by: edited.correction)
            refusals = 0
        case .rejected: end(.rejected)
        case .merged(let merged):
            end(.merged)
            target = merged.target
        case .joined(let joined): followers.append(joined.follower)
        case .parted: begin(again: false)
        case .closed(let closed):
            end(.closed)
            reopensUntil = closed.reopensUntil
        }
    }

    private mutating func take(_ assigned: ComplaintEvent.Assigned, at moment: Instant) {
        status = .assigned
        assignment = assigned.bare
        assignedAt = moment
        (missed, warned) = ([], [])
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

    private mutating func begin(again: Bool) {
        status = .received
        (closesAt, reopensUntil, target) = (nil, nil, nil)
        if again { (refusals, urges, orders) = (0, [], 0) }
    }

    private mutating func end(_ status: ComplaintStatus) {
        self.status = status
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

    /// A warning comes before what it warns of.
    var nextMoment: Instant? {
        Deadline.allCases.reduce(nil) { first, deadline in
            guard let next = warning(of: deadline) ?? due(deadline) else { return first }
            return min(first ?? next, next)
        }
    }

    /// Nil where it does not run, or has passed and was acted upon.
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
    /// Without the reaches that it was measured against: nothing is decided by them.
    fileprivate var bare: Self { due(due) }

    /// With another promise, and bare.
    fileprivate func due(_ due: Due) -> Self {
        Self(
            assignee: assignee, river: river, reach: reach, region: region, why: why,
            distanceMetres: distanceMetres, due: due, chief: chief)
    }
}
