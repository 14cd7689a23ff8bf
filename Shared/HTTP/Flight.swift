import Dispatch
import Synchronization

/// The requests between their first byte and the last byte of their answer. A drain waits for them.
final class Flight: Sendable {
    private enum Phase { case open, draining, closed }

    private struct Guarded {
        var phase = Phase.open
        var requests = 0
        /// Routes that are running now; the daemon can't be stopped while they run.
        var running = 0
        var waiting: [ObjectIdentifier: Pending] = [:]
    }

    private let guarded = Mutex(Guarded())
    private let changed = DispatchSemaphore(value: 0)

    func begin() {
        guarded.withLock { $0.requests += 1 }
    }

    func end(_ pending: Pending?) {
        guarded.withLock { guarded in
            guarded.requests -= 1
            if let pending { guarded.waiting[ObjectIdentifier(pending)] = nil }
            if guarded.phase != .open { changed.signal() }
        }
    }

    /// Whether a route may run; false once the server has closed.
    func enter() -> Bool {
        guarded.withLock { guarded in
            guard guarded.phase != .closed else { return false }
            guarded.running += 1
            return true
        }
    }

    func leave() {
        guarded.withLock { guarded in
            guarded.running -= 1
            if guarded.phase != .open { changed.signal() }
        }
    }

    /// Whether a request may wait for its promise; false once the server has closed.
    func wait(for pending: Pending) -> Bool {
        guarded.withLock { guarded in
            guard guarded.phase != .closed else { return false }
            guarded.waiting[ObjectIdentifier(pending)] = pending
            return true
        }
    }

    /// False if another thread drains already.
    func startDraining() -> Bool {
        guarded.withLock { guarded in
            guard guarded.phase == .open else { return false }
            guarded.phase = .draining
            return true
        }
    }

    /// Waits until no request is left, or until the deadline. From then on no route starts and no request
    /// suspends. Returns the number of requests left, and those of them that wait.
    func close(whenEmptyOrAt deadline: DispatchTime) -> (requests: Int, waiting: [Pending]) {
        // Checked and closed in one step, because a request may begin between two steps.
        waitUntil(deadline) { guarded in
            guard guarded.requests == 0 else { return false }
            guarded.phase = .closed
            return true
        }
        return guarded.withLock { guarded in
            guard guarded.phase != .closed else { return (0, []) }
            guarded.phase = .closed
            return (guarded.requests, Array(guarded.waiting.values))
        }
    }

    func waitUntilEmpty(_ deadline: DispatchTime) {
        waitUntil(deadline) { $0.requests == 0 }
    }

    /// Waits until no route runs; false if the deadline came first.
    func waitUntilIdle(_ deadline: DispatchTime) -> Bool {
        waitUntil(deadline) { $0.running == 0 }
    }

    @discardableResult private func waitUntil(
        _ deadline: DispatchTime, _ condition: (inout Guarded) -> Bool
    ) -> Bool {
        while !guarded.withLock({ condition(&$0) }) {
            if changed.wait(timeout: deadline) == .timedOut { return guarded.withLock { condition(&$0) } }
        }
        return true
    }
}
