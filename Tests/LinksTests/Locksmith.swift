import Links
import Models
import Support

/// Keys and links to try each other on.
enum Locksmith {
    static let now = Instant(millisecondsSince1970: 1_799_000_000_123)
    /// The bytes 0 to 31.
    static let secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    static let otherSecret = String(secret.reversed())
    static let complaint = TrackingCode(digest: [UInt8](0..<32))

    static let number = NumberHandle([UInt8](0..<16))

    static func key(_ text: String = secret) -> LinkKey {
        do { return try LinkKey(text) } catch { preconditionFailure("\(error)") }
    }

    static func link(
        to complaint: TrackingCode = complaint, role: Role = .chief, id: String? = "wang",
        expiresAt: Instant = Instant(millisecondsSince1970: 1_800_000_000_000), number: NumberHandle? = nil
    ) -> ActionLink {
        ActionLink(
            complaint: complaint, actor: Actor(role: role, id: id), expiresAt: expiresAt, number: number)
    }

    static func anyLink(_ random: inout SplitMix64) -> ActionLink {
        let seconds = Int64.random(in: 1_799_000_001...253_402_300_799, using: &random)
        let id =
            random.once(in: 4)
            ? nil
            : String(
                (1...Int.random(in: 1...64, using: &random)).map { _ in
                    random.one(of: Array("abcxyz0189"))
                })
        return link(
            to: TrackingCode(digest: random.bytes(8)), role: random.one(of: Role.allCases), id: id,
            expiresAt: Instant(millisecondsSince1970: seconds * 1000),
            number: random.once(in: 2) ? NumberHandle(random.bytes(16)) : nil)
    }
}

/// What a link is refused for; nil if it can be used.
func refusal(_ link: ActionLink, at now: Instant = Locksmith.now) -> LinkRefusal? {
    do throws(LinkRefusal) {
        try link.check(at: now)
        return nil
    } catch {
        return error
    }
}
