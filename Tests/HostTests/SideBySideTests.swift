import Dispatch
import Synchronization
import Testing

@testable import Host

@Suite("Work that is done for several partitions at once")
struct SideBySideTests {
    private struct Flaw: Error, Equatable {
        let place: Int
    }

    /// Longer than any of this takes.
    private static let patience = Duration.seconds(60)

    @Test("everything is done once, by no more threads than it may", arguments: [1, 3, 100])
    func everything(atOnce: Int) throws {
        let done = Mutex<[Int]>([])
        let busy = Mutex((now: 0, most: 0))
        let work = SideBySide(Array(0..<50), atOnce: atOnce) { place, _ in
            busy.withLock { busy in
                busy.now += 1
                busy.most = max(busy.most, busy.now)
            }
            done.withLock { $0.append(place) }
            busy.withLock { $0.now -= 1 }
        }
        #expect(try work.isComplete(within: Self.patience))
        #expect(done.withLock { $0.sorted() } == Array(0..<50))
        #expect(busy.withLock { $0.most } <= atOnce)
    }

    @Test("one that waits keeps none of the others waiting")
    func waiting() throws {
        let gate = DispatchSemaphore(value: 0)
        let work = SideBySide([0, 1], atOnce: 2) { place, _ in
            if place == 0 { gate.wait() } else { gate.signal() }
        }
        #expect(try work.isComplete(within: Self.patience))
    }

    @Test("whoever began it is not kept waiting: it says that it is not complete yet")
    func underWay() throws {
        let gate = DispatchSemaphore(value: 0)
        let work = SideBySide([0], atOnce: 1) { _, _ in gate.wait() }
        #expect(try !work.isComplete(within: .milliseconds(1)))
        gate.signal()
        #expect(try work.isComplete(within: Self.patience))
    }

    @Test("the first failure ends the others early, and is told when all have ended")
    func failures() {
        let begun = Mutex<Set<Int>>([])
        let ended = Mutex<Set<Int>>([])
        let others = DispatchSemaphore(value: 0)
        let work = SideBySide(Array(0..<8), atOnce: 4) { place, stop in
            begun.withLock { _ = $0.insert(place) }
            defer { ended.withLock { _ = $0.insert(place) } }
            guard place == 2 else {
                others.signal()
                stop.wait()
                throw Stopped()
            }
            for _ in 0..<3 { others.wait() }
            throw Flaw(place: place)
        }
        #expect(throws: Flaw(place: 2)) { try work.isComplete(within: Self.patience) }
        #expect(begun.withLock { $0 } == [0, 1, 2, 3])
        #expect(ended.withLock { $0 } == [0, 1, 2, 3])
    }

    @Test("after a cancellation nothing is done any more")
    func cancelled() throws {
        let begun = Mutex(0)
        let running = Mutex(0)
        let entered = DispatchSemaphore(value: 0)
        let work = SideBySide(Array(0..<8), atOnce: 2) { _, stop in
            begun.withLock { $0 += 1 }
            running.withLock { $0 += 1 }
            entered.signal()
            stop.wait()
            running.withLock { $0 -= 1 }
        }
        entered.wait()
        work.cancel()
        #expect(running.withLock { $0 } == 0)
        #expect(begun.withLock { $0 } <= 2)
    }

    @Test("nothing to do is done at once")
    func nothing() throws {
        let work = SideBySide([Int](), atOnce: 4) { _, _ in Issue.record("there is nothing") }
        #expect(try work.isComplete(within: .zero))
    }
}
