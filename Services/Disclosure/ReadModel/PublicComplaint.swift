import Models

/// What the public is told of a complaint: the fold of its facts, without anything that leads to the one who
/// complained. What he wrote stands in a table of its own (`WordsTable`).
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
    /// Nil where the citizen named a water, or only described the place.
    var place: Coordinate?
    var river: RiverID?
    var reach: ReachID?
    var region: RegionID?
    /// Whether a citizen complains, and no station.
    let isCitizens: Bool
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

extension PublicComplaint: Spoken {
    /// The only way in which a complaint changes. A fact that is not news changes nothing.
    static func evolve(_ complaint: PublicComplaint?, _ fact: ComplaintFact) -> PublicComplaint? {
        guard var next = complaint else {
            guard case .received(let received) = fact.event else { return nil }
            return PublicComplaint(received.submission, fact)
        }
        guard fact.version > next.version else { return next }
        next.version = fact.version
        next.status = next.status.after(fact.event)
        next.take(fact.event)
        if fact.event.isPublic { next.updatedAt = fact.at }
        return next
    }

    private init(_ submission: Submission, _ fact: ComplaintFact) {
        code = fact.complaint
        version = fact.version
        status = ComplaintStatus.received.after(fact.event)
        category = submission.category
        place = submission.place
        river = submission.river
        reach = submission.reach
        isCitizens = submission.channel != .station
        receivedAt = fact.at
        updatedAt = fact.at
    }

    private mutating func take(_ event: ComplaintEvent) {
        switch event {
        case .received, .noted, .transferred, .informed, .rejected, .closed, .withheld, .released, .erased:
            break
        case .assigned(let assigned): take(assigned)
        case .accepted: atRisk.remove(.accept)
        case .urged: isUrged = true
        case .warned(let warned): atRisk.insert(warned.deadline)
        case .lapsed(let lapsed): miss(lapsed.deadline)
        case .escalated(let escalated): miss(escalated.deadline)
        case .supervised(let supervised):
            order = supervised.order
            due = supervised.due
            atRisk = []
        case .extended(let extended):
            due = due.map { Due(accept: $0.accept, resolve: extended.until) }
            atRisk.remove(.resolve)
        case .resolved(let resolved):
            (checker, verifyBy) = (resolved.checker, resolved.verifyBy)
            atRisk = []
        // A checker's delay is none of the complaint's own.
        case .verified, .unchecked: (checker, verifyBy) = (nil, nil)
        case .rated(let rated): take(rated)
        case .reopened: begin()
        case .edited(let edited): take(edited.correction)
        case .merged(let merged): into = merged.into
        case .joined(let joined):
            if !followers.contains(joined.follower) { followers.append(joined.follower) }
        case .parted: into = nil
        }
    }

    private mutating func take(_ assigned: ComplaintEvent.Assigned) {
        assignee = assigned.assignee
        due = assigned.due
        (river, reach, region) = (assigned.river, assigned.reach, assigned.region)
        atRisk = []
    }

    private mutating func miss(_ deadline: Deadline) {
        atRisk.remove(deadline)
        isOverdue = true
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
        (isOverdue, isUrged, order) = (false, false, 0)
        (grade, checker, verifyBy) = (nil, nil, nil)
    }
}

extension ComplaintEvent {
    /// A note between offices is nobody else's.
    var isPublic: Bool {
        if case .noted(let noted) = self { noted.isPublic } else { true }
    }
}
