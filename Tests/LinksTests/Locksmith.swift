import Links
import Models
import Support

/// Keys and links to try each other on.
enum Locksmith {
    static let now = Instant(millisecondsSince1970: 1_799_000_000_123)
    /// The bytes 0 to 31.
    static let secret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
    static let otherSecret = String(secret.reversed())
    static let complaint: ComplaintID = {
        guard let id = ComplaintID("5e0a9d2c-7b41-4f63-9a1e-c834d7602fb5") else { preconditionFailure() }
        return id
    }()

    static func keys(_ text: String = secret) -> LinkKeys {
        do { return try LinkKeys(text) } catch { preconditionFailure("\(error)") }
    }

    static func link(
        to complaint: ComplaintID = complaint, role: Role = .chief, id: String? = "wang",
        expiresAt: Instant = Instant(millisecondsSince1970: 1_800_000_000_000)
    ) -> ActionLink {
        ActionLink(complaint: complaint, actor: Actor(role: role, id: id), expiresAt: expiresAt)
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
        let bytes = random.bytes(16)
        guard let complaint = ComplaintID(bytes: bytes) else { preconditionFailure("\(bytes)") }
        return link(
            to: complaint, role: random.one(of: Role.allCases), id: id,
            expiresAt: Instant(millisecondsSince1970: seconds * 1000))
    }
}

/// What a token is refused for; nil if it is read.
func refusal(_ token: String, by keys: LinkKeys = Locksmith.keys(), at now: Instant = Locksmith.now)
    -> LinkRefusal?
{
    do throws(LinkRefusal) {
        _ = try keys.link(of: token, at: now)
        return nil
    } catch {
        return error
    }
}
