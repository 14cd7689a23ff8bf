/// Stands for a phone number where the number itself may not appear: 22 characters of base64url, the first
/// 128 bits of an HMAC of the number (`NumberKey` in module Links makes it).
///
/// Everything about one number has the same handle, so it can be a record's key. Without the secret key
/// nobody can find the number, not even by trying all numbers.
public struct NumberHandle: Hashable, Sendable, CustomStringConvertible {
    /// As it appears in keys and JSON.
    public let text: String

    public static let bytes = 16
    private static let characters = 22
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    public init?(_ text: String) {
        // The last character holds two bits, and its four other bits must be zero; otherwise one handle would
        // have sixteen texts (RFC 4648 §3.5).
        guard text.utf8.count == Self.characters, text.utf8.allSatisfy(Self.alphabet.contains),
            let last = text.utf8.last, "AQgw".utf8.contains(last)
        else { return nil }
        self.text = text
    }

    /// - Parameter bytes: the first sixteen are taken.
    public init(_ bytes: some Collection<UInt8>) {
        precondition(bytes.count >= Self.bytes, "\(bytes.count) bytes, \(Self.bytes) are needed")
        var letters: [UInt8] = []
        var (bits, count) = (UInt(0), 0)
        for byte in bytes.prefix(Self.bytes) + [0] {
            (bits, count) = (bits << 8 | UInt(byte), count + 8)
            while count >= 6, letters.count < Self.characters {
                count -= 6
                letters.append(Self.alphabet[Int(bits >> UInt(count) & 63)])
            }
            bits &= 63
        }
        text = String(decoding: letters, as: UTF8.self)
    }

    public var description: String { text }
}

extension NumberHandle: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let handle = NumberHandle(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not a number's handle: 22 characters of base64url")
        }
        self = handle
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
