import Testing

@testable import HTTP

@Suite struct CallsTests {
    /// A server that answers when it is told to.
    private func waiting() throws -> (Server, Inbox<Promise>) {
        let promises = Inbox<Promise>()
        return (try serve { $0.on(.get, "/{name}") { _ in .later { promises.put($0) } } }, promises)
    }

    @Test func severalAreUnderWayAtOnceAndEndInAnyOrder() throws {
        let (server, promises) = try waiting()
        let calls = Calls(Client(timeout: patience, connectionsPerHost: 4))
        for token in 0..<4 { calls.begin(token, .get, server.url("/\(token)")) }
        // All four have reached the server, and none has an answer.
        let open = try promises.take(4)
        #expect(calls.ended(within: .milliseconds(20)).isEmpty)
        for promise in open.reversed() { promise.answer(.text("yes")) }
        var ended: [Int] = []
        while ended.count < 4 {
            let more = calls.ended(within: patience)
            try #require(!more.isEmpty)
            for (token, result) in more {
                #expect(try result.get().text == "yes")
                ended.append(token)
            }
        }
        #expect(ended.sorted() == [0, 1, 2, 3])
        #expect(calls.ended(within: .zero).isEmpty)
    }

    @Test func eachHasItsOwnTime() throws {
        let (server, promises) = try waiting()
        let calls = Calls(Client(timeout: .milliseconds(200)))
        let started = ContinuousClock.now
        calls.begin(7, .get, server.url("/late"))
        let ended = calls.ended(within: patience)
        #expect(ended.map(\.token) == [7] && started.duration(to: .now) < .seconds(10))
        #expect(throws: ClientError.timeout) { try ended[0].result.get() }
        for promise in try promises.take() { promise.answer(.empty) }
        #expect(calls.ended(within: .milliseconds(50)).isEmpty, "an answer after its time")
    }

    /// The other side works off one call after another; together they take longer than one may.
    @Test func whileSomeAreAnsweredTheOthersWait() throws {
        let (server, promises) = try waiting()
        let calls = Calls(
            Client(timeout: .seconds(30), connectionsPerHost: 4), silence: .milliseconds(1000))
        for token in 0..<4 { calls.begin(token, .get, server.url("/\(token)")) }
        let open = try promises.take(4)
        var ended: [Calls.Ended] = []
        for promise in open {
            let until = ContinuousClock.now + .milliseconds(500)
            while .now < until { ended += calls.ended(within: .milliseconds(20)) }
            promise.answer(.text("yes"))
        }
        while ended.count < 4 { ended += calls.ended(within: patience) }
        #expect(try ended.allSatisfy { try $0.result.get().text == "yes" })
    }

    @Test func patienceHasALimit() {
        let patience = Calls.Patience(silence: .seconds(5), limit: .seconds(35))
        let begun = ContinuousClock.now
        #expect(patience.deadline(begun: begun, answered: nil) == begun + .seconds(5))
        #expect(patience.deadline(begun: begun, answered: begun - .seconds(9)) == begun + .seconds(5))
        #expect(patience.deadline(begun: begun, answered: begun + .seconds(9)) == begun + .seconds(14))
        #expect(patience.deadline(begun: begun, answered: begun + .seconds(33)) == begun + .seconds(35))
    }

    @Test func cancelledOnesNeverEnd() throws {
        let (server, promises) = try waiting()
        let calls = Calls(Client(timeout: patience))
        for token in 0..<3 { calls.begin(token, .get, server.url("/\(token)")) }
        let open = try promises.take(3)
        let started = ContinuousClock.now
        calls.cancel()
        #expect(calls.ended(within: patience).isEmpty && started.duration(to: .now) < .seconds(2))
        for promise in open { promise.answer(.empty) }
        #expect(calls.ended(within: .milliseconds(50)).isEmpty)
    }

    @Test func whatCannotBeginEndsAtOnce() throws {
        let calls = Calls(Client(timeout: patience))
        calls.begin(1, .get, "no address")
        let ended = calls.ended(within: patience)
        #expect(ended.map(\.token) == [1])
        #expect(throws: ClientError.self) { try ended[0].result.get() }
        let server = try serve { _ in }
        let url = server.url("/")
        server.drain(within: .zero)
        calls.begin(2, .get, url)
        let refused = calls.ended(within: patience)
        #expect(throws: ClientError.refused) { try refused.first?.result.get() }
    }
}
