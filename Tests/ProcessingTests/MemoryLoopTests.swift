import Models
import Processing
import Testing

@Suite("A processor's loop over a memory of its own")
struct MemoryLoopTests {
    private let start = Instant(millisecondsSince1970: 1_783_602_000_000)

    private func coins(_ count: Int, into key: String = "purse") -> Outgoing {
        Outgoing(
            .actions, key: key, id: "\(count)", source: "tests", type: EventType("coins", "put"),
            trail: Trail(at: start), data: Array("\(count)".utf8))
    }

    @Test("decides what comes, and wakes what is due")
    func wakes() throws {
        let loop = ProcessorMemory(Purse())
        #expect(loop.inputs == [.contacts, .actions] && loop.nextWakeUp == nil)
        #expect(try !loop.take(coins(100), at: start).isEmpty)
        #expect(loop.nextWakeUp == start + .seconds(60))
        #expect(try loop.wake(at: start + .seconds(59)).isEmpty)
        #expect(try !loop.wake(at: start + .seconds(60)).isEmpty)
        #expect(loop.nextWakeUp == nil)
    }

    @Test("what is refused becomes a dead letter")
    func refuses() throws {
        let loop = ProcessorMemory(Purse())
        #expect(try loop.take(coins(-1), at: start).map(\.topic) == [.deadLetters])
    }

    @Test("reviews what waits, and nothing else")
    func reviews() throws {
        var purse = Purse()
        purse.isInspected = true
        let loop = ProcessorMemory(purse)
        _ = try loop.take(coins(1, into: "small"), at: start)
        _ = try loop.take(coins(100, into: "big"), at: start)
        #expect(try loop.review(at: start).map(\.key) == ["big"])
    }

    @Test("forgets a key: neither its state nor its wake-up is there any more")
    func forgets() throws {
        let loop = ProcessorMemory(Purse())
        _ = try loop.take(coins(100), at: start)
        loop.forget("purse")
        #expect(try loop.wake(at: start + .seconds(60)).isEmpty)
    }
}
