import Models
import Processing
import Text

/// An office's decision to publish something.
struct PublicationDraft: Equatable, Sendable {
    let office: RegionID
    let kind: Publication.Kind
    let month: Month
    let verdict: Publication.Verdict
    /// Of the figures that the office saw.
    let fingerprint: String
}

extension Reception {
    /// The office of the region at the top releases for the whole city.
    func take(
        _ draft: PublicationDraft, _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        let registry = atlas.registry
        if registry.isEmpty { throw .notYet("the registry has not been published yet") }
        let by = try office(draft.office, by: sender.proof)
        guard registry.mayPublish(draft.office) else {
            throw .forbidden("only the office of the city releases what is about the city")
        }
        // The figures of a month that goes on change with every reading. A release may always be taken back.
        let month = EvaluationPeriod(.month, of: draft.month.first)
        if draft.verdict == .released, registry.cityZone.day(at: circumstances.now) < month.end {
            throw .malformed(
                Malformed("month", "is not over: its bulletin can be released from \(month.end) on"))
        }
        let publication = Publication(
            draft.kind, draft.month, draft.verdict, by: by, gateway: sender.proof.gateway?.id,
            at: circumstances.now,
            fingerprint: draft.fingerprint)
        let record = Outgoing(
            .publications, key: publication.key, id: "\(publication.key)/\(circumstances.now)",
            source: Self.source, type: Publication.type, trail: trail(sender, circumstances),
            data: JSON.encode(publication))
        return Receipt(given: .publication, stages: [[record]])
    }
}
