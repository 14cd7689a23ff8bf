import Models

/// What complaints about the same matter tell each other.
///
/// They may be in the hands of different instances, so they do it the way everybody does: by actions on the
/// log. The one that is merged asks the other to let it join. Where that one can't, or they were merged into
/// each other, it is told to part and begins again: nothing ends in a complaint that nobody works on.
extension Decider {
    func merge(
        _ complaint: Complaint, _ by: Actor, into target: ComplaintID, _ decision: inout Decision
    ) throws(Declined) {
        guard target != complaint.id else { throw Declined(.target, "it can't be merged into itself") }
        decision.record(.merged(.init(by: by, into: TrackingCode(target), target: target)))
        for one in [complaint.id] + complaint.followers { decision.ask(target, to: .join(follower: one)) }
        inform(complaint, of: .merged, nil, &decision)
    }

    func join(_ complaint: Complaint, _ follower: ComplaintID, _ decision: inout Decision) {
        switch complaint.status {
        case .merged:
            // Round in a circle it comes back to where it began.
            if follower == complaint.id {
                decision.record(.parted(.init(reason: "they were merged into each other")))
                begin(complaint, why: .parted, &decision)
            } else if let target = complaint.target {
                decision.ask(target, to: .join(follower: follower))
            } else {
                decision.ask(follower, to: .part(reason: "nobody knows what it was merged into"))
            }
        case .received, .assigned, .accepted, .verifying, .resolved:
            guard !complaint.followers.contains(follower), follower != complaint.id else { return }
            guard complaint.followers.count < Limit.followersPerComplaint else {
                return decision.ask(follower, to: .part(reason: "too many were merged into it already"))
            }
            decision.record(.joined(.init(follower: follower, code: TrackingCode(follower))))
        case .closed, .rejected:
            let status = complaint.status.rawValue
            decision.ask(follower, to: .part(reason: "the complaint that it was merged into is \(status)"))
        }
    }

    /// Whoever complained about the same is kept told.
    func inform(
        _ complaint: Complaint, of kind: ComplaintEvent.Kind, _ text: String?, _ decision: inout Decision
    ) {
        for follower in complaint.followers { decision.ask(follower, to: .inform(of: kind, text: text)) }
    }
}
