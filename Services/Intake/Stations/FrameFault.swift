import Text

/// Bytes that looked like a frame but are none, described so that an operator can show it to a station's
/// maker.
struct FrameFault: Error, Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// The bytes in the place of the length.
        case noLength([UInt8])
        /// A length that no frame can have.
        case length(Int)
        /// The bytes in the place of the sum.
        case sum([UInt8])
        /// The rest did not arrive, or another frame came instead.
        case cutOff
    }

    let kind: Kind
    /// The length that the frame declared.
    let declared: Int
    /// The data segment, as far as it arrived.
    let data: [UInt8]

    init(_ kind: Kind, declared: Int = 0, data: [UInt8] = []) {
        self.kind = kind
        self.declared = declared
        self.data = data
    }

    var reason: String {
        switch kind {
        case .noLength(let text):
            "after ## comes \"\(String(decoding: text, as: UTF8.self))\" instead of a length of four digits"
        case .length(let length):
            "the length \(length) is outside 1…\(FrameDecoder.Limit.dataBytes)"
        case .sum(let found): "its check sum is wrong: \(whyWrong(found))"
        case .cutOff:
            lengthSent.map { "the length says \(declared), but the data has \($0) bytes" }
                ?? "the length says \(declared), but only \(data.count) bytes came"
        }
    }

    /// Mistakes that are known from makers of stations.
    private func whyWrong(_ found: [UInt8]) -> String {
        let right = FrameSum.of(data)
        let text = String(decoding: found.map { (0x21...0x7E).contains($0) ? $0 : 0x2E }, as: UTF8.self)
        let comparison = "\(text) instead of \(Self.text(right))"
        if let sent = lengthSent { return "the length says \(declared), but the data has \(sent) bytes" }
        let digits = found.prefix { Self.digit($0) != nil }
        if digits.count < 4 {
            let isShort =
                !digits.isEmpty && digits.reduce(0) { $0 << 4 | UInt16(Self.digit($1) ?? 0) } == right
            return isShort
                ? "\(comparison); the leading zeros are missing"
                : "\(text) is in its place; perhaps the length counts characters instead of bytes"
        }
        switch Self.number(found) {
        case right.byteSwapped: return "\(comparison); its two bytes are swapped"
        case Self.modbus(data): return "\(comparison); it is the CRC of Modbus"
        case Self.overCharacters(data): return "\(comparison); it is made over characters instead of bytes"
        default: return "\(comparison); the data was damaged on the way"
        }
    }

    /// The real length of the data, if a right sum follows a `&&` in them.
    private var lengthSent: Int? {
        var sum: UInt8 = FrameSum.start
        for index in data.indices {
            sum = FrameSum.step(sum, data[index])
            guard index + 4 < data.count, index > 0, data[index] == 0x26, data[index - 1] == 0x26 else {
                continue
            }
            let right = FrameSum.part(from: FrameSum.start, to: sum, count: index + 1)
            if Self.number(data[(index + 1)...(index + 4)]) == right { return index + 1 }
        }
        return nil
    }

    // MARK: Sums

    /// Four hexadecimal digits of either case, the high byte first.
    static func number(_ digits: some Collection<UInt8>) -> UInt16? {
        guard digits.count == 4 else { return nil }
        var number: UInt16 = 0
        for character in digits {
            guard let value = digit(character) else { return nil }
            number = number << 4 | UInt16(value)
        }
        return number
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46, 0x61...0x66: character & 0x0F + 9
        default: nil
        }
    }

    static func text(_ sum: UInt16) -> String {
        let digits = String(sum, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    private static func modbus(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(0xFFFF) { shifted($0 ^ UInt16($1)) }
    }

    /// The sum that a program computes if it goes through characters instead of bytes.
    private static func overCharacters(_ bytes: [UInt8]) -> UInt16 {
        String(decoding: bytes, as: UTF8.self).utf16.reduce(0xFFFF) { shifted($0 >> 8 ^ $1) }
    }

    private static func shifted(_ register: UInt16) -> UInt16 {
        (0..<8).reduce(register) { register, _ in register & 1 == 1 ? register >> 1 ^ 0xA001 : register >> 1 }
    }
}
