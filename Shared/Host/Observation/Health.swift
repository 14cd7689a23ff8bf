import Models
import Synchronization

/// Tells which parts of a service can work now, and, separately, whether a thread hangs on a request.
public final class Health: Sendable {
    private enum State {
        case ready(note: String?)
        case notReady(reason: String)
        /// Something outside is in the way.
        case hindered(reason: String)
    }

    private let parts = Mutex<[String: State]>([:])
    private let works = Mutex<[String: @Sendable () -> Duration?]>([:])
    private let expected = Atomic<Int>(0)

    public init() {}

    /// Sets the least number of parts. Until this many have been declared, the service is not ready.
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

    /// Notes something that an operator should know although the service works; nil removes the note.
    public func note(_ name: String, _ text: String?) {
        parts.withLock { $0[name] = text.map { .ready(note: $0) } }
    }

    /// Notes something that stops the service from working, apart from its parts; nil removes it.
    public func hinder(_ name: String, _ reason: String?) {
        parts.withLock { $0[name] = reason.map { .hindered(reason: $0) } }
    }

    /// No request of ours takes longer. A thread that works longer on one will never finish it.
    static let longestWork = Duration.seconds(10)

    /// - Parameter longest: the longest time that any thread has worked on its present request.
    public func watch(_ name: String, longest: @escaping @Sendable () -> Duration?) {
        works.withLock { $0[name] = longest }
    }

    /// The requests that take too long, one line each. Such a process is not healthy, even if it is ready.
    public var stuck: [String] {
        let works = works.withLock { $0 }
        return works.sorted { $0.key < $1.key }.compactMap { name, longest in
            guard let time = longest(), time > Self.longestWork else { return nil }
            return "\(name): a thread has worked on one request for \(time.wholeSeconds) s"
        }
    }

    /// Why the service is not ready, one line for each part; empty when it is ready.
    public var reasons: [String] {
        let missing = expected.load(ordering: .relaxed) - parts.withLock { $0.count }
        let own = lines { state in
            switch state {
            case .notReady(let reason), .hindered(let reason): return reason
            case .ready: return nil
            }
        }
        return (missing > 0 ? ["starting"] : []) + own
    }

    /// The part that says whether the loops read what waits for them.
    static let progress = "progress"

    /// Why it would help to start the process again: a loop stands still, or a thread hangs on a request.
    /// Empty while something outside is in the way (a full disk, another number of partitions), because the
    /// next process would meet the same.
    var hangs: [String] {
        let parts = parts.withLock { $0 }
        let isHindered = parts.values.contains { if case .hindered = $0 { true } else { false } }
        guard !isHindered else { return [] }
        guard case .notReady(let reason) = parts[Self.progress] else { return stuck }
        return stuck + ["\(Self.progress): \(reason)"]
    }

    /// The notes of the parts that work, one line for each part.
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
