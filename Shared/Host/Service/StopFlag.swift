public import Dispatch
import Synchronization

/// The one thing that threads share about stopping.
public final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)
    private let gate = DispatchSemaphore(value: 0)

    public init() {}

    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    public func raise() {
        raised.store(true, ordering: .releasing)
        gate.signal()
    }

    /// Waits until the flag is raised or the time is over. Returns whether it is raised.
    @discardableResult
    public func wait(for time: DispatchTimeInterval = .never) -> Bool {
        if gate.wait(timeout: time == .never ? .distantFuture : .now() + time) == .success { gate.signal() }
        return isRaised
    }
}
