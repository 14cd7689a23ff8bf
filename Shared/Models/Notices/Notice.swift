/// The person to whom a notice goes. The number is looked up when the request is made.
public struct Recipient: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case chief, office, department, complainant
        /// Somebody who follows a complaint of another person.
        case follower

        /// Whether it is a private person, whose number somebody typed in.
        public var isCitizen: Bool {
            switch self {
            case .complainant, .follower: true
            case .chief, .office, .department: false
            }
        }
    }

    public let kind: Kind
    /// A chief, a region's office; for a complainant the tracking code of the complaint; for a follower the
    /// number's handle.
    public let id: String
    public let phone: PhoneNumber
    /// The key of all records about the number. One number may belong to several recipients: a chief can also
    /// be a complainant.
    public let handle: NumberHandle

    public init(kind: Kind, id: String, phone: PhoneNumber, handle: NumberHandle) {
        self.kind = kind
        self.id = id
        self.phone = phone
        self.handle = handle
    }

    /// The recipient's name in references.
    public var key: String { "\(kind.rawValue)/\(id)" }

    public var description: String { "\(kind.rawValue)/\(kind.isCitizen ? "withheld" : id)" }
    public var debugDescription: String { description }
}

/// A request to tell one recipient about one complaint event.
///
/// Restricted, because its text may name the complainant.
public struct NoticeRequest: Hashable, Sendable, Codable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// Made of complaint, version and recipient, so the same request made twice is one notice.
    public let reference: String
    public let recipient: Recipient
    public let complaint: TrackingCode
    public let about: ComplaintEvent.Kind
    public let text: String
    /// The text without anybody's words and without the complainant, in case those are erased before the
    /// message is sent. Nil if the text has nothing of that kind.
    public let bare: String?
    /// What the blanks of a template are filled with. They hold nobody's words and no complainant.
    public let fields: NoticeFields?
    /// When it may go, and what it says in a message with others. Absent: at once, at any hour.
    public let manner: NoticeManner?
    /// What the recipient may answer from his phone. Absent: nothing.
    public let question: NoticeQuestion?
    /// True or absent.
    private let urgent: Bool?

    /// Whether it goes before all notices that are not urgent.
    public var isUrgent: Bool { urgent ?? false }

    public init(
        reference: String, recipient: Recipient, complaint: TrackingCode, about: ComplaintEvent.Kind,
        text: String, bare: String? = nil, fields: NoticeFields? = nil, manner: NoticeManner? = nil,
        question: NoticeQuestion? = nil, isUrgent: Bool = false
    ) {
        self.question = question
        self.fields = fields
        self.manner = manner
        self.reference = reference
        self.recipient = recipient
        self.complaint = complaint
        self.about = about
        self.text = text
        self.bare = bare
        urgent = isUrgent ? true : nil
    }

    public var description: String { "notice \(reference)" }
    public var debugDescription: String { description }
}

extension NoticeRequest {
    /// The request without what was erased.
    public var withdrawn: NoticeRequest {
        NoticeRequest(
            reference: reference, recipient: recipient, complaint: complaint, about: about,
            text: bare ?? text, fields: fields, manner: manner, question: question,
            isUrgent: isUrgent)
    }
}

/// What the recipient of a notice may answer from the phone that it went to.
public struct NoticeQuestion: Hashable, Sendable, Codable {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        /// An official has to act: 1, 2, 3 or 0.
        case act
        /// A citizen grades the outcome: 1 to 4. A text is a supplement.
        case grade
        /// A citizen may add a text.
        case add
        /// The complaint is no longer his, or has ended: he is not asked any more.
        case over
    }

    public let kind: Kind
    /// The actor that he is when he answers.
    public let by: Actor
    /// In which he is answered. Absent: the city's.
    public let language: Contact.Language?
    /// True or absent.
    private let picture: Bool?

    /// Whether a report that the complaint is resolved needs a picture, which no SMS can bring.
    public var needsPicture: Bool { picture ?? false }

    public init(
        _ kind: Kind, by actor: Actor, needsPicture: Bool = false, language: Contact.Language? = nil
    ) {
        self.kind = kind
        self.language = language
        by = actor
        picture = needsPicture ? true : nil
    }
}

/// When a notice may go, and what it says in one message with others to the same number. It holds nobody's
/// words and no complainant.
public struct NoticeManner: Hashable, Sendable, Codable {
    /// True or absent.
    private let digest: Bool?
    private let alone: Bool?
    /// The hours in which the recipient's phone stays silent. Absent if the notice may come at any hour.
    public let quiet: QuietHours?
    /// What it is about, in a word or two: several notices in one message are counted by it.
    public let gist: String?
    /// Until when the reader, or whoever has the complaint, has to act.
    public let dueAt: Instant?
    /// The recipient's link, as the text has it.
    public let address: String?
    /// In which the recipient is written to. Absent: the city's.
    public let language: Contact.Language?
    /// Which earlier notices about the same complaint to the same recipient say nothing any more, if they
    /// still wait. Absent: none.
    public let overtakes: Overtaking?

    public enum Overtaking: String, CaseIterable, Sendable, Codable {
        case all
        /// Those that remind of something or put it off. An assignment stays: it says what the complaint is
        /// about.
        case reminders
    }

    /// Whether it waits for others, so that they become one message.
    public var isDigest: Bool { digest ?? false }

    /// Whether it goes in no message with others: its link, or whom the reader can call back, stands nowhere
    /// else.
    public var isAlone: Bool { alone ?? false }

    public init(
        isDigest: Bool = false, isAlone: Bool = false, quiet: QuietHours? = nil, gist: String? = nil,
        dueAt: Instant? = nil, address: String? = nil, language: Contact.Language? = nil,
        overtakes: Overtaking? = nil
    ) {
        digest = isDigest ? true : nil
        alone = isAlone ? true : nil
        self.language = language
        self.overtakes = overtakes
        self.quiet = quiet
        self.gist = gist
        self.dueAt = dueAt
        self.address = address
    }
}

/// What a notice says, in parts: some gateways send only templates that were approved before, and fill in
/// their blanks.
public struct NoticeFields: Hashable, Sendable, Codable {
    /// The tracking code.
    public let code: String
    /// The sentence that has to be read.
    public let sentence: String
    public let category: String?
    /// The water or the area.
    public let place: String?
    /// On the clocks of the complaint's region.
    public let due: String?
    /// The part of the link that is different in each: its handle.
    public let link: String?

    public init(
        code: String, sentence: String, category: String? = nil, place: String? = nil, due: String? = nil,
        link: String? = nil
    ) {
        self.code = code
        self.sentence = sentence
        self.category = category
        self.place = place
        self.due = due
        self.link = link
    }

    public static let names = ["code", "sentence", "category", "place", "due", "link"]

    /// Empty where the notice has nothing of it.
    public subscript(name: String) -> String {
        switch name {
        case "code": code
        case "sentence": sentence
        case "category": category ?? ""
        case "place": place ?? ""
        case "due": due ?? ""
        case "link": link ?? ""
        default: ""
        }
    }
}

/// The words that a notice quotes and the complainant were erased. Messages that were not sent yet are sent
/// without them.
public struct NoticeWithdrawal: Hashable, Sendable, Codable {
    public static let type = EventType("notice", "withdrawn")

    /// The reference of the notice.
    public let reference: String
    /// Also the record's key.
    public let handle: NumberHandle
    public let complaint: TrackingCode

    public init(reference: String, handle: NumberHandle, complaint: TrackingCode) {
        self.reference = reference
        self.handle = handle
        self.complaint = complaint
    }
}

/// Somebody did what he may have been asked for in a message, or it is no longer his: he acted by a link, at
/// the desk or on the page, or somebody else did.
public struct NoticeSettlement: Hashable, Sendable, Codable {
    public static let type = EventType("notice", "settled")

    /// Also the record's key.
    public let handle: NumberHandle
    public let complaint: TrackingCode
    /// As whom he was asked.
    public let by: Actor
    /// The fact that settled it: `7KQ29XM4T1H0C.3`.
    public let fact: String
    /// True or absent.
    private let over: Bool?

    /// Whether he has nothing more to do with the complaint, so that nothing that still waits need be said to
    /// him. If not, he has accepted it.
    public var isOver: Bool { over ?? false }

    public init(
        handle: NumberHandle, complaint: TrackingCode, by actor: Actor, fact: String, isOver: Bool
    ) {
        self.handle = handle
        self.complaint = complaint
        self.by = actor
        self.fact = fact
        over = isOver ? true : nil
    }
}
