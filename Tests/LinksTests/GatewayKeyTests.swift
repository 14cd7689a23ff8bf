import Links
import Models
import Support
import Testing

@Suite("Gateways' keys")
struct GatewayKeyTests {
    struct Vector: Sendable {
        let secret: [UInt8]
        let text: String
        /// As sha256sum(1) prints it.
        let hash: String
    }

    /// Computed with Python's zlib.crc32, int.from_bytes and hashlib.
    static let vectors = [
        Vector(
            secret: [UInt8](repeating: 0, count: 32),
            text: "dayu_00000000000000000000000000000000000000000000ZN8oP",
            hash: "251ecbd5f604d2c449fde97e7d9ab9123e92ed0f3cc5af5329c9674b94159d31"),
        Vector(
            secret: [UInt8](repeating: 255, count: 32),
            text: "dayu_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp13J7Y8j",
            hash: "c8288bea97a117adaec1ab1f0ca3dba315f56ce1240b781b3a8b2e0a7e66f0f2"),
        Vector(
            secret: (0..<32).map { $0 }, text: "dayu_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf0uyIQP",
            hash: "7e133678890b2a2d567314eb8fb57c69b4788f53cf8572eefe25d5a637ec9b4e"),
    ]

    @Test("a key is what another program computes", arguments: vectors)
    func vector(_ vector: Vector) throws {
        let key = GatewayKeyText(secret: vector.secret)
        #expect(key.text == vector.text)
        #expect(key.hash.description == vector.hash)
        #expect(try #require(GatewayKeyText(vector.text)).hash == key.hash)
    }

    @Test("the documented pattern finds every key, and each differs", arguments: 0..<50 as Range<UInt64>)
    func pattern(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let key = GatewayKeyText(secret: random.bytes(32))
        let other = GatewayKeyText(secret: random.bytes(32))
        #expect(key.text != other.text && key.hash != other.hash)
        let found = "Authorization: Bearer \(key.text)\n".firstMatch(of: try Regex(GatewayKeyText.pattern))
        #expect(found.map { String($0.0) } == key.text, "seed \(seed)")
    }

    @Test(
        "one character that is wrong, missing, added or moved is no key", arguments: 0..<50 as Range<UInt64>)
    func mistyped(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let text = Array(GatewayKeyText(secret: random.bytes(32)).text)
        let place = Int.random(in: 0..<text.count, using: &random)
        var wrong = text
        wrong[place] = random.one(of: Array("0123ABCabc-_ é").filter { $0 != text[place] })
        var fewer = text
        fewer.remove(at: place)
        var more = text
        more.insert(random.one(of: Array("0Az")), at: place)
        var moved = text
        moved.swapAt(place, (place + 1) % text.count)
        for other in [wrong, fewer, more] + (moved == text ? [] : [moved]) {
            #expect(GatewayKeyText(String(other)) == nil, "seed \(seed): \(String(other))")
        }
    }

    @Test(
        "what is no key at all",
        arguments: [
            "", "dayu_", "Bearer", String(repeating: "a", count: 54),
            "dayu_" + String(repeating: "ж", count: 49),
        ])
    func foreign(text: String) { #expect(GatewayKeyText(text) == nil) }

    @Test("no log shows a key by accident")
    func withheld() {
        let key = GatewayKeyText(secret: [UInt8](repeating: 7, count: 32))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(Optional(key) as Any)"] {
            #expect(!text.contains(key.text.dropFirst(5).prefix(8)), "\(text)")
        }
    }
}
