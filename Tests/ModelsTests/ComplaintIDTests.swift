import Foundation
import Support
import Testing

@testable import Models

@Suite("ComplaintID (RFC 9562 §5.5)")
struct ComplaintIDTests {
    /// Computed with Python's `uuid.uuid5(namespace, gateway + "\n" + key)`.
    @Test(
        "a gateway in another language computes the same",
        arguments: [
            ("site", "1", "bf498cb7-abf1-5629-b3d2-6cc96c0f2920"),
            ("hotline-12345", "2026-11-23/0001", "11097796-885a-532b-bee2-71ed9258d830"),
            ("城市热线", "投诉-42", "c038a868-aae4-53e3-b294-02a6aa146634"),
            ("open311", "", "b5ba4b30-3d67-5930-8927-737e08398d47"),
            ("g", String(repeating: "x", count: 255), "5134dc11-cb16-5377-a52c-491b70f68d7a"),
            ("a", "🌊", "a77bf956-0942-5e76-b5f9-355414026a6c"),
        ])
    func vectors(gateway: String, key: String, expected: String) {
        #expect(ComplaintID(gateway: gateway, idempotencyKey: key).description == expected)
    }

    @Test("read in any case, written in lower case")
    func text() {
        let text = "bf498cb7-abf1-5629-b3d2-6cc96c0f2920"
        #expect(ComplaintID(text)?.description == text)
        #expect(ComplaintID(text.uppercased())?.description == text)
        for wrong in [
            "", "bf498cb7", "\(text)0", "{\(text)}", text.replacing("-", with: ""), " \(text.dropFirst())",
            "-\(text.dropFirst())", "+\(text.dropFirst())", "\(text.dropLast())g",
            "bf498cb-7\(text.dropFirst(9))",
        ] {
            #expect(ComplaintID(wrong) == nil, "\(wrong)")
        }
    }

    @Test("identities are ordered as their texts are, and each is what Foundation reads and writes")
    func order() {
        var random = SplitMix64(seed: 9562)
        let identities = (0..<500).map { _ in random.complaint() }
        #expect(identities.map(\.description) == identities.map { $0.uuid.uuidString.lowercased() })
        #expect(identities.map { ComplaintID($0.uuid.uuidString) } == identities)
        #expect(identities.sorted().map(\.description) == identities.map(\.description).sorted())
    }

    @Test("in JSON it is its text")
    func json() throws {
        let id = ComplaintID(gateway: "site", idempotencyKey: "1")
        #expect(String(decoding: JSON.encode([id]), as: UTF8.self) == "[\"\(id)\"]")
        #expect(try JSON.decode([ComplaintID].self, from: JSON.encode([id])) == [id])
    }

    /// Computed with Python's `hashlib.sha1(bytes(i * 7 % 256 for i in range(n)))`: every way the padding can
    /// fall.
    @Test(
        "SHA-1 of every length that matters to its padding",
        arguments: [
            (0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"), (1, "5ba93c9db0cff93f52b521d7420e43f6eda2784f"),
            (55, "aecd1643c9903b9bae8cb94f53c50f8a4e18605b"),
            (56, "f5d65c621c02cc8e785159feff8088e3072da1bc"),
            (57, "a69640f450b01dd44b096a2a697b52e3f2aeb117"),
            (63, "4952f0fe097e4d6410ae9eab4855aa836caf3bff"),
            (64, "1e17ae1fc093e5daca033553c97a5192ca164486"),
            (65, "ac44f5dbe3e9b5d2733fc9537fcad715c3c20bc3"),
            (119, "b4a4e69060d0b1e7e8ebbf7041a4211c63438b57"),
            (120, "b651390c2996406336a3f6647e4b590c18cdd6f8"),
            (128, "516846cd40bd1fe431119c3b0a0f362957992ee8"),
            (1000, "38f3aa587f4aa04965a359f9151092759b3a4c2a"),
        ])
    func lengths(count: Int, expected: String) {
        #expect(hexadecimal(SHA1.hash((0..<count).map { UInt8($0 * 7 % 256) })) == expected)
    }

    @Test("SHA-1 of FIPS 180-4's examples")
    func examples() {
        let two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(hexadecimal(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(hexadecimal(SHA1.hash(Array(two.utf8))) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(
            hexadecimal(SHA1.hash([UInt8](repeating: 0x61, count: 100_000)))
                == "c4d4b30851182fc4eb8675494d42fd7f17e29c93")
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
