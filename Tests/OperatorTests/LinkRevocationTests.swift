import Links
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu link revoke")
struct LinkRevocationTests {
    private static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
    private static let code = TrackingCode(digest: [UInt8](0..<8))
    private static let other = TrackingCode(digest: [UInt8](1..<9))
    private static let chief = Actor(role: .chief, id: "wang")
    private static let handles = [
        "AAECAwQFBgcICQoLDA0ODw", "BBECAwQFBgcICQoLDA0ODw", "CCECAwQFBgcICQoLDA0ODw",
    ]

    private static func link(
        _ actor: Actor = chief, to complaint: TrackingCode = code, expiresAt: Instant = now + .seconds(60)
    ) -> ActionLink {
        ActionLink(complaint: complaint, actor: actor, expiresAt: expiresAt)
    }

    private func revocation(
        of codes: Set<TrackingCode> = [], _ actor: Actor? = nil, _ links: [(Int, ActionLink?)]
    ) -> LinkRevocation {
        var revocation = LinkRevocation(of: codes, actor: actor, at: Self.now)
        for (number, link) in links {
            revocation.take(
                key: Array(Self.handles[number].utf8), value: link.map { JSON.encode($0) }, partition: 2)
        }
        return revocation
    }

    @Test(
        "all links of one person, wherever they lead; a record on the link's own partition, with the moment")
    func person() throws {
        let links = [
            (0, Self.link()), (1, Self.link(to: Self.other)), (2, Self.link(Actor(role: .chief, id: "li"))),
        ]
        let removals = revocation(Self.chief, links).removals
        #expect(removals.map(\.record.key) == [Self.handles[0], Self.handles[1]])
        for removal in removals {
            let link = try JSON.decode(ActionLink.self, from: try #require(removal.record.event.data))
            #expect(link.revokedAt == Self.now && link.actor == Self.chief)
            #expect(removal.partition == 2 && !removal.record.event.id.contains(removal.record.key))
        }
    }

    @Test("an office stands for its clerks, a clerk for himself; what names nobody is wrong usage")
    func clerks() throws {
        let office = try LinkRevocation.actor("office/xihu")
        let clerk = try LinkRevocation.actor("office/xihu/xihu-1")
        let other = try LinkRevocation.actor("office/xihu/xihu-2")
        #expect(clerk.clerk?.rawValue == "xihu-1" && clerk.official == office)
        #expect(clerk.isMeant(by: office) && clerk.isMeant(by: clerk))
        #expect(!clerk.isMeant(by: other) && !office.isMeant(by: clerk))
        for text in ["office/", "office//xihu-1", "office/xihu/", "chief/a/b", "citizen/x", "mayor/x", ""] {
            #expect(throws: Arguments.Misuse.self, "\(text)") { try LinkRevocation.actor(text) }
        }
    }

    @Test("those to one complaint, of everybody or of one")
    func complaint() {
        let links = [(0, Self.link()), (1, Self.link(to: Self.other)), (2, Self.link(.citizen))]
        #expect(revocation(of: [Self.code], nil, links).removals.count == 2)
        #expect(revocation(of: [Self.code], .citizen, links).removals.map(\.record.key) == [Self.handles[2]])
    }

    @Test("one that has ended, was taken back or is forgotten needs nothing; of each handle the last counts")
    func ended() {
        let links: [(Int, ActionLink?)] = [
            (0, Self.link(expiresAt: Self.now)), (1, Self.link().revoked(at: Self.now)), (2, Self.link()),
            (2, nil),
        ]
        let revocation = revocation(Self.chief, links)
        #expect(revocation.removals.isEmpty)
        #expect(revocation.lines == ["no such link is still valid"])
    }

    @Test("it says whose they were and shows no link")
    func lines() {
        let lines = revocation(Self.chief, [(0, Self.link())]).lines
        #expect(lines == ["\(Self.code): a link of chief wang, valid until \(Self.now + .seconds(60))"])
    }

    @Test("who is meant", arguments: ["", "chief", "chief/", "citizen/x", "system/x", "mayor/x", "/x"])
    func wrong(_ text: String) {
        #expect(throws: Arguments.Misuse.self) { try LinkRevocation.actor(text) }
    }

    @Test("who is meant, well said")
    func right() throws {
        #expect(try LinkRevocation.actor("chief/wang") == Self.chief)
        #expect(try LinkRevocation.actor("office/xihu") == Actor(role: .office, id: "xihu"))
        #expect(try LinkRevocation.actor("citizen") == .citizen)
    }
}
