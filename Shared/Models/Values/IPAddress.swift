import Text

/// An address of the Internet Protocol, version 4 or 6.
///
/// A version 4 address is stored as the version 6 address that stands for it (RFC 4291 §2.5.5.2): a socket
/// for both versions may show the same client in either form.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    let bits: UInt128

    static let bitCount = 128
    /// `::ffff:0:0/96` holds the addresses of version 4.
    static let mapped: UInt128 = 0xFFFF << 32
    static let mappedBitCount = 96

    init(bits: UInt128) {
        self.bits = bits
    }

    public init(version4 number: UInt32) {
        bits = Self.mapped | UInt128(number)
    }

    /// Nil for everything but one address: a host's name, an address with a port, or a zone (`%eth0`).
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        // The longest is an IPv6 address that ends with a version 4 address.
        guard text.utf8.count <= 45 else { return nil }
        if let number = Self.version4(text[...]) {
            self.init(version4: number)
        } else if let bits = Self.version6(text) {
            self.init(bits: bits)
        } else {
            return nil
        }
    }

    var isVersion4: Bool { bits >> 32 == Self.mapped >> 32 }

    /// The addresses that one client can use freely: in version 6 all that share the first 64 bits (RFC 4291
    /// §2.5.1), in version 4 only the one.
    public var network: IPAddress { isVersion4 ? self : IPAddress(bits: bits & ~0 << 64) }

    // MARK: Reading

    /// Four decimal numbers. A leading zero is refused: some programs read such a number as octal.
    private static func version4(_ text: Substring) -> UInt32? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ (0x30...0x39).contains($0) }),
                part.count == 1 || part.first != UInt8(ascii: "0"), let byte = UInt8(Substring(part))
            else { return nil }
            number = number << 8 | UInt32(byte)
        }
        return number
    }

    /// RFC 4291 §2.2: eight groups. `::` may stand once for one or more groups of zeros.
    private static func version6(_ text: String) -> UInt128? {
        guard let gap = text.firstRange(of: "::") else {
            return groups(text[...]).flatMap { $0.count == 8 ? number(of: $0) : nil }
        }
        guard let head = groups(text[..<gap.lowerBound], isHead: true),
            let tail = groups(text[gap.upperBound...]), head.count + tail.count < 8
        else { return nil }
        return number(of: head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// The last two groups may be written as an address of version 4.
    private static func groups(_ text: Substring, isHead: Bool = false) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, !isHead, let number = version4(part) {
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                let digits = part.utf8.compactMap { hexadecimal($0) as UInt8? }
                guard (1...4).contains(digits.count), digits.count == part.utf8.count else { return nil }
                groups.append(digits.reduce(0) { $0 << 4 | UInt16($1) })
            }
        }
        return groups
    }

    private static func number(of groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    // MARK: Writing

    /// The one form of RFC 5952; for version 4 the usual form.
    public var description: String {
        if isVersion4 {
            return stride(from: 24, through: 0, by: -8).map { String(UInt8(truncatingIfNeeded: bits >> $0)) }
                .joined(separator: ".")
        }
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> $0) }
        func text(_ groups: some Sequence<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard let gap = Self.longestZeros(groups) else { return text(groups) }
        return "\(text(groups[..<gap.lowerBound]))::\(text(groups[gap.upperBound...]))"
    }

    /// The longest run of at least two zeros; among equal runs the first (RFC 5952 §4.2).
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int>? {
        var longest = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > longest.count { longest = start..<index }
            start = index + 1
        }
        return longest.count >= 2 ? longest : nil
    }
}

/// Addresses with the same beginning, such as `10.1.0.0/16`; without a slash, a single address.
///
/// `::/0` contains every address, those of version 4 included.
public struct AddressBlock: Hashable, Sendable, CustomStringConvertible {
    public let first: IPAddress
    /// How many of the 128 bits are the same in all of them.
    private let prefix: Int

    public init(_ address: IPAddress) {
        self.init(first: address, prefix: IPAddress.bitCount)
    }

    private init(first: IPAddress, prefix: Int) {
        self.first = first
        self.prefix = prefix
    }

    /// Nil if the text is neither an address nor a block, or if the address has bits set after the prefix:
    /// whoever writes `10.1.2.3/8` means something else.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = parts.first.flatMap({ IPAddress($0) }), parts.count <= 2 else { return nil }
        guard parts.count == 2 else {
            self.init(address)
            return
        }
        let isVersion4 = !parts[0].utf8.contains(UInt8(ascii: ":"))
        let bits = isVersion4 ? IPAddress.bitCount - IPAddress.mappedBitCount : IPAddress.bitCount
        guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let length = Int(parts[1]), length <= bits
        else { return nil }
        let prefix = length + IPAddress.bitCount - bits
        guard address.bits & ~Self.mask(prefix) == 0 else { return nil }
        self.init(first: address, prefix: prefix)
    }

    /// Swift shifts by 128 bits to zero, so an empty prefix needs no case of its own.
    private static func mask(_ prefix: Int) -> UInt128 { ~0 << (IPAddress.bitCount - prefix) }

    public func contains(_ address: IPAddress) -> Bool {
        (address.bits ^ first.bits) & Self.mask(prefix) == 0
    }

    public var description: String {
        if prefix == IPAddress.bitCount { return first.description }
        let isVersion4 = first.isVersion4 && prefix >= IPAddress.mappedBitCount
        return "\(first)/\(isVersion4 ? prefix - IPAddress.mappedBitCount : prefix)"
    }
}

extension AddressBlock: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let block = AddressBlock(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "not an address or a block such as 10.1.0.0/16")
        }
        self = block
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
