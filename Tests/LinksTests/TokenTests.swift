import Models
import Support
import Testing

@testable import Links

@Suite("Tokens of links")
struct TokenTests {
    private let keys = Locksmith.keys()

    /// Computed by a program in another language from the description of `LinkKey` and from nothing of ours.
    @Test("what they are, to the letter: links that are out in the world go on being read")
    func letters() throws {
        let expected = [
            (Locksmith.link(), "AQIAa0nSAHdhbmfMWNUPGsRg7JfEwFHYyse8I5963b_6RWzDnsWrat0fkg"),
            (
                Locksmith.link(role: .citizen, id: nil),
                "AQEAa0nSAAWOWZn9KlRkxLzVGwbo0OVQoHBxv4da2qF3Rd3QpZYs"
            ),
        ]
        for (link, token) in expected {
            #expect(keys.token(for: link) == token)
            #expect(try keys.link(of: token, at: Locksmith.now) == link)
        }
    }

    @Test(
        "what is read is what was written, and the same link is the same token",
        arguments: 0..<50 as Range<UInt64>)
    func roundTrip(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let link = Locksmith.anyLink(&random)
        let token = keys.token(for: link)
        #expect(try keys.link(of: token, at: Locksmith.now) == link)
        #expect(Locksmith.keys().token(for: link) == token)
    }

    @Test("with any bit of its bytes flipped it is refused", arguments: 0..<8 as Range<UInt64>)
    func flipped(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bytes = try #require(Base64URL.bytes(of: keys.token(for: Locksmith.anyLink(&random))))
        for bit in 0..<bytes.count * 8 {
            var forged = bytes
            forged[bit / 8] ^= 1 << (bit % 8)
            #expect(refusal(Base64URL.text(of: forged)) == .notValid, "bit \(bit) of seed \(seed)")
        }
    }

    @Test("with any character changed, left out or added it is refused")
    func misread() {
        let token = Array(keys.token(for: Locksmith.link()))
        for index in token.indices {
            for other in "AZaz09-_+/=. é" where other != token[index] {
                var changed = token
                changed[index] = other
                #expect(refusal(String(changed)) == .notValid)
                changed = token
                changed.insert(other, at: index)
                #expect(refusal(String(changed)) == .notValid)
            }
            #expect(refusal(String(token[..<index])) == .notValid)
            #expect(refusal(String(token[index...].dropFirst())) == .notValid)
        }
    }

    @Test("any other text is refused and breaks nothing", arguments: 0..<200 as Range<UInt64>)
    func noise(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        #expect(refusal(random.text(0...200)) == .notValid)
        let bytes = random.bytes(Int.random(in: 0...150, using: &random))
        #expect(refusal(Base64URL.text(of: bytes)) == .notValid)
        #expect(refusal(String(repeating: "A", count: 100_000)) == .notValid)
    }

    @Test("a link ends with its second, and is not called expired before it is known to be real")
    func expiry() {
        let token = keys.token(for: Locksmith.link())
        let end = Instant(millisecondsSince1970: 1_800_000_000_000)
        #expect(refusal(token, at: end + .milliseconds(-1)) == nil)
        #expect(refusal(token, at: end) == .expired)
        #expect(refusal(token, at: end + .seconds(86_400)) == .expired)
        #expect(refusal(token, by: Locksmith.keys(Locksmith.otherSecret), at: end) == .notValid)
        let uneven = Locksmith.link(expiresAt: end + .milliseconds(999))
        #expect(uneven.expiresAt == end && keys.token(for: uneven) == token)
        for far in [Int64.min, -1, .max] {
            let link = Locksmith.link(expiresAt: Instant(millisecondsSince1970: far))
            #expect(refusal(keys.token(for: link), at: link.expiresAt + .milliseconds(-1)) == nil, "\(far)")
        }
    }

    @Test("the identity of the complaint stands in no token, plain or in parts")
    func hidden() throws {
        let identity = Locksmith.complaint.bytes
        let bytes = try #require(Base64URL.bytes(of: keys.token(for: Locksmith.link())))
        for start in 0..<identity.count - 1 {
            let part = identity[start..<start + 2]
            #expect(!(0..<bytes.count - 1).contains { bytes[$0..<$0 + 2].elementsEqual(part) })
        }
    }

    @Test("two links that differ in anything share nothing of the secret part, nor of the mask between them")
    func unlike() throws {
        func secretPart(_ link: ActionLink) throws -> (tag: [UInt8], masked: [UInt8]) {
            let bytes = try #require(Base64URL.bytes(of: keys.token(for: link)))
            return (Array(bytes.suffix(32).prefix(16)), Array(bytes.suffix(16)))
        }
        let other = ComplaintID(gateway: "web", idempotencyKey: "other")
        let later = Instant(millisecondsSince1970: 1_800_000_001_000)
        let links = [
            Locksmith.link(), Locksmith.link(to: other), Locksmith.link(role: .office),
            Locksmith.link(id: "wan"), Locksmith.link(id: nil), Locksmith.link(expiresAt: later),
        ]
        let parts = try links.map(secretPart)
        #expect(Set(parts.map(\.tag)).count == links.count)
        let masks = zip(links, parts).map { link, part in
            zip(link.complaint.bytes, part.masked).map { $0 ^ $1 }
        }
        #expect(Set(masks).count == links.count)
        for (index, one) in parts.enumerated() {
            for another in parts[(index + 1)...] {
                #expect(zip(one.tag + one.masked, another.tag + another.masked).count { $0 == $1 } < 8)
            }
        }
    }

    @Test("no two roles have one number")
    func roles() {
        let tokens = Role.allCases.map { keys.token(for: Locksmith.link(role: $0)).prefix(4) }
        #expect(Set(tokens).count == Role.allCases.count)
    }
}
