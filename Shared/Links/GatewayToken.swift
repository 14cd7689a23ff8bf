import Crypto
public import Models
import Text

/// Stands in the address to which an SMS gateway reports, or to which it hands over what phones sent, so that
/// nobody else can invent a report or a message.
///
/// Its text is base64url (RFC 4648 §5) of 16 bytes of HMAC-SHA256 (the minimum of RFC 2104 §5) and of what it
/// names. It holds neither a number nor words. With the token of a job one can do no more than report once
/// more about the same message; the other two are secrets, and neither serves in place of the other.
public enum GatewayToken: Hashable, Sendable {
    /// One attempt to send a message: in the address that goes with the message.
    case job(gateway: String, handle: NumberHandle, reference: String, attempt: Int)
    /// A gateway that reports about all its messages to one address.
    case gateway(String)
    /// A gateway that hands over what phones sent.
    case messages(String)

    private static let codeBytes = 16
    /// A reference fits into a header.
    private static let textBytes = 2 * Limit.headerBytes

    public func text(_ key: NumberKey) -> String {
        Base64URL.text(of: key.code(of: payload, bytes: Self.codeBytes) + payload)
    }

    /// Nil for a text that was not made with this key.
    public init?(_ text: String, _ key: NumberKey) {
        guard text.utf8.count <= Self.textBytes, let bytes = Base64URL.bytes(of: text),
            bytes.count > Self.codeBytes
        else { return nil }
        let payload = Array(bytes.dropFirst(Self.codeBytes))
        guard
            ConstantTime.areEqual(
                Array(bytes.prefix(Self.codeBytes)), key.code(of: payload, bytes: Self.codeBytes))
        else { return nil }
        let lines = String(decoding: payload, as: UTF8.self)
            .split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        switch lines.count {
        case 1: self = .gateway(lines[0])
        case 2 where lines[1] == Self.ofMessages: self = .messages(lines[0])
        case 4:
            guard let attempt = Int(lines[1]), let handle = NumberHandle(lines[2]) else { return nil }
            self = .job(gateway: lines[0], handle: handle, reference: lines[3], attempt: attempt)
        default: return nil
        }
    }

    /// No part but the last one can contain a line feed.
    private var payload: [UInt8] {
        switch self {
        case .gateway(let name): Array(name.utf8)
        case .messages(let name): Array("\(name)\n\(Self.ofMessages)".utf8)
        case .job(let gateway, let handle, let reference, let attempt):
            Array("\(gateway)\n\(attempt)\n\(handle.text)\n\(reference)".utf8)
        }
    }

    private static let ofMessages = "messages"

    /// The gateway that has it, or was given the message.
    public var gateway: String {
        switch self {
        case .gateway(let name), .messages(let name), .job(let name, _, _, _): name
        }
    }
}

extension NumberKey {
    /// No number in E.164 begins like this text, so no code is the handle of a number.
    fileprivate func code(of payload: [UInt8], bytes: Int) -> [UInt8] {
        Array(hash(Array("dayu receipt\n".utf8) + payload).prefix(bytes))
    }
}
