import CMicroHTTPD

/// One request, from its first line to the last byte of its answer. Only its polling thread uses it.
///
///     head ──► body ──► waiting ──► answered
///                └──────────────────▲
///
/// A fault in a head is answered at once. If a body follows, it is not read: libmicrohttpd closes the
/// connection after such an answer, and the client gets time to read it (`Lingering`). This works only for
/// POST and PUT: for every other method libmicrohttpd reads the body before it sends an answer.
final class Exchange {
    enum Stage { case head, body, waiting, answered }

    var stage = Stage.head
    let started = ContinuousClock.now
    let target: Result<Target, Target.Malformed>?
    private let rawTarget: RawTarget

    var method: Method?
    var headers = Headers()
    var route: Route?
    /// The pattern of the path, also if the request is refused because of its target, its head or its method.
    private(set) var pattern: String?
    var parameters: [String: String] = [:]
    /// The answer that is sent instead of running a route.
    var refusal: Response?
    /// Whether the connection must be closed after the answer.
    var isLast = false
    var pending: Pending?
    /// The body that is being written, where the answer has one.
    var stream: BodyStream?
    var sent: (status: Int, bytes: Int)?

    private var bodyLimit = 0
    private var announced = 0
    private var received = 0
    private var held = 0
    private var sender: String?
    private(set) var body: [UInt8] = []

    /// `target` is nil if it was too long to be parsed.
    init(_ target: Result<Target, Target.Malformed>?, _ raw: RawTarget) {
        self.target = target
        rawTarget = raw
    }

    /// Decides what will become of the request, from its head alone.
    func examine(
        _ connection: borrowing Connection, _ line: RequestLine, _ settings: ServerSettings, _ router: Router
    ) {
        let head = connection.head(line, rawTarget)
        headers = head.fields
        method = line.method
        if let problem = framingProblem(line, isWhole: head.isWhole) {
            // We can't be sure where the next request begins, so nothing after this one may be read.
            isLast = true
            refusal = problem.response
            return
        }
        if let obstruction = settings.obstruction?() {
            refusal = obstruction
            return
        }
        refusal = choose(connection.headBytes, settings, router)
        pattern = route?.pattern ?? patternOfPath(settings, router)
        bodyLimit = route?.limit(for: headers) ?? settings.defaultBodyBytes
        announced = headers["Content-Length"].flatMap { Int($0) } ?? 0
        if refusal == nil, announced > bodyLimit { refusal = tooLarge() }
        let request = request([], from: connection.peerAddress)
        if hasBody { sender = request.flatMap(settings.clients.sending) }
        // A request for an unknown path needs admission like any other.
        if refusal == nil || route == nil, let admission = route?.admission ?? settings.admission, let request
        {
            refusal = admission(request) ?? refusal
        }
    }

    var hasBody: Bool { announced > 0 || headers["Transfer-Encoding"] != nil }

    /// Whether the client must be answered before its body, although it may then never read the answer: the
    /// body is longer than what we would throw away, or nothing says where it ends. A client that waits for
    /// 100 has not begun to write (RFC 9110, 10.1.1).
    func isBodyUnwelcome(_ settings: ServerSettings) -> Bool {
        isLast || announced > settings.discardedBytes || headers["Expect"]?.lowercased() == "100-continue"
    }

    /// Takes one piece of the body; false if the client must be cut off.
    func receive(
        _ bytes: UnsafeRawBufferPointer, _ settings: ServerSettings, _ budget: BodyBudget
    ) -> Bool {
        received += bytes.count
        if refusal == nil, received > bodyLimit { refuse(tooLarge(), budget) }
        if refusal == nil, let reason = budget.take(bytes.count, before: held, for: sender) {
            settings.noRoom?(reason == .all ? .bodies : .body)
            refuse(Self.busy(reason), budget)
        }
        guard refusal == nil else { return received <= settings.discardedBytes }
        held += bytes.count
        unsafe body.append(contentsOf: bytes)
        return true
    }

    private func refuse(_ response: Response, _ budget: BodyBudget) {
        refusal = response
        body = []
        give(back: budget)
    }

    /// Gives back the body's bytes to the budget. They count until the request has ended, whoever holds them
    /// then.
    func give(back budget: BodyBudget) {
        budget.give(held, of: sender)
        held = 0
    }

    private static func busy(_ refusal: BodyBudget.Refusal) -> Response {
        let (status, who) =
            switch refusal {
            case .all: (503, "by all clients together")
            case .client: (429, "from this address")
            }
        return Problem(
            status: status, detail: "Too much is being sent at once \(who); try again in a moment.",
            headers: [("Retry-After", "1")]
        ).response
    }

    /// The request as its route sees it; the body is moved into it.
    func takeRequest(from peerAddress: String) -> Request? {
        defer { body = [] }
        return request(body, from: peerAddress)
    }

    private func request(_ body: [UInt8], from peerAddress: String) -> Request? {
        guard let method, case .success(let target)? = target else { return nil }
        return Request(
            method: method, segments: target.segments, query: target.query,
            queryBytes: route?.takesAnyCharset == true ? target.queryBytes : [:], headers: headers,
            body: body,
            peerAddress: peerAddress, parameters: parameters)
    }

    /// If we and a proxy disagree on where a body ends, requests can be smuggled past the proxy (RFC 9112,
    /// 6.3).
    private func framingProblem(_ line: RequestLine, isWhole: Bool) -> Problem? {
        if !isWhole {
            return Problem(
                status: 400,
                detail: "The head holds a folded line, a control character or an invalid name.")
        }
        // HTTP/1.1 requires it, nothing allows two, and what is no host is refused (RFC 9112, 3.2).
        let hosts = headers.all("Host")
        if line.isVersion11, hosts.isEmpty { return Problem(status: 400, detail: "Host is missing.") }
        if hosts.count > 1 { return Problem(status: 400, detail: "Host is given twice.") }
        if let host = hosts.first, !FieldRule.isHost(host) {
            return Problem(status: 400, detail: "Host is neither a name nor an address.")
        }
        let lengths = headers.all("Content-Length")
        let encodings = headers.all("Transfer-Encoding")
        if lengths.count > 1 { return Problem(status: 400, detail: "Content-Length is given twice.") }
        if encodings.isEmpty { return nil }
        // Programs of HTTP/1.0 do not know Transfer-Encoding and would look for the next request at another
        // place (RFC 9112, 6.1).
        if !line.isVersion11 {
            return Problem(status: 400, detail: "HTTP/1.0 has no Transfer-Encoding.")
        }
        if !lengths.isEmpty {
            return Problem(
                status: 400, detail: "A request has only one of Content-Length and Transfer-Encoding.")
        }
        if encodings.count > 1 || encodings[0].lowercased() != "chunked" {
            return Problem(status: 501, detail: "The only supported transfer coding is chunked.")
        }
        return nil
    }

    private func choose(_ headBytes: Int, _ settings: ServerSettings, _ router: Router) -> Response? {
        guard let target else {
            return Problem(status: 414, detail: "The limit is \(settings.targetBytes) bytes.").response
        }
        if headBytes > settings.headerBytes {
            return Problem(status: 431, detail: "The limit is \(settings.headerBytes) bytes.").response
        }
        guard let method else { return Problem(status: 501).response }
        switch target {
        case .failure(let malformed):
            return Problem(status: 400, detail: malformed.detail).response
        case .success(let target) where target.isAsterisk:
            return method == .options ? allowing(Method.allCases) : Problem(status: 400).response
        case .success(let target):
            let resolution = router.resolve(method, target.segments)
            guard target.queryBytes.isEmpty || resolution.takesAnyCharset else {
                return Problem(status: 400, detail: Target.Malformed(notUTF8: "query").detail).response
            }
            return choose(resolution, method)
        }
    }

    /// The path can be sound although the target is too long, or the query malformed. libmicrohttpd has put a
    /// zero byte in place of the question mark (0.9.75, connection.c, parse_initial_message_line).
    private func patternOfPath(_ settings: ServerSettings, _ router: Router) -> String? {
        let path = unsafe [UInt8](rawTarget.bytes.prefix { $0 != UInt8(ascii: "?") && $0 != 0 })
        guard let method, path.count <= settings.targetBytes, let target = try? Target(parsing: path)
        else { return nil }
        switch router.resolve(method, target.segments) {
        case .route(let route, _): return route.pattern
        case .notAllowed(_, let pattern, _): return pattern
        case .notFound: return nil
        }
    }

    private func choose(_ resolution: Router.Resolution, _ method: Method) -> Response? {
        switch resolution {
        case .route(let route, let parameters):
            (self.route, self.parameters) = (route, parameters)
            return nil
        case .notAllowed(let methods, _, _) where method == .options:
            return allowing(methods)
        case .notAllowed(let methods, _, let refusal):
            return refused(Problem(status: 405, headers: [("Allow", list(methods))]), refusal)
        case .notFound(let refusal):
            return refused(Problem(status: 404), refusal)
        }
    }

    /// No route answers, so there is nobody's address and no body.
    private func refused(_ problem: Problem, _ refusal: Router.Refusal?) -> Response {
        guard let refusal, let request = request([], from: "") else { return problem.response }
        return refusal(problem, request)
    }

    private func allowing(_ methods: [Method]) -> Response {
        Response(status: 204, headers: [("Allow", list(methods))])
    }

    private func tooLarge() -> Response {
        Problem(status: 413, detail: "The limit is \(bodyLimit) bytes.").response
    }

    private func list(_ methods: [Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}
