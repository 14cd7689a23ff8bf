import Models
import Text

extension Notice {
    /// What chiefs, departments and offices read.
    var toOfficial: Sentence {
        switch (fact.event, addressee.part) {
        case (.assigned(let assigned), .former):
            released(as: Name(zh: "改派", en: "went"), to: assigned.assignee)
        case (.assigned(let assigned), _): assignment(assigned, to: addressee.recipient.kind)
        case (.warned(let warned), _): reminder(warned)
        case (.urged(let urged), let part): urging(urged, part)
        case (.transferred, _): released(as: Name(zh: "转办", en: "went"), to: nil)
        case (.extended(let extended), _):
            Sentence(
                "延期：投诉\(code)，\(clock(extended.until))前办结。",
                "More time for complaint \(code): resolve by \(clock(extended.until)).", [ownWords])
        case (.lapsed(let lapsed), _):
            tooLate(lapsed.deadline, Name(zh: "仍由您负责", en: "It stays with you"))
        case (.escalated(let escalated), _):
            tooLate(
                escalated.deadline,
                Name(zh: "已上报\(escalated.to.name.zh)", en: "It went up to \(escalated.to.name.en)"))
        case (.unreached(let unreached), _): unreachedOfficial(unreached)
        case (.supervised(let supervised), let part): order(supervised, part)
        case (.resolved(let resolved), _): checking(resolved)
        case (.unchecked(let unchecked), let part): missedCheck(by: unchecked.checker, part)
        case (.reopened, _): dissatisfaction()
        case (.rejected, _): ended(Name(zh: "不予受理", en: "was rejected"))
        case (.merged(let merged), _):
            ended(Name(zh: "并入\(merged.into)", en: "goes on as part of \(merged.into)"))
        case (.closed, _): ended(office.closed)
        case (.received, _), (.accepted, _), (.noted, _), (.verified, _), (.rated, _), (.edited, _),
            (.joined, _), (.parted, _), (.informed, _), (.withheld, _), (.released, _), (.erased, _):
            Sentence("投诉\(code)有新进展。", "There is news of complaint \(code).")
        }
    }

    // MARK: To the assignee

    private func assignment(_ assigned: ComplaintEvent.Assigned, to kind: Recipient.Kind) -> Sentence {
        let submission = known.submission
        let subject = registry.said(.subject)
        let category =
            submission.flatMap { registry.categories[$0.category]?.name }
            ?? Name(zh: "\(subject.zh)问题", en: subject.en)
        let due = clock(assigned.due.accept, in: assigned.region)
        let lead = lead(of: assigned)
        let whereabouts = whereabouts(of: assigned)
        // An outline does not say whether there is an address.
        let origin = submission?.words.flatMap { _ in known.origin }
        return Sentence(
            "\(lead.zh)：\(code)，\(category.zh)，\(whereabouts.zh)，请于\(due)前受理。",
            "\(lead.en): \(code), \(category.en), \(whereabouts.en). Accept by \(due).",
            [
                origin.map { .address($0) }, complainant(before: kind).map(Sentence.Detail.contact),
                turn?.reason.map { .reason($0) }, origin.map { .quote($0) },
            ])
    }

    /// The water, if the citizen named one or Routing found one.
    func whereabouts(of assigned: ComplaintEvent.Assigned) -> Name {
        if let reach = assigned.reach.flatMap({ registry.reaches[$0] }) { return reach.name }
        if let river = assigned.river.flatMap({ registry.rivers[$0] }) { return river.name }
        return isPlaceless
            ? Name(zh: "位置未标", en: "no place marked") : Name(zh: "辖区内", en: "your area")
    }

    func lead(of assigned: ComplaintEvent.Assigned) -> Name {
        // Without a place, "no reach near it" makes no sense. The notice says instead that no place is
        // marked.
        let why = assigned.why == .noReach && isPlaceless ? .nearest : assigned.why
        return why.lead(registry)
    }

    private var isPlaceless: Bool { known.submission.map { $0.place == nil } ?? false }

    /// Who complained, so that he can be called back: the whole name, then less and less of it, the number in
    /// any case. If he wished to stay anonymous, only an office learns who he is.
    private func complainant(before kind: Recipient.Kind) -> [Name]? {
        let isAnonymous = known.submission?.anonymous ?? false
        if isAnonymous, kind != .office {
            return [Name(zh: "投诉人匿名。", en: "The complainant is anonymous.")]
        }
        let name = known.contact?.name.flatMap(Self.excerpt)
        let phone = known.contact?.phone?.plain
        let names = name.map { name in
            [name] + Self.shorterNames.filter { $0 < name.count }.map { Self.cut(name, to: $0) }
        }
        let parts = (names ?? []).map { [$0, phone] } + (phone == nil ? [] : [[phone]])
        let spellings = parts.map { $0.compactMap(\.self).joined(separator: " ") }
        guard !spellings.isEmpty else { return nil }
        return spellings.map { who in
            isAnonymous
                ? Name(zh: "投诉人（匿名，勿转告）：\(who)。", en: "Complainant (anonymous, for you alone): \(who).")
                : Name(zh: "投诉人：\(who)。", en: "Complainant: \(who).")
        }
    }

    /// The ellipsis is not in the GSM alphabet: for its sake alone a message would need twice the segments.
    private static func cut(_ name: String, to count: Int) -> String {
        let begin = name.prefix(count - 1)
        return Segments.isGSM(String(begin)) ? "\(begin)." : name.excerpt(count)
    }

    /// In characters. The longest is for names in Latin letters.
    private static let shorterNames = [20, 12, 6]

    private func reminder(_ warned: ComplaintEvent.Warned) -> Sentence {
        let step = warned.deadline.step
        return Sentence(
            "即将超期：投诉\(code)，请于\(clock(warned.due))前\(step.zh)。",
            "At risk: \(step.en) complaint \(code) by \(clock(warned.due)).")
    }

    private func urging(_ urged: ComplaintEvent.Urged, _ part: Addressee.Part) -> Sentence {
        let by =
            urged.by.role == .office
            ? office.asSubject : Name(zh: "群众", en: "The complainant")
        let holder = turn?.assignee?.name ?? Name(zh: "承办人", en: "whoever has it")
        let due = turn?.resolveBy.map { clock($0) }
        return part == .superior
            ? Sentence(
                "催办：\(by.zh)催\(holder.zh)办理投诉\(code)，请督促。",
                "\(by.en) urges \(holder.en) about complaint \(code). Please see to it.",
                [ownWords])
            : Sentence(
                "催办：\(by.zh)催办投诉\(code)\(due.map { "，办结期限\($0)" } ?? "")。",
                "\(by.en) urges you about complaint \(code)\(due.map { ", due \($0)" } ?? "").",
                [ownWords])
    }

    // MARK: To a former assignee

    private func released(as how: Name, to assignee: Assignee?) -> Sentence {
        let who = assignee?.name ?? Name(zh: "他人", en: "somebody else")
        return Sentence(
            "\(how.zh)：投诉\(code)已交\(who.zh)，您无需再办。",
            "Complaint \(code) \(how.en) to \(who.en). You need do nothing more.")
    }

    private func ended(_ how: Name) -> Sentence {
        Sentence(
            "投诉\(code)已\(how.zh)，您无需再办。", "Complaint \(code) \(how.en). You need do nothing more.")
    }

    private func tooLate(_ deadline: Deadline, _ now: Name) -> Sentence {
        let step = deadline.step
        return Sentence(
            "逾期未\(step.zh)：投诉\(code)，\(now.zh)。",
            "Too late to \(step.en) complaint \(code). \(now.en).")
    }

    private func missedCheck(by checker: Assignee, _ part: Addressee.Part) -> Sentence {
        part == .checker
            ? Sentence(
                "逾期未查验：投诉\(code)，已请群众直接评价。",
                "You did not check complaint \(code) in time. The complainant was asked instead.")
            : Sentence(
                "逾期未查验：\(checker.name.zh)，投诉\(code)，已请群众直接评价。",
                "\(checker.name.en) did not check complaint \(code) in time. The complainant was asked instead."
            )
    }

    // MARK: To superiors

    /// The number stands in this message alone: no public topic has it. Nobody says here why no message came:
    /// the number may be dead, or every gateway may have been busy. So the text is true of both.
    private func unreachedOfficial(_ unreached: ComplaintEvent.Unreached) -> Sentence {
        let name = unreached.official.name
        let number = phone(of: unreached.official).flatMap(Self.excerpt)
        let next =
            unreached.to.map {
                Name(zh: "投诉\(code)已上报\($0.name.zh)", en: "Complaint \(code) went up to \($0.name.en)")
            } ?? Name(zh: "投诉\(code)仍在等候", en: "Complaint \(code) still waits")
        return Sentence(
            "短信未能送达\(name.zh)\(number.map { "（\($0)）" } ?? "")，\(next.zh)。号码如有误请更正。",
            "No message reached \(name.en)\(number.map { " at \($0)" } ?? ""). \(next.en). "
                + "If the number is wrong, please correct it.")
    }

    private func phone(of official: Assignee) -> String? {
        switch official.kind {
        case .chief: ChiefID(official.id).flatMap { registry.chiefs[$0]?.phone }
        case .department: DepartmentID(official.id).flatMap { registry.departments[$0]?.phone }
        case .office: RegionID(official.id).flatMap { registry.regions[$0]?.dutyPhone }
        }
    }

    private func order(_ supervised: ComplaintEvent.Supervised, _ part: Addressee.Part) -> Sentence {
        let (by, over) = (supervised.by.name, supervised.over.name)
        let accept = clock(supervised.due.accept)
        let resolve = clock(supervised.due.resolve)
        return part == .superior
            ? Sentence(
                "督办第\(supervised.order)号：投诉\(code)逾期，责任人\(over.zh)，请于\(accept)前受理、\(resolve)前办结。",
                "Order \(supervised.order): complaint \(code) is overdue with \(over.en). "
                    + "Accept by \(accept), resolve by \(resolve).")
            : Sentence(
                "督办第\(supervised.order)号：您逾期未办的投诉\(code)由\(by.zh)督办，\(resolve)前须办结。",
                "Order \(supervised.order) of \(by.en): complaint \(code), which you let pass, "
                    + "is to be resolved by \(resolve).")
    }

    private func dissatisfaction() -> Sentence {
        let holder = turn?.assignee?.name ?? Name(zh: "承办人", en: "whoever has it")
        return Sentence(
            "群众不满意：投诉\(code)由\(holder.zh)重新办理，请督促。",
            "The complainant is not satisfied: complaint \(code) is reopened with \(holder.en). Please see to it.",
            [(turn ?? Turn(version: 0)).reason(of: fact).map { .quote($0) }])
    }

    private func checking(_ resolved: ComplaintEvent.Resolved) -> Sentence {
        let due = resolved.verifyBy.map { clock($0) }
        return Sentence(
            "查验：投诉\(code)报称已办结，请\(due.map { "于\($0)前" } ?? "")现场查验。",
            "Check complaint \(code), reported as resolved\(due.map { ", by \($0)" } ?? "").",
            [ownWords])
    }
}

extension Deadline {
    var step: Name {
        switch self {
        case .accept: Name(zh: "受理", en: "accept")
        case .resolve: Name(zh: "办结", en: "resolve")
        case .verify: Name(zh: "查验", en: "check")
        case .close: Name(zh: "归档", en: "close")
        }
    }
}

extension ComplaintEvent.Assigned.Why {
    /// Why the complaint comes to the reader: the first words of the notice.
    fileprivate func lead(_ registry: Registry) -> Name {
        let stretch = registry.said(.stretch)
        let keeper = registry.said(.keeper)
        return switch self {
        case .picked, .named, .outfall, .lowerLevel, .nearest: Name(zh: "新投诉", en: "New complaint")
        case .responsible: Name(zh: "新投诉（主管）", en: "New complaint in your charge")
        case .noReach:
            Name(zh: "新投诉（附近无\(stretch.zh)）", en: "New complaint, no \(stretch.en) near it")
        case .noChief:
            Name(
                zh: "新投诉（\(stretch.zh)无\(keeper.zh)）",
                en: "New complaint, no \(keeper.en) for its \(stretch.en)")
        case .escalated: Name(zh: "逾期上报", en: "Escalated")
        case .unreached: Name(zh: "承办人联系不上，上报", en: "Passed up, because no message reaches the assignee")
        case .reopened: Name(zh: "群众不满意，重新办理", en: "Reopened")
        case .transferred: Name(zh: "转办", en: "Passed on to you")
        case .edited: Name(zh: "更正后改派", en: "Corrected, now yours")
        case .replaced: Name(zh: "接任", en: "Taken over with the office")
        case .deputy: Name(zh: "代理", en: "As deputy")
        case .unverified: Name(zh: "查验未通过，重新办理", en: "Found not resolved")
        case .parted: Name(zh: "恢复单独办理", en: "Handled by itself again")
        }
    }
}
