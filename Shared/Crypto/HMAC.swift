import CCrypto

/// HMAC with SHA-256 (RFC 2104): without the key nobody can make its output or tell it from random bytes.
public enum HMAC {
    public static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        let made = unsafe CCrypto.HMAC(
            EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
        // HMAC(3) returns NULL on an error. SHA-256 exists and our buffer is large enough, so the only
        // possible error is lack of memory.
        precondition(unsafe made != nil, "OpenSSL made no HMAC")
        return code
    }
}
