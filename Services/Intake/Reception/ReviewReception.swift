import Crypto
import Models
import Processing
import Text

/// The decisions of an office or a department about measurements that others reported.
struct ReviewsDraft: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        let key: ReadingKey
        /// Empty: all provisional measurements of the reading.
        let parameters: [Parameter]
        let verdict: Review.Verdict
        /// Measurements that were received after this moment were not seen.
        let seenAt: Instant
    }

    /// An office or a department.
    let by: Official
    let items: [Item]
}

extension Reception {
    /// An office reviews what was measured in its region and in those below, at outfalls as at sections; a
    /// department what the outfalls of its enterprises discharge. The proof is the same as for an action on a
    /// complaint: the desk, or the key of a gateway that may act as the office or department.
    ///
    /// - Returns: a record for each item. Only Analytics knows whether there is such a measurement.
    func take(
        _ draft: ReviewsDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        let registry = atlas.registry
        if registry.isEmpty { throw .notYet("the registry has not been published yet") }
        let reviewer = try official(draft.by, by: sender.proof)
        for item in draft.items {
            guard let point = registry.point(item.key.section), registry.mayReview(point, as: draft.by) else {
                throw .forbidden("\(item.key.section) is not reviewed by \(draft.by)")
            }
        }
        let trail = trail(sender, circumstances)
        let records = draft.items.map { item in
            // Nobody can have seen what is received later than now.
            let review = Review(
                item.key, parameters: item.parameters, verdict: item.verdict, reviewer: reviewer,
                gateway: sender.proof.gateway?.id, seenAt: min(item.seenAt, circumstances.now))
            let data = JSON.encode(review)
            let digest = SHA256.hash(data).prefix(8).hexadecimal
            return Outgoing(
                .reports, key: review.section.rawValue, id: "\(review.key)/review/\(digest)",
                source: Self.source, type: EventType("reading", "reviewed"), trail: trail, data: data)
        }
        return Receipt(given: .reviews(records.count), stages: [records].filter { !$0.isEmpty })
    }

    /// Who decides as the office of a region: the office itself, with the clerk whose desk it is.
    func office(_ region: RegionID, by proof: Sender.Proof) throws(TurnedAway) -> Actor {
        try official(.office(region), by: proof)
    }

    private func official(_ official: Official, by proof: Sender.Proof) throws(TurnedAway) -> Actor {
        let registry = atlas.registry
        let actor: Actor =
            switch official {
            case .chief(let id): Actor(role: .chief, id: id.rawValue)
            case .office(let id): Actor(role: .office, id: id.rawValue)
            case .department(let id): Actor(role: .department, id: id.rawValue)
            }
        switch proof {
        case .key(let gateway):
            guard gateway.mayAct(as: official, in: registry) else {
                let named = registry.known(actor)
                throw .forbidden(
                    "gateway \(gateway.id) may not act as "
                        + [named.role.rawValue, named.id].compactMap(\.self).joined(separator: " "))
            }
            return actor
        case .desk(let person):
            guard person.official == actor else {
                throw .forbidden("from a desk one acts as the official whose desk it is")
            }
            return person
        case .none, .link, .identity, .station:
            throw .unproved(
                "this needs the desk of the \(actor.role.rawValue), or the key of a gateway that acts as the "
                    + actor.role.rawValue)
        }
    }
}
