import FoundationEssentials

/// A secret as an operator writes it down: 32 bytes or more in hexadecimal or base64.
public enum Secret {
    public static let leastBytes = 32

    /// What has nothing but hexadecimal digits is hexadecimal, so that one digit too few is a fault and not
    /// another key. Of base64 that long not one in 10²⁰ looks like it.
    public static func bytes(of text: String) -> [UInt8]? {
        let text = text.filter { !$0.isWhitespace }
        let digits = text.compactMap(\.hexDigitValue)
        let bytes = digits.count == text.count ? hexadecimal(digits) : base64(text)
        return bytes.flatMap { $0.count >= leastBytes ? $0 : nil }
    }

    private static func hexadecimal(_ digits: [Int]) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    /// Either alphabet, with its padding or without.
    private static func base64(_ text: String) -> [UInt8]? {
        let swapped = text.replacing("-", with: "+").replacing("_", with: "/").prefix { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - swapped.count % 4) % 4)
        return Data(base64Encoded: swapped + padding).map { [UInt8]($0) }
    }
}
