public import HTTP
import Synchronization

/// What a service tells on its admin port besides `/healthz`, `/readyz` and `/metrics`.
public final class AdminPages: Sendable {
    struct Page: Sendable {
        let path: String
        let answer: @Sendable () -> Response
    }

    private let pages = Mutex<[Page]>([])

    /// To be called before the service starts, for each path once.
    public func add(_ path: String, answer: @escaping @Sendable () -> Response) {
        pages.withLock { $0.append(Page(path: path, answer: answer)) }
    }

    var all: [Page] { pages.withLock { $0 } }
}
