import Models

/// One step of a complaint's life as the public sees it. The words said with it are in a table of their own
/// (`WordsTable`).
///
/// Every event is public except a note between offices: the public should see that a chief was reminded, and
/// that the chief did nothing. Other complaints are named only by their tracking codes.
struct TimelineEntry: Codable, Equatable, Sendable {
    let at: Instant
    /// The number of the event; an office uses it to name the words that were said with it.
    let version: Int
    let type: ComplaintEvent.Kind
    var by: Actor?
    /// Who got the complaint, or who must act on it.
    var to: Assignee?
    /// Who had it before, or who missed the deadline.
    var from: Assignee?
    var grade: Grade?
    /// Why it was assigned, reopened, rejected, parted, withheld or closed, in the words of the event.
    var reason: String?
    /// What a checker found.
    var passed: Bool?
    /// The deadline that is near, or has passed.
    var deadline: Deadline?
    /// Until when the next step must, or may, happen.
    var due: Instant?
    /// The number of an order from the top.
    var order: Int?
    /// The category after a correction.
    var category: CategoryCode?
    /// The complaint that continues this one.
    var into: TrackingCode?
    /// The complaint that was merged into this one.
    var follower: TrackingCode?
    /// What happened to the complaint that this one was merged into.
    var about: ComplaintEvent.Kind?
    /// The passage that an office withheld or released.
    var passage: Passage?
    /// A note between offices, which only officials see; nil: everybody sees it.
    var isInternal: Bool?
    /// The reaches among which Routing chose, the chosen one first; only officials are told.
    var candidates: [Candidate]?

    /// Nil if the fact is internal and is for everybody.
    init?(_ fact: ComplaintFact, for audience: Audience = .everybody) {
        guard fact.event.isPublic || audience == .officials else { return nil }
        isInternal = fact.event.isPublic ? nil : true
        at = fact.at
        version = fact.version
        type = fact.event.kind
        take(fact.event)
        if audience == .officials, case .assigned(let assigned) = fact.event, let chosen = assigned.chosen {
            candidates = [chosen] + assigned.runnersUp
        }
        // A gateway may give a citizen an identifier; it is removed here.
        if by?.role == .citizen { by = .citizen }
        // The public is told the office, and not which person of it.
        if audience == .everybody { by = by?.official }
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
        case .unreached(let event): (from, to) = (event.official, event.to)
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
    /// Among the words said at the complaint that this one was merged into, only those of a reopening may be
    /// a citizen's.
    var isCitizens: Bool { by?.role == .citizen || about == .reopened }
}

extension ComplaintFact {
    /// The key of the words shown in this fact's line; nil if there are none.
    var wordsOfEntry: WordsKey? {
        switch event {
        // The words of the complaint itself are shown at the top of the page.
        case .received: nil
        // A bad grade reopens by itself: both facts have one cause, and the words belong to the grade.
        case .reopened(let reopened) where reopened.why == .rated: nil
        case .reopened, .assigned, .accepted, .noted, .urged, .transferred, .warned, .lapsed, .escalated,
            .unreached,
            .supervised, .extended, .resolved, .verified, .unchecked, .rated, .edited, .rejected, .merged,
            .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            words
        }
    }
}
