import Crypto
public import Models

/// The secret that makes the handles of phone numbers: whoever has it can tell whose handle one is, by trying
/// numbers. Nobody but the services that know the numbers anyway is given it.
public struct NumberKey: Sendable {
    private let secret: [UInt8]

    /// Reads what an operator set: at least 32 bytes in hexadecimal or base64.
    ///
    /// - Throws: that it is wrong, and never what it is.
    public init(_ text: String) throws(Malformed) {
        guard let secret = Secret.bytes(of: text) else {
            throw Malformed("", "is not 32 bytes or more in hexadecimal or base64")
        }
        self.secret = secret
    }

    /// The same number has the same handle for as long as the key stays the same. With another key every
    /// number begins anew: what waits under the old handles is still sent, and limits start from nothing.
    public func handle(of number: PhoneNumber) -> NumberHandle {
        NumberHandle(HMAC.sha256(Array(number.e164.utf8), key: secret))
    }
}

extension NumberKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "number key withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
