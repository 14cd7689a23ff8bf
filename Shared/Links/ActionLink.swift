public import Models

/// What a link lets its holder do: act on one complaint as one person, until a moment.
///
/// A chief acts from his SMS without an account, a citizen from his tracking page. Whoever has the link is
/// taken for that person, as whoever has the phone is.
public struct ActionLink: Hashable, Sendable {
    public let complaint: ComplaintID
    public let actor: Actor
    /// A whole second; from then on the link is refused.
    public let expiresAt: Instant

    public init(complaint: ComplaintID, actor: Actor, expiresAt: Instant) {
        self.complaint = complaint
        self.actor = actor
        let seconds = min(max(0, expiresAt.millisecondsSince1970 / 1000), Self.lastSecond)
        self.expiresAt = Instant(millisecondsSince1970: seconds * 1000)
    }

    /// The last second that RFC 3339 has a text for.
    private static let lastSecond: Int64 = 253_402_300_799
}

/// Why a token gives no link.
public enum LinkRefusal: Error, Hashable, Sendable {
    /// No key of ours made it.
    case notValid
    /// One of our keys made it, and its time is over.
    case expired
}
