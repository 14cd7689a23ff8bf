import HTTP
import Host
import Links
import Models
import Processing
import Synchronization
import Text

/// The questions of officials at their desk. Every answer is for one person, so no cache keeps any.
final class DeskAPI: Sendable {
    private let readers: Readers
    private let gate: DeskGate
    /// Tells open pages what has come.
    let news: DeskNews
    /// Of numbers without a country code.
    private let country: CallingCode
    private let now: @Sendable () -> Instant
    /// Puts records on the log, and says afterwards whether they are safe.
    private let write: @Sendable ([Outgoing], @escaping @Sendable (Bool) -> Void) -> Void
    private let onFailure: @Sendable (any Error) -> Void

    private enum Limit {
        static let page = 50
        static let complaints = 200
        /// Rows of a table that are made at once.
        static let rows = 200
        static let bodyBytes = 1024
    }

    init(
        _ readers: Readers, _ gate: DeskGate, country: CallingCode, now: @escaping @Sendable () -> Instant,
        write: @escaping @Sendable ([Outgoing], @escaping @Sendable (Bool) -> Void) -> Void,
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }
    ) {
        self.readers = readers
        self.gate = gate
        news = DeskNews(readers, gate, now: now, onFailure: onFailure)
        self.country = country
        self.now = now
        self.write = write
        self.onFailure = onFailure
    }

    /// What becomes of a request.
    enum Outcome {
        case now(Response)
        /// The answer may be given only when the records are safe.
        case afterWriting([Outgoing], Response, else: Response)
    }

    struct Route: Sendable {
        let method: HTTP.Method
        let pattern: String
        let outcome: @Sendable (Request) -> Outcome
    }

    var routes: [Route] {
        [
            Route(method: .post, pattern: "/api/desk/session") { .now(self.open($0)) },
            Route(method: .post, pattern: "/api/desk/leave") { _ in .now(self.leave()) },
            Route(method: .post, pattern: "/api/desk/pass") { .now(self.pass($0)) },
            json("/api/desk/me") { try $0.me() },
            json("/api/desk/complaints") { try $0.list(most: Limit.complaints, preset: Limit.page) },
            Route(method: .get, pattern: "/api/desk/complaints.csv") { .now(self.table($0)) },
            json("/api/desk/complaints/{code}") { try $0.complaint() },
            Route(method: .post, pattern: "/api/desk/complaints/{code}/contact") { self.contact($0) },
            Route(method: .post, pattern: "/api/desk/complaints/{code}/opened") { self.opened($0) },
            json("/api/desk/figures") { try $0.figures() },
            Route(method: .get, pattern: "/api/desk/figures.csv") { request in
                .now(self.answer(request, type: "text/csv; charset=utf-8") { try $0.figureTable() })
            },
            Route(method: .get, pattern: "/api/desk/news") { .now(self.news.listen($0)) },
            Route(method: .post, pattern: "/api/desk/find") { self.find($0) },
        ]
    }

    func register(in router: inout Router) {
        for route in routes {
            router.on(route.method, route.pattern, limit: Limit.bodyBytes) { [write] request in
                switch route.outcome(request) {
                case .now(let response): .now(response)
                case .afterWriting(let records, let answer, let failure):
                    .later { promise in
                        write(records) { isSafe in promise.answer(isSafe ? answer : failure) }
                    }
                }
            }
        }
    }

    private func json<Answer: JSONWritable & SendableMetatype>(
        _ pattern: String, answer: @escaping @Sendable (DeskAsked) throws -> Answer
    ) -> Route {
        Route(method: .get, pattern: pattern) { request in
            .now(
                self.answer(request, type: "application/json; charset=utf-8") { JSON.encode(try answer($0)) })
        }
    }

    /// The whole list as a table, however long it is. Which complaints it holds is decided at once; their
    /// rows are made while its reader takes them, so it needs little memory and keeps no snapshot open. If
    /// the session ends meanwhile, the table breaks off, and the browser says so.
    private func table(_ request: Request) -> Response {
        do {
            let rest = Mutex(try ask(request) { try $0.places() }[...])
            let head = Mutex<[UInt8]?>(Spreadsheet.csv([DeskRows.head]))
            let stream = BodyStream {
                if let first = head.withLock({ $0.take() }) { return first }
                let page = rest.withLock { rest in
                    defer { rest = rest.dropFirst(Limit.rows) }
                    return Array(rest.prefix(Limit.rows))
                }
                guard !page.isEmpty else { return nil }
                return Spreadsheet.lines(try self.ask(request) { try $0.rows(page) })
            }
            return Self.private(
                Response(
                    status: 200, headers: [("Content-Type", "text/csv; charset=utf-8")],
                    body: .stream(stream)))
        } catch let problem as Problem {
            return Self.private(problem.response)
        } catch {
            onFailure(error)
            return Self.private(Self.unreadable.response)
        }
    }

    private func answer(
        _ request: Request, type: String, _ make: @Sendable (DeskAsked) throws -> [UInt8]
    ) -> Response {
        do {
            let bytes = try ask(request, make)
            return Self.private(Response(status: 200, headers: [("Content-Type", type)], body: bytes))
        } catch let problem as Problem {
            return Self.private(problem.response)
        } catch {
            onFailure(error)
            return Self.private(Self.unreadable.response)
        }
    }

    private func ask<Result: Sendable>(
        _ request: Request, _ body: @Sendable (DeskAsked) throws -> Result
    ) throws -> Result {
        let session = try gate.session(of: request)
        let now = now()
        return try readers.read { reader, _, gazetteer in
            try body(
                DeskAsked(
                    request: request, reader: reader, gazetteer: gazetteer, session: session,
                    person: DeskPerson(actor: session.person, registry: gazetteer.registry, now: now)))
        }
    }

    private static let unreadable = Problem(
        status: 503, detail: "The desk can't be read now.", headers: [("Retry-After", "5")])

    private static func `private`(_ response: Response) -> Response {
        var response = response
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    }

    // MARK: Sessions

    /// The handle comes as a bearer token: an address would stand in the log of every proxy on its way.
    private func open(_ request: Request) -> Response {
        do throws(Problem) {
            let field = request.headers["Authorization"] ?? ""
            guard field.utf8.starts(with: "Bearer ".utf8), let handle = LinkHandle(field.dropFirst(7)) else {
                throw Problem(
                    status: 401, detail: "the link is not valid", type: "urn:dayu:link-not-valid",
                    headers: [("WWW-Authenticate", "Bearer realm=\"dayu desk\"")])
            }
            var response = Response.empty
            response.headers.add("Set-Cookie", gate.setCookie(try gate.session(openedBy: handle)))
            return Self.private(response)
        } catch {
            return Self.private(error.response)
        }
    }

    private func leave() -> Response {
        var response = Response.empty
        response.headers.add("Set-Cookie", gate.clearCookie)
        return Self.private(response)
    }

    private func pass(_ request: Request) -> Response {
        do throws(Problem) {
            let pass = gate.pass(for: try gate.session(of: request))
            return Self.private(
                .json(
                    JSON.fields { json in
                        json.object { json in
                            json.field("pass", pass.text)
                            json.field("expiresAt", pass.expiresAt)
                        }
                    }))
        } catch {
            return Self.private(error.response)
        }
    }

    // MARK: Contacts

    /// A contact is shown only after it is on the log who looked at it.
    private func contact(_ request: Request) -> Outcome {
        viewing(request) { asked in
            let (contact, view) = try asked.contact()
            return (JSON.encode(ContactAnswer(contact: contact)), [view])
        }
    }

    /// Seen once, it is not new any more, whichever device and whichever replica he asks next.
    private func opened(_ request: Request) -> Outcome {
        do {
            guard let opened = try ask(request, { try $0.opened() }) else {
                return .now(Self.private(.empty))
            }
            let record = record(
                ComplaintOpened.type, of: opened.complaint, by: opened.by, at: now(), JSON.encode(opened))
            return .afterWriting([record], Self.private(.empty), else: Self.private(Self.unwritten.response))
        } catch let problem as Problem {
            return .now(Self.private(problem.response))
        } catch {
            onFailure(error)
            return .now(Self.private(Self.unreadable.response))
        }
    }

    private static let unwritten = Problem(
        status: 503, detail: "It can't be written down now; try again.", headers: [("Retry-After", "5")])

    private func record(
        _ type: EventType, of complaint: TrackingCode, by: Actor, at now: Instant, _ data: [UInt8]
    ) -> Outgoing {
        Outgoing(
            .access, key: by.accessKey, id: "\(by.accessKey)/\(complaint.compact)/\(type.name)/\(now)",
            source: "dayu-desk", type: type, subject: complaint.compact, trail: Trail(at: now), data: data)
    }

    /// The number comes in the body: an address would stand in logs.
    private func find(_ request: Request) -> Outcome {
        let phone = (try? JSONValue(request.body)).flatMap { body -> String? in
            guard case .object(let fields) = body, case .text(let phone)? = fields["phone"] else {
                return nil
            }
            return phone
        }
        guard let number = phone.flatMap({ try? CallableNumber($0, country: country) }) else {
            return .now(Self.private(Problem(status: 422, detail: "phone is not a phone number").response))
        }
        return viewing(request) { asked in
            let (list, views) = try asked.find(number)
            return (JSON.encode(list), views)
        }
    }

    private func viewing(
        _ request: Request, _ look: @Sendable (DeskAsked) throws -> (body: [UInt8], views: [ContactViewed])
    ) -> Outcome {
        let found: (body: [UInt8], views: [ContactViewed])
        do {
            found = try ask(request, look)
        } catch let problem as Problem {
            return .now(Self.private(problem.response))
        } catch {
            onFailure(error)
            return .now(Self.private(Self.unreadable.response))
        }
        let answer = Self.private(.json(found.body))
        guard !found.views.isEmpty else { return .now(answer) }
        let now = now()
        let records = found.views.map { view in
            record(ContactViewed.type, of: view.complaint, by: view.by, at: now, JSON.encode(view))
        }
        let failure = Problem(
            status: 503, detail: "It can't be written down now who looks at the contact; try again.",
            headers: [("Retry-After", "5")])
        return .afterWriting(records, answer, else: Self.private(failure.response))
    }
}

private struct ContactAnswer: JSONWritable {
    let contact: Contact

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("name", orNull: contact.name)
            json.field("phone", orNull: contact.phone?.plain)
        }
    }
}
