/// The name of a link, as an address bears it: 128 bits in base64url (RFC 4648 §5), 22 characters. Whoever
/// has it can act, so it stands in no log, no metric and no public topic.
public struct LinkHandle: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let text: String

    static let bytes = 16
    public static let characters = 22

    /// - Parameter bytes: sixteen of them or more; the first sixteen count.
    init(_ bytes: [UInt8]) {
        text = Base64URL.text(of: Array(bytes.prefix(Self.bytes)))
    }

    /// Nil for a text that no handle has. Of the spellings that mean the same bytes one is a handle.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.characters, Base64URL.bytes(of: String(text)) != nil else { return nil }
        self.text = String(text)
    }

    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "link withheld" }
    public var debugDescription: String { description }
}
