import Models

/// How a complaint stands after a fact, as far as later notices refer to it.
///
/// Turns are kept by the versions of the facts. After a restart, all events have already been read when one
/// in the middle is processed. What is told of that event must not depend on later events.
struct Turn: Codable, Hashable, Sendable {
    var version: Int
    /// Who has the complaint.
    var assignee: Assignee?
    /// The chief whose turn it is; the assignee may stand in for him.
    var chief: ChiefID?
    var region: RegionID?
    var resolveBy: Instant?
    /// The cause of the words that are the reason for the next assignment. The words themselves are looked
    /// up, so that they can be erased.
    var reason: String?
    /// Whether the assignee has taken it up.
    var isAccepted = false

    /// Nil where the fact changes nothing that later notices refer to.
    func after(_ fact: ComplaintFact) -> Turn? {
        var next = self
        next.version = fact.version
        switch fact.event {
        case .assigned(let assigned):
            (next.assignee, next.region) = (assigned.assignee, assigned.region)
            next.chief = assigned.superior ?? assigned.chief
            (next.resolveBy, next.reason, next.isAccepted) = (assigned.due.resolve, nil, false)
        case .accepted: next.isAccepted = true
        case .supervised(let supervised): next.resolveBy = supervised.due.resolve
        case .extended(let extended): next.resolveBy = extended.until
        case .rated, .transferred, .edited: next.reason = fact.textCause
        case .verified(let verified):
            guard !verified.passed else { return nil }
            next.reason = fact.textCause
        case .reopened: next.reason = reason(of: fact)
        case .received, .noted, .urged, .warned, .lapsed, .escalated, .unreached, .resolved, .unchecked,
            .rejected, .merged, .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            return nil
        }
        return next
    }

    /// The cause of the text that is the reason for a fact. A grade and the reopening that follows from it
    /// have the same cause, and the text belongs to the grade.
    func reason(of fact: ComplaintFact) -> String? {
        fact.textCause ?? (reason == fact.cause ? reason : nil)
    }
}
