import Foundation
import Synchronization
import Testing

@testable import Host

@Suite("Work that is done for several partitions at once")
struct SideBySideTests {
    private struct Flaw: Error, Equatable {
        let place: Int
    }

    @Test("everything is done once, by no more threads than it may", arguments: [1, 3, 100])
    func everything(atOnce: Int) throws {
        let done = Mutex<[Int]>([])
        let busy = Mutex((now: 0, most: 0))
        try sideBySide(Array(0..<50), atOnce: atOnce) { place in
            busy.withLock { busy in
                busy.now += 1
                busy.most = max(busy.most, busy.now)
            }
            done.withLock { $0.append(place) }
            busy.withLock { $0.now -= 1 }
        }
        #expect(done.withLock { $0.sorted() } == Array(0..<50))
        #expect(busy.withLock { $0.most } <= atOnce)
    }

    @Test("one that waits keeps none of the others waiting")
    func waiting() throws {
        let gate = DispatchSemaphore(value: 0)
        try sideBySide([0, 1], atOnce: 2) { place in
            if place == 0 { gate.wait() } else { gate.signal() }
        }
    }

    @Test("the first failure is told when all have come to an end")
    func failures() {
        let ended = Mutex(0)
        #expect(throws: Flaw(place: 2)) {
            try sideBySide(Array(0..<8), atOnce: 4) { place in
                defer { ended.withLock { $0 += 1 } }
                if place >= 2 { throw Flaw(place: place) }
            }
        }
        #expect(ended.withLock { $0 } == 8)
    }

    @Test("nothing to do is done at once")
    func nothing() throws {
        try sideBySide([Int](), atOnce: 4) { _ in Issue.record("there is nothing") }
    }
}
