import Models

/// Whether the actor is in charge of the complaint. `Life` decides what his role may do.
struct Rights {
    let hierarchy: Hierarchy

    func check(_ action: ComplaintAction, on complaint: Complaint) throws(Declined) {
        // The erasure revoked the citizen's links. His other proof, the complaint's id, can't be revoked, so
        // it is refused here.
        if action.by.role == .citizen, complaint.isErased {
            throw Declined(.role, "who complained was erased; nobody acts as the citizen any more")
        }
        guard isEntitled(action, to: complaint) else {
            throw Declined(
                .notInCharge,
                "this \(action.by.role.rawValue) may not \(action.verb.name.rawValue) this complaint")
        }
    }

    private func isEntitled(_ action: ComplaintAction, to complaint: Complaint) -> Bool {
        let actor = action.by
        return switch actor.role {
        // Intake lets somebody act as the citizen only with the complaint's own id, which nobody else is
        // told. An alarm of a station has no citizen.
        // Or with the key of the gateway to which he told the complaint.
        case .citizen:
            complaint.matter.channel != .station
                && (action.gateway == nil || action.gateway == complaint.matter.gateway)
        case .follower: false
        case .chief, .department, .checker: isInCharge(actor, of: complaint)
        case .office: isOffice(actor, over: complaint) && !isJudgeOfOwnWork(action, complaint)
        // When an alarm ends, the system resolves the alarm's own complaint, never a citizen's.
        case .system: action.verb.name != .resolve || complaint.matter.channel == .station
        }
    }

    private func isInCharge(_ actor: Actor, of complaint: Complaint) -> Bool {
        Official(actor).map {
            hierarchy.registry.roles(of: $0, in: complaint.charge, at: hierarchy.now).contains(actor.role)
        } ?? false
    }

    /// What lies nowhere yet is every office's.
    private func isOffice(_ actor: Actor, over complaint: Complaint) -> Bool {
        complaint.assignment == nil ? actor.id != nil : isInCharge(actor, of: complaint)
    }

    /// Nobody checks his own work.
    private func isJudgeOfOwnWork(_ action: ComplaintAction, _ complaint: Complaint) -> Bool {
        action.verb.name == .verify && action.by.official == complaint.resolvedBy?.official
    }
}

extension Complaint {
    fileprivate var charge: Charge {
        Charge(assignee: assignment?.assignee, checker: checker, region: assignment?.region)
    }
}

extension Assignee {
    func isActor(_ actor: Actor) -> Bool { kind.rawValue == actor.role.rawValue && id == actor.id }
}
