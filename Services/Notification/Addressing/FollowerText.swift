import Models

extension Notice {
    /// What somebody reads who follows the complaint of another person: what became of it, and nobody's
    /// words.
    var toFollower: Sentence {
        let news = newsForFollower
        // Nobody knows yet whether the number belongs to the person who gave it (`NumberConfirmed`).
        let open =
            link == nil
            ? Name(zh: "", en: "")
            : Name(
                zh: "点开链接可查看或取消关注，点开过才会继续收到短信。",
                en: " Open the link to see it, to go on hearing of it, or to stop.")
        return Sentence(
            "您关注的投诉\(code)\(news.zh)。\(open.zh)", "Complaint \(code), which you follow, \(news.en).\(open.en)"
        )
    }

    var newsForFollower: Name {
        switch fact.event {
        case .accepted(let accepted):
            let who = acceptor(accepted.by)
            let due = turn?.resolveBy.map { clock($0) }
            return Name(
                zh: "已由\(who.zh)受理\(due.map { "，\($0)前办结" } ?? "")",
                en: "was taken up\(due.map { " and is to be resolved by \($0)" } ?? "")")
        case .extended(let extended):
            return Name(
                zh: "需延期，\(clock(extended.until))前办结", en: "needs more time: until \(clock(extended.until))")
        case .resolved, .verified: return Name(zh: "已办结", en: "is resolved")
        case .unchecked: return Name(zh: "报称已办结，未及查验", en: "was reported as resolved and not checked yet")
        case .reopened: return Name(zh: "因投诉人不满意重新办理", en: "was reopened by who complained")
        case .rejected: return Name(zh: "未被受理", en: "was not accepted")
        case .merged(let merged):
            return Name(zh: "已并入\(merged.into)办理", en: "goes on as part of \(merged.into)")
        case .parted: return Name(zh: "恢复单独办理", en: "is handled by itself again")
        case .closed: return Name(zh: "已\(office.closed.zh)", en: office.closed.en)
        case .informed, .received, .assigned, .noted, .urged, .transferred, .warned, .lapsed, .escalated,
            .unreached, .supervised, .rated, .edited, .joined, .withheld, .released, .erased:
            return Name(zh: "有新进展", en: "has news")
        }
    }
}
