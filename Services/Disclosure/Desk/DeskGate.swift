import HTTP
import Links
import Models
import Processing

/// Asks everybody for a session of the desk, before anything else is done with a request.
///
/// A desk link opens a session by a POST, which no program that shows a preview sends. The session is a
/// cookie that no script can read and that browsers send only from our own pages (`SameSite=Strict`). With a
/// POST a header is asked for besides. A page of another site can't send it without our leave (WHATWG Fetch,
/// preflight), and we give none.
struct DeskGate: Sendable {
    static let cookie = "dayu-desk"
    /// The browser takes this name from a secure origin only (RFC 6265bis §4.1.3.2).
    static let secureCookie = "__Host-dayu-desk"
    static let header = "Dayu-Desk"
    /// The same in an address, for what a page can't ask with a header: the news, and tables.
    static let parameter = "for"

    private let key: LinkKey
    private let readers: Readers
    private let isSecure: Bool
    let now: @Sendable () -> Instant

    init(_ key: LinkKey, _ readers: Readers, isSecure: Bool, now: @escaping @Sendable () -> Instant) {
        self.key = key
        self.readers = readers
        self.isSecure = isSecure
        self.now = now
    }

    /// The pages and their files hold nothing, and a link is opened with them. Everything else needs a
    /// session, also what is added later.
    private static let open: Set<String> = [
        "", "rivers", "reaches", "complaints", "c", "act", "report", "ranking", "review", "news", "about",
        "desk", "trends", "bulletins", "enterprises", "site",
    ]

    /// Nil for whoever may pass.
    func refusal(of request: Request) -> Response? {
        let first = request.segments.first ?? ""
        let isRead = request.method == .get || request.method == .head
        if isRead, Self.open.contains(first) { return nil }
        if request.method == .post {
            guard request.headers[Self.header] != nil else {
                return Problem(status: 403, detail: "a POST to the desk needs the header \(Self.header)")
                    .response
            }
            if request.segments == ["api", "desk", "session"] { return nil }
        }
        do {
            let session = try session(of: request)
            return isMeant(request, session) ? nil : Self.another.response
        } catch {
            return error.response
        }
    }

    /// A browser has one session, and it is of whoever opened a link last. A page that was drawn for somebody
    /// else names him, so that nothing is done in the name of another, and nobody reads what is another's.
    /// A program may say `1`.
    private func isMeant(_ request: Request, _ session: DeskProof) -> Bool {
        let inAddress = request.segments.starts(with: ["api", "desk"]) ? request.query[Self.parameter] : nil
        guard let named = request.headers[Self.header] ?? inAddress, named != "1",
            request.segments != ["api", "desk", "leave"]
        else { return true }
        return named == session.person.deskPerson
    }

    private static let another = Problem(
        status: 409, detail: "Somebody else has signed in in this browser.", type: "urn:dayu:another-person")

    /// Whose session it is, and how long it lasts.
    func session(of request: Request) throws(Problem) -> DeskProof {
        let texts = request.headers.all("Cookie").flatMap { $0.split(separator: ";") }
            .compactMap { part -> String? in
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                let name = isSecure ? Self.secureCookie : Self.cookie
                guard pair.count == 2, pair[0].filter({ $0 != " " }) == name else { return nil }
                return pair[1]
            }
        guard let proof = texts.lazy.compactMap({ DeskProof($0, .session, key) }).first else {
            throw Self.unproved("the desk needs a link: ask for one, or open the one that you have")
        }
        let link = try link(proof.link)
        try check(proof, link)
        return proof
    }

    /// A new session for whoever has a link.
    func session(openedBy handle: LinkHandle) throws(Problem) -> DeskProof {
        let name = DeskProof.name(of: handle)
        let link = try link(name)
        let end = min(link.expiresAt, now() + DeskProof.sessionFor)
        let proof = DeskProof(person: link.desk, link: name, expiresAt: end)
        try check(proof, link)
        return proof
    }

    func setCookie(_ proof: DeskProof) -> String {
        let seconds = max(0, (proof.expiresAt - now()).components.seconds)
        return cookie(proof.text(.session, key), seconds)
    }

    var clearCookie: String { cookie("", 0) }

    private func cookie(_ value: String, _ seconds: Int64) -> String {
        "\(isSecure ? Self.secureCookie : Self.cookie)=\(value); Path=/; Max-Age=\(seconds); HttpOnly; "
            + "SameSite=Strict\(isSecure ? "; Secure" : "")"
    }

    /// A token with which the page acts at Intake, for a few minutes.
    func pass(for session: DeskProof) -> (text: String, expiresAt: Instant) {
        let end = min(session.expiresAt, now() + DeskProof.passFor)
        let pass = DeskProof(person: session.person, link: session.link, expiresAt: end)
        return (pass.text(.pass, key), pass.expiresAt)
    }

    private func link(_ name: [UInt8]) throws(Problem) -> DeskLink {
        let found: DeskLink?
        do { found = try readers.read { reader, _, _ in try reader.deskLink(name) } } catch {
            throw Problem(
                status: 503, detail: "The desk can't be read now.", headers: [("Retry-After", "5")])
        }
        guard let found else {
            throw Self.unproved("the link is not valid", type: "urn:dayu:link-not-valid")
        }
        return found
    }

    private func check(_ proof: DeskProof, _ link: DeskLink) throws(Problem) {
        let registry: Registry
        do { registry = try readers.read { _, _, gazetteer in gazetteer.registry } } catch {
            throw Problem(
                status: 503, detail: "The desk can't be read now.", headers: [("Retry-After", "5")])
        }
        do throws(LinkRefusal) {
            try proof.check(link, registry, at: now())
        } catch {
            throw error == .expired
                ? Self.unproved("the link has expired", type: "urn:dayu:link-expired")
                : Self.unproved("the link was taken back", type: "urn:dayu:link-revoked")
        }
    }

    private static func unproved(_ detail: String, type: String = "urn:dayu:no-session") -> Problem {
        Problem(
            status: 401, detail: detail, type: type,
            headers: [("WWW-Authenticate", "Bearer realm=\"dayu desk\""), ("Cache-Control", "no-store")])
    }
}
