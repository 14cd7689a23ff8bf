import FoundationEssentials

/// The base 64 that addresses bear: `-` and `_` in place of `+` and `/`, without padding (RFC 4648 §5 and
/// §3.2).
enum Base64URL {
    static func text(of bytes: [UInt8]) -> String {
        let padded = Data(bytes).base64EncodedString()
        return String(padded.prefix { $0 != "=" }.map { swaps[$0] ?? $0 })
    }

    /// Only the one text that these bytes have: a last character whose unused bits are set is no text of
    /// theirs (RFC 4648 §3.5), else one link would have several tokens.
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
