public import HTTP
import Synchronization

/// The pages that a service adds to its admin port, besides `/healthz`, `/readyz` and `/metrics`.
public final class AdminPages: Sendable {
    struct Page: Sendable {
        let path: String
        let answer: @Sendable () -> Response
    }

    private let pages = Mutex<[Page]>([])

    /// Call it before the service starts, once for each path.
    public func add(_ path: String, answer: @escaping @Sendable () -> Response) {
        pages.withLock { $0.append(Page(path: path, answer: answer)) }
    }

    var all: [Page] { pages.withLock { $0 } }
}
