import Crypto
import Models
import Processing
import Text

/// An office's decisions about measurements that others reported.
struct ReviewsDraft: Equatable, Sendable {
    struct Item: Equatable, Sendable {
        let key: ReadingKey
        /// Empty: all provisional measurements of the reading.
        let parameters: [Parameter]
        let verdict: Review.Verdict
        /// Measurements that were received after this moment were not seen.
        let seenAt: Instant
    }

    let office: RegionID
    let items: [Item]
}

extension Reception {
    /// An office reviews what was measured in its region and in those below. Its proof is the same as for an
    /// action on a complaint: the key of a gateway that may act as the office.
    ///
    /// - Returns: a record for each item. Only Analytics knows whether there is such a measurement.
    func take(
        _ draft: ReviewsDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        let registry = atlas.registry
        if registry.isEmpty { throw .notYet("the registry has not been published yet") }
        guard case .key(let gateway) = sender.proof else {
            throw .unproved("a review needs the key of a gateway that may act as the office")
        }
        guard gateway.mayAct(as: .office(draft.office), in: registry) else {
            let named = registry.known(Actor(role: .office, id: draft.office.rawValue))
            throw .forbidden(
                "gateway \(gateway.id) may not act as "
                    + ["office", named.id].compactMap(\.self).joined(separator: " "))
        }
        for item in draft.items {
            guard let section = registry.sections[item.key.section],
                registry.mayReview(section, as: draft.office)
            else { throw .forbidden("\(item.key.section) is not in the region of office \(draft.office)") }
        }
        let reviewer = Actor(role: .office, id: draft.office.rawValue)
        let trail = trail(sender, circumstances)
        let records = draft.items.map { item in
            // Nobody can have seen what is received later than now.
            let review = Review(
                item.key, parameters: item.parameters, verdict: item.verdict, reviewer: reviewer,
                gateway: gateway.id, seenAt: min(item.seenAt, circumstances.now))
            let data = JSON.encode(review)
            let digest = SHA256.hash(data).prefix(8).hexadecimal
            return Outgoing(
                .reports, key: review.section.rawValue, id: "\(review.key)/review/\(digest)",
                source: Self.source, type: EventType("reading", "reviewed"), trail: trail, data: data)
        }
        return Receipt(given: .reviews(records.count), stages: [records].filter { !$0.isEmpty })
    }
}
