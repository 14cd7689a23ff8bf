import Models

/// One step of a complaint's life as the public sees it; its texts are redacted.
///
/// Every event is public but a note between offices: that a chief was reminded, and that he let it lie, is
/// what Dayu is for. Other complaints are named by their tracking codes alone.
struct TimelineEntry: Codable, Equatable, Sendable {
    let at: Instant
    let type: ComplaintEvent.Kind
    var text: String?
    var by: Actor?
    /// To whom it went, or who is to do something about it.
    var to: Assignee?
    /// Whose it was, or who let it lie.
    var from: Assignee?
    var media: [String] = []
    var grade: Grade?
    /// Why it was assigned, rejected or closed, or what came of a check.
    var reason: String?
    /// The deadline that is near, or passed.
    var deadline: Deadline?
    /// Until when what comes next is to happen, or may.
    var due: Instant?
    /// The number of an order from the top.
    var order: Int?
    /// What it was corrected to be about.
    var category: CategoryCode?
    /// The complaint that goes on in place of this one.
    var into: TrackingCode?
    /// The complaint that goes on as part of this one.
    var follower: TrackingCode?
    /// What happened to the one that this is part of.
    var about: ComplaintEvent.Kind?

    /// Nil for what is internal.
    init?(_ fact: ComplaintFact) {
        guard fact.event.isPublic else { return nil }
        at = fact.at
        type = fact.event.kind
        take(fact.event)
        text = text.map(Redaction.redacted)
        // Whatever a gateway calls a citizen, here he is nobody in particular.
        if by?.role == .citizen { by = .citizen }
    }

    private mutating func take(_ event: ComplaintEvent) {
        switch event {
        case .received: by = .citizen
        case .assigned(let event):
            (to, reason, due) = (event.assignee, event.why.rawValue, event.due.accept)
        case .accepted(let event): by = event.by
        case .noted(let event): (by, text, media) = (event.by, event.text, event.media)
        case .urged(let event): (by, text) = (event.by, event.text)
        case .transferred(let event): (by, from, text) = (event.by, event.from, event.reason)
        case .warned(let event): (to, deadline, due) = (event.assignee, event.deadline, event.due)
        case .escalated(let event):
            (from, to, deadline, due) = (event.from, event.to, event.deadline, event.due)
        case .supervised(let event):
            (to, from, order, due) = (event.by, event.over, event.order, event.due.resolve)
        case .extended(let event): (by, text, due) = (event.by, event.reason, event.until)
        case .resolved(let event):
            (by, text, media) = (event.by, event.text, event.media)
            (to, due) = (event.checker, event.verifyBy)
        case .verified(let event):
            (by, text, media, reason) = (event.by, event.text, event.media, event.outcome.rawValue)
        case .rated(let event): (by, text, grade) = (.citizen, event.remark, event.grade)
        case .reopened(let event): (by, text, to) = (event.by, event.words, event.superior)
        case .edited(let event): (by, text, category) = (event.by, event.reason, event.correction.category)
        case .rejected(let event): (by, text, reason) = (event.by, event.text, event.reason.rawValue)
        case .merged(let event): (by, into) = (event.by, event.into)
        case .joined(let event): follower = event.code
        // Why is Routing's own sentence; that it is on its own again says it.
        case .parted: break
        case .informed(let event): (into, about, text) = (event.of, event.event, event.text)
        case .closed(let event):
            (by, text, reason, due) = (event.by, event.text, event.reason.rawValue, event.reopensUntil)
        }
    }
}
