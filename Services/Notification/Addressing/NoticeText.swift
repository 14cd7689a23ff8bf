import Models

/// What languages a notice speaks; Chinese always comes first.
enum Language: String, CaseIterable, Sendable {
    case zh, en, both
}

/// A notice: the sentence that has to be read, and what stands behind it.
struct Sentence: Equatable {
    let core: Name
    /// Said once where both languages are spoken: most of it is quoted, and a long message costs several.
    var details: [Name] = []

    init(_ zh: String, _ en: String, _ details: [Name?] = []) {
        core = Name(zh: zh, en: en)
        self.details = details.compactMap { $0 }
    }
}

/// The one string table of the SMS: a sentence for each fact and addressee, in Chinese and English, the
/// reason first.
///
/// What officials read is in `OfficialText`, what the complainant reads in `ComplainantText`. Who complained
/// stands in an assignment alone, and not before a chief or a department where he wished to stay anonymous.
struct NoticeText {
    let fact: ComplaintFact
    let known: Addressing.State
    let registry: Registry
    /// Under which the recipient sees the complaint and acts on it.
    let link: String?

    /// A long message costs several; the page has the rest.
    private static let excerptCharacters = 40

    func text(for addressee: Addressee, in language: Language) -> String {
        let sentence = addressee.part == .complainant ? toComplainant : toOfficial(addressee)
        let core = sentence.core
        let words =
            switch language {
            case .zh: "【大禹】\(core.zh)\(sentence.details.map(\.zh).joined())"
            case .en: (["[Dayu] \(core.en)"] + sentence.details.map(\.en)).joined(separator: " ")
            case .both: "【大禹】\(core.zh)\(sentence.details.map(\.zh).joined())\n\(core.en)"
            }
        // On a line of its own and last: no phone takes a word beside it for a part of the address.
        return link.map { "\(words)\n\($0)" } ?? words
    }

    // MARK: Pieces

    var code: String { TrackingCode(fact.complaint).description }

    /// How the complaint stood before.
    var turn: Turn? { known.turn(before: fact.version) }

    /// The beginning of what somebody wrote, on one line.
    static func excerpt(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            // These enclose the name of the sender; gateways refuse them anywhere else.
            .replacing("【", with: "〔").replacing("】", with: "〕")
        // Code points: a single character of Swift may pile up any number of accents.
        let beginning = line.unicodeScalars.prefix(excerptCharacters)
        return beginning.endIndex < line.unicodeScalars.endIndex ? "\(Substring(beginning))…" : line
    }

    static func quote(_ text: String?) -> Name? {
        guard let text, !text.isEmpty else { return nil }
        return Name(zh: "「\(excerpt(text))」", en: "“\(excerpt(text))”")
    }

    /// `11-23 14:05` on the clocks of the complaint's region.
    func clock(_ instant: Instant, in region: RegionID? = nil) -> String {
        let zone = (region ?? turn?.region).map { registry.zone(in: $0) } ?? .beijing
        let local = (instant + zone.offset(at: instant)).description
        return "\(local.dropFirst(5).prefix(5)) \(local.dropFirst(11).prefix(5))"
    }
}
