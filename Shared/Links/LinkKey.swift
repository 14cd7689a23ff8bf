import Crypto
import Models
public import Text

/// The secret that makes the handles of links. Nobody can guess a handle without it.
///
/// Nothing in it is random: the same link always has the same handle. So a fact that is processed again
/// writes the same link and the same message.
public struct LinkKey: Sendable {
    private let secret: [UInt8]

    /// Reads what an operator set: at least 32 bytes in hexadecimal or base64.
    ///
    /// - Throws: that the text is wrong, without showing it.
    public init(_ text: String) throws(Malformed) {
        guard let secret = Secret.bytes(of: text) else {
            throw Malformed("", "is not \(Secret.leastBytes) bytes or more in hexadecimal or base64")
        }
        self.secret = secret
    }

    /// Half of the output is kept, the minimum that RFC 2104 §5 allows.
    func handle(of link: ActionLink) -> LinkHandle {
        // No part contains a line feed, so no two links give the same message.
        let parts =
            [
                "dayu link", link.complaint.compact, link.actor.role.rawValue, link.actor.id ?? "",
                String(link.expiresAt.millisecondsSince1970),
            ] + [link.number?.text].compactMap(\.self)
        return LinkHandle(hash(Array(parts.joined(separator: "\n").utf8)))
    }

    func hash(_ message: [UInt8]) -> [UInt8] { HMAC.sha256(message, key: secret) }
}

extension LinkKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "link key withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
