import FoundationEssentials
import Text

/// The form of base 64 for web addresses: `-` and `_` in place of `+` and `/`, without padding (RFC 4648 §5
/// and §3.2).
enum Base64URL {
    static func text(of bytes: [UInt8]) -> String {
        let padded = Data(bytes).base64EncodedString()
        return String(padded.prefix { $0 != "=" }.map { swaps[$0] ?? $0 })
    }

    /// Accepts only the one correct text for the bytes. A text whose last character has unused bits set is
    /// refused (RFC 4648 §3.5); otherwise one link would have several tokens.
    static func bytes(of text: String) -> [UInt8]? {
        let swapped = String(
            text.map { character in swaps.first { $0.value == character }?.key ?? character })
        let padding = String(repeating: "=", count: (4 - swapped.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: swapped + padding) else { return nil }
        let bytes = [UInt8](data)
        return self.text(of: bytes) == text ? bytes : nil
    }

    private static let swaps: [Character: Character] = ["+": "-", "/": "_"]
}
