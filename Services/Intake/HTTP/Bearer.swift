import HTTP
import Links
import Models

/// The token of a bearer (RFC 6750 §2.1): a link's, or the officers' own.
enum Bearer {
    static func token(in headers: Headers) -> String? {
        guard let field = headers["authorization"], let blank = field.firstIndex(of: " "),
            // The name of a scheme is the same in any case (RFC 9110 §11.1).
            field[..<blank].lowercased() == "bearer"
        else { return nil }
        return String(field[blank...].drop { $0 == " " })
    }
}

extension Intake {
    /// What the link in the request's hand allows. No log, metric or trace is told of it.
    func link(of request: Request) throws(Problem) -> ActionLink {
        guard let token = Bearer.token(in: request.headers) else {
            throw .noLink("a link's token is needed as a bearer token", nil)
        }
        guard let links else { throw .noLink("links are not used here", .notValid) }
        do throws(LinkRefusal) {
            return try links.keys.link(of: token, at: now)
        } catch {
            throw .noLink(error == .expired ? "the link has expired" : "the link is not valid", error)
        }
    }

    /// What a link is, for the page that its holder opened.
    func heldLink(_ request: Request) throws(Problem) -> Plan {
        let link = try link(of: request)
        let body = HeldLink(
            trackingCode: TrackingCode(link.complaint).description, role: link.actor.role, id: link.actor.id,
            expiresAt: link.expiresAt)
        var answer = Response.json(JSON.encode(body))
        // It is the answer to one person, and no cache's (RFC 9111 §5.2.2.5).
        answer.headers.add("Cache-Control", "no-store")
        return Plan(stages: [], answer: answer)
    }

    private struct HeldLink: Encodable {
        let trackingCode: String
        let role: Role
        let id: String?
        let expiresAt: Instant
    }
}

extension Problem {
    /// 401 with its challenge (RFC 6750 §3): an error code only where a token was given (§3.1). The problem's
    /// type tells programs apart what the detail tells people.
    fileprivate static func noLink(_ detail: String, _ refusal: LinkRefusal?) -> Problem {
        let type =
            switch refusal {
            case .expired: "urn:dayu:link-expired"
            case .notValid: "urn:dayu:link-not-valid"
            case nil: "about:blank"
            }
        let error = refusal == nil ? "" : ", error=\"invalid_token\", error_description=\"\(detail)\""
        return Problem(
            status: 401, detail: detail, type: type,
            headers: [("WWW-Authenticate", "Bearer realm=\"dayu\"\(error)")])
    }
}
