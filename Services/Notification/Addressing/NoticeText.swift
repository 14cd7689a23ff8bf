import Models

/// What languages a notice speaks; Chinese always comes first.
enum Language: String, CaseIterable, Sendable {
    case zh, en, both
}

/// The one string table of the SMS: a sentence for each fact and audience, in Chinese and English.
///
/// No name and no phone of a complainant stands in any of them, and of what he wrote only the beginning, for
/// the official alone.
struct NoticeText {
    let fact: ComplaintFact
    let submission: Submission?
    let registry: Registry
    /// Under which the recipient sees the complaint and acts on it.
    let link: String?

    /// A long message costs several; the page has the rest.
    private static let excerptCharacters = 40
    private static let utcOffset: Duration = .seconds(8 * 3600)

    func text(for recipient: Recipient.Kind, in language: Language) -> String {
        let sentence = sentence(for: recipient)
        let words =
            switch language {
            case .zh: "【大禹】\(sentence.zh)"
            case .en: "[Dayu] \(sentence.en)"
            case .both: "【大禹】\(sentence.zh)\n\(sentence.en)"
            }
        // On a line of its own and last: no phone takes a word beside it for a part of the address.
        return link.map { "\(words)\n\($0)" } ?? words
    }

    private func sentence(for recipient: Recipient.Kind) -> Name {
        let code = TrackingCode(fact.complaint).description
        return switch (fact.event, recipient) {
        case (.assigned(let assigned), _): assignment(assigned, code)
        case (.escalated(let escalated), _):
            escalation(escalated, code)
        case (.received, _):
            Name(
                zh: "您的投诉已收到，查询码\(code)。",
                en: "We received your complaint. Tracking code \(code).")
        case (.accepted, _):
            Name(zh: "您的投诉\(code)已由河长受理。", en: "The river chief has taken up your complaint \(code).")
        case (.resolved, _):
            Name(
                zh: "您的投诉\(code)已办结，请查看结果并评价；不满意可要求重新办理。",
                en:
                    "Your complaint \(code) is resolved. Please rate it, or reopen it if it is not solved."
            )
        case (.rejected(let rejected), _):
            Name(
                zh: "您的投诉\(code)未被受理：\(rejected.reason == .outsideJurisdiction ? "地点不在本市水域" : "不属于受理范围")。",
                en: "Your complaint \(code) was not accepted: \(rejected.text ?? rejected.reason.rawValue)")
        default:
            Name(zh: "投诉\(code)有新进展。", en: "There is news of complaint \(code).")
        }
    }

    private func escalation(_ escalated: ComplaintEvent.Escalated, _ code: String) -> Name {
        let missed = escalated.deadline == .accept ? "受理" : "办结"
        let now =
            escalated.to.map { Name(zh: "已上报\($0.name.zh)", en: "went up to \($0.name.en)") }
            ?? Name(zh: "仍由您负责", en: "stays with you")
        return Name(
            zh: "投诉\(code)逾期未\(missed)，\(now.zh)。", en: "Complaint \(code) is overdue and \(now.en).")
    }

    private func assignment(_ assigned: ComplaintEvent.Assigned, _ code: String) -> Name {
        let category =
            submission.flatMap { registry.categories[$0.category]?.name } ?? Name(zh: "涉水问题", en: "water")
        let reach =
            assigned.reach.flatMap { registry.reaches[$0]?.name } ?? Name(zh: "辖区内", en: "your area")
        let due = Self.clock(assigned.due.accept)
        let lead =
            switch assigned.why {
            case .escalated: Name(zh: "逾期上报：", en: "Escalated: ")
            case .reopened: Name(zh: "群众不满意，重新办理：", en: "Reopened: ")
            default: Name(zh: "新投诉：", en: "New complaint: ")
            }
        let place = submission?.address.map { "，\($0)" } ?? ""
        let excerpt = submission.map { "「\(Self.excerpt($0.text))」" } ?? ""
        return Name(
            zh: "\(lead.zh)\(code)，\(category.zh)，\(reach.zh)\(place)\(excerpt)请于\(due)前受理。",
            en: "\(lead.en)\(code), \(category.en), \(reach.en). Accept by \(due).")
    }

    private static func excerpt(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // Code points: a single character of Swift may pile up any number of accents.
        let beginning = line.unicodeScalars.prefix(excerptCharacters)
        return beginning.endIndex < line.unicodeScalars.endIndex ? "\(Substring(beginning))…" : line
    }

    /// `11-23 14:05` in the city's time.
    private static func clock(_ instant: Instant) -> String {
        let local = (instant + utcOffset).description
        return "\(local.dropFirst(5).prefix(5)) \(local.dropFirst(11).prefix(5))"
    }
}
