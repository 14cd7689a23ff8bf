import CCrypto

/// Comparing secrets.
public enum ConstantTime {
    /// Takes a time that depends on the lengths alone (CRYPTO_memcmp(3)): how long a refusal takes must not
    /// tell how much of a guess was right.
    public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe CRYPTO_memcmp(left, right, left.count) == 0
    }
}
