import Dispatch
import Glibc
import Synchronization

/// The daemon of libmicrohttpd and what its threads need; the threads borrow the engine until the daemon has
/// stopped.
final class Engine: Sendable {
    enum Limit {
        /// Time for the answers that are given at a drain's deadline to reach their clients.
        static let farewell = Duration.seconds(1)
    }

    let settings: ServerSettings
    let router: Router
    let port: UInt16
    private let flight = Flight()
    private let connections: Connections
    private let budget: BodyBudget
    private let lingering: Lingering
    private let watch = DispatchQueue(label: "http connections")
    private let isDraining = Atomic(false)
    private let daemon: Mutex<Daemon?>

    init(_ settings: ServerSettings, _ router: Router) throws(ServerError) {
        self.settings = settings
        self.router = router
        connections = Connections(settings)
        budget = BodyBudget(settings.bodyBytesInFlight, share: settings.bodyBytesPerClient)
        lingering = Lingering(settings)
        let socket = try ListeningSocket(
            address: settings.address, port: settings.port, backlog: settings.backlog)
        port = socket.port
        daemon = Mutex(nil)
        try start(on: socket)
        look(after: connections)
    }

    /// Repeats itself as long as the server exists.
    private func look(after connections: Connections) {
        watch.asyncAfter(deadline: .after(Connections.Limit.period)) { [weak self] in
            guard let self else { return }
            connections.look(at: .now)
            look(after: connections)
        }
    }

    var longestWork: Duration? { connections.longestWork(at: .now) }

    private func start(on socket: consuming ListeningSocket) throws(ServerError) {
        var started: Daemon? = try Daemon(socket, settings, serving: self)
        daemon.withLock { $0 = started.take() }
    }

    // MARK: Called by libmicrohttpd, on its threads

    /// While draining, we close new connections. We can't take the listening socket away instead
    /// (MHD_quiesce_daemon): that races with the pool's threads doing the same, and the loser aborts the
    /// process (0.9.75, daemon.c).
    func accepts(_ address: String) -> Bool {
        guard !isDraining.load(ordering: .relaxed) else { return false }
        let hasRoom = connections.hasRoom(for: address)
        if !hasRoom { settings.noRoom?(.connection) }
        return hasRoom
    }

    func opened(_ connection: borrowing Connection) {
        connections.open(connection.socket, from: connection.peerAddress, at: .now)
    }

    func closed(_ connection: borrowing Connection) {
        connections.close(connection.socket)
        lingering.closed(connection.socket)
    }

    func begin(_ raw: UnsafePointer<CChar>) -> Exchange {
        flight.begin()
        let bytes = unsafe UnsafeRawBufferPointer(start: raw, count: strlen(raw))
        let target = unsafe RawTarget(bytes)
        guard bytes.count <= settings.targetBytes else { return Exchange(nil, target) }
        do throws(Target.Malformed) {
            return Exchange(.success(try unsafe Target(parsing: bytes)), target)
        } catch {
            return Exchange(.failure(error), target)
        }
    }

    /// Called once for the head, once for each piece of the body, once at the end, and once more after a
    /// suspension. False closes the connection.
    func proceed(
        _ exchange: Exchange, _ connection: borrowing Connection, _ line: RequestLine,
        upload: UnsafeRawBufferPointer?
    ) -> Bool {
        switch exchange.stage {
        case .head:
            exchange.stage = .body
            connections.enter(.work, connection.socket)
            exchange.examine(connection, line, settings, router)
            connections.enter(.body, connection.socket)
            guard let refusal = exchange.refusal, isAtOnce(exchange, connection) else { return true }
            exchange.isLast = true
            return send(refusal, exchange, connection)
        case .body:
            if let upload = unsafe upload { return unsafe exchange.receive(upload, settings, budget) }
            return answer(exchange, connection)
        case .waiting:
            switch exchange.pending?.take() {
            case .response(let response): return send(response, exchange, connection)
            case .hungUp: return false
            case nil: return true
            }
        case .answered:
            return true
        }
    }

    /// Whether to send a refusal before the body has arrived, which costs the connection.
    private func isAtOnce(_ exchange: Exchange, _ connection: borrowing Connection) -> Bool {
        guard exchange.hasBody || exchange.isLast else { return false }
        return lingering.keep(connection.socket) || exchange.isBodyUnwelcome(settings)
    }

    func end(_ exchange: Exchange, _ connection: borrowing Connection) {
        exchange.pending?.end()
        exchange.stream?.close()
        flight.end(exchange.pending)
        exchange.give(back: budget)
        connections.enter(.head, connection.socket)
        guard let access = settings.access,
            let status = exchange.sent?.status ?? connection.ownStatus
        else { return }
        access(
            Access(
                method: exchange.method, route: exchange.pattern, status: status,
                duration: exchange.started.duration(to: .now), bytes: exchange.sent?.bytes ?? 0))
    }

    // MARK: Answering

    private func answer(_ exchange: Exchange, _ connection: borrowing Connection) -> Bool {
        if let refusal = exchange.refusal { return send(refusal, exchange, connection) }
        guard let route = exchange.route, let request = exchange.takeRequest(from: connection.peerAddress)
        else { preconditionFailure("a request that is not refused has a route and a target") }
        guard flight.enter() else { return send(closed, exchange, connection) }
        defer { flight.leave() }
        connections.enter(.work, connection.socket)
        switch route.run(request) {
        case .now(let response):
            return send(response, exchange, connection)
        case .later(let start):
            let pending = Pending()
            exchange.pending = pending
            guard flight.wait(for: pending) else { return send(closed, exchange, connection) }
            start(Promise(pending))
            exchange.stage = .waiting
            guard let response = unsafe pending.suspend(SuspendedConnection(connection.raw)) else {
                connections.enter(.waiting(pending), connection.socket)
                return true
            }
            return send(response, exchange, connection)
        }
    }

    private func send(
        _ response: Response, _ exchange: Exchange, _ connection: borrowing Connection
    ) -> Bool {
        exchange.stage = .answered
        connections.enter(.answer, connection.socket)
        if case .stream(let stream) = response.body { begin(stream, exchange, connection) }
        let closing = exchange.isLast || isDraining.load(ordering: .relaxed)
        exchange.sent = Reply(response, to: exchange, settings, closing: closing).queue(on: connection)
        if exchange.sent == nil {
            let failure = Problem(status: 500, detail: "The answer could not be sent.").response
            exchange.sent = Reply(failure, to: exchange, settings, closing: closing).queue(on: connection)
        }
        return exchange.sent != nil
    }

    /// A stream that begins after the drain has asked all streams to end, ends by itself.
    private func begin(_ stream: BodyStream, _ exchange: Exchange, _ connection: borrowing Connection) {
        exchange.stream = stream
        stream.begin(on: unsafe SuspendedConnection(connection.raw))
        connections.enter(.stream(stream), connection.socket)
        if isDraining.load(ordering: .sequentiallyConsistent) { stream.end() }
    }

    private var closed: Response {
        var response = Problem(status: 503, detail: "The server is stopping.").response
        response.headers["Retry-After"] = "1"
        return response
    }

    // MARK: Stopping

    @discardableResult func drain(within patience: Duration) -> Int {
        guard flight.startDraining() else { return 0 }
        isDraining.store(true, ordering: .sequentiallyConsistent)
        connections.endStreams()
        let (unanswered, waiting) = flight.close(whenEmptyOrAt: .after(patience))
        // It is an API violation to stop a daemon with suspended connections (microhttpd.h): so resume them
        // all.
        for pending in waiting { pending.cutShort(closed) }
        let farewell = DispatchTime.after(Limit.farewell)
        flight.waitUntilEmpty(farewell)
        lingering.end()
        guard flight.waitUntilIdle(farewell) else {
            // While a route blocks, the daemon's threads can't be joined. So we leave them the engine that
            // they use.
            _ = unsafe Unmanaged.passRetained(self)
            return unanswered
        }
        daemon.withLock { daemon in
            daemon.take()?.stop()
        }
        return unanswered
    }
}
