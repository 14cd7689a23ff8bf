import Crypto
import Testing

@Suite("HMAC with SHA-256")
struct HMACTests {
    struct Vector: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        /// In hexadecimal.
        let code: String
    }

    /// RFC 4231 §4.2 to §4.8; the fifth gives the first 128 bits alone.
    static let vectors = [
        Vector(
            key: [UInt8](repeating: 0x0B, count: 20), message: Array("Hi There".utf8),
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        Vector(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8),
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 20), message: [UInt8](repeating: 0xDD, count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        Vector(
            key: Array(0x01...0x19), message: [UInt8](repeating: 0xCD, count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        Vector(
            key: [UInt8](repeating: 0x0C, count: 20), message: Array("Test With Truncation".utf8),
            code: "a3b6167473100ee06e0c796c2955552b"),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 131),
            message: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        Vector(
            key: [UInt8](repeating: 0xAA, count: 131),
            message: Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]

    @Test("the vectors of RFC 4231", arguments: vectors)
    func standard(_ vector: Vector) {
        let code = HMAC.sha256(vector.message, key: vector.key)
        let digits = code.flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16) }.joined()
        #expect(code.count == 32 && digits.hasPrefix(vector.code))
    }

    @Test("an empty key and an empty message have one, too")
    func empty() {
        #expect(HMAC.sha256([], key: []) != HMAC.sha256([], key: [1]))
        #expect(HMAC.sha256([], key: []) != HMAC.sha256([1], key: []))
    }
}

@Suite("Comparing in constant time")
struct ConstantTimeTests {
    @Test("equal are the same bytes in the same number, and nothing else")
    func equality() {
        #expect(ConstantTime.areEqual([], []) && ConstantTime.areEqual([1, 2, 3], [1, 2, 3]))
        for other: [UInt8] in [[], [1], [1, 2], [1, 2, 4], [0, 2, 3], [1, 2, 3, 0]] {
            #expect(!ConstantTime.areEqual([1, 2, 3], other) && !ConstantTime.areEqual(other, [1, 2, 3]))
        }
    }
}

@Suite("SHA-256")
struct SHA256Tests {
    /// FIPS 180-4's examples, and Python's `hashlib` for every way the padding can fall.
    @Test(
        "what another program computes",
        arguments: [
            (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (
                [UInt8](repeating: 0x61, count: 55),
                "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
            ),
            (
                [UInt8](repeating: 0x61, count: 64),
                "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
            ),
            (
                [UInt8](repeating: 0x61, count: 100_000),
                "6d1cf22d7cc09b085dfc25ee1a1f3ae0265804c607bc2074ad253bcc82fd81ee"
            ),
        ] as [([UInt8], String)])
    func examples(message: [UInt8], expected: String) {
        let digits = SHA256.hash(message).flatMap { [$0 >> 4, $0 & 15] }.map { String($0, radix: 16) }
        #expect(digits.joined() == expected)
    }

    @Test("a text is hashed as UTF-8")
    func texts() { #expect(SHA256.hash("河") == SHA256.hash([0xE6, 0xB2, 0xB3])) }
}
