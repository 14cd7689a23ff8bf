import Synchronization

/// The bytes that all bodies of a server may hold together, and how many of them may be one client's.
final class BodyBudget: Sendable {
    enum Refusal {
        /// All clients together hold too much.
        case all
        /// This client does.
        case client
    }

    private struct Held {
        var all = 0
        var byClient: [String: Int] = [:]
    }

    private let limit: Int
    private let share: Int
    private let held = Mutex(Held())

    /// - Parameter share: what the bodies of one client may hold; nil for no limit.
    init(_ limit: Int, share: Int?) {
        self.limit = limit
        self.share = share ?? .max
    }

    /// Takes room for one more piece of a body. When it is refused, nothing is taken.
    ///
    /// - Parameters:
    ///   - before: what this body holds already. A body that is its client's only one may be larger than the
    ///     share: otherwise a route whose bodies are larger could never be used.
    ///   - client: nil for a body that no client's share counts.
    func take(_ bytes: Int, before: Int, for client: String?) -> Refusal? {
        held.withLock { held in
            guard held.all + bytes <= limit else { return .all }
            if let client {
                let others = held.byClient[client, default: 0] - before
                guard others == 0 || others + before + bytes <= share else { return .client }
                held.byClient[client, default: 0] += bytes
            }
            held.all += bytes
            return nil
        }
    }

    func give(_ bytes: Int, of client: String?) {
        guard bytes > 0 else { return }
        held.withLock { held in
            held.all -= bytes
            guard let client else { return }
            let left = held.byClient[client, default: bytes] - bytes
            held.byClient[client] = left > 0 ? left : nil
        }
    }
}
