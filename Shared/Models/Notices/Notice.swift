/// The one to whom a notice goes. The number is looked up when the request is made.
public struct Recipient: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public enum Kind: String, CaseIterable, Sendable, Codable {
        case chief, office, department, complainant
    }

    public let kind: Kind
    /// A chief, a region's office, or the tracking code of the complaint whose complainant it is.
    public let id: String
    public let phone: PhoneNumber
    /// The key of everything about the number. A number may belong to several recipients: a chief can be a
    /// complainant, too.
    public let handle: NumberHandle

    public init(kind: Kind, id: String, phone: PhoneNumber, handle: NumberHandle) {
        self.kind = kind
        self.id = id
        self.phone = phone
        self.handle = handle
    }

    /// Who it is, as references name him.
    public var key: String { "\(kind.rawValue)/\(id)" }

    public var description: String { "\(kind.rawValue)/\(kind == .complainant ? "withheld" : id)" }
    public var debugDescription: String { description }
}

/// One complaint event that one recipient is to be told of.
///
/// Restricted, for its text may name the complainant.
public struct NoticeRequest: Hashable, Sendable, Codable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// Complaint, version and recipient: the same request made twice is one notice.
    public let reference: String
    public let recipient: Recipient
    public let complaint: TrackingCode
    public let about: ComplaintEvent.Kind
    public let text: String
    /// The same without what anybody wrote and without who complained, for when that is erased before the
    /// message is sent. Nil where it holds none of it.
    public let bare: String?
    /// True or absent.
    private let urgent: Bool?

    /// Whether it goes before all that are not.
    public var isUrgent: Bool { urgent ?? false }

    public init(
        reference: String, recipient: Recipient, complaint: TrackingCode, about: ComplaintEvent.Kind,
        text: String, bare: String? = nil, isUrgent: Bool = false
    ) {
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
    /// Without what was erased.
    public var withdrawn: NoticeRequest {
        NoticeRequest(
            reference: reference, recipient: recipient, complaint: complaint, about: about,
            text: bare ?? text, isUrgent: isUrgent)
    }
}

/// What a notice quotes was erased, and so was who complained. What was not sent yet goes out without it.
public struct NoticeWithdrawal: Hashable, Sendable, Codable {
    public static let type = EventType("notice", "withdrawn")

    /// The notice's.
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
