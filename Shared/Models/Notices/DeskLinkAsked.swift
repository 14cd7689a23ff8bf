/// An official asked for the link to his desk, and this message brings it. Kept on `sms.messages`: it comes
/// from the owner of a number, as all else there does.
///
/// It is about no complaint, so it is no notice: Dispatch makes one urgent job of it and follows it no
/// further. Whoever gets no message asks again.
///
/// Restricted, because whoever has the text has the desk.
public struct DeskLinkAsked: Hashable, Sendable, Codable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    public static let type = EventType("desk-link", "asked")

    public let reference: String
    /// Also the record's key.
    public let handle: NumberHandle
    public let phone: PhoneNumber
    public let text: String
    /// The same without the signature and the address, for gateways that fill in templates.
    public let sentence: String?
    /// The part of the link that is different in each, for gateways that fill in templates.
    public let link: String
    /// After this moment nobody waits for the message any more.
    public let expiresAt: Instant

    public init(
        reference: String, handle: NumberHandle, phone: PhoneNumber, text: String,
        sentence: String? = nil, link: String, expiresAt: Instant
    ) {
        self.reference = reference
        self.handle = handle
        self.phone = phone
        self.text = text
        self.sentence = sentence
        self.link = link
        self.expiresAt = expiresAt
    }

    public var description: String { "desk link \(reference)" }
    public var debugDescription: String { description }
}

extension SMSJob {
    /// The sender waits for it at his desk, so it goes before what can wait.
    public init(_ asked: DeskLinkAsked) {
        self.init(
            reference: asked.reference, attempt: 1, handle: asked.handle, phone: asked.phone,
            text: asked.text, expiresAt: asked.expiresAt,
            fields: NoticeFields(code: "", sentence: asked.sentence ?? asked.text, link: asked.link),
            isUrgent: true)
    }
}
