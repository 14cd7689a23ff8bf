import Synchronization
import Testing

@testable import Kafka

@Suite struct DestructionTests {
    @Test func waitsForWhatEnds() {
        let count = Count()
        let isDone = Destruction.finishes(within: .seconds(20)) { count.value.withLock { $0 += 1 } }
        #expect(isDone)
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test func doesNotWaitForWhatDoesNotEnd() {
        let gate = Count()
        let started = ContinuousClock.now
        let isDone = gate.value.withLock { _ in
            Destruction.finishes(within: .milliseconds(200)) { gate.value.withLock { $0 += 1 } }
        }
        #expect(!isDone)
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func withoutAThreadItEndsInTimeToo() {
        let count = Count()
        let started = ContinuousClock.now
        let isDone = Destruction.finishes(within: .milliseconds(200), startingBy: { _ in false }) {
            count.value.withLock { $0 += 1 }
        }
        #expect(!isDone)
        #expect(count.value.withLock { $0 } == 0, "not on the caller's thread")
        #expect(ContinuousClock.now - started < .seconds(10))
    }

    @Test func waitsForAThread() {
        let count = Count()
        var refusals = 2
        let isDone = Destruction.finishes(
            within: .seconds(20),
            startingBy: { job in
                refusals -= 1
                return refusals < 0 && Destruction.start(job)
            }
        ) { count.value.withLock { $0 += 1 } }
        #expect(isDone)
        #expect(count.value.withLock { $0 } == 1)
    }

    @Test func processEndsAndSaysWhy() async {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) {
            Destruction.finish(within: .milliseconds(100)) { while true {} }
        }
        let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(words.contains("librdkafka could not close a client"), "\(words)")
    }
}

private final class Count: Sendable {
    let value = Mutex(0)
}
