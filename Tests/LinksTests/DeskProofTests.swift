import Models
import Support
import Testing
import Text

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

    // MARK: Successors

    private static let names = ["经办", "经瓣", "后任"].map { Name(zh: $0, en: "") }
    private static let office = RegionID(literal: "xihu")

    /// What becomes of the link of the one when his row is the other's.
    private func isRefused(_ name: Name, _ phone: String?, then row: (name: Name, phone: String?)) throws
        -> Bool
    {
        func registry(_ name: Name, _ phone: String?) -> Registry {
            Registry([
                .region(Region(id: Self.office, name: Name(zh: "西湖", en: "Xihu"), level: .district)),
                .clerk(
                    Clerk(id: ClerkID(literal: "clerk-7"), name: name, office: Self.office, phone: phone)),
            ])
        }
        let written = DeskLink(to: proof.person, in: registry(name, phone), expiresAt: proof.expiresAt)
        // As the log keeps it, also after it was read and written again.
        let link = try JSON.decode(DeskLink.self, from: JSON.encode(written))
        #expect(link == written && link.revoked(at: proof.expiresAt).holder == link.holder)
        do throws(LinkRefusal) {
            try proof.check(link, registry(row.name, row.phone), at: proof.expiresAt + .seconds(-1))
            return false
        } catch {
            #expect(error == .revoked)
            return true
        }
    }

    @Test("a successor with the same identifier ends the links of whoever was before him")
    func successor() throws {
        let (own, misspelt, next) = (Self.names[0], Self.names[1], Self.names[2])
        let (phone, other) = ("+86 000 0000 7001", "+86 000 0000 7002")
        #expect(try isRefused(own, phone, then: (next, other)))
        #expect(try isRefused(own, phone, then: (own, other)), "the number decides")
        #expect(try isRefused(own, phone, then: (own, nil)))
        #expect(try !isRefused(own, phone, then: (misspelt, phone)), "a corrected name is the same person")
        for written in ["0000 0007 001", "008600000007001", "+86-000-0000-7001", "００００００７００１"] {
            #expect(try !isRefused(own, phone, then: (own, written)), "\(written)")
        }
        #expect(try isRefused(own, nil, then: (next, nil)), "without a number the name decides")
        #expect(try !isRefused(own, nil, then: (own, nil)))
        #expect(try !isRefused(own, nil, then: (own, phone)), "he gave his number later")
    }

    @Test("a record of an older version is taken as before, and no record tells the number")
    func older() throws {
        let older =
            #"{"desk":{"role":"office","id":"xihu","clerk":"clerk-7"},"expiresAt":"2027-01-15T08:00:00Z"}"#
        let link = try JSON.decode(DeskLink.self, from: Array(older.utf8))
        #expect(link.desk == proof.person && link.holder == nil && link.isHeld(in: Registry([])))
        // Very many numbers have the same mark.
        let marks = Set(
            (0..<1000).map { number in
                DeskLink.holder(
                    of: Actor(role: .chief, id: "wang"),
                    in: Registry([
                        .chief(
                            Chief(
                                id: ChiefID(literal: "wang"), name: Self.names[0], title: "河长", level: .town,
                                region: Self.office, phone: "+86 000 000 \(1000 + number)"))
                    ]))
            })
        #expect(marks.count > 900 && marks.allSatisfy { $0?.utf8.count == "number/".utf8.count + 4 })
        #expect(DeskLink.holder(of: Actor(role: .office, id: "xihu"), in: Registry([])) == nil)
    }
}
