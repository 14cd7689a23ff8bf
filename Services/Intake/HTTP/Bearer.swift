import HTTP
import Links
import Models

/// The token in the Authorization header (RFC 6750 §2.1): a gateway's key, a link's handle, or a complaint's
/// id. A proof stands there and in no address, because proxies write addresses to their logs.
enum Bearer {
    static func token(in headers: Headers) -> String? {
        // Bytes are compared. To compare characters, Swift first puts combining marks in order, and that
        // costs the square of their number.
        guard let field = headers["authorization"]?.utf8, let blank = field.firstIndex(of: 0x20),
            // The scheme's name may be written in any case (RFC 9110 §11.1).
            field[..<blank].map({ $0 | 0x20 }) == Array("bearer".utf8)
        else { return nil }
        return String(Substring(field[blank...].drop { $0 == 0x20 }))
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

    /// The complaint of `/v1/complaints/{complaint}/…`, and the gateway whose key the request has, or the
    /// official who sends it from the desk: everybody knows a tracking code, so it proves nothing.
    func named(_ request: Request) throws(Problem) -> (Sender.Proof, TrackingCode) {
        let name = request.parameters["complaint"] ?? ""
        if ComplaintID(name) != nil {
            throw Problem(
                status: 400,
                detail:
                    "a complaint's id is a secret; send it as a bearer token to /v1/actions, not in an address"
            )
        }
        guard let code = TrackingCode(name) else {
            throw Problem(status: 404, detail: "no complaint has this tracking code")
        }
        return (try deputy(request), code)
    }

    /// Who acts as an official or for one: an official from the desk, or a gateway with its key.
    func deputy(_ request: Request) throws(Problem) -> Sender.Proof {
        if let person = try official(of: request) { return .desk(person) }
        guard let gateway = try key(of: request) else {
            throw Problem(challenge: "to act for an official, a gateway's key or the desk is needed")
        }
        return .key(gateway)
    }

    // MARK: The officials' desk

    static func isOfDesk(_ request: Request) -> Bool {
        Bearer.token(in: request.headers)?.utf8.starts(with: DeskProof.prefix.utf8) ?? false
    }

    /// Who acts from the desk; nil if the request has no pass of the desk. A pass is never written to a log,
    /// a metric or a trace.
    func official(of request: Request) throws(Problem) -> Actor? {
        guard Self.isOfDesk(request), let token = Bearer.token(in: request.headers) else { return nil }
        if registry.isEmpty { throw Problem(turnedAway: .notYet("the registry has not been published yet")) }
        guard let key = reception.links?.key, let pass = DeskProof(token, .pass, key) else {
            throw .noLink(.notValid)
        }
        do throws(LinkRefusal) {
            try pass.check(try deskLink(pass.link), registry, at: now)
            return pass.person
        } catch {
            throw .noLink(error)
        }
    }

    /// The proof of an office: its gateway's key, or the pass of its desk.
    ///
    /// - Parameter purpose: what needs it, for the refusal: `a review`.
    func office(of request: Request, for purpose: String) throws(Problem) -> Sender.Proof {
        if let person = try official(of: request) { return .desk(person) }
        guard let gateway = try key(of: request) else {
            throw Problem(
                turnedAway: .unproved(
                    "\(purpose) needs the desk of the office, or the key of a gateway that acts as the office"
                ))
        }
        return .key(gateway)
    }

    // MARK: The citizen's id and links

    /// Who acts with a proof that also names the complaint: the holder of a link, or the citizen with the
    /// complaint's id. Neither is ever written to a log, a metric or a trace.
    func held(_ request: Request) throws(Problem) -> (Sender.Proof, TrackingCode) {
        guard let token = Bearer.token(in: request.headers) else {
            throw Problem(challenge: "a link or the complaint's id is needed as a bearer token")
        }
        guard let id = ComplaintID(token) else {
            let link = try link(of: request)
            return (.link(link), link.complaint)
        }
        // The erasure revoked the citizen's links. The id lets the same person act, so it ends with them.
        if isErased(id.code) {
            throw .invalidToken(
                "who complained was erased, and the complaint's id ended with that",
                type: "urn:dayu:complaint-erased")
        }
        // The operator revokes a citizen's links if somebody else has them. The id gives the same rights, and
        // nobody knows who has it, so it ends with them.
        do throws(LinkRefusal) {
            guard try isTakenBack(id.code) else { return (.identity(id), id.code) }
        } catch {
            throw .noLink(error)
        }
        throw .invalidToken(
            "the complaint's id was taken back together with the citizen's links",
            type: "urn:dayu:complaint-id-revoked")
    }

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
