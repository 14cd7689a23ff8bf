import HTTP
import Links
import Models

/// The token in the Authorization header (RFC 6750 §2.1): a gateway's key or a link's handle.
enum Bearer {
    static func token(in headers: Headers) -> String? {
        guard let field = headers["authorization"], let blank = field.firstIndex(of: " "),
            // The scheme's name may be written in any case (RFC 9110 §11.1).
            field[..<blank].lowercased() == "bearer"
        else { return nil }
        return String(field[blank...].drop { $0 == " " })
    }
}

extension API {
    // MARK: Keys

    /// The gateway whose key the request has; nil if it has none. A key is never written to a log, a metric
    /// or a trace.
    func key(of request: Request) throws(Problem) -> Gateway? {
        guard let token = Bearer.token(in: request.headers) else { return nil }
        let registry = reception.atlas.registry
        if registry.isEmpty {
            throw Problem(turnedAway: .notYet("the registry has not been published yet"))
        }
        guard let key = GatewayKeyText(token),
            let gateway = registry.gateway(withKeyHash: key.hash, at: circumstances.now)
        else { throw .invalidToken("the key is not valid", type: "urn:dayu:key-not-valid") }
        // Behind a proxy that the settings do not name, every request comes from the proxy. Then the registry
        // must name no addresses for gateways.
        guard let address = IPAddress(request.peerAddress), gateway.mayCall(from: address) else {
            throw Problem(status: 403, detail: "gateway \(gateway.id) may not call from this address")
        }
        return gateway
    }

    /// The complaint of `/v1/complaints/{complaint}/…`, and the proof that its name gives: the id is itself
    /// the citizen's proof; a tracking code proves nothing and needs a key.
    func named(_ request: Request) throws(Problem) -> (Sender.Proof, TrackingCode) {
        let name = request.parameters["complaint"] ?? ""
        if let id = ComplaintID(name) { return (.identity(id), id.code) }
        guard let code = TrackingCode(name) else {
            throw Problem(status: 404, detail: "no complaint has this tracking code")
        }
        guard let gateway = try key(of: request) else {
            throw Problem(challenge: "to act for an official, a gateway's key is needed")
        }
        return (.key(gateway), code)
    }

    // MARK: Links

    /// What the request's link allows. The link is never written to a log, a metric or a trace.
    func link(of request: Request) throws(Problem) -> ActionLink {
        guard let token = Bearer.token(in: request.headers) else {
            throw Problem(challenge: "a link is needed as a bearer token")
        }
        guard let handle = LinkHandle(token) else { throw .noLink(.notValid) }
        do throws(LinkRefusal) {
            let link = try link(handle)
            try link.check(at: circumstances.now)
            return link
        } catch {
            throw .noLink(error)
        }
    }
}

extension Problem {
    /// The problem's type tells programs what the detail tells people.
    fileprivate static func noLink(_ refusal: LinkRefusal) -> Problem {
        switch refusal {
        case .expired: invalidToken("the link has expired", type: "urn:dayu:link-expired")
        case .revoked: invalidToken("the link was taken back", type: "urn:dayu:link-revoked")
        case .notValid: invalidToken("the link is not valid", type: "urn:dayu:link-not-valid")
        case .notReadYet:
            Problem(
                status: 503, detail: "the link is not known yet; try again in a moment",
                type: "urn:dayu:link-not-read")
        }
    }

    /// 401 that says what is wrong with the token (RFC 6750 §3.1).
    fileprivate static func invalidToken(_ detail: String, type: String) -> Problem {
        let error = "error=\"invalid_token\", error_description=\"\(detail)\""
        return Problem(
            status: 401, detail: detail, type: type,
            headers: [("WWW-Authenticate", "Bearer realm=\"dayu\", \(error)")])
    }
}
