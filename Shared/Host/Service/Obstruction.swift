public import HTTP
import Synchronization

/// Why a process that runs serves nobody (`Standstill`).
///
/// Its loops have ended. Its server goes on and answers every request with 503 and the reason: an answer made
/// from what is there would be wrong, and a refused connection would say nothing.
public final class Obstruction: Sendable {
    private let reason = Mutex<String?>(nil)
    private let ended = StopFlag()

    public init() {}

    /// Call it before the loops are stopped. The first reason stays.
    func obstruct(_ text: String) { reason.withLock { $0 = $0 ?? text } }

    /// The process is asked to stop.
    func end() { ended.raise() }

    /// The answer to every request; nil while nothing is in the way.
    public var response: Response? {
        reason.withLock { $0 }.map { reason in
            Problem(status: 503, detail: "The service has stopped working: \(reason)").response
        }
    }

    fileprivate func waitForEnd() { ended.wait() }
}

extension HostContext {
    /// Waits until a server should take no further requests.
    public func waitToStopServing() {
        stop.wait()
        if obstruction.response != nil { obstruction.waitForEnd() }
    }
}
