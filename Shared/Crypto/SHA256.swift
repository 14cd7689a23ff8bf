import CCrypto

/// SHA-256 (FIPS 180-4 §6.2): names things by their content.
public enum SHA256 {
    public static func hash(_ message: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        // SHA256(3) returns its buffer; it can't fail.
        _ = unsafe CCrypto.SHA256(message, message.count, &digest)
        return digest
    }

    public static func hash(_ text: String) -> [UInt8] { hash(Array(text.utf8)) }
}
