public import Models

/// A link to the officials' desk: a record on the topic `links`, keyed by its handle, as every link is.
///
/// Whoever opens it is taken for this official, or for this clerk of an office. It opens sessions until it
/// expires. A program that fetches it to show a preview opens none: the handle stands behind `#`, so no
/// server is told it, and a session is opened by a POST of the page.
public struct DeskLink: Hashable, Sendable, Codable {
    public static let type = EventType("desk-link", "written")

    /// A chief, a department, or an office with or without its clerk.
    public let desk: Actor
    /// A whole second. From this moment on it opens no session, and its sessions end.
    public let expiresAt: Instant
    public let revokedAt: Instant?

    /// A link to a desk opens more than a link to one complaint, so it is valid for less time.
    public static let validAtMost: Duration = .seconds(31 * 86_400)
    /// How long a link can be used that was sent to the owner's phone. A working week, so that nobody has to
    /// ask every day.
    public static let sentFor: Duration = .seconds(7 * 86_400)

    public init(desk: Actor, expiresAt: Instant, revokedAt: Instant? = nil) {
        self.desk = desk
        let second = expiresAt.millisecondsSince1970 / 1000
        self.expiresAt = Instant(millisecondsSince1970: second * 1000)
        self.revokedAt = revokedAt
    }

    public func revoked(at moment: Instant) -> DeskLink {
        DeskLink(desk: desk, expiresAt: expiresAt, revokedAt: moment)
    }

    /// - Throws: why the link can't be used at this moment.
    public func check(at now: Instant) throws(LinkRefusal) {
        if revokedAt != nil { throw .revoked }
        guard now < expiresAt else { throw .expired }
    }

    /// `office/hangzhou`, `office/hangzhou/clerk-7`.
    public var owner: String {
        ([desk.role.rawValue, desk.id ?? ""] + [desk.clerk?.rawValue].compactMap(\.self)).joined(
            separator: "/")
    }

    /// As in `WrittenLink.address`: no server is told what stands behind `#`.
    public static func address(_ handle: LinkHandle, site: String) -> String { "\(site)/desk#\(handle.text)" }
}
