import Models

extension Notice {
    /// What the complainant reads.
    var toComplainant: Sentence {
        switch fact.event {
        case .received: reception
        case .accepted(let accepted): acceptance(by: accepted.by)
        case .extended(let extended):
            Sentence(
                "您的投诉\(code)需延期，\(clock(extended.until))前办结。",
                "Your complaint \(code) needs more time: until \(clock(extended.until)).",
                [ownWords])
        case .resolved: outcome("", "")
        case .verified: outcome("经查验，", "It was checked: ")
        case .unchecked: outcome("（未及查验）", "Nobody has checked it yet: ")
        case .rejected(let rejected): rejection(rejected)
        case .merged(let merged):
            Sentence(
                "您的投诉\(code)与\(merged.into)为同一问题，已并入办理，结果会告知您。",
                "Your complaint \(code) goes on as part of \(merged.into), which is about the same. You will hear."
            )
        case .parted(let parted): parting(parted.why)
        case .informed(let informed): news(informed)
        case .closed(let closed):
            Sentence(
                "您的投诉\(code)已\(office.closed.zh)。\(reopening(until: closed.reopensUntil).zh)",
                "\(office.asSubject.en) closed your complaint \(code).\(reopening(until: closed.reopensUntil).en)",
                [ownWords])
        case .assigned, .noted, .urged, .transferred, .warned, .lapsed, .escalated, .unreached, .supervised,
            .rated,
            .reopened, .edited, .joined, .withheld, .released, .erased:
            Sentence("您的投诉\(code)有新进展。", "There is news of your complaint \(code).")
        }
    }

    /// Nobody knows yet whether the number belongs to the person who gave it (`NumberConfirmed`).
    private var reception: Sentence {
        let open =
            link == nil
            ? Name(zh: "", en: "")
            : Name(zh: "点开链接，才会收到后续短信。", en: " Open the link once to hear more by SMS.")
        return Sentence(
            "您的投诉已收到，查询码\(code)。\(open.zh)",
            "We received your complaint. Tracking code \(code).\(open.en)")
    }

    private func acceptance(by actor: Actor) -> Sentence {
        let who = acceptor(actor)
        let due = turn?.resolveBy.map { clock($0) }
        return Sentence(
            "您的投诉\(code)已由\(who.zh)受理\(due.map { "，\($0)前办结" } ?? "")。",
            "\(who.en) has taken up your complaint \(code)\(due.map { " and is to resolve it by \($0)" } ?? "")."
        )
    }

    /// Who took the complaint up.
    func acceptor(_ actor: Actor) -> Name {
        switch actor.role {
        case .chief: Name(zh: registry.said(.keeper).zh, en: "The \(registry.said(.keeper).en)")
        case .department: Name(zh: "主管部门", en: "The department in charge")
        case .office, .citizen, .checker, .follower, .system: office.asSubject
        }
    }

    private func outcome(_ zh: String, _ en: String) -> Sentence {
        Sentence(
            "\(zh)您的投诉\(code)已办结，请查看并评价；不满意可要求重新办理。",
            "\(en)Your complaint \(code) is resolved. Please rate it, or reopen it if it is not solved.",
            [ownWords])
    }

    private func rejection(_ rejected: ComplaintEvent.Rejected) -> Sentence {
        let why = rejected.reason.words(registry)
        return Sentence(
            "您的投诉\(code)未被受理：\(why.zh)。", "Your complaint \(code) was not accepted: \(why.en).",
            [ownWords])
    }

    private func parting(_ why: ComplaintEvent.Parted.Why) -> Sentence {
        let why = why.words
        return Sentence(
            "您的投诉\(code)恢复单独办理：\(why.zh)。",
            "Your complaint \(code) is handled by itself again: \(why.en).")
    }

    /// News of the complaint that his complaint was merged into. The words of that complaint are on another
    /// partition and are not quoted.
    private func news(_ informed: ComplaintEvent.Informed) -> Sentence {
        let what: Name =
            switch informed.event {
            case .resolved: Name(zh: "已办结", en: "is resolved")
            case .reopened: Name(zh: "因不满意重新办理", en: "was reopened")
            case .rejected: Name(zh: "未被受理", en: "was not accepted")
            case .merged: Name(zh: "又并入其他投诉", en: "goes on as part of yet another")
            case .closed: Name(zh: "已\(office.closed.zh)", en: office.closed.en)
            case .received, .assigned, .accepted, .noted, .urged, .transferred, .warned, .lapsed, .escalated,
                .unreached,
                .supervised, .extended, .verified, .unchecked, .rated, .edited, .joined, .parted, .informed,
                .withheld, .released, .erased:
                Name(zh: "有新进展", en: "has news")
            }
        return Sentence(
            "您的投诉\(code)并入的\(informed.of)\(what.zh)。",
            "\(informed.of), which your complaint \(code) is part of, \(what.en).")
    }

    private func reopening(until: Instant?) -> Name {
        until.map {
            Name(zh: "\(clock($0))前可要求重新办理。", en: " You can reopen it until \(clock($0)).")
        } ?? Name(zh: "", en: "")
    }
}

/// The duty office of a region, in sentences.
struct OfficeWords {
    let name: Name

    var closed: Name { Name(zh: "由\(name.zh)结案", en: "was closed by the \(name.en)") }
    var asSubject: Name { Name(zh: name.zh, en: "The \(name.en)") }
}

extension Notice {
    var office: OfficeWords { OfficeWords(name: registry.said(.office)) }
}

extension ComplaintEvent.Parted.Why {
    fileprivate var words: Name {
        switch self {
        case .unknown: Name(zh: "找不到所并入的投诉", en: "the other one does not exist")
        case .closed: Name(zh: "所并入的投诉已结案", en: "the other one is closed")
        case .rejected: Name(zh: "所并入的投诉未被受理", en: "the other one was not accepted")
        case .circular: Name(zh: "两件投诉互相并入", en: "the two were merged into each other")
        case .full: Name(zh: "所并入的投诉不能再并入更多", en: "the other one takes no more")
        }
    }
}

extension ComplaintEvent.Rejected.Reason {
    fileprivate func words(_ registry: Registry) -> Name {
        let realm = registry.said(.realm)
        let subject = registry.said(.subject)
        return switch self {
        case .outsideJurisdiction:
            Name(zh: "地点不在本市\(realm.zh)", en: "the place is not on this city's \(realm.en)")
        case .notWater: Name(zh: "不是\(subject.zh)问题", en: "it is not about \(subject.en)")
        case .insufficient: Name(zh: "情况不明，无法查找", en: "what is meant could not be found")
        case .handledElsewhere: Name(zh: "由其他单位负责", en: "somebody else is responsible")
        case .abuse: Name(zh: "内容不当", en: "its content is improper")
        }
    }
}
