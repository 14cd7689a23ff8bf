public import Models

/// What a link lets its holder do: act on one complaint as one person, until a moment.
///
/// A chief acts from his SMS without an account, a citizen from his tracking page. Whoever has the link is
/// taken for that person, as whoever has the phone is. It is a record on the topic `links` under its handle;
/// an address holds the handle alone.
public struct ActionLink: Hashable, Sendable, Codable {
    public let complaint: TrackingCode
    public let actor: Actor
    /// A whole second; from then on the link is refused.
    public let expiresAt: Instant
    /// From then on it is refused, too; nil where nobody took it back.
    public let revokedAt: Instant?
    /// The number to which it goes by SMS, and nowhere else: whoever opens it has that phone. Nil for every
    /// other link; the one that is answered to a complaint proves nothing of the number given with it.
    public let number: NumberHandle?

    /// No link is valid for longer: the topic forgets links after that (`Topic.retention`).
    public static let validAtMost: Duration = .seconds(366 * 86_400)

    public init(
        complaint: TrackingCode, actor: Actor, expiresAt: Instant, revokedAt: Instant? = nil,
        number: NumberHandle? = nil
    ) {
        self.number = number
        self.complaint = complaint
        self.actor = actor
        let seconds = min(max(0, expiresAt.millisecondsSince1970 / 1000), Self.lastSecond)
        self.expiresAt = Instant(millisecondsSince1970: seconds * 1000)
        self.revokedAt = revokedAt
    }

    public func revoked(at moment: Instant) -> ActionLink {
        ActionLink(
            complaint: complaint, actor: actor, expiresAt: expiresAt, revokedAt: moment, number: number)
    }

    /// - Throws: why it can't be used at this moment.
    public func check(at now: Instant) throws(LinkRefusal) {
        if revokedAt != nil { throw .revoked }
        guard now < expiresAt else { throw .expired }
    }

    /// The last second that RFC 3339 has a text for.
    private static let lastSecond: Int64 = 253_402_300_799
}

/// Why a handle gives no link.
public enum LinkRefusal: Error, Hashable, Sendable {
    /// Nobody wrote such a link.
    case notValid
    case expired
    case revoked
    /// The link may be written and not read yet: the topic has not been read to its end.
    case notReadYet
}
