public import FoundationEssentials

/// The identity of a complaint, made once by whoever first took it.
///
/// It is also a capability: only the one who complained is told it, so it never appears on a public page.
/// People and pages use the `TrackingCode` that is derived from it.
public struct ComplaintID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let uuid: UUID

    public init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// The form of RFC 9562 §4 and no other: `UUID` alone would also read blanks and signs in place of
    /// digits.
    public init?(_ text: String) {
        self.init(text.utf8Span.span)
    }

    init?(_ text: Span<UInt8>) {
        guard text.count == 36 else { return nil }
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        var digits = 0
        for index in text.indices {
            if UUID.hyphens(index) {
                guard text[index] == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexadecimal(text[index]) else { return nil }
                bytes[digits / 2] = bytes[digits / 2] << 4 | digit
                digits += 1
            }
        }
        uuid = UUID(bytes.span)
    }

    /// Of exactly sixteen bytes, in the order of RFC 9562 §4.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(UUID(bytes.span))
    }

    public var bytes: [UInt8] { uuid.bytes }

    /// The identity of what a gateway calls `idempotencyKey`: the same call again is the same complaint.
    ///
    /// A name-based UUID (RFC 9562 §5.5), so that a gateway in any language can compute it without asking us.
    /// The gateway's name and the key are joined by a line feed, which neither may hold.
    public init(gateway: String, idempotencyKey: String) {
        self.init(UUID(namespace: .dayu, name: "\(gateway)\n\(idempotencyKey)"))
    }

    /// Lower case, as RFC 9562 §4 asks of a writer.
    public var description: String {
        let bytes = uuid.octets
        var text = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        var place = 0
        for index in bytes.indices {
            if UUID.hyphens(place) { place += 1 }
            text[place] = hexadecimal(bytes[index] >> 4)
            text[place + 1] = hexadecimal(bytes[index] & 0x0F)
            place += 2
        }
        return String(text.span)
    }

    /// As the texts are ordered: hexadecimal digits sort as what they stand for.
    public static func < (left: ComplaintID, right: ComplaintID) -> Bool { left.uuid < right.uuid }
}

extension ComplaintID: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = ComplaintID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension UUID {
    /// The namespace of Dayu's name-based identifiers; drawn once at random and never to change.
    static let dayu = UUID(
        uuid: (0x5e, 0x0a, 0x9d, 0x2c, 0x7b, 0x41, 0x4f, 0x63, 0x9a, 0x1e, 0xc8, 0x34, 0xd7, 0x60, 0x2f, 0xb5)
    )

    /// A version 5 UUID: the first 16 bytes of SHA-1 over namespace and name, version and variant set.
    init(namespace: UUID, name: String) {
        var bytes = SHA1.hash(namespace.bytes + Array(name.utf8))
        bytes[6] = bytes[6] & 0x0F | 0x50
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.init(bytes.span)
    }

    /// Of sixteen bytes.
    fileprivate init(_ bytes: Span<UInt8>) {
        self.init(
            uuid: (
                bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
                bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]
            ))
    }

    /// Where hyphens stand in the text of 36 characters.
    fileprivate static func hyphens(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    var bytes: [UInt8] {
        let octets = octets
        return octets.indices.map { octets[$0] }
    }

    fileprivate var octets: InlineArray<16, UInt8> {
        let value = uuid
        return [
            value.0, value.1, value.2, value.3, value.4, value.5, value.6, value.7,
            value.8, value.9, value.10, value.11, value.12, value.13, value.14, value.15,
        ]
    }
}

/// SHA-1 (FIPS 180-4 §6.1), because version 5 UUIDs are made with it; nothing here relies on it for secrecy.
enum SHA1 {
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        let padded = pad(message)
        for start in stride(from: 0, to: padded.count, by: 64) {
            compress(padded[start..<start + 64], into: &state)
        }
        return state.flatMap { word in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    private static func pad(_ message: [UInt8]) -> [UInt8] {
        let zeros = (119 - message.count % 64) % 64
        let bits = UInt64(message.count) * 8
        return message + [0x80] + [UInt8](repeating: 0, count: zeros)
            + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt64($0)) }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        var words = [UInt32](repeating: 0, count: 80)
        for (index, byte) in block.enumerated() { words[index / 4] = words[index / 4] << 8 | UInt32(byte) }
        for index in 16..<80 {
            words[index] = rotate(
                words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for (index, word) in words.enumerated() {
            let (mix, constant): (UInt32, UInt32) =
                switch index {
                case ..<20: (b & c | ~b & d, 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: (b & c | b & d | c & d, 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = rotate(a, 5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, rotate(b, 30), c, d)
        }
        for (index, value) in [a, b, c, d, e].enumerated() { state[index] &+= value }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word << count | word >> (32 - count)
    }
}
