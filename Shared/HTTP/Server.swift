/// An HTTP server on its own threads, from `init` until `drain`.
///
/// TLS is the reverse proxy's; HTTP/1.1 with keep-alive is ours.
public final class Server: Sendable {
    private let engine: Engine

    /// Listens when it returns.
    public init(_ settings: ServerSettings, _ router: Router) throws(ServerError) {
        engine = try Engine(settings, router)
    }

    deinit {
        engine.drain(within: .zero)
    }

    /// The port listened on, also when the settings left the choice to the system.
    public var port: UInt16 { engine.port }

    /// How long a thread has worked on one request, the longest of all; nil where none is at work. A request
    /// that waits for its promise is not worked on.
    public var longestWork: Duration? { engine.longestWork }

    /// Takes no more connections, lets the requests in flight be answered until the deadline, answers those
    /// still suspended 503, and stops. Returns how many were not answered by their route; 0 when drained
    /// before.
    ///
    /// A route that blocks for ever would hold this back for ever: it is left behind with its thread instead.
    @discardableResult public func drain(within deadline: Duration) -> Int {
        engine.drain(within: deadline)
    }
}
