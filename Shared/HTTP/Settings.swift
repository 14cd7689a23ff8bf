//// What a server had no room for.
public enum NoRoom: String, CaseIterable, Sendable {
    /// One more connection of a client, which was closed.
    case connection
    /// The body of a request: its client holds too much, and gets 429.
    case body
    /// The body of a request: all clients together hold too much, and this one gets 503.
    case bodies
}

// Where a server listens and how much it accepts; every limit has a name here.
public struct ServerSettings: Sendable {
    /// A numeric IPv4 or IPv6 address; `::` listens on both families.
    public var address = "127.0.0.1"
    /// 0 takes any free port; `Server.port` tells which.
    public var port: UInt16 = 0
    /// Threads that poll and run routes; a route that blocks holds one of them.
    public var threads = 2

    /// Open connections at once, split evenly among the threads. Further ones wait in the system's backlog.
    public var connections = 4_096
    /// Open connections of one client; a further one is closed at once. Nil: no limit.
    public var connectionsPerClient: Int?
    /// Who one client is, where a limit is one client's.
    public var clients = Clients()
    /// Connections the system completes for us before we accept them.
    public var backlog: Int32 = 1_024
    /// A connection on which nothing moves for this long is closed. A suspended one waits for its answer.
    public var idleTimeoutSeconds = 30
    /// Time for the whole head, from the beginning of the connection or the end of the last answer.
    public var headSeconds = 30
    /// Time for the whole body.
    public var bodySeconds = 120
    /// Time for the client to read the whole answer.
    public var answerSeconds = 300

    /// Request line and headers together; more is answered 431.
    public var headerBytes = 8_192
    /// Path and query; more is answered 414.
    public var targetBytes = 4_096
    /// The limit of the body if the route sets none; more is answered 413.
    public var defaultBodyBytes = 65_536
    /// How much memory all bodies together may hold; a body beyond that is answered 503.
    public var bodyBytesInFlight = 67_108_864
    /// How much of that the bodies of one client may hold; a body beyond that is answered 429, unless it is
    /// the client's only one. Nil: no limit.
    public var bodyBytesPerClient: Int?
    /// How much of a refused body is read and thrown away, so that a client which writes before it reads
    /// still gets its answer. For a longer body the connection is closed.
    public var discardedBytes = 16_777_216

    /// The origins whose pages may call us from a browser, with blanks between them (`*`: any). Nil: none,
    /// which is the browser's default.
    public var allowedOrigin: String?

    /// Asked before the body is read, with a request without body, for every request, also for unknown paths.
    /// It is not asked if the route has an admission of its own. If it returns a response, that is the
    /// answer.
    public var admission: (@Sendable (Request) -> Response?)?

    /// Asked before everything else, for every request. If it returns a response, that is the answer.
    public var obstruction: (@Sendable () -> Response?)?

    /// Called for every client that was turned away because of the limits above, on the thread that noticed;
    /// it must return at once.
    public var noRoom: (@Sendable (NoRoom) -> Void)?

    /// Called after every answer, on the thread that sent it; it must return at once.
    public var access: (@Sendable (Access) -> Void)?

    public init() {}
}

/// Whose share a connection or a body uses.
public struct Clients: Sendable {
    /// The client who connects from an address; nil for one who stands for many, such as a reverse proxy.
    public var connecting: @Sendable (_ address: String) -> String?
    /// The client who sends a request; nil if it can't be told from others.
    public var sending: @Sendable (Request) -> String?

    /// By preset each address is a client.
    public init(
        connecting: @escaping @Sendable (_ address: String) -> String? = { $0 },
        sending: @escaping @Sendable (Request) -> String? = { $0.peerAddress }
    ) {
        self.connecting = connecting
        self.sending = sending
    }
}

/// One answered request, for metrics and logs. It names the pattern and not the path, so there are few values
/// and no personal data.
public struct Access: Sendable {
    /// As the client wrote it; nil when the request line was not understood.
    public let method: Method?
    /// The pattern of the route that the path names, such as `/v1/complaints/{id}`, also if the request was
    /// refused; nil when there was none.
    public let route: String?
    public let status: Int
    public let duration: Duration
    /// Bytes of the body as sent, without headers.
    public let bytes: Int
}
