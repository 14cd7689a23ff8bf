import Models

/// One step of a complaint's life as the public sees it; what was said with it stands in a table of its own
/// (`WordsTable`).
///
/// Every event is public but a note between offices: that a chief was reminded, and that he let it lie, is
/// what Dayu is for. Other complaints are named by their tracking codes alone.
struct TimelineEntry: Codable, Equatable, Sendable {
    let at: Instant
    /// Its place in the complaint's life, by which an office names what was said with it.
    let version: Int
    let type: ComplaintEvent.Kind
    var by: Actor?
    /// To whom it went, or who is to do something about it.
    var to: Assignee?
    /// Whose it was, or who let it lie.
    var from: Assignee?
    var grade: Grade?
    /// Why it was assigned, reopened, rejected, parted, withheld or closed, as the event has it.
    var reason: String?
    /// What a checker found.
    var passed: Bool?
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
    /// What an office withheld or released.
    var passage: Passage?

    /// Nil for what is internal.
    init?(_ fact: ComplaintFact) {
        guard fact.event.isPublic else { return nil }
        at = fact.at
        version = fact.version
        type = fact.event.kind
        take(fact.event)
        // Whatever a gateway calls a citizen, here he is nobody in particular.
        if by?.role == .citizen { by = .citizen }
    }

    private mutating func take(_ event: ComplaintEvent) {
        switch event {
        case .received: by = .citizen
        case .assigned(let event):
            (to, reason, due) = (event.assignee, event.why.rawValue, event.due.accept)
        case .accepted(let event): by = event.by
        case .noted(let event): by = event.by
        case .urged(let event): by = event.by
        case .transferred(let event): (by, from) = (event.by, event.from)
        case .warned(let event): (to, deadline, due) = (event.assignee, event.deadline, event.due)
        case .lapsed(let event): (from, deadline, due) = (event.assignee, event.deadline, event.due)
        case .escalated(let event):
            (from, to, deadline, due) = (event.from, event.to, event.deadline, event.due)
        case .supervised(let event):
            (to, from, order, due) = (event.by, event.over, event.order, event.due.resolve)
        case .extended(let event): (by, due) = (event.by, event.until)
        case .resolved(let event): (by, to, due) = (event.by, event.checker, event.verifyBy)
        case .verified(let event): (by, passed) = (event.by, event.passed)
        case .unchecked(let event): (from, to, due) = (event.checker, event.superior, event.due)
        case .rated(let event): (by, grade) = (.citizen, event.grade)
        case .reopened(let event): (by, to, reason) = (event.by, event.superior, event.why.rawValue)
        case .edited(let event): (by, category) = (event.by, event.correction.category)
        case .rejected(let event): (by, reason) = (event.by, event.reason.rawValue)
        case .merged(let event): (by, into) = (event.by, event.into)
        case .joined(let event): follower = event.follower
        case .parted(let event): reason = event.why.rawValue
        case .informed(let event): (into, about) = (event.of, event.event)
        case .withheld(let event): (by, passage, reason) = (event.by, event.passage, event.reason.rawValue)
        case .released(let event): (by, passage) = (event.by, event.passage)
        case .erased(let event): by = event.by
        case .closed(let event): (by, reason, due) = (event.by, event.reason.rawValue, event.reopensUntil)
        }
    }
}

extension TimelineEntry: Spoken {
    /// Of what was said at the complaint that this one is part of, only that somebody asked for more may be a
    /// citizen's.
    var isCitizens: Bool { by?.role == .citizen || about == .reopened }
}

extension ComplaintFact {
    /// The key of what is shown in this fact's line; nil where nothing is.
    var wordsOfEntry: WordsKey? {
        switch event {
        // They stand at the head of the page.
        case .received: nil
        // A bad grade reopens by itself: both facts have one cause, and the words belong to the grade.
        case .reopened(let reopened) where reopened.why == .rated: nil
        case .reopened, .assigned, .accepted, .noted, .urged, .transferred, .warned, .lapsed, .escalated,
            .supervised, .extended, .resolved, .verified, .unchecked, .rated, .edited, .rejected, .merged,
            .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            words
        }
    }
}
