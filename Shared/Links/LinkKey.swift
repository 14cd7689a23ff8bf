import Crypto
public import Models

/// The secret that makes the handles of links. Nobody who does not have it can guess a handle.
///
/// There is no chance in it: the same link is always the same handle, so that a fact that is worked off again
/// writes the same link and the same message.
public struct LinkKey: Sendable {
    private let secret: [UInt8]

    /// Reads what an operator set: at least 32 bytes in hexadecimal or base64.
    ///
    /// - Throws: that it is wrong, and never what it is.
    public init(_ text: String) throws(Malformed) {
        guard let secret = Secret.bytes(of: text) else {
            throw Malformed("", "is not \(Secret.leastBytes) bytes or more in hexadecimal or base64")
        }
        self.secret = secret
    }

    /// Half of the output is kept: the least that RFC 2104 §5 allows.
    func handle(of link: ActionLink) -> LinkHandle {
        // A line feed stands in none of the parts, so no two links give the same message.
        let parts =
            [
                "dayu link", link.complaint.compact, link.actor.role.rawValue, link.actor.id ?? "",
                String(link.expiresAt.millisecondsSince1970),
            ] + [link.number?.text].compactMap(\.self)
        return LinkHandle(HMAC.sha256(Array(parts.joined(separator: "\n").utf8), key: secret))
    }
}

extension LinkKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "link key withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
