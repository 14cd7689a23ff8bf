import Models

extension Notice {
    /// Whether the notice goes before others: an official has something to do, and the category can't wait or
    /// somebody has already waited too long.
    var isUrgent: Bool {
        switch addressee.part {
        // They are told and need do nothing.
        case .complainant, .follower, .former: return false
        case .holder, .superior, .checker: break
        }
        let category = known.submission.flatMap { registry.categories[$0.category] }
        switch category?.urgency ?? .ordinary {
        case .urgent, .emergency: return true
        case .ordinary: break
        }
        switch fact.event {
        case .assigned(let assigned): return assigned.why == .escalated || assigned.why == .unreached
        case .urged, .warned, .lapsed, .supervised, .unchecked: return true
        // The new assignee learns of it from the `assigned` event that follows.
        case .escalated, .unreached: return false
        case .received, .accepted, .noted, .transferred, .extended, .resolved, .verified, .rated, .reopened,
            .edited, .rejected, .merged, .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            return false
        }
    }
}
