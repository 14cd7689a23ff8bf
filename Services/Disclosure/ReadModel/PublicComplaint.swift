import Geo
import Models

/// What the public is told about a complaint: the fold of its facts, without anything that leads to the
/// complainant. The complainant's words are in a table of their own (`WordsTable`).
struct PublicComplaint: Codable, Equatable, Sendable {
    let code: TrackingCode
    var version: Int
    var status: ComplaintStatus
    /// A deadline has passed since it was received or last reopened. Neither an escalation nor an extension
    /// afterwards removes this mark.
    var isOverdue = false
    /// The deadlines for which there was a warning and which may still be kept.
    var atRisk: Set<Deadline> = []
    /// It was urged (催办) since it was received or last reopened.
    var isUrged = false
    /// The number of the last order from the top (督办) since then; 0: none.
    var order = 0
    var category: CategoryCode
    /// Nil if the citizen named a water, or only described the place.
    var place: Coordinate?
    var river: RiverID?
    var reach: ReachID?
    var region: RegionID?
    /// Whether a citizen complains, and not a station.
    let isCitizens: Bool
    let receivedAt: Instant
    var updatedAt: Instant
    var assignee: Assignee?
    var due: Due?
    /// Who must check whether it is resolved, and by when.
    var checker: Assignee?
    var verifyBy: Instant?
    /// The complaint that continues this one, and those that were merged into this one.
    var into: TrackingCode?
    var followers: [TrackingCode] = []
    /// The grade of the present outcome; reopening removes it.
    var grade: Grade?
    /// All grades that were given, so that a bad grade does not disappear with a second, better outcome.
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
        case .received, .noted, .transferred, .unreached, .informed, .rejected, .closed, .withheld, .released,
            .erased:
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
        // A checker's delay does not count as the complaint's delay.
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

    /// The assignment that follows says where the complaint belongs now.
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
    /// False for a note between offices, which is only for them.
    var isPublic: Bool {
        if case .noted(let noted) = self { noted.isPublic } else { true }
    }
}
