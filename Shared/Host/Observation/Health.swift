import Synchronization

/// Which parts of a service can do their work now. Alive is another question: a process that answers at all is.
public final class Health: Sendable {
    private let parts = Mutex<[String: String?]>([:])

    public init() {}

    /// Declares a part that is not ready yet.
    public func part(_ name: String) -> Part {
        parts.withLock { $0[name] = .some("starting") }
        return Part(name: name, health: self)
    }

    public struct Part: Sendable {
        fileprivate let name: String
        fileprivate let health: Health

        public func ready() { health.parts.withLock { $0[name] = .some(nil) } }
        public func notReady(_ reason: String) { health.parts.withLock { $0[name] = .some(reason) } }
    }

    /// Why the service is not ready, one line a part; empty when it is.
    public var reasons: [String] {
        parts.withLock { parts in
            parts.sorted { $0.key < $1.key }.compactMap { name, reason in reason.map { "\(name): \($0)" } }
        }
    }
}
