import Crypto
import Links
import Models
import Processing
import Text

/// The links to desks that go to a number: whose they are, and the records that bring them. Pure.
struct DeskLinks {
    let registry: Registry
    let country: CallingCode
    /// Which numbers get messages.
    let mobile: MobileNumbers
    let numbers: NumberKey
    /// The address of the desk, without a slash at its end.
    let site: String
    let text: AccessText

    enum Limit {
        /// One number may be a chief's and a clerk's. More desks than these have an operator's links.
        static let desks = 3
        /// Nobody waits longer for the message.
        static let messageFor: Duration = .seconds(1800)
    }

    /// Those whose number it is: clerks first, then chiefs, then departments.
    func people(of number: PhoneNumber) -> [Actor] {
        do throws(MobileNumbers.Obstacle) { try mobile.check(number) } catch { return [] }
        let clerks = registry.clerks.values.filter { isSame($0.phone, number) }.sorted { $0.id < $1.id }
            .map { Actor(role: .office, id: $0.office.rawValue, clerk: $0.id) }
        let chiefs = registry.chiefs.values.filter { isSame($0.phone, number) }.sorted { $0.id < $1.id }
            .map { Actor(role: .chief, id: $0.id.rawValue) }
        let departments = registry.departments.values.filter { isSame($0.phone, number) }
            .sorted { $0.id < $1.id }.map { Actor(role: .department, id: $0.id.rawValue) }
        // A clerk whose office left the registry has no desk.
        return Array((clerks + chiefs + departments).filter(registry.has).prefix(Limit.desks))
    }

    private func isSame(_ written: String?, _ number: PhoneNumber) -> Bool {
        written.flatMap { try? PhoneNumber($0, country: country) } == number
    }

    /// In two stages: whoever gets the message must be able to use the link.
    func records(
        for person: Actor, _ handle: LinkHandle, to number: PhoneNumber, at now: Instant
    ) -> [[Outgoing]] {
        let link = DeskLink(to: person, in: registry, expiresAt: now + DeskLink.sentFor)
        // The handle of a link may stand in no reference: gateways, logs and receipts show it.
        let reference = "desk/\(DeskProof.name(of: handle).prefix(Self.referenceBytes).hexadecimal)"
        let key = numbers.handle(of: number)
        let asked = DeskLinkAsked(
            reference: reference, handle: key, phone: number,
            text: text.written(to: name(of: person), DeskLink.address(handle, site: site)),
            sentence: text.sentence(to: name(of: person)), link: handle.text,
            expiresAt: now + Limit.messageFor)
        let trail = Trail(at: now)
        return [
            [link.record(handle, id: "sent", source: Reception.source, trail: trail)],
            [
                Outgoing(
                    .messages, key: key.text, id: reference, source: Reception.source,
                    type: DeskLinkAsked.type, trail: trail, data: JSON.encode(asked))
            ],
        ]
    }

    private static let referenceBytes = 16

    private func name(of person: Actor) -> Name {
        switch Official(person) {
        case .chief(let id): registry.chiefs[id]?.name ?? .none
        case .department(let id): registry.departments[id]?.name ?? .none
        case .office(let id):
            person.clerk.flatMap { registry.clerks[$0]?.name } ?? registry.regions[id]?.name ?? .none
        case nil: .none
        }
    }
}

extension Name {
    fileprivate static let none = Name(zh: "", en: "")
}

/// What the message with the link says: `{who}` is the owner's name, `{who-en}` his English one.
struct AccessText: Equatable, Sendable {
    private enum Wording: Equatable {
        /// The operator's own, signed as he likes.
        case form(String)
        case usual(Signature, Language)
    }

    private let wording: Wording

    static let link = "{link}"
    static let most = 300

    static func usual(_ signature: Signature, in language: Language) -> AccessText {
        AccessText(wording: .usual(signature, language))
    }

    private init(wording: Wording) { self.wording = wording }

    /// Nil for a text without the link, and for one that is too long for a message.
    init?(_ form: String) {
        guard form.count <= Self.most, form.contains(Self.link) else { return nil }
        wording = .form(form)
    }

    /// - Parameter chosen: the language of the page on which somebody asked.
    func spoken(in chosen: Contact.Language?) -> AccessText {
        guard case .usual(let signature, let language) = wording else { return self }
        return .usual(signature, in: language.spoken(chosen))
    }

    private var form: String {
        switch wording {
        case .form(let form): return form
        case .usual(let signature, let language):
            let zh = "{who}，打开您的工作台：{link} 7天内有效，请勿转发。"
            let en = "{who-en}, open your desk: {link} Valid for 7 days. Please keep it to yourself."
            return signature.signed(language == .en ? en : zh, in: language)
        }
    }

    /// Without signature and address.
    private var bareForm: String {
        switch wording {
        case .form(let form):
            let isSigned = form.hasPrefix("【")
            let text = isSigned ? form.drop { $0 != "】" }.dropFirst() : Substring(form)
            return text.replacing(Self.link, with: " ").split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
        case .usual(_, .en): return "{who-en}, open your desk. Valid for 7 days. Please keep it to yourself."
        case .usual: return "{who}，请打开您的工作台，7天内有效，请勿转发。"
        }
    }

    func written(to who: Name, _ address: String) -> String {
        Self.filled(form.replacing(Self.link, with: address), who)
    }

    /// The same for a gateway that adds the signature, and has a blank of its own for the link.
    func sentence(to who: Name) -> String { Self.filled(bareForm, who) }

    /// Names come from the registry, so they are filled in last: a brace in one of them stays a brace.
    private static func filled(_ form: String, _ who: Name) -> String {
        form.replacing("{who-en}", with: who.en).replacing("{who}", with: who.zh)
    }
}
