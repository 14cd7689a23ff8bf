import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import HTTP

@Suite struct PromiseTests {
    @Test func anAnswerMayComeFromAnotherThread() throws {
        let promises = Inbox<Promise>()
        let server = try serve { $0.on(.get, "/") { _ in .later { promises.put($0) } } }
        let connection = try server.connect()
        for round in 0..<3 {
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let promise = try promises.take()[0]
            _ = elsewhere { promise.answer(.text("\(round)")) }
            #expect(try connection.answer().body == "\(round)")
        }
    }

    @Test func anAnswerMayComeBeforeTheRouteReturns() throws {
        let server = try serve { router in
            router.on(.get, "/") { _ in .later { $0.answer(.text("early")) } }
            router.on(.get, "/thread") { _ in
                .later { promise in
                    let done = DispatchSemaphore(value: 0)
                    DispatchQueue.global().async {
                        promise.answer(.text("early"))
                        done.signal()
                    }
                    done.wait()
                }
            }
        }
        let connection = try server.connect()
        for path in ["/", "/thread", "/", "/thread"] { #expect(try connection.get(path).body == "early") }
    }

    /// The answer races with the suspension, many times.
    @Test func anAnswerMayComeAtTheSameTime() throws {
        let queue = DispatchQueue(label: "answers", attributes: .concurrent)
        let server = try serve { router in
            router.on(.get, "/{n}") { request in
                .later { promise in queue.async { promise.answer(.text(request.parameters["n"] ?? "")) } }
            }
        }
        let rounds = 2_000
        let clients = (0..<4).map { client in
            elsewhere {
                guard let connection = try? server.connect() else { return 0 }
                return (0..<rounds).count {
                    (try? connection.get("/\(client)-\($0)").body) == "\(client)-\($0)"
                }
            }
        }
        for client in clients { #expect(try client.take() == [rounds]) }
    }

    @Test func aThousandRequestsWaitWithoutAThreadEach() throws {
        let count = 1_000
        try raiseOpenFiles(to: 2 * count + 500)
        let promises = Inbox<Promise>()
        let server = try serve { router in
            router.on(.get, "/") { _ in .later { promises.put($0) } }
            router.on(.get, "/now") { _ in .now(.text("now")) }
        }
        let connections = try (0..<count).map { _ in
            let connection = try server.connect()
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            return connection
        }
        let waiting = try promises.take(count)
        #expect(try server.get("/now").text == "now")
        DispatchQueue.concurrentPerform(iterations: count) { waiting[$0].answer(.text("later")) }
        for connection in connections { #expect(try connection.answer().body == "later") }
    }

    @Test func aDroppedPromiseIsAFailure() throws {
        let server = try serve { $0.on(.get, "/") { _ in .later { _ in } } }
        #expect(try server.get("/").status == 500)
    }

    @Test func anAnswerForAClientThatLeftGoesNowhere() throws {
        let promises = Inbox<Promise>()
        let server = try serve { $0.on(.get, "/") { _ in .later { promises.put($0) } } }
        for _ in 0..<50 {
            let connection = try server.connect()
            try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let promise = try promises.take()[0]
            withExtendedLifetime(connection) {}
            promise.answer(.text("hello"))
        }
        #expect(server.drain(within: patience) == 0)
    }

    @Test func aSecondAnswerIsAProgrammingError() async {
        await #expect(processExitsWith: .failure) {
            let promise = Promise(Pending())
            promise.answer(.empty)
            promise.answer(.empty)
        }
    }
}
