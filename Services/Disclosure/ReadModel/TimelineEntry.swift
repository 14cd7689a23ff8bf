import Models

/// One step of a complaint's life as the public sees it; its texts are redacted.
struct TimelineEntry: Codable, Equatable, Sendable {
    let at: Instant
    let type: ComplaintEvent.Kind
    var text: String?
    var by: Actor?
    /// To whom it went.
    var to: Assignee?
    var media: [String] = []
    var grade: Grade?
    /// Why it was assigned, rejected or closed.
    var reason: String?
    /// The deadline that passed.
    var deadline: Deadline?
    /// The complaint that goes on in place of this one.
    var into: TrackingCode?

    /// Nil for what is internal.
    init?(_ fact: ComplaintFact) {
        guard fact.event.isPublic else { return nil }
        at = fact.at
        type = fact.event.kind
        switch fact.event {
        case .received: by = .citizen
        case .assigned(let event): (to, reason) = (event.assignee, event.why.rawValue)
        case .accepted(let event): by = event.by
        case .noted(let event): (by, text, media) = (event.by, event.text, event.media)
        case .urged(let event): (by, text) = (event.by, event.text)
        case .transferred(let event): (by, text) = (event.by, event.reason)
        case .warned(let event): deadline = event.deadline
        case .supervised(let event): to = event.over
        case .extended(let event): (by, text) = (event.by, event.reason)
        case .verified(let event):
            (by, text, media, reason) = (event.by, event.text, event.media, event.outcome.rawValue)
        case .edited(let event): (by, text) = (event.by, event.reason)
        case .joined: break
        case .parted: break
        case .informed(let event): (into, reason) = (event.of, event.event.rawValue)
        case .escalated(let event): (to, deadline) = (event.to, event.deadline)
        case .resolved(let event): (by, text, media) = (event.by, event.text, event.media)
        case .rated(let event): (by, text, grade) = (.citizen, event.remark, event.grade)
        case .reopened(let event): (by, text) = (event.by, event.reason)
        case .rejected(let event): (by, text, reason) = (event.by, event.text, event.reason.rawValue)
        case .merged(let event): (by, into) = (event.by, event.into)
        case .closed(let event): (by, text, reason) = (event.by, event.text, event.reason.rawValue)
        }
        text = text.map(Redaction.redacted)
        // Whatever a gateway calls a citizen, here he is nobody in particular.
        if by?.role == .citizen { by = .citizen }
    }
}
