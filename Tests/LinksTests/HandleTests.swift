import Models
import Support
import Testing
import Text

@testable import Links

@Suite("Handles of links")
struct HandleTests {
    private let key = Locksmith.key()

    /// Computed with Python's `hmac` and `base64` from the description of `LinkKey`.
    @Test("what they are, to the letter: links that are out in the world go on being known")
    func letters() {
        #expect(key.handle(of: Locksmith.link()).text == "lQU7PkiwC0y1Q0FoPpqkpQ")
        #expect(key.handle(of: Locksmith.link(role: .citizen, id: nil)).text == "3SoQvCOPiFBIdLtt0QQAzQ")
        let sent = Locksmith.link(role: .citizen, id: nil, number: Locksmith.number)
        #expect(key.handle(of: sent).text == "tl-W0Tu3PjWmHnXBvoLUqA")
    }

    @Test(
        "the same link has the same handle, and a handle is read as it is written",
        arguments: 0..<50 as Range<UInt64>)
    func same(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let link = Locksmith.anyLink(&random)
        let handle = key.handle(of: link)
        #expect(handle == Locksmith.key().handle(of: link))
        #expect(LinkHandle(handle.text) == handle && handle.text.utf8.count == 22)
        #expect(
            key.handle(of: link.revoked(at: Locksmith.now)) == handle, "a link that is taken back keeps it")
    }

    @Test("links that differ in anything have handles that share nothing")
    func unlike() {
        let links = [
            Locksmith.link(), Locksmith.link(to: TrackingCode(digest: [UInt8](1..<33))),
            Locksmith.link(role: .office), Locksmith.link(id: "wan"), Locksmith.link(id: nil),
            Locksmith.link(id: ""), Locksmith.link(number: Locksmith.number),
            Locksmith.link(expiresAt: Instant(millisecondsSince1970: 1_800_000_001_000)),
        ]
        // An actor without an identifier and one with an empty one are the same to the key; no actor has an
        // empty one.
        #expect(key.handle(of: links[4]) == key.handle(of: links[5]))
        let bytes = links.map { Base64URL.bytes(of: key.handle(of: $0).text) ?? [] }
        #expect(Set(bytes).count == links.count - 1)
        for (index, one) in bytes.enumerated() {
            for another in bytes[(index + 1)...] where one != another {
                #expect(zip(one, another).count { $0 == $1 } < 5)
            }
        }
        #expect(Locksmith.key(Locksmith.otherSecret).handle(of: links[0]) != key.handle(of: links[0]))
    }

    @Test("a text with any character changed is another handle or none, and one more or fewer is none")
    func misread() {
        let handle = key.handle(of: Locksmith.link())
        let text = Array(handle.text)
        for index in text.indices {
            for other in "AZaz09-_+/=. é" where other != text[index] {
                var changed = text
                changed[index] = other
                #expect(LinkHandle(String(changed)) != handle)
                if "+/=. é".contains(other) { #expect(LinkHandle(String(changed)) == nil) }
                changed = text
                changed.insert(other, at: index)
                #expect(LinkHandle(String(changed)) == nil)
            }
            #expect(LinkHandle(String(text[..<index])) == nil)
        }
    }

    @Test("of the sixteen spellings that mean the same bytes one is a handle")
    func canonical() {
        let text = key.handle(of: Locksmith.link()).text
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let read = alphabet.compactMap { LinkHandle(text.dropLast() + String($0)) }
        #expect(read.count == 4, "the last character holds two bits")
    }

    @Test("any other text is refused and breaks nothing", arguments: 0..<200 as Range<UInt64>)
    func noise(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let text = random.text(0...40)
        if let handle = LinkHandle(text) { #expect(handle.text == text && text.utf8.count == 22) }
        #expect(LinkHandle(String(repeating: "A", count: 100_000)) == nil)
    }

    @Test("no log shows a handle by accident")
    func hidden() {
        let handle = key.handle(of: Locksmith.link())
        for text in ["\(handle)", String(reflecting: handle), "\([handle])", "\(Optional(handle) as Any)"] {
            #expect(!text.contains(handle.text), "\(text)")
        }
    }
}

@Suite("What a link lets its holder do")
struct ActionLinkTests {
    private let end = Instant(millisecondsSince1970: 1_800_000_000_000)

    @Test("a link ends with its second")
    func expiry() {
        let link = Locksmith.link(expiresAt: end)
        #expect(refusal(link, at: end + .milliseconds(-1)) == nil)
        #expect(refusal(link, at: end) == .expired)
        #expect(refusal(link, at: end + .seconds(86_400)) == .expired)
        #expect(Locksmith.link(expiresAt: end + .milliseconds(999)) == link)
        for far in [Int64.min, -1, .max] {
            let link = Locksmith.link(expiresAt: Instant(millisecondsSince1970: far))
            #expect(refusal(link, at: link.expiresAt + .milliseconds(-1)) == nil, "\(far)")
            #expect(Instant(rfc3339: link.expiresAt.description) == link.expiresAt, "\(far)")
        }
    }

    @Test("a link that was taken back is refused from then on, whatever its end")
    func revoked() {
        let link = Locksmith.link(expiresAt: end).revoked(at: Locksmith.now)
        #expect(link.revokedAt == Locksmith.now && link.expiresAt == end)
        #expect(link.actor == Locksmith.link().actor && link.complaint == Locksmith.complaint)
        #expect(refusal(link) == .revoked)
        #expect(Locksmith.link(number: Locksmith.number).revoked(at: end).number == Locksmith.number)
        #expect(refusal(link, at: end) == .revoked)
    }

    @Test("a link is read as it is written", arguments: 0..<50 as Range<UInt64>)
    func json(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var link = Locksmith.anyLink(&random)
        if random.once(in: 2) { link = link.revoked(at: Locksmith.now) }
        #expect(try JSON.decode(ActionLink.self, from: JSON.encode(link)) == link)
    }

    @Test("the topic keeps a link at least as long as it can be valid")
    func kept() {
        guard case .compactedFor(let days) = Topic.links.retention else {
            Issue.record("links are compacted, and the old ones are removed")
            return
        }
        #expect(.seconds(days * 86_400) > ActionLink.validAtMost)
    }
}
