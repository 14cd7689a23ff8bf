import FoundationEssentials
import Text

/// A secret as an operator writes it down: 32 bytes or more in hexadecimal or base64.
public enum Secret {
    public static let leastBytes = 32

    /// A text of hexadecimal digits only is read as hexadecimal, so that one missing digit is a fault and not
    /// another key. Not one in 10²⁰ base64 texts of that length looks like hexadecimal.
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

    /// Accepts both alphabets, with or without padding.
    private static func base64(_ text: String) -> [UInt8]? {
        let swapped = text.replacing("-", with: "+").replacing("_", with: "/").prefix { $0 != "=" }
        let padding = String(repeating: "=", count: (4 - swapped.count % 4) % 4)
        return Data(base64Encoded: swapped + padding).map { [UInt8]($0) }
    }
}
