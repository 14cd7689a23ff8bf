import Models

// What an event means for people at their desks.

extension ComplaintEvent {
    /// Whether the owner of the complaint should see that it happened. What runs by itself is no news: the
    /// list says what is due.
    var isNews: Bool {
        switch self {
        case .received, .assigned, .urged, .supervised, .reopened, .noted, .joined, .resolved, .verified,
            .unchecked, .edited:
            true
        case .accepted, .transferred, .warned, .lapsed, .escalated, .unreached, .extended, .rated, .rejected,
            .closed, .merged, .parted, .informed, .withheld, .released, .erased:
            false
        }
    }

    /// Whether the complaint came to somebody by it.
    func brings(_ complaint: PublicComplaint) -> Bool {
        switch self {
        case .assigned: true
        case .resolved: complaint.status == .verifying
        default: false
        }
    }

    /// Who did it, where people do it.
    var doneBy: Actor? {
        switch self {
        case .accepted(let value): value.by
        case .noted(let value): value.by
        case .urged(let value): value.by
        case .transferred(let value): value.by
        case .extended(let value): value.by
        case .resolved(let value): value.by
        case .verified(let value): value.by
        case .edited(let value): value.by
        case .reopened(let value): value.by
        default: nil
        }
    }
}

extension Actor {
    /// A person at his desk: `chief/chief-7`, `office/xihu/clerk-1`. Nil for everybody else.
    var deskPerson: String? {
        Official(self).map { official in
            ([official.description] + [clerk?.rawValue].compactMap(\.self)).joined(separator: "/")
        }
    }
}
