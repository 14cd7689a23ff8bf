public import Models
public import Processing
import Text

/// Writes the links by which people act on a complaint.
public struct LinkWriter: Sendable {
    public let key: LinkKey
    /// The address of the public site, without a slash at its end.
    public let site: String
    private let validity: Duration

    public init(key: LinkKey, site: String, validity: Duration) {
        precondition(validity <= ActionLink.validAtMost, "a link is valid for \(validity)")
        self.key = key
        self.site = site
        self.validity = validity
    }

    /// The same arguments give the same link, however often it is written.
    ///
    /// - Parameter number: see `ActionLink.number`.
    public func link(
        to complaint: TrackingCode, for actor: Actor, since moment: Instant, number: NumberHandle? = nil
    ) -> WrittenLink {
        let link = ActionLink(
            complaint: complaint, actor: actor, expiresAt: moment + validity, number: number)
        return WrittenLink(handle: key.handle(of: link), link: link, site: site)
    }
}

/// A link and the handle under which it is known.
public struct WrittenLink: Hashable, Sendable {
    public let handle: LinkHandle
    public let link: ActionLink
    private let site: String

    fileprivate init(handle: LinkHandle, link: ActionLink, site: String) {
        self.handle = handle
        self.link = link
        self.site = site
    }

    /// A citizen's or follower's link leads to the page of the complaint, every other one to the page for
    /// acting.
    ///
    /// The handle stands behind `#`: a browser never sends the fragment (RFC 3986 §3.5), so neither a
    /// server's log nor a Referer (RFC 9110 §10.1.3) ever holds it.
    public var address: String {
        let isPrivate = [.citizen, .follower].contains(link.actor.role)
        let page = isPrivate ? "complaints/\(link.complaint.compact)" : "act"
        return "\(site)/\(page)#\(handle.text)"
    }

    /// As it stands in a message, where every character is paid for. The page asks Intake which complaint it
    /// is.
    public var shortAddress: String {
        let isPrivate = [.citizen, .follower].contains(link.actor.role)
        return isPrivate ? "\(site)/c#\(handle.text)" : address
    }

    /// The record that tells Intake the handle. It reaches the log no later than the record with the address.
    public func record(source: String, trail: Trail) -> Outgoing {
        Outgoing(
            .links, key: handle.text, id: "\(link.complaint.compact)/\(link.expiresAt)/\(link.actor.key)",
            source: source, type: EventType("link", "written"), subject: link.complaint.compact, trail: trail,
            data: JSON.encode(link))
    }
}

extension Actor {
    /// `chief/…`; a citizen has no identifier, so only the role.
    fileprivate var key: String { id.map { "\(role.rawValue)/\($0)" } ?? role.rawValue }
}
