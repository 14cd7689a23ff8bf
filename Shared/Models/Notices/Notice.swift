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
    /// True or absent.
    private let urgent: Bool?

    /// Whether it goes before all notices that are not urgent.
    public var isUrgent: Bool { urgent ?? false }

    public init(
        reference: String, recipient: Recipient, complaint: TrackingCode, about: ComplaintEvent.Kind,
        text: String, bare: String? = nil, fields: NoticeFields? = nil, isUrgent: Bool = false
    ) {
        self.fields = fields
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
            text: bare ?? text, fields: fields, isUrgent: isUrgent)
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
