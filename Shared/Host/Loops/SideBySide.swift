import Dispatch
import Foundation
import Models
import Synchronization

/// Works on several places at the same time, each on a thread of its own, with a limit on how many run at
/// once.
///
/// It is meant for work that waits as much as it computes. `DispatchQueue.concurrentPerform` has only as many
/// threads as there are processors, and a thread that waits for a broker would leave its processor idle.
final class SideBySide: RestoreRun, Sendable {
    private let stop = StopFlag()
    private let group = DispatchGroup()
    private let failures = Mutex<[Int: any Error]>([:])

    /// Begins. `work` is given the flag that tells it to end early.
    init<Place: Sendable>(
        _ places: [Place], atOnce: Int, _ work: @escaping @Sendable (Place, StopFlag) throws -> Void
    ) {
        let next = SharedIndices(places.indices)
        for _ in 0..<min(atOnce, places.count) {
            group.enter()
            Thread { [self] in
                while !stop.isRaised, let index = next.take() {
                    do { try work(places[index], stop) } catch { fail(error, at: index) }
                }
                group.leave()
            }.start()
        }
    }

    private func fail(_ error: any Error, at index: Int) {
        failures.withLock { $0[index] = error }
        stop.raise()
    }

    func isComplete(within time: Duration) throws -> Bool {
        let deadline = DispatchTime.now() + .milliseconds(Int(time.wholeMilliseconds))
        guard group.wait(timeout: deadline) == .success else { return false }
        let failures = failures.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        // A place that was told to end early reports `Stopped`. The error of the one that failed says more.
        if let failure = failures.first(where: { !($0 is Stopped) }) ?? failures.first { throw failure }
        return true
    }

    func cancel() {
        stop.raise()
        group.wait()
    }
}

/// The indices that no thread has taken yet.
private final class SharedIndices: Sendable {
    private let indices: Mutex<Range<Int>>

    init(_ indices: Range<Int>) { self.indices = Mutex(indices) }

    func take() -> Int? { indices.withLock { $0.popFirst() } }
}
