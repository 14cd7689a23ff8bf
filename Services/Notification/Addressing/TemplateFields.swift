import Links
import Models

extension Notice {
    /// What the notice says in parts, for gateways that send approved templates only. They hold nobody's
    /// words and no complainant, so an erasure leaves them as they are.
    func fields(in language: Language) -> NoticeFields {
        func spelled(_ name: Name) -> String { language == .en ? name.en : name.zh }
        let category = known.submission.flatMap { registry.categories[$0.category]?.name }
        return NoticeFields(
            code: code, sentence: spelled(sentence.core), category: category.map(spelled),
            place: place.map(spelled), due: dueMoment.map { clock($0, in: regionOfDue) },
            link: shownLink?.handle.text)
    }

    private var place: Name? {
        if case .assigned(let assigned) = fact.event { return whereabouts(of: assigned) }
        return nil
    }

    private var regionOfDue: RegionID? {
        if case .assigned(let assigned) = fact.event { return assigned.region }
        return nil
    }

    /// The moment until which the reader, or whoever has the complaint, has to act.
    var dueMoment: Instant? {
        switch fact.event {
        case .assigned(let assigned): assigned.due.accept
        case .warned(let warned): warned.due
        case .supervised(let supervised): supervised.due.resolve
        case .extended(let extended): extended.until
        case .resolved(let resolved): resolved.verifyBy
        case .received, .accepted, .noted, .urged, .transferred, .lapsed, .escalated, .unreached, .verified,
            .unchecked, .rated, .reopened, .edited, .rejected, .merged, .joined, .parted, .informed, .closed,
            .withheld, .released, .erased:
            turn?.resolveBy
        }
    }
}
