import Models

extension Notice {
    /// Whether it goes before others: an official has something to do, and it is about a category that can't
    /// wait, or somebody has waited too long already.
    var isUrgent: Bool {
        switch addressee.part {
        // They are told and need do nothing.
        case .complainant, .former: return false
        case .holder, .superior, .checker: break
        }
        let category = known.submission.flatMap { registry.categories[$0.category] }
        switch category?.urgency ?? .ordinary {
        case .urgent, .emergency: return true
        case .ordinary: break
        }
        switch fact.event {
        case .assigned(let assigned): return assigned.why == .escalated
        case .urged, .warned, .lapsed, .supervised, .unchecked: return true
        // Who answers from now on learns it from his assignment.
        case .escalated: return false
        case .received, .accepted, .noted, .transferred, .extended, .resolved, .verified, .rated, .reopened,
            .edited, .rejected, .merged, .joined, .parted, .informed, .closed, .withheld, .released, .erased:
            return false
        }
    }
}
