import Models

/// What the public is told of a complaint: the fold of its facts, without anything that leads to the one who
/// complained.
///
/// Its key is the tracking code. The complaint's own identity lets its holder rate and reopen it, so it is
/// not kept here at all.
struct PublicComplaint: Codable, Equatable, Sendable {
    let code: TrackingCode
    var version: Int
    var status: ComplaintStatus
    /// A deadline has passed since it was received or last reopened. Handing it up forgives nothing, and
    /// neither does more time that is given afterwards.
    var isOverdue = false
    /// The deadlines that were warned of and may still be kept.
    var atRisk: Set<Deadline> = []
    /// It was urged (催办) since it was received or last reopened.
    var isUrged = false
    /// The last order from the top (督办) since then; 0: none.
    var order = 0
    var category: CategoryCode
    /// Redacted; nil where it is withheld as a whole.
    var text: String?
    var place: Coordinate
    var address: String?
    var media: [String]
    var river: RiverID?
    var reach: ReachID?
    var region: RegionID?
    let receivedAt: Instant
    var updatedAt: Instant
    var assignee: Assignee?
    var due: Due?
    /// Who has to see for himself whether it is resolved, and by when.
    var checker: Assignee?
    var verifyBy: Instant?
    /// The complaint that goes on in place of this one, and those that go on as part of it.
    var into: TrackingCode?
    var followers: [TrackingCode] = []
    /// Of the outcome that stands now: reopening asks for a new one.
    var grade: Grade?
    /// All that were given, so that a bad grade does not vanish with a second, better outcome.
    var ratings = 0
    var satisfied = 0
}

extension PublicComplaint {
    /// The only way in which a complaint changes. A fact that is not news changes nothing.
    static func evolve(_ complaint: PublicComplaint?, _ fact: ComplaintFact) -> PublicComplaint? {
        guard var next = complaint else {
            guard case .received(let received) = fact.event else { return nil }
            return PublicComplaint(received.submission, fact)
        }
        guard fact.version > next.version else { return next }
        next.version = fact.version
        next.take(fact.event)
        if fact.event.isPublic { next.updatedAt = fact.at }
        return next
    }

    private init(_ submission: Submission, _ fact: ComplaintFact) {
        code = TrackingCode(fact.complaint)
        version = fact.version
        status = .received
        category = submission.category
        text = Redaction.redacted(submission.text)
        place = submission.place
        address = submission.address.map(Redaction.redacted)
        media = submission.media
        river = submission.river
        reach = submission.reach
        receivedAt = fact.at
        updatedAt = fact.at
    }

    private mutating func take(_ event: ComplaintEvent) {
        switch event {
        case .received, .noted, .transferred, .informed: break
        case .assigned(let assigned): take(assigned)
        case .accepted:
            status = .accepted
            atRisk.remove(.accept)
        case .urged: isUrged = true
        case .warned(let warned): atRisk.insert(warned.deadline)
        case .escalated(let escalated):
            atRisk.remove(escalated.deadline)
            // A checker's delay is none of the complaint's own.
            if escalated.deadline != .verify { isOverdue = true }
        case .supervised(let supervised):
            order = supervised.order
            due = supervised.due
            atRisk = []
        case .extended(let extended):
            due = due.map { Due(accept: $0.accept, resolve: extended.until) }
            atRisk.remove(.resolve)
        case .resolved(let resolved):
            status = resolved.checker == nil ? .resolved : .verifying
            (checker, verifyBy) = (resolved.checker, resolved.verifyBy)
            atRisk = []
        case .verified(let verified):
            status = verified.outcome == .failed ? .received : .resolved
            (checker, verifyBy) = (nil, nil)
        case .rated(let rated): take(rated)
        case .reopened: begin()
        case .edited(let edited): take(edited.correction)
        case .rejected(let rejected):
            status = .rejected
            if rejected.reason == .abuse { withhold() }
        case .merged(let merged):
            status = .merged
            into = merged.into
        case .joined(let joined): if !followers.contains(joined.code) { followers.append(joined.code) }
        case .parted:
            status = .received
            into = nil
        case .closed: status = .closed
        }
    }

    private mutating func take(_ assigned: ComplaintEvent.Assigned) {
        status = .assigned
        assignee = assigned.assignee
        due = assigned.due
        (river, reach, region) = (assigned.river, assigned.reach, assigned.region)
        atRisk = []
    }

    private mutating func take(_ rated: ComplaintEvent.Rated) {
        grade = rated.grade
        ratings += 1
        if rated.grade.isSatisfied { satisfied += 1 }
    }

    /// Where it belongs now is said by the assignment that follows.
    private mutating func take(_ correction: Correction) {
        category = correction.category ?? category
        place = correction.place ?? place
    }

    private mutating func begin() {
        status = .received
        (isOverdue, isUrged, order) = (false, false, 0)
        (grade, checker, verifyBy) = (nil, nil, nil)
    }

    /// That somebody wrote is told; abuse is not passed on.
    private mutating func withhold() {
        text = nil
        address = nil
        media = []
    }
}

extension ComplaintEvent {
    /// A note between offices is nobody else's.
    var isPublic: Bool {
        if case .noted(let noted) = self { noted.isPublic } else { true }
    }
}
