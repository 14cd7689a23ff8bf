import Crypto
public import Models

/// A gateway's key, as the gateway sends it: `dayu_`, 43 characters of secret, 6 characters of checksum.
///
/// The prefix and the checksum help programs that search files for secrets before somebody publishes them:
/// `\bdayu_[0-9A-Za-z]{49}\b` finds candidates, and the checksum tells a key from any other text without
/// asking us. The last six characters are the CRC-32 (ISO 3309, as in gzip and PNG) of all characters before
/// them, in base 62 with the digits `0…9A…Za…z`.
public struct GatewayKeyText: Sendable {
    /// The key itself. Whoever has it may do what the gateway may.
    public let text: String

    public static let pattern = #"\bdayu_[0-9A-Za-z]{49}\b"#
    public static let secretBytes = 32

    public static let prefix = "dayu_"
    /// 62⁴³ is a little more than 2²⁵⁶.
    private static let secretCharacters = 43
    /// 62⁶ is more than 2³².
    private static let checksumCharacters = 6
    public static let characters = prefix.utf8.count + secretCharacters + checksumCharacters

    /// The key made from these 256 bits. They must come from a source that nobody can predict.
    public init(secret: [UInt8]) {
        precondition(secret.count == Self.secretBytes, "a secret of \(secret.count) bytes, not 32")
        let body = Array(Self.prefix.utf8) + Self.base62(secret, characters: Self.secretCharacters)
        text = String(decoding: body + Self.checksum(of: body), as: UTF8.self)
    }

    /// Nil for a text that can't be a key, because its form or its checksum is wrong. So a mistyped key is
    /// found without looking it up.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let body = bytes.dropLast(Self.checksumCharacters)
        guard bytes.count == Self.characters,
            bytes.starts(with: Self.prefix.utf8),
            bytes.dropFirst(Self.prefix.utf8.count).allSatisfy(Self.digits.contains),
            Self.checksum(of: Array(body)) == Array(bytes.suffix(Self.checksumCharacters))
        else { return nil }
        self.text = text
    }

    /// What the registry stores of the key: the SHA-256 of its whole text.
    ///
    /// One round is enough, because a key is 256 random bits: nobody can find it by trying, as one can with
    /// passwords.
    public var hash: KeyHash {
        guard let hash = KeyHash(SHA256.hash(text)) else { preconditionFailure("SHA-256 has 32 bytes") }
        return hash
    }

    // MARK: Arithmetic

    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    private static func checksum(of bytes: [UInt8]) -> [UInt8] {
        let sum = crc32(bytes)
        let bigEndian = stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: sum >> $0) }
        return base62(bigEndian, characters: checksumCharacters)
    }

    /// The number that these bytes represent, most significant byte first, padded with zeros on the left.
    private static func base62(_ bytes: [UInt8], characters: Int) -> [UInt8] {
        var number = bytes.map(Int.init)
        var text: [UInt8] = []
        for _ in 0..<characters {
            var remainder = 0
            for index in number.indices {
                (number[index], remainder) = (remainder << 8 | number[index]).quotientAndRemainder(
                    dividingBy: digits.count)
            }
            text.append(digits[remainder])
        }
        return text.reversed()
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in rest >> 1 ^ (rest & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }
}

extension GatewayKeyText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Hidden, so that no log and no error text can show it by accident.
    public var description: String { "gateway key withheld" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
