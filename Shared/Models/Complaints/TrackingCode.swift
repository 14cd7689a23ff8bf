/// The name of a complaint for people: twelve characters of Crockford's base 32 and a check character.
///
/// Every service except Intake knows a complaint by this code. Intake derives it one-way from the identity
/// that only the citizen is told, so it can be printed, dictated and published. It has 60 bits: among a
/// million complaints, two share a code with a probability of 4 in 10 million.
public struct TrackingCode: Hashable, Sendable, Comparable, CustomStringConvertible {
    private let value: UInt64

    /// The code made from a digest: its first 60 bits.
    ///
    /// - Parameter digest: at least eight bytes of a cryptographic hash.
    public init(digest: [UInt8]) {
        precondition(digest.count >= 8, "a digest of \(digest.count) bytes gives no code")
        var value = digest.prefix(8).reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) } >> 4
        // Crockford's check is the remainder modulo 37, with five extra symbols (*~$=U) for the last five
        // remainders. Those are hard to say on a telephone. So a value that would need one is moved by five
        // instead.
        let remainder = value % Self.checkModulus
        if remainder >= 32 { value = value >= 5 ? value - 5 : value + 5 }
        self.value = value
    }

    /// Reads what a person wrote: any case, with or without hyphens and blanks, O for 0, I and L for 1.
    public init?(_ text: String) {
        var symbols: [UInt64] = []
        for byte in text.utf8 where byte != 0x2D && byte != 0x20 {
            guard let symbol = Self.meaning(of: byte), symbols.count < Self.length else { return nil }
            symbols.append(symbol)
        }
        guard symbols.count == Self.length, let check = symbols.last else { return nil }
        let value = symbols.dropLast().reduce(0) { $0 << 5 | $1 }
        guard value % Self.checkModulus == check else { return nil }
        self.value = value
    }

    /// Thirteen characters, as used in addresses and keys.
    public var compact: String {
        var characters = stride(from: 55, through: 0, by: -5).map {
            Self.alphabet[Int(value >> UInt64($0) & 31)]
        }
        characters.append(Self.alphabet[Int(value % Self.checkModulus)])
        return String(decoding: characters, as: UTF8.self)
    }

    /// In groups of four, as used in texts for people: `7KQ2-9XM4-T1H0-C`.
    public var description: String {
        let text = compact
        return stride(from: 0, to: Self.length, by: 4).map { start in
            String(text.dropFirst(start).prefix(4))
        }.joined(separator: "-")
    }

    public static func < (left: TrackingCode, right: TrackingCode) -> Bool { left.value < right.value }

    /// How many characters `compact` has.
    public static let length = 13
    /// What a code is written in: capital letters and digits.
    public static let characters = Set(String(decoding: alphabet, as: UTF8.self))

    private static let checkModulus: UInt64 = 37
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    private static func meaning(of byte: UInt8) -> UInt64? {
        let upper = (0x61...0x7A).contains(byte) ? byte - 32 : byte
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default: return alphabet.firstIndex(of: upper).map(UInt64.init)
        }
    }
}

extension TrackingCode: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let code = TrackingCode(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a tracking code")
        }
        self = code
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(compact)
    }
}
