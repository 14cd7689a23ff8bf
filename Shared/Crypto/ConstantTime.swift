import CCrypto

/// Comparing secrets.
public enum ConstantTime {
    /// The time it takes depends only on the lengths (CRYPTO_memcmp(3)): the duration of a refusal must not
    /// tell how much of a guess was right.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
