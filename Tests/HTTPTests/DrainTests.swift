import Dispatch
import Foundation
import Synchronization
import Testing

@testable import HTTP

@Suite struct DrainTests {
    private let promises = Inbox<Promise>()

    private func waiting() throws -> Server {
        try serve { [promises] router in
            router.on(.get, "/wait") { _ in .later { promises.put($0) } }
            router.on(.get, "/now") { _ in .now(.text("now")) }
        }
    }

    private func startsRequest(_ server: Server) throws -> (RawConnection, Promise) {
        let connection = try server.connect()
        try connection.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        return (connection, try promises.take()[0])
    }

    @Test func anIdleServerStopsAtOnce() throws {
        let server = try waiting()
        let idle = try server.connect()
        #expect(try idle.get("/now").body == "now")
        #expect(server.drain(within: patience) == 0)
        #expect(try idle.isClosed())
        #expect(throws: RawConnection.Failure.self) { try server.connect() }
        #expect(server.drain(within: patience) == 0)
    }

    @Test func requestsInFlightAreAnswered() throws {
        let server = try waiting()
        let (connection, promise) = try startsRequest(server)
        let kept = try server.connect()
        #expect(try kept.get("/now").status == 200)
        let drained = elsewhere { server.drain(within: patience) }
        try untilRefused(server)
        // A connection that was open before may still ask, once.
        let last = try kept.get("/now")
        #expect(last.status == 200)
        #expect(last.headers["connection"] == "close")
        promise.answer(.text("done"))
        let answer = try connection.answer()
        #expect(answer.body == "done")
        #expect(answer.headers["connection"] == "close")
        #expect(try drained.take() == [0])
    }

    @Test func leftoversAreToldToComeBack() throws {
        let server = try waiting()
        let (connection, promise) = try startsRequest(server)
        #expect(server.drain(within: .milliseconds(50)) == 1)
        let answer = try connection.answer()
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] != nil)
        // Too late, and no harm.
        promise.answer(.text("late"))
    }

    @Test func aServerForgottenStopsItself() throws {
        var server: Server? = try waiting()
        let (connection, promise) = try startsRequest(try #require(server))
        server = nil
        #expect(try connection.answer().status == 503)
        promise.answer(.empty)
    }

    @Test func aStalledUploadIsClosed() throws {
        let server = try serve { $0.on(.post, "/") { _ in .now(.empty) } }
        let connection = try server.connect()
        try connection.send(
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.answer().status == 100)
        #expect(server.drain(within: .milliseconds(50)) == 1)
        #expect(try connection.isClosed())
    }

    @Test func aRouteThatBlocksDoesNotHoldTheDrain() throws {
        let entered = Inbox<Bool>()
        let go = DispatchSemaphore(value: 0)
        let server = try serve { router in
            router.on(.get, "/") { _ in
                entered.put(true)
                go.wait()
                return .later { $0.answer(.text("late")) }
            }
        }
        let connection = try server.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try entered.take()
        #expect(server.drain(within: .milliseconds(50)) == 1)
        go.signal()
        #expect(try connection.answer().status == 503)
    }

    /// Drains in the middle of traffic, with answers on their way from other threads, many times.
    @Test(arguments: 0..<20) func aDrainUnderLoadLosesNothing(round: Int) throws {
        let queue = DispatchQueue(label: "answers", attributes: .concurrent)
        let begun = Inbox<Bool>()
        let server = try serve { router in
            router.on(.get, "/") { _ in
                begun.put(true)
                return .later { promise in queue.async { promise.answer(.text("ok")) } }
            }
        }
        let port = server.port
        let clients = (0..<4).map { _ in
            elsewhere { () -> [Int] in
                var statuses: [Int] = []
                while let connection = try? RawConnection(port: port) {
                    while let answer = try? connection.get("/") {
                        statuses.append(answer.status)
                        if answer.headers["connection"] == "close" { break }
                    }
                }
                return statuses
            }
        }
        _ = try begun.take(100 + 10 * round)
        #expect(server.drain(within: patience) == 0)
        // 503 for one that asked, on an open connection, when all others were answered.
        for client in clients { #expect(try client.take()[0].allSatisfy { $0 == 200 || $0 == 503 }) }
    }

    private func untilRefused(_ server: Server) throws {
        let deadline = ContinuousClock.now + patience
        while true {
            let connection = try server.connect()
            if (try? connection.get("/now")) == nil { return }
            try #require(ContinuousClock.now < deadline, "connections are still accepted")
        }
    }
}
