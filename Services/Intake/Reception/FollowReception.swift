import Links
import Models
import Processing
import Text

extension Reception {
    /// Whether such a complaint exists is not asked: the log knows it, and a follow of nothing tells nobody
    /// anything.
    func take(
        _ draft: FollowDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        switch sender.proof {
        case .none: break
        case .key(let gateway):
            guard gateway.mayPostComplaints else {
                throw .forbidden("gateway \(gateway.id) may not post complaints, nor follow them")
            }
        case .link, .identity, .station, .desk: throw .forbidden("to follow a complaint needs no link")
        }
        guard let numbers else {
            throw .notYet("complaints can't be followed here: DAYU_NUMBER_KEY is not set")
        }
        guard draft.faults.isEmpty, let complaint = draft.complaint, let phone = draft.phone else {
            throw .malformed(Malformed(draft.faults))
        }
        let follow = Follow(complaint: complaint, phone: phone, handle: numbers.handle(of: phone))
        let begun = Outgoing(
            .follows, key: follow.key.description, id: "follow/\(follow.key)", source: Self.source,
            type: Follow.begun, trail: trail(sender, circumstances), data: JSON.encode(follow))
        return Receipt(given: .follow(complaint), stages: [[begun]])
    }

    /// The link says which number follows which complaint.
    func takeUnfollow(_ sender: Sender, _ circumstances: Circumstances) throws(TurnedAway) -> Receipt {
        guard case .link(let link) = sender.proof, link.actor.role == .follower, let number = link.number
        else { throw .forbidden("only a link from a message to somebody who follows ends it") }
        let key = FollowKey(complaint: link.complaint, number: number)
        let ended = Outgoing(
            .follows, key: key.description, id: "unfollow/\(key)", source: Self.source, type: Follow.ended,
            subject: link.complaint.compact, trail: trail(sender, circumstances), data: nil)
        return Receipt(given: .unfollow, stages: [[ended]])
    }
}
