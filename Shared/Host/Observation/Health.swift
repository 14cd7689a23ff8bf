import Synchronization

/// Which parts of a service can do their work now. Alive is another question: a process that answers at all
/// is.
public final class Health: Sendable {
    private enum State {
        case ready(note: String?)
        case notReady(reason: String)
    }

    private let parts = Mutex<[String: State]>([:])
    private let expected = Atomic<Int>(0)

    public init() {}

    /// How many parts there will be at least: before the last of them has reported nothing is ready.
    public func expect(parts count: Int) { expected.store(count, ordering: .relaxed) }

    /// Declares a part that is not ready yet.
    public func part(_ name: String) -> Part {
        parts.withLock { $0[name] = .notReady(reason: "starting") }
        return Part(name: name, health: self)
    }

    public struct Part: Sendable {
        fileprivate let name: String
        fileprivate let health: Health

        /// - Parameter note: what an operator should know although the part works.
        public func ready(_ note: String? = nil) { health.parts.withLock { $0[name] = .ready(note: note) } }
        public func notReady(_ reason: String) {
            health.parts.withLock { $0[name] = .notReady(reason: reason) }
        }
    }

    /// Why the service is not ready, one line a part; empty when it is.
    public var reasons: [String] {
        let missing = expected.load(ordering: .relaxed) - parts.withLock { $0.count }
        let own = lines { state in
            guard case .notReady(let reason) = state else { return nil }
            return reason
        }
        return (missing > 0 ? ["starting"] : []) + own
    }

    /// What the parts that work have to say, one line a part.
    public var notes: [String] {
        lines { state in
            guard case .ready(let note) = state else { return nil }
            return note
        }
    }

    private func lines(_ text: (State) -> String?) -> [String] {
        parts.withLock { parts in
            parts.sorted { $0.key < $1.key }.compactMap { name, state in text(state).map { "\(name): \($0)" }
            }
        }
    }
}
