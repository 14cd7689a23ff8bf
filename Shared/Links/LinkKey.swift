import Crypto
import FoundationEssentials
import Models

/// One secret: it makes tokens of links and reads the ones it made.
///
/// A complaint's identity is the citizen's own capability, so a chief must not learn it from his link. A
/// token is therefore encrypted and authenticated in one, after the idea of SIV (RFC 5297 §2.6) with
/// HMAC-SHA256 as the pseudo-random function: a tag over everything, and the identity under a mask that
/// follows from the tag.
///
///     version  role  expiry  actor   tag   masked identity      in base64url
///        1       1     5     0…64    16          16             bytes
///
/// There is no nonce: the same link is always the same token, so that a fact worked off again writes the
/// same message, and two different links differ in tag and mask.
struct LinkKey: Sendable {
    private let tagKey: [UInt8]
    private let maskKey: [UInt8]

    static let secretBytes = 32

    /// A secret of uniform chance needs no extraction, and each label expands it into a key of its own
    /// (HKDF, RFC 5869 §2.3 and §3.3; one block is 32 bytes).
    init(secret: [UInt8]) {
        func key(_ label: String) -> [UInt8] { HMAC.sha256(Array(label.utf8) + [1], key: secret) }
        tagKey = key("dayu action link: tag")
        maskKey = key("dayu action link: mask")
    }

    // MARK: Tokens

    func token(for link: ActionLink) -> String {
        let head = Self.head(of: link)
        let identity = link.complaint.bytes
        let tag = tag(head, identity)
        return Base64URL.text(of: head + tag + masked(identity, by: tag))
    }

    /// The link of a token that this key made; nil for every other text.
    func link(of token: String) -> ActionLink? {
        guard token.utf8.count <= Self.tokenCharacters, let bytes = Base64URL.bytes(of: token),
            bytes.count >= Self.fixedHeadBytes + 2 * Self.tagBytes
        else { return nil }
        let head = Array(bytes.dropLast(2 * Self.tagBytes))
        let tag = Array(bytes.dropFirst(head.count).prefix(Self.tagBytes))
        let identity = masked(Array(bytes.suffix(Self.tagBytes)), by: tag)
        guard ConstantTime.areEqual(tag, self.tag(head, identity)) else { return nil }
        return Self.link(head, identity)
    }

    /// The identity's length is fixed and stands last, so no two links give the same bytes to the tag.
    ///
    /// Half of the output is kept: the least that RFC 2104 §5 allows, and one block as in RFC 5297.
    private func tag(_ head: [UInt8], _ identity: [UInt8]) -> [UInt8] {
        Array(HMAC.sha256(head + identity, key: tagKey).prefix(Self.tagBytes))
    }

    /// Masking twice is unmasking.
    private func masked(_ identity: [UInt8], by tag: [UInt8]) -> [UInt8] {
        zip(identity, HMAC.sha256(tag, key: maskKey)).map { $0 ^ $1 }
    }

    // MARK: The part that is not secret

    private static let version: UInt8 = 1
    /// Five bytes of seconds reach far beyond the year 9999.
    private static let expiryBytes = 5
    private static let fixedHeadBytes = 2 + expiryBytes
    /// Of the tag, and of an identity.
    private static let tagBytes = 16
    /// Base64 writes three bytes as four characters.
    private static let tokenCharacters =
        (fixedHeadBytes + Limit.identifierBytes + 2 * tagBytes + 2) / 3 * 4

    private static func head(of link: ActionLink) -> [UInt8] {
        let seconds = UInt64(link.expiresAt.millisecondsSince1970 / 1000)
        let expiry = (0..<expiryBytes).reversed().map { UInt8(truncatingIfNeeded: seconds >> UInt64(8 * $0)) }
        return [version, link.actor.role.number] + expiry + Array((link.actor.id ?? "").utf8)
    }

    private static func link(_ head: [UInt8], _ identity: [UInt8]) -> ActionLink? {
        guard head[0] == version, let role = Role.allCases.first(where: { $0.number == head[1] }),
            let complaint = ComplaintID(bytes: identity)
        else { return nil }
        let seconds = head[2..<fixedHeadBytes].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let id = String(decoding: head.dropFirst(fixedHeadBytes), as: UTF8.self)
        return ActionLink(
            complaint: complaint, actor: Actor(role: role, id: id.isEmpty ? nil : id),
            expiresAt: Instant(millisecondsSince1970: seconds * 1000))
    }
}

extension Role {
    /// Stands in tokens that are out in the world: a number is never changed and never given again.
    fileprivate var number: UInt8 {
        switch self {
        case .citizen: 1
        case .chief: 2
        case .office: 3
        case .system: 4
        case .department: 5
        case .checker: 6
        }
    }
}
