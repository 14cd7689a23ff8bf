import Models
import Synchronization

/// Which parts of a service can do their work now; and, another question, whether one hangs on a request.
public final class Health: Sendable {
    private enum State {
        case ready(note: String?)
        case notReady(reason: String)
    }

    private let parts = Mutex<[String: State]>([:])
    private let works = Mutex<[String: @Sendable () -> Duration?]>([:])
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

    /// Something that an operator should know although the service works; nil takes it back.
    public func note(_ name: String, _ text: String?) {
        parts.withLock { $0[name] = text.map { .ready(note: $0) } }
    }

    /// Something that the service can't work with, apart from its parts; nil takes it back.
    func hinder(_ name: String, _ reason: String?) {
        parts.withLock { $0[name] = reason.map { .notReady(reason: $0) } }
    }

    /// No request of ours takes longer: a thread that does works on one that it will not end.
    static let longestWork = Duration.seconds(10)

    /// - Parameter longest: how long a thread has worked on one request, the longest of all.
    public func watch(_ name: String, longest: @escaping @Sendable () -> Duration?) {
        works.withLock { $0[name] = longest }
    }

    /// What works on one request for too long, one line each. Such a process is not well, whatever it is
    /// ready for.
    public var stuck: [String] {
        let works = works.withLock { $0 }
        return works.sorted { $0.key < $1.key }.compactMap { name, longest in
            guard let time = longest(), time > Self.longestWork else { return nil }
            return "\(name): a thread has worked on one request for \(time.wholeSeconds) s"
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
