import Dispatch
import Host
import Models
import Synchronization

/// Where requests with pictures wait for a hand: each hand is a thread, because decoding a picture and asking
/// a store take time, and the threads of the server must not wait.
///
/// While others wait, nobody has more than one hand. So whoever sends pictures that take long delays hardly
/// anybody but himself.
final class PictureBench: Sendable {
    typealias Job = @Sendable () -> Void

    private struct Waiting {
        let owner: IPAddress?
        let job: Job
    }

    private struct State {
        var waiting: [Waiting] = []
        var busy: [IPAddress: Int] = [:]
    }

    private static let waitingLimit = 1000
    private static let pause = DispatchTimeInterval.milliseconds(200)

    private let state = Mutex(State())
    private let bell = DispatchSemaphore(value: 0)

    /// - Parameter owner: the network that sent it; nil if nobody can be told apart.
    /// - Returns: false if too many wait.
    func add(of owner: IPAddress?, _ job: @escaping Job) -> Bool {
        let isTaken = state.withLock { state in
            guard state.waiting.count < Self.waitingLimit else { return false }
            state.waiting.append(Waiting(owner: owner, job: job))
            return true
        }
        if isTaken { bell.signal() }
        return isTaken
    }

    /// One hand: works until it is stopped, and then finishes what waits.
    func work(until stop: StopFlag) {
        while true {
            if let next = take() {
                next.job()
                release(next.owner)
            } else if stop.isRaised {
                return
            } else {
                _ = bell.wait(timeout: .now() + Self.pause)
            }
        }
    }

    private func take() -> Waiting? {
        state.withLock { state in
            let index =
                state.waiting.firstIndex { one in one.owner.map { state.busy[$0] == nil } ?? true }
                ?? state.waiting.indices.first
            guard let index else { return nil }
            let next = state.waiting.remove(at: index)
            if let owner = next.owner { state.busy[owner, default: 0] += 1 }
            return next
        }
    }

    private func release(_ owner: IPAddress?) {
        guard let owner else { return }
        state.withLock { state in
            let left = state.busy[owner, default: 1] - 1
            state.busy[owner] = left > 0 ? left : nil
        }
    }
}
