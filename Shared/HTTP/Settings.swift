/// Where a server listens and what it bears; every limit has a name here.
public struct ServerSettings: Sendable {
    /// A numeric IPv4 or IPv6 address; `::` takes both families.
    public var address = "127.0.0.1"
    /// 0 takes any free port; `Server.port` tells which.
    public var port: UInt16 = 0
    /// Threads that poll and run routes; a route that blocks holds one of them.
    public var threads = 2

    /// Open connections at once; the ones beyond wait in the system's backlog. Split evenly among the
    /// threads.
    public var connections = 4_096
    /// Open connections from one address; one beyond is closed at once. Nil: no limit.
    public var connectionsPerAddress: Int?
    /// Whether an address is a reverse proxy's, which stands for many clients.
    public var isProxy: @Sendable (_ address: String) -> Bool = { _ in false }
    /// Connections the system completes for us before we accept them.
    public var backlog: Int32 = 1_024
    /// A connection on which nothing moves for so long is closed; a suspended one waits for its answer.
    public var idleTimeoutSeconds = 30
    /// For the whole of a head, from the connection's beginning or the end of the answer before.
    public var headSeconds = 30
    /// For the whole of a body.
    public var bodySeconds = 120
    /// For the client to read the whole of an answer.
    public var answerSeconds = 300

    /// Request line and headers together; more is 431.
    public var headerBytes = 8_192
    /// Path and query; more is 414.
    public var targetBytes = 4_096
    /// The body where the route says nothing; more is 413.
    public var defaultBodyBytes = 65_536
    /// What all bodies together may hold of the memory; a body beyond that is 503.
    public var bodyBytesInFlight = 67_108_864
    /// What is read and thrown away of a refused body, so that a client which writes before it reads still
    /// gets its answer; beyond that the connection is closed.
    public var discardedBytes = 16_777_216

    /// The origin whose pages may call us from a browser (`*`: any); nil leaves it to the browser's default,
    /// no.
    public var allowedOrigin: String?

    /// Asked before the body is read, with a request that has none, for whatever the client asks, also where
    /// no route answers. It is not asked where a route has an admission of its own. What it returns is the
    /// answer.
    public var admission: (@Sendable (Request) -> Response?)?

    /// Called after every answer, on the thread that sent it; it must return at once.
    public var access: (@Sendable (Access) -> Void)?

    public init() {}
}

/// One answered request, for metrics and logs. It names the pattern, not the path: few values, nothing
/// personal.
public struct Access: Sendable {
    /// As the client wrote it; nil when the request line was not understood.
    public let method: Method?
    /// The route's pattern, such as `/v1/complaints/{id}`; nil when there was none.
    public let route: String?
    public let status: Int
    public let duration: Duration
    /// Bytes of the body as sent, without headers.
    public let bytes: Int
}
