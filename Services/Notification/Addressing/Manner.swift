import Links
import Models

/// How the city writes to people.
struct Manner: Equatable, Sendable {
    var table = DeliveryTable.every
    var signature = Signature.usual
    /// The most segments of a message.
    var segments = mostSegments.upperBound
    /// Without a zone: each recipient's region has its own.
    var quiet: QuietTime?
    /// The address of the officials' desk, where each sees all that he has to do.
    var desk: String?
    var answers = PhoneAnswers.none

    /// More than ten, and gateways begin to refuse it.
    static let mostSegments = 1...10
}

/// Quiet hours on any clocks: `22:00-07:00`.
struct QuietTime: Equatable, Sendable {
    let from: Int
    let until: Int

    static let form = "two times such as 22:00-07:00, or none"

    init?(_ text: String) {
        let sides = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
        guard sides.count == 2, let from = sides[0], let until = sides[1], from != until else { return nil }
        (self.from, self.until) = (from, until)
    }

    private static func minute(_ text: Substring) -> Int? {
        let digits = text.split(separator: ":", omittingEmptySubsequences: false)
        guard digits.count == 2, digits.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isNumber) }),
            let hour = Int(digits[0]), let minute = Int(digits[1]), (0..<24).contains(hour),
            (0..<60).contains(minute)
        else { return nil }
        return hour * 60 + minute
    }

    func hours(in zone: Zone) -> QuietHours { QuietHours(from: from, until: until, zone: zone) }
}

extension Notice {
    /// When the notice may go. Urgent and emergency categories pass the window and the quiet hours for who
    /// has to act; so does the answer to what somebody has just sent in himself.
    func delivery(in language: Language) -> NoticeManner {
        let way = manner.table[fact.event.kind, addressee.part]
        let isAnswer = fact.event.kind == .received
        return NoticeManner(
            isDigest: way == .digest && !isPressing && !isAlone, isAlone: isAlone,
            quiet: isPressing || isAnswer ? nil : manner.quiet?.hours(in: zoneOfRecipient),
            gist: gist(in: language), dueAt: dueMoment, address: shownLink?.shortAddress,
            language: chosenLanguage, overtakes: overtakes)
    }

    /// Without a desk, the link in his message is the only way in which an official can act on a complaint,
    /// and an assignment alone says whom he can call back.
    private var isAlone: Bool {
        guard manner.desk == nil, !addressee.recipient.kind.isCitizen else { return false }
        return shownLink != nil
            || sentence.details.contains { if case .contact = $0 { true } else { false } }
    }

    /// Which earlier notices have nothing more to say once this one is there.
    private var overtakes: NoticeManner.Overtaking? {
        switch (fact.event, addressee.part) {
        // It is about a number, and not about how the complaint stands.
        case (.unreached, _): nil
        case (_, .complainant), (_, .follower), (_, .former), (.assigned, .holder), (.unchecked, .checker):
            .all
        case (_, .holder), (.supervised, .superior): .reminders
        case (_, .superior), (_, .checker): nil
        }
    }

    /// The language that the complainant chose.
    var chosenLanguage: Contact.Language? {
        addressee.part == .complainant ? known.contact?.language : nil
    }

    /// The language of the message: the one that the complainant chose, or else the city's.
    func language(in city: Language) -> Language { city.spoken(chosenLanguage) }

    /// Whether an official has to act on something that can't wait.
    var isPressing: Bool {
        switch addressee.part {
        case .complainant, .follower, .former: return false
        case .holder, .superior, .checker: break
        }
        let category = known.submission.flatMap { registry.categories[$0.category] }
        return category.map { $0.urgency != .ordinary } ?? false
    }

    /// Whether the reader can do something by the link now. If not, the message is shorter without it; he has
    /// the one of an earlier message.
    var needsLink: Bool {
        switch (fact.event, addressee.part) {
        case (_, .former), (.unreached, _), (.unchecked, .checker), (.extended, .holder): false
        case (_, .follower): true
        case (.closed(let closed), .complainant): closed.reopensUntil != nil
        case (.accepted, .complainant), (.extended, .complainant), (.rejected, .complainant),
            (.merged, .complainant), (.parted, .complainant), (.informed, .complainant):
            false
        default: true
        }
    }

    private var zoneOfRecipient: Zone {
        let id = addressee.recipient.id
        let region: RegionID? =
            switch addressee.recipient.kind {
            case .chief: ChiefID(id).flatMap { registry.chiefs[$0]?.region }
            case .department: DepartmentID(id).flatMap { registry.departments[$0]?.region }
            case .office: RegionID(id)
            case .complainant, .follower: turn?.region
            }
        let top = registry.regions.values.filter { $0.parent == nil }.map(\.id).min()
        return (region ?? top).map { registry.zone(in: $0) } ?? .beijing
    }
}
