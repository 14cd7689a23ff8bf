import Models
import Support
import Testing

@testable import Links

@Suite("Proofs of the officials' desk")
struct DeskProofTests {
    private let key = Locksmith.key()
    private let proof = DeskProof(
        person: Actor(role: .office, id: "xihu", clerk: ClerkID(literal: "clerk-7")),
        link: [UInt8](0..<32), expiresAt: Instant(millisecondsSince1970: 1_800_000_000_000))

    @Test("it is read as it was written, with its key and for its kind alone")
    func same() {
        for kind in [DeskProof.Kind.session, .pass] {
            let text = proof.text(kind, key)
            #expect(DeskProof(text, kind, key) == proof)
            #expect(DeskProof(text, kind == .pass ? .session : .pass, key) == nil)
            #expect(DeskProof(text, kind, Locksmith.key(Locksmith.otherSecret)) == nil)
            #expect(!text.contains("xihu") && text.utf8.count < 300)
        }
    }

    @Test("a text with any character changed is none")
    func changed() {
        let text = Array(proof.text(.session, key))
        for index in text.indices {
            for other in "Az09-_ \n" where other != text[index] {
                var wrong = text
                wrong[index] = other
                #expect(DeskProof(String(wrong), .session, key) == nil)
            }
        }
        #expect(DeskProof(String(text.dropLast()), .session, key) == nil)
        #expect(DeskProof("desk_", .session, key) == nil)
        #expect(DeskProof(String(repeating: "desk_A", count: 10_000), .session, key) == nil)
    }

    @Test("it counts while its link does, for the same person, as long as the registry has him")
    func check() {
        let office = Region(
            id: RegionID(literal: "xihu"), name: Name(zh: "西湖", en: "Xihu"), level: .district)
        let clerk = Clerk(
            id: ClerkID(literal: "clerk-7"), name: Name(zh: "经办", en: "Clerk"), office: office.id)
        let registry = Registry([.region(office), .clerk(clerk)])
        let link = DeskLink(desk: proof.person, expiresAt: proof.expiresAt)
        let now = proof.expiresAt + .seconds(-1)
        #expect(throws: Never.self) { try proof.check(link, registry, at: now) }
        #expect(throws: LinkRefusal.expired) { try proof.check(link, registry, at: proof.expiresAt) }
        #expect(throws: LinkRefusal.revoked) { try proof.check(link.revoked(at: now), registry, at: now) }
        #expect(throws: LinkRefusal.revoked) {
            try proof.check(link, Registry([.region(office)]), at: now)
        }
        let other = DeskLink(desk: Actor(role: .office, id: "xihu"), expiresAt: proof.expiresAt)
        #expect(throws: LinkRefusal.revoked) { try proof.check(other, registry, at: now) }
    }
}
