public import Models

/// Writes the addresses under which people act on a complaint.
public struct LinkWriter: Sendable {
    public let keys: LinkKeys
    /// The public site, without a slash at its end.
    private let site: String
    private let validity: Duration

    public init(keys: LinkKeys, site: String, validity: Duration) {
        self.keys = keys
        self.site = site
        self.validity = validity
    }

    /// A citizen is led to his complaint's page, everyone else to the page for acting.
    ///
    /// The token stands behind `#`: a browser keeps the fragment to itself (RFC 3986 §3.5), so neither a
    /// server's log nor a Referer (RFC 9110 §10.1.3) ever holds it.
    public func address(of complaint: ComplaintID, for actor: Actor, since moment: Instant) -> String {
        let page = actor.role == .citizen ? "complaints/\(TrackingCode(complaint).compact)" : "act"
        let link = ActionLink(complaint: complaint, actor: actor, expiresAt: moment + validity)
        return "\(site)/\(page)#\(keys.token(for: link))"
    }
}
