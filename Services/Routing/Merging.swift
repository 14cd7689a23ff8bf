import Models
import Text

/// What complaints about the same matter tell each other.
///
/// They may be in the hands of different instances, so they tell each other by actions on the log, as people
/// do. A complaint that is merged asks its target to let it join. If the target can't take it, or the two
/// were merged into each other, the complaint is told to part and is assigned again. So no complaint stays
/// merged into one that nobody works on.
extension Decider {
    func merge(
        _ complaint: Complaint, _ action: ComplaintAction, into target: TrackingCode,
        _ decision: inout Decision
    ) throws(Declined) {
        guard target != complaint.code else { throw Declined(.target, "it can't be merged into itself") }
        decision.record(.merged(.init(by: action.by, into: target, words: action.words)))
        for one in [complaint.code] + complaint.followers { decision.ask(target, to: .join(follower: one)) }
        inform(complaint, of: .merged, action.words, &decision)
    }

    func join(_ complaint: Complaint, _ follower: TrackingCode, _ decision: inout Decision) {
        switch complaint.status {
        case .merged:
            // In a circle of mergers, the question comes back to the complaint that asked it.
            if follower == complaint.code {
                decision.record(.parted(.init(why: .circular)))
                begin(complaint, why: .parted, &decision)
            } else if let target = complaint.target {
                decision.ask(target, to: .join(follower: follower))
            } else {
                decision.ask(follower, to: .part(.unknown))
            }
        case .received, .assigned, .accepted, .verifying, .resolved, .returned:
            guard !complaint.followers.contains(follower), follower != complaint.code else { return }
            guard complaint.followers.count < Limit.followersPerComplaint else {
                return decision.ask(follower, to: .part(.full))
            }
            decision.record(.joined(.init(follower: follower)))
        case .closed: decision.ask(follower, to: .part(.closed))
        case .rejected: decision.ask(follower, to: .part(.rejected))
        }
    }

    /// Everybody whose complaint was merged into this one is told.
    ///
    /// - Parameter words: an outline of what was said with the input that is being decided.
    func inform(
        _ complaint: Complaint, of event: ComplaintEvent.Kind, _ words: Outline?, _ decision: inout Decision
    ) {
        for follower in complaint.followers { decision.inform(follower, of: event, words: words) }
    }
}
