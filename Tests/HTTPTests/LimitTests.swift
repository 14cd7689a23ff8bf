import Foundation
import Synchronization
import Testing

@testable import HTTP

@Suite struct LimitTests {
    private let tenMegabytes = [UInt8](repeating: 0x61, count: 10_485_760)

    private func uploads(_ settings: ServerSettings = ServerSettings()) throws -> Server {
        try serve(settings) { router in
            router.on(.post, "/default") { .now(.text("\($0.body.count)")) }
            router.on(.post, "/small", limit: 10) { .now(.text("\($0.body.count)")) }
        }
    }

    @Test func aBodyAtTheLimitPassesAndOneMoreByteDoesNot() throws {
        let server = try uploads()
        #expect(try server.send(.post, "/small", body: Array(repeating: 1, count: 10)).text == "10")
        let reply = try server.send(.post, "/small", body: Array(repeating: 1, count: 11))
        #expect(reply.status == 413)
        #expect(reply.text.contains("The limit is 10 bytes."))
        #expect(try server.send(.post, "/default", body: Array(repeating: 1, count: 65_536)).text == "65536")
        #expect(try server.send(.post, "/default", body: Array(repeating: 1, count: 65_537)).status == 413)
    }

    @Test func aClientThatWritesOnStillReadsItsRefusal() throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send(
            "POST /default HTTP/1.1\r\nHost: x\r\nContent-Length: \(tenMegabytes.count)\r\n\r\n")
        try connection.send(tenMegabytes)
        let answer = try connection.answer()
        #expect(answer.status == 413 && answer.headers["connection"]?.lowercased() == "close")
        #expect(try connection.isClosed())
    }

    @Test(
        "what its head decides is answered before the body, and the connection closed",
        arguments: [
            ("POST /nothing", 404), ("POST /small", 413), ("PUT /small", 405), ("POST /closed", 401),
        ])
    func fromTheHead(_ line: String, _ status: Int) throws {
        var settings = ServerSettings()
        settings.threads = 1
        let bodies = Inbox<Int>()
        let server = try serve(settings) { router in
            router.on(.post, "/small", limit: 10) { _ in .now(.empty) }
            router.on(.post, "/closed", admission: { _ in Problem(status: 401).response }) {
                bodies.put($0.body.count)
                return .now(.empty)
            }
        }
        for framing in ["Content-Length: 11", "Transfer-Encoding: chunked"]
        where status != 413 || framing.hasPrefix("C") {
            let connection = try server.connect()
            try connection.send("\(line) HTTP/1.1\r\nHost: x\r\n\(framing)\r\n\r\n")
            // Not one byte of the body was sent.
            let answer = try connection.answer()
            #expect(answer.status == status && answer.headers["connection"]?.lowercased() == "close")
            #expect(try connection.isClosed())
        }
        #expect(bodies.all == [])
    }

    @Test("what is in the server's way answers every request, before any admission")
    func obstruction() throws {
        var settings = ServerSettings()
        settings.obstruction = { Problem(status: 503, detail: "not now").response }
        settings.admission = { _ in Problem(status: 401).response }
        let server = try Server(settings, Router())
        for (method, body) in [(HTTP.Method.get, ""), (.post, "a body")] {
            let reply = try Client().send(method, server.url("/none"), body: Array(body.utf8))
            #expect(reply.status == 503 && reply.text.contains("not now"))
        }
    }

    @Test("the server's admission is asked for every request that no route asks its own for, also for none")
    func admission() throws {
        var settings = ServerSettings()
        let asked = Inbox<String>()
        settings.admission = { request in
            asked.put("\(request.method.rawValue) \(request.path)")
            return request.query["in"] == nil ? Problem(status: 429).response : nil
        }
        let folder = try TemporaryFolder(["a.txt": "a"])
        let server = try serve(settings) { router in
            router.on(.get, "/plain") { _ in .now(.empty) }
            router.on(.get, "/own", admission: { _ in nil }) { _ in .now(.empty) }
            router.files(under: "/files", from: folder.path)
        }
        let paths = ["/plain", "/files/a.txt", "/nothing", "/own"]
        #expect(try paths.map { try server.get($0).status } == [429, 429, 429, 204])
        #expect(try server.send(.put, "/plain").status == 429)
        #expect(try server.send(.options, "/plain").status == 429)
        #expect(try server.send(.head, "/plain").status == 429)
        #expect(asked.all.count == 6 && asked.all[3] == "PUT /plain")
        let inside = try ["/plain?in=1", "/files/a.txt?in=1", "/nothing?in=1"].map {
            try server.get($0).status
        }
        #expect(inside == [204, 200, 404])
    }

    @Test func aRefusalWithoutABodyKeepsTheConnection() throws {
        let server = try uploads()
        let connection = try server.connect()
        #expect(try connection.get("/nothing").status == 404)
        try connection.send("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        #expect(try connection.answer().status == 404)
        #expect(try connection.get("/nothing").status == 404)
    }

    @Test func beyondTheLimitOfThoseWhoLingerTheAnswerComesBehindTheBody() throws {
        let server = try uploads()
        let head = "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"
        let lingering = try (0..<Lingering.Limit.sockets).map { _ in
            let connection = try server.connect()
            try connection.send(head)
            #expect(try connection.answer().status == 413)
            return connection
        }
        let last = try server.connect()
        try last.send(head + "01234567890")
        let answer = try last.answer()
        #expect(answer.status == 413 && answer.headers["connection"] == nil)
        #expect(try last.get("/nothing").status == 404)
        withExtendedLifetime(lingering) {}
    }

    @Test func whoLingersIsLetGo() throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        #expect(try connection.answer().status == 413)
        let limit = ContinuousClock.now + Lingering.Limit.patience + patience
        // Until our side has let go of it; then writing is answered with a reset.
        #expect(throws: RawConnection.Failure.self) {
            while ContinuousClock.now < limit { try connection.send("a") }
        }
    }

    @Test func aChunkedBodyIsLimitedAsItComes() throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in 0..<160 {
            try connection.send(Array("10000\r\n".utf8) + tenMegabytes[..<65_536] + [13, 10])
        }
        try connection.send("0\r\n\r\n")
        #expect(try connection.answer().status == 413)
        try connection.send("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try connection.send("a\r\n0123456789\r\n0\r\n\r\n")
        #expect(try connection.answer().body == "10")
    }

    @Test(arguments: [[], ["-H", "Expect:"], ["-H", "Transfer-Encoding: chunked"]])
    func curlReadsItsRefusal(options: [String]) throws {
        let server = try uploads()
        let folder = try TemporaryFolder()
        let path = folder.path + "/body"
        try Data(tenMegabytes).write(to: URL(filePath: path))
        let common = ["-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@" + path]
        #expect(try curl(common + options + [server.url("/default")]) == "413")
    }

    @Test func anUploadNobodyWouldWaitForIsRefusedAtOnce() throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        #expect(try connection.answer().status == 413)
        #expect(try connection.isClosed())
        // One that asks first has written nothing.
        let polite = try server.connect()
        try polite.send(
            "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
        #expect(try polite.answer().status == 413)
    }

    @Test func anEndlessBodyIsCutOff() throws {
        var settings = ServerSettings()
        settings.discardedBytes = 100_000
        let server = try uploads(settings)
        let connection = try server.connect()
        try connection.send("POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(throws: RawConnection.Failure.self) {
            while true { try connection.send(Array("10000\r\n".utf8) + tenMegabytes[..<65_536] + [13, 10]) }
        }
    }

    @Test func aContinueIsGivenToThoseWhoAsk() throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send(
            "POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try connection.answer().status == 100)
        try connection.send("ab")
        #expect(try connection.answer().body == "2")
    }

    @Test(arguments: [(9_000, true), (60_000, false)])
    func aHeadTooLargeIsRefused(bytes: Int, isOurs: Bool) throws {
        let server = try uploads()
        let connection = try server.connect()
        let filler = String(repeating: "a", count: bytes)
        try connection.send("GET /small HTTP/1.1\r\nHost: x\r\nX-Filler: \(filler)\r\n\r\n")
        let answer = try connection.answer()
        #expect(answer.status == 431)
        #expect((answer.headers["content-type"] == "application/problem+json") == isOurs)
    }

    @Test(arguments: [(5_000, true), (60_000, false)])
    func aTargetTooLongIsRefused(bytes: Int, isOurs: Bool) throws {
        let server = try uploads()
        let connection = try server.connect()
        try connection.send("GET /\(String(repeating: "a", count: bytes)) HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try connection.answer()
        #expect(answer.status == 414)
        #expect((answer.headers["content-type"] == "application/problem+json") == isOurs)
    }

    @Test func aHeadWithinItsLimitsPasses() throws {
        let server = try serve {
            $0.on(.get, "/{x}") { .now(.text("\($0.headers["x-filler"]?.count ?? 0)")) }
        }
        let connection = try server.connect()
        let target = String(repeating: "a", count: 3_000)
        let filler = String(repeating: "b", count: 4_500)
        try connection.send("GET /\(target) HTTP/1.1\r\nHost: x\r\nX-Filler: \(filler)\r\n\r\n")
        #expect(try connection.answer().body == "4500")
        let many = (0..<150).map { "X-\($0): some value or other\r\n" }.joined()
        try connection.send("GET /a HTTP/1.1\r\nHost: x\r\n\(many)\r\n")
        #expect(try connection.answer().status == 200)
    }

    @Test func aSlowClientHoldsNoThread() throws {
        var settings = ServerSettings()
        settings.threads = 1
        let server = try uploads(settings)
        let slow = try server.connect()
        try slow.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        let slowHead = try server.connect()
        try slowHead.send("POST /sma")
        #expect(try server.send(.post, "/small", body: [1]).text == "1")
        try slow.send("67890")
        #expect(try slow.answer().body == "10")
        try slowHead.send("ll HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try slowHead.answer().body == "0")
    }

    @Test func anIdleConnectionIsClosed() throws {
        var settings = ServerSettings()
        settings.idleTimeoutSeconds = 1
        let server = try uploads(settings)
        let idle = try server.connect()
        let stalled = try server.connect()
        try stalled.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        #expect(try idle.isClosed())
        #expect(try stalled.isClosed())
    }

    @Test func oneAddressHasItsShareOfConnections() throws {
        var settings = ServerSettings()
        settings.connectionsPerClient = 2
        let away = Mutex([NoRoom]())
        settings.noRoom = { what in away.withLock { $0.append(what) } }
        let server = try serve(settings) { $0.on(.get, "/") { _ in .now(.empty) } }
        let first = try server.connect()
        #expect(try first.get("/").status == 204)
        let second = try server.connect()
        #expect(try second.get("/").status == 204)
        #expect(try server.connect().isClosed())
        #expect(try first.get("/").status == 204)
        #expect(away.withLock { $0 } == [.connection])
    }

    @Test func connectionsBeyondTheLimitWaitTheirTurn() throws {
        var settings = ServerSettings()
        settings.threads = 1
        settings.connections = 2
        let server = try serve(settings) { $0.on(.get, "/") { _ in .now(.empty) } }
        var first: RawConnection? = try server.connect()
        #expect(try first?.get("/").status == 204)
        let second = try server.connect()
        #expect(try second.get("/").status == 204)
        let third = try server.connect()
        try third.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try second.get("/").status == 204)
        first = nil
        #expect(try third.answer().status == 204)
    }
}
