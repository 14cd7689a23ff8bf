import CCrypto

/// HMAC with SHA-256 (RFC 2104): who has no key can neither make its output nor tell it from chance.
public enum HMAC {
    public static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let made = unsafe CCrypto.HMAC(
            EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
        // HMAC(3): NULL is an error. SHA-256 is there and our buffer is large enough, so what is left is that
        // memory ran out.
        precondition(unsafe made != nil, "OpenSSL made no HMAC")
        return code
    }
}
