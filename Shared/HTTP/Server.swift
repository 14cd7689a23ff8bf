/// An HTTP server on its own threads, from `init` until `drain`.
///
/// The reverse proxy does TLS; this server speaks HTTP/1.1 with keep-alive.
public final class Server: Sendable {
    private let engine: Engine

    /// When it returns, the server listens.
    public init(_ settings: ServerSettings, _ router: Router) throws(ServerError) {
        engine = try Engine(settings, router)
    }

    deinit {
        engine.drain(within: .zero)
    }

    /// The port it listens on, also if the settings let the system choose.
    public var port: UInt16 { engine.port }

    /// The longest time that any thread has worked on its present request; nil if no thread is at work. A
    /// request that waits for its promise is not worked on.
    public var longestWork: Duration? { engine.longestWork }

    /// Takes no more connections, lets the requests in flight be answered until the deadline, answers those
    /// that are still suspended with 503, and stops. Returns how many requests their routes did not answer; 0
    /// if the server was drained before.
    ///
    /// A route that blocks for ever would block this for ever, so it is left behind with its thread.
    @discardableResult public func drain(within deadline: Duration) -> Int {
        engine.drain(within: deadline)
    }
}
