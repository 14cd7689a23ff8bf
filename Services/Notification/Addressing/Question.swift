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

    /// How to answer.
    var hint: Name? {
        guard let question else { return nil }
        switch question.kind {
        case .add, .over: return nil
        case .grade:
            return Name(
                zh: "回复1（非常满意）至4（不满意）评价。",
                en: "Reply 1 (very satisfied) to 4 (not satisfied).")
        case .act:
            if case .assigned = fact.event {
                return Name(zh: "回复1受理、0非我责。", en: "Reply 1 to accept, 0 if not yours.")
            }
            return question.needsPicture || manner.answers == .safe
                ? Name(zh: "回复2加进展。", en: "Reply 2 and how it stands.")
                : Name(zh: "回复2加进展、3加结果。", en: "Reply 2 and how it stands, 3 and the result.")
        }
    }
}
