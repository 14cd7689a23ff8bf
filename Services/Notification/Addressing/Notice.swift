import Links
import Models
import Text

/// The text of a notice: the sentence that has to be read, and the details that follow it.
struct Sentence: Equatable {
    /// A detail. A notice in both languages gives it only in Chinese, because a long message costs as much as
    /// several.
    enum Detail: Equatable {
        case plain(Name)
        /// Who complained, then more briefly. Without a desk, no other place tells an official whom he can
        /// call back.
        case contact([Name])
        /// The text with this cause.
        case quote(String)
        /// The same, as the reason for an assignment.
        case reason(String)
        /// The address with this cause.
        case address(String)
    }

    let core: Name
    let details: [Detail]

    init(_ zh: String, _ en: String, _ details: [Detail?] = []) {
        core = Name(zh: zh, en: en)
        self.details = details.compactMap { $0 }
    }
}

/// What one addressee is told of one fact.
///
/// `OfficialText` and `ComplainantText` are the one string table of the SMS: a sentence for each fact and
/// addressee, in Chinese and English, the reason first. Only an assignment names the complainant. If he
/// wished to stay anonymous, a chief or a department is not told his name.
struct Notice {
    let fact: ComplaintFact
    let addressee: Addressee
    let known: AddressingState
    let registry: Registry
    /// The link by which the recipient sees the complaint and acts on it.
    let link: WrittenLink?
    var manner = Manner()

    /// The link, where the message shows it.
    var shownLink: WrittenLink? { needsLink ? link : nil }

    var sentence: Sentence {
        switch addressee.part {
        case .complainant: toComplainant
        case .follower: toFollower
        case .holder, .former, .superior, .checker: toOfficial
        }
    }

    func text(in language: Language) -> String { text(in: language, sentence.details) }

    /// The same text without anybody's words and without the complainant; nil if it would not differ.
    func bareText(in language: Language) -> String? {
        let bare = text(in: language, [])
        return text(in: language) == bare ? nil : bare
    }

    /// A sentence and how to act: the recipient's link, the desk's address, or what he may answer.
    private struct Form {
        let core: Name
        var address: String?
        var hint: Name?
    }

    /// The sentence, and of the details as much as has room.
    private func text(in language: Language, _ details: [Sentence.Detail]) -> String {
        // Without a desk, no other place tells an official whom he can call back.
        let contact = details.lazy.compactMap { detail -> [Name]? in
            if case .contact(let names) = detail, manner.desk == nil { names } else { nil }
        }.first
        let contacts = contact?.map { [$0] } ?? [[]]
        let forms = contacts.map { (needed: $0, form: self.form(in: language, with: $0)) }
        let (needed, form) =
            forms.first {
                Segments.count(written($0.form, in: language, with: $0.needed)) <= manner.segments
            } ?? forms[forms.count - 1]
        var (shown, pending) = ([Name](), needed)
        func text(with next: Name? = nil) -> String {
            written(form, in: language, with: shown + [next].compactMap(\.self) + pending)
        }
        // A second segment costs as much as a second message. Where there is a link, its page has the rest.
        let room = link != nil && Segments.count(text()) == 1 ? 1 : manner.segments
        let hint = form.hint == nil ? hint : nil
        for detail in (hint.map { [.plain($0)] } ?? []) + details {
            if case .contact = detail, !pending.isEmpty {
                shown.append(pending.removeFirst())
                continue
            }
            let fitting = spellings(of: detail).first { Segments.count(text(with: $0)) <= room }
            if let fitting { shown.append(fitting) }
        }
        return text()
    }

    private func written(_ form: Form, in language: Language, with details: [Name] = []) -> String {
        let core = form.core
        let details = [form.hint].compactMap(\.self) + details
        let words =
            switch language {
            case .zh: "\(core.zh)\(details.map(\.zh).joined())"
            case .en: ([core.en] + details.map(\.en)).joined(separator: " ")
            case .both: "\(core.zh)\(details.map(\.zh).joined())\n\(core.en)"
            }
        let signed = manner.signature.signed(words, in: language)
        // The address comes last, on a line of its own, so that no phone takes another word for a part of it.
        return form.address.map { "\(signed)\n\($0)" } ?? signed
    }

    /// The first form that fits one segment; else the first that has room at all. The order is that of worth:
    /// the whole sentence before a brief one, his own link before the desk's address.
    ///
    /// - Parameter needed: what stands in the message in any case.
    private func form(in language: Language, with needed: [Name]) -> Form {
        let own = shownLink?.shortAddress
        let whole = Form(core: sentence.core, address: own)
        guard manner.segments <= Self.sparing else { return whole }
        let sentences = [sentence.core] + briefs
        var forms = sentences.map { Form(core: $0, address: own) }
        if isSparingLink {
            if let hint, question?.kind == .act { forms += sentences.map { Form(core: $0, hint: hint) } }
            if let desk = manner.desk { forms += sentences.map { Form(core: $0, address: desk) } }
        }
        let sized = forms.map {
            (form: $0, segments: Segments.count(written($0, in: language, with: needed)))
        }
        return sized.first { $0.segments == 1 }?.form
            ?? sized.first { $0.segments <= manner.segments }?.form
            ?? sized.min { $0.segments < $1.segments }?.form ?? whole
    }

    /// An operator who allows more segments does not save them.
    private static let sparing = 2

    /// Whether the desk does instead of his own link. What a chief or a department has to do at once has the
    /// link that needs no session. An office works at the desk, whoever is reminded has had the link, and who
    /// sees to it or checks it has days.
    private var isSparingLink: Bool {
        guard shownLink != nil, manner.desk != nil, !addressee.recipient.kind.isCitizen else { return false }
        if addressee.recipient.kind == .office { return true }
        switch (fact.event, addressee.part) {
        case (.warned, _), (.lapsed, _), (.urged, .holder): return true
        case (.reopened, .superior), (.resolved, .checker): return true
        default: return !isPressing
        }
    }

    /// Whether the notice quotes words that have not been read, or that were erased.
    var lacksWords: Bool {
        sentence.details.contains { detail in
            switch detail {
            case .plain, .contact: false
            case .quote(let cause), .reason(let cause), .address(let cause): known.said(at: cause) == nil
            }
        }
    }

    /// The detail, then shorter and shorter; nothing where nobody knows what is quoted.
    private func spellings(of detail: Sentence.Detail) -> [Name] {
        switch detail {
        case .plain(let name): return [name]
        case .contact(let names): return names
        case .address(let cause):
            let address = known.said(at: cause)?.address
            return address.map { [Name(zh: "地址：\($0)。", en: "Address: \($0).")] } ?? []
        case .quote(let cause):
            return excerpts(of: known.said(at: cause)?.text).map { Name(zh: "「\($0)」", en: "“\($0)”") }
        case .reason(let cause):
            return excerpts(of: known.said(at: cause)?.text).map {
                Name(zh: "原因「\($0)」", en: "Why: “\($0)”")
            }
        }
    }

    private func excerpts(of text: String?) -> [String] {
        guard let text else { return [] }
        let shorter = stride(from: text.unicodeScalars.count - 1, through: Self.leastCharacters, by: -1)
        return [text] + shorter.lazy.map { text.excerpt($0) }
    }

    /// Fewer characters of what somebody wrote tell nothing.
    private static let leastCharacters = 8

    // MARK: Pieces

    var code: String { fact.complaint.description }

    /// How the complaint stood before.
    var turn: Turn? { known.turn(before: fact.version) }

    /// What was written with the fact.
    var ownWords: Sentence.Detail? { fact.textCause.map { .quote($0) } }

    /// `11-23 14:05` on the clocks of the complaint's region.
    func clock(_ instant: Instant, in region: RegionID? = nil) -> String {
        let zone = (region ?? turn?.region).map { registry.zone(in: $0) } ?? .beijing
        let local = (instant + zone.offset(at: instant)).description
        return "\(local.dropFirst(5).prefix(5)) \(local.dropFirst(11).prefix(5))"
    }

    // MARK: Excerpts

    /// A long message costs as much as several; the page shows the rest.
    private static let excerptCharacters = 40

    /// The beginning of what somebody wrote, on one line; nil if it is blank.
    ///
    /// Whoever gets an SMS in the suite's name trusts the web address in it. So it holds no address but the
    /// suite's own.
    static func excerpt(_ text: String) -> String? {
        if text.isBlank { return nil }
        let line = WebAddress.removed(from: text.visible)
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
            // These enclose the name of the sender; gateways refuse them anywhere else.
            .replacing("【", with: "〔").replacing("】", with: "〕")
        return line.excerpt(excerptCharacters)
    }
}
