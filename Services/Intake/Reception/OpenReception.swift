import FoundationEssentials
package import Geo
import Links
package import Models
package import Processing

/// The reception without a door, for `dayu simulate`: the same checks, identities and records. The caller
/// guarantees who sends what, and draws the random numbers.
package struct OpenReception {
    private let reception: Reception

    /// - Parameter identityKey: 32 bytes or more.
    package init(_ registry: Registry, identityKey: [UInt8]) {
        reception = Reception(
            atlas: Atlas(registry), identities: Identities(key: identityKey), links: nil)
    }

    /// What one citizen sends.
    package struct Complaint {
        package var category: CategoryCode
        package var words: Words
        package var place: Coordinate
        package var river: RiverID?
        package var reach: ReachID?
        package var isAnonymous: Bool
        package var contact: Contact?

        package init(
            category: CategoryCode, words: Words, place: Coordinate, river: RiverID?, reach: ReachID?,
            isAnonymous: Bool, contact: Contact?
        ) {
            self.category = category
            self.words = words
            self.place = place
            self.river = river
            self.reach = reach
            self.isAnonymous = isAnonymous
            self.contact = contact
        }
    }

    /// A complaint that was taken. Whoever has this value may act as its citizen.
    package struct Taken {
        fileprivate let id: ComplaintID

        package var code: TrackingCode { id.code }
    }

    package enum Acting {
        case citizen(Taken)
        /// An official, acting with the link in a message.
        case official(Actor, on: TrackingCode)
    }

    /// - Parameter gateway: nil if the complaint comes from the site.
    package func take(
        _ complaint: Complaint, from gateway: Gateway?, at now: Instant,
        chance: inout some RandomNumberGenerator
    ) throws -> (taken: Taken, records: [Outgoing]) {
        let draft = ComplaintDraft(
            category: complaint.category, words: complaint.words, place: complaint.place,
            river: complaint.river, reach: complaint.reach, anonymous: complaint.isAnonymous,
            contact: complaint.contact)
        let receipt = try take(
            .complaint(draft), gateway.map(Sender.Proof.key) ?? Sender.Proof.none, at: now, chance: &chance)
        guard case .complaint(let id, _, _) = receipt.given else {
            preconditionFailure("a complaint led to another receipt")
        }
        return (Taken(id: id), receipt.stages.flatMap(\.self))
    }

    package func take(
        _ verb: ComplaintAction.Verb, saying words: Words, by acting: Acting, at now: Instant,
        chance: inout some RandomNumberGenerator
    ) throws -> [Outgoing] {
        let proof: Sender.Proof
        switch acting {
        case .citizen(let taken): proof = .identity(taken.id)
        case .official(let actor, let complaint):
            proof = .link(ActionLink(complaint: complaint, actor: actor, expiresAt: now + .seconds(3600)))
        }
        let draft = ActionDraft(complaint: nil, by: nil, verb: verb, words: words)
        return try take(.action(draft), proof, at: now, chance: &chance).stages.flatMap(\.self)
    }

    package func take(
        _ reports: [Report], from gateway: Gateway, at now: Instant,
        chance: inout some RandomNumberGenerator
    ) throws -> [Outgoing] {
        try take(.readings(reports), .key(gateway), at: now, chance: &chance).stages.flatMap(\.self)
    }

    private func take(
        _ draft: Draft, _ proof: Sender.Proof, at now: Instant, chance: inout some RandomNumberGenerator
    ) throws -> Receipt {
        try reception.take(
            draft,
            from: Sender(
                proof: proof, channel: .web, idempotencyKey: nil, content: [], traceparent: nil),
            in: Circumstances(
                now: now, identity: UUID(drawnFrom: &chance), trace: UUID(drawnFrom: &chance),
                span: chance.next()))
    }
}

extension UUID {
    fileprivate init(drawnFrom chance: inout some RandomNumberGenerator) {
        let halves = [chance.next(), chance.next()] as [UInt64]
        self.init(
            digest: halves.flatMap { half in
                stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
            })
    }
}
