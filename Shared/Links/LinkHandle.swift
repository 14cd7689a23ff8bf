/// The name of a link, as a web address holds it: 128 bits in base64url (RFC 4648 §5), 22 characters. Whoever
/// has it can act, so it must not be in any log, metric or public topic.
public struct LinkHandle: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    public let text: String

    static let bytes = 16
    public static let characters = 22

    /// - Parameter bytes: at least sixteen; only the first sixteen are used.
    init(_ bytes: [UInt8]) {
        text = Base64URL.text(of: Array(bytes.prefix(Self.bytes)))
    }

    /// Nil for a text that can't be a handle. If several spellings mean the same bytes, only one of them is a
    /// handle.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == Self.characters, Base64URL.bytes(of: String(text)) != nil else { return nil }
        self.text = String(text)
    }

    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "link withheld" }
    public var debugDescription: String { description }
}
