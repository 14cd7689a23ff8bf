public import Models

/// What a link allows its holder to do: act on one complaint as one person, until a given moment.
///
/// A chief acts from a link in an SMS without an account, a citizen from a link to the tracking page. Whoever
/// has the link is taken for that person, just as whoever has the phone is. The link is a record on the topic
/// `links`, keyed by its handle; a web address holds only the handle.
public struct ActionLink: Hashable, Sendable, Codable {
    public let complaint: TrackingCode
    public let actor: Actor
    /// A whole second. From this moment on the link is refused.
    public let expiresAt: Instant
    /// From this moment on the link is refused, too; nil if nobody revoked it.
    public let revokedAt: Instant?
    /// The phone number to which the link goes by SMS, and nowhere else: whoever opens it has that phone. Nil
    /// for every other link. A link that is returned in the answer to a new complaint proves nothing about
    /// the number given with it.
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

    /// - Throws: why the link can't be used at this moment.
    public func check(at now: Instant) throws(LinkRefusal) {
        if revokedAt != nil { throw .revoked }
        guard now < expiresAt else { throw .expired }
    }

    /// The last second that RFC 3339 can write.
    private static let lastSecond: Int64 = 253_402_300_799
}

/// Why a handle gives no link.
public enum LinkRefusal: Error, Hashable, Sendable {
    /// There is no such link.
    case notValid
    case expired
    case revoked
    /// The link may exist without having been read yet: the topic has not been read to its end.
    case notReadYet
}
