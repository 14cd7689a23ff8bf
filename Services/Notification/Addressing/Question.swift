import Models

/// Which answers from phones count. Whoever knows a number can forge it as the sender of a message, so an
/// answer is a weaker proof than a link.
enum PhoneAnswers: String, CaseIterable, Sendable {
    case none
    /// All but those that end a complaint: these need the link.
    case safe
    case all
}

extension Notice {
    /// What the recipient may answer; nil if nothing.
    var question: NoticeQuestion? {
        guard manner.answers != .none else { return nil }
        let kind: NoticeQuestion.Kind? =
            switch (addressee.part, fact.event) {
            case (.complainant, .resolved), (.complainant, .verified), (.complainant, .unchecked): .grade
            case (.complainant, .rejected), (.complainant, .merged), (.complainant, .closed): .over
            case (.complainant, _): .add
            case (.former, _): .over
            case (.holder, _), (.superior, .supervised): .act
            // A check tells whether somebody else's word is true: that takes the page.
            case (.follower, _), (.checker, _), (.superior, _): nil
            }
        return kind.map {
            NoticeQuestion(
                $0, by: addressee.actor, needsPicture: needsPicture, language: chosenLanguage)
        }
    }

    private var needsPicture: Bool {
        known.submission.flatMap { registry.categories[$0.category]?.requiresPhoto } ?? true
    }

    /// Whether nobody has taken it up yet: then that is the first thing to do, and the one that can be late.
    private var isToBeAccepted: Bool {
        if case .assigned = fact.event { return true }
        return turn?.isAccepted != true
    }

    /// How to answer now. A reply says all that he may answer (`Wording.reply`).
    var hint: Name? {
        guard let question else { return nil }
        switch question.kind {
        case .add, .over: return nil
        case .grade where manner.answers == .all:
            return Name(
                zh: "回复1（非常满意）至4（不满意）评价。",
                en: "Reply 1 (very satisfied) to 4 (not satisfied).")
        case .grade:
            let link =
                shownLink == nil
                ? Name(zh: "", en: "") : Name(zh: "，其他评价请点链接", en: "; for other grades use the link")
            return Name(zh: "不满意请回复4\(link.zh)。", en: "Reply 4 if not satisfied\(link.en).")
        case .act:
            if isToBeAccepted {
                return Name(zh: "回复1受理、0非我责。", en: "Reply 1 to accept, 0 if not yours.")
            }
            return question.mayResolve(manner.answers)
                ? Name(zh: "回复2加进展、3加结果。", en: "Reply 2 and how it stands, 3 and the result.")
                : Name(zh: "回复2加进展。", en: "Reply 2 and how it stands.")
        }
    }
}

extension NoticeQuestion {
    /// Whether an answer from a phone may say that it is done. A picture needs the page, and so does the end
    /// of a complaint where the setting demands it.
    func mayResolve(_ answers: PhoneAnswers) -> Bool { !needsPicture && answers == .all }
}

extension Grade {
    /// Whether an answer from a phone may give it. `safe` demands the link for what ends a complaint.
    func mayBeAnswered(_ answers: PhoneAnswers) -> Bool { !closes || answers == .all }
}
