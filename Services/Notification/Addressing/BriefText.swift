import Models

extension Notice {
    /// The end of the code, by which a reader finds the complaint at the desk and names it in an answer
    /// (`TypedAnswer`).
    private var tail: String { String(fact.complaint.compact.suffix(4)) }

    /// What the sentence says, ever more briefly, for a message that would need a second segment. The page
    /// behind the address has the rest.
    var briefs: [Name] {
        switch addressee.part {
        case .complainant: briefsForComplainant
        case .follower: [briefForFollower]
        case .holder, .superior, .checker, .former: briefsForOfficial
        }
    }

    // MARK: Officials

    private var briefsForOfficial: [Name] {
        switch (fact.event, addressee.part) {
        case (.assigned(let assigned), .holder): assignmentInBrief(assigned)
        case (.warned(let warned), _):
            [
                Name(
                    zh: "即将超期：\(tail)，\(clock(warned.due))前\(warned.deadline.step.zh)。",
                    en: "At risk: \(warned.deadline.step.en) \(tail) by \(clock(warned.due)).")
            ]
        case (.urged(let urged), let part): [urgingInBrief(urged, part)]
        case (.lapsed(let lapsed), _):
            [
                Name(
                    zh: "逾期未\(lapsed.deadline.step.zh)：\(tail)，仍由您负责。",
                    en: "Too late to \(lapsed.deadline.step.en) \(tail). It stays with you.")
            ]
        case (.supervised(let supervised), .superior):
            [
                Name(
                    zh: "督办第\(supervised.order)号：\(tail)，\(clock(supervised.due.accept))前受理、"
                        + "\(clock(supervised.due.resolve))前办结。",
                    en: "Order \(supervised.order): \(tail), accept by \(clock(supervised.due.accept)), "
                        + "resolve by \(clock(supervised.due.resolve))."),
                Name(
                    zh: "督办第\(supervised.order)号：\(tail)，\(clock(supervised.due.resolve))前办结。",
                    en: "Order \(supervised.order): \(tail), resolve by \(clock(supervised.due.resolve))."),
            ]
        case (.resolved(let resolved), _):
            [
                Name(
                    zh: "请查验\(tail)\(resolved.verifyBy.map { "，\(clock($0))前" } ?? "")。",
                    en: "Please check \(tail)\(resolved.verifyBy.map { " by \(clock($0))" } ?? "").")
            ]
        case (.unchecked(let unchecked), .superior):
            [
                Name(
                    zh: "\(unchecked.checker.name.zh)逾期未查验\(tail)。",
                    en: "\(unchecked.checker.name.en) did not check \(tail) in time.")
            ]
        case (.reopened, .superior):
            [
                Name(
                    zh: "群众不满意，\(tail)由\((turn?.assignee?.name ?? Self.somebody).zh)重新办理。",
                    en: "Reopened: \(tail), with \((turn?.assignee?.name ?? Self.somebody).en).")
            ]
        case (.assigned, _), (.received, _), (.accepted, _), (.noted, _), (.transferred, _), (.escalated, _),
            (.unreached, _), (.supervised, _), (.extended, _), (.verified, _), (.unchecked, _), (.rated, _),
            (.reopened, _), (.edited, _), (.rejected, _), (.merged, _), (.joined, _), (.parted, _),
            (.informed, _), (.closed, _), (.withheld, _), (.released, _), (.erased, _):
            []
        }
    }

    private static let somebody = Name(zh: "承办人", en: "whoever has it")

    private func assignmentInBrief(_ assigned: ComplaintEvent.Assigned) -> [Name] {
        let category =
            known.submission.flatMap { registry.categories[$0.category]?.name } ?? Name(zh: "涉水", en: "water")
        let (lead, place) = (lead(of: assigned), whereabouts(of: assigned))
        let due = clock(assigned.due.accept, in: assigned.region)
        return [
            Name(
                zh: "\(lead.zh)\(tail)：\(category.zh)，\(place.zh)，\(due)前受理。",
                en: "\(lead.en) \(tail): \(category.en), \(place.en). Accept by \(due)."),
            Name(
                zh: "\(lead.zh)\(tail)：\(place.zh)，\(due)前受理。",
                en: "\(lead.en) \(tail): \(place.en). Accept by \(due)."),
            Name(
                zh: "\(lead.zh)\(tail)：\(category.zh)，\(due)前受理。",
                en: "\(lead.en) \(tail): \(category.en). Accept by \(due)."),
        ]
    }

    private func urgingInBrief(_ urged: ComplaintEvent.Urged, _ part: Addressee.Part) -> Name {
        let by =
            urged.by.role == .office ? office.asSubject : Name(zh: "群众", en: "A citizen")
        if part == .superior {
            let holder = turn?.assignee?.name ?? Self.somebody
            return Name(
                zh: "\(by.zh)催\(holder.zh)办理\(tail)，请督促。", en: "\(by.en) urges \(holder.en) about \(tail).")
        }
        let due = turn?.resolveBy.map { clock($0) }
        return Name(
            zh: "\(by.zh)催办\(tail)\(due.map { "，\($0)前办结" } ?? "")。",
            en: "\(by.en) urges you about \(tail)\(due.map { ", due \($0)" } ?? "").")
    }

    // MARK: Citizens

    /// The last one does without the code, where nobody has to name it in an answer: if nothing may be
    /// answered, and when it has just come.
    private var briefsForComplainant: [Name] {
        let said: (zh: String, en: String)? =
            switch fact.event {
            case .received: ("已收到，点开收后续短信", "received. Open the link to hear more")
            case .resolved, .verified: ("已办结，请点开评价", "is resolved. Please rate it")
            case .unchecked: ("报称办结，请点开评价", "is said to be resolved. Please rate it")
            case .closed: ("已结案，可点开要求重办", "was closed. You can reopen it")
            default: nil
            }
        guard let said else { return [] }
        let named = Name(zh: "投诉\(tail)\(said.zh)", en: "Complaint \(tail) \(said.en).")
        let unnamed = Name(zh: "投诉\(said.zh)", en: "Your complaint \(said.en).")
        let isNew = fact.event.kind == .received
        return question == nil || isNew ? [named, unnamed] : [named]
    }

    private var briefForFollower: Name {
        let news = newsForFollower
        return Name(
            zh: "关注的\(tail)\(news.zh)，点开续收或退订",
            en: "\(tail), which you follow, \(news.en). Open it to go on or stop.")
    }
}
