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
    /// A deadline passed without the action it waits for, and the complaint still is open.
    var isOverdue = false
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
        case .received, .noted, .urged, .transferred, .warned, .joined, .informed: break
        case .supervised(let supervised): due = supervised.due
        case .extended(let extended):
            due = due.map { Due(accept: $0.accept, resolve: extended.until) }
            isOverdue = false
        case .edited(let edited):
            category = edited.correction.category ?? category
            place = edited.correction.place ?? place
        case .verified(let verified): end(verified.outcome == .failed ? .received : .resolved)
        case .parted: end(.received)
        case .assigned(let assigned):
            status = .assigned
            assignee = assigned.assignee
            due = assigned.due
            (river, reach, region) = (assigned.river, assigned.reach, assigned.region)
            if assigned.why == .reopened { isOverdue = false }
        case .accepted: status = .accepted
        case .escalated: isOverdue = status.isOpen
        case .resolved(let resolved): end(resolved.checker == nil ? .resolved : .verifying)
        case .rated(let rated):
            grade = rated.grade
            ratings += 1
            if rated.grade.isSatisfied { satisfied += 1 }
        case .reopened:
            end(.received)
            grade = nil
        case .rejected(let rejected):
            end(.rejected)
            if rejected.reason == .abuse { withhold() }
        case .merged: end(.merged)
        case .closed: end(.closed)
        }
    }

    private mutating func end(_ status: ComplaintStatus) {
        self.status = status
        isOverdue = false
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
