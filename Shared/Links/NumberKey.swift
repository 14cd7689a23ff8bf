import Crypto
public import Models
public import Text

/// The secret that makes the handles of phone numbers. Whoever has it can find the number of a handle by
/// trying numbers. So only the services that know the numbers anyway are given it.
public struct NumberKey: Sendable {
    private let secret: [UInt8]

    /// Reads what an operator set: at least 32 bytes in hexadecimal or base64.
    ///
    /// - Throws: that the text is wrong, without showing it.
    public init(_ text: String) throws(Malformed) {
        guard let secret = Secret.bytes(of: text) else {
            throw Malformed("", "is not 32 bytes or more in hexadecimal or base64")
        }
        self.secret = secret
    }

    /// The same number has the same handle for as long as the key stays the same. With another key every
    /// number gets a new handle: messages that wait under the old handles are still sent, and limits start
    /// again from zero.
    public func handle(of number: PhoneNumber) -> NumberHandle {
        NumberHandle(hash(Array(number.e164.utf8)))
    }

    func hash(_ message: [UInt8]) -> [UInt8] { HMAC.sha256(message, key: secret) }
}

extension NumberKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "number key withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
