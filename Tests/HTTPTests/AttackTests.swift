import Dispatch
import Support
import Synchronization
import Testing

@testable import HTTP

/// What a client may try that is no client.
@Suite struct AttackTests {
    private let promises = Inbox<Promise>()
    private let accesses = Inbox<Access>()

    /// No deadline but those a test sets.
    private func patient() -> ServerSettings {
        var settings = ServerSettings()
        settings.threads = 1
        settings.idleTimeoutSeconds = 3600
        settings.headSeconds = 3600
        settings.bodySeconds = 3600
        settings.access = { [accesses] in accesses.put($0) }
        return settings
    }

    private func start(_ settings: ServerSettings) throws -> Server {
        try serve(settings) { [promises] router in
            router.on(.get, "/") { _ in .now(.text("here")) }
            router.on(.get, "/large") { _ in
                .now(Response(status: 200, body: [UInt8](repeating: 1, count: 33_554_432)))
            }
            router.on(.get, "/wait") { _ in .later { promises.put($0) } }
            router.on(.post, "/") { .now(.text("\($0.body.count)")) }
        }
    }

    // MARK: Deadlines

    @Test func aHeadHasADeadline() throws {
        var settings = patient()
        settings.headSeconds = 1
        let server = try start(settings)
        let silent = try server.connect()
        let slow = try server.connect()
        try slow.send("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a")
        // A connection that is kept has the same time for its next request.
        let kept = try server.connect()
        #expect(try kept.get("/").status == 200)
        for connection in [silent, slow, kept] { #expect(try connection.isClosed()) }
    }

    @Test func aBodyHasADeadline() throws {
        var settings = patient()
        settings.bodySeconds = 1
        let server = try start(settings)
        let connection = try server.connect()
        try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345")
        #expect(try connection.isClosed())
    }

    @Test func anAnswerThatNobodyReadsHasADeadline() throws {
        var settings = patient()
        settings.answerSeconds = 1
        let server = try start(settings)
        let connection = try server.connect()
        try connection.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try accesses.take()[0].status == 200)
        withExtendedLifetime(connection) {}
    }

    @Test func whatWaitsForUsHasNoDeadline() throws {
        var settings = patient()
        settings.headSeconds = 1
        settings.bodySeconds = 1
        let server = try start(settings)
        let waiting = try server.connect()
        try waiting.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        let promise = try promises.take()[0]
        // Another client reaches his deadline meanwhile.
        #expect(try server.connect().isClosed())
        promise.answer(.text("late"))
        #expect(try waiting.answer().body == "late")
    }

    @Test func whoHangsUpLeavesHisPlace() throws {
        var settings = patient()
        settings.connections = 1
        let server = try start(settings)
        var waiting: RawConnection? = try server.connect()
        try waiting?.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        let promise = try promises.take()[0]
        waiting = nil
        #expect(try server.connect().get("/").body == "here")
        // Too late, and no harm.
        promise.answer(.text("late"))
        #expect(server.drain(within: patience) == 0)
    }

    // MARK: Memory

    @Test func allBodiesTogetherHaveABudget() throws {
        var settings = patient()
        settings.bodyBytesInFlight = 100_000
        settings.bodyBytesPerClient = nil
        let away = Mutex(Set<NoRoom>())
        settings.noRoom = { what in away.withLock { _ = $0.insert(what) } }
        let server = try start(settings)
        let first = try server.connect()
        try first.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
        try first.send([UInt8](repeating: 0x61, count: 59_999))
        func send(_ bytes: Int, until status: Int) throws -> Client.Reply {
            let limit = ContinuousClock.now + patience
            while true {
                let reply = try server.send(.post, "/", body: [UInt8](repeating: 0x62, count: bytes))
                if reply.status == status || ContinuousClock.now > limit { return reply }
            }
        }
        // Until all of the first has arrived there is room for another.
        let refused = try send(50_000, until: 503)
        #expect(refused.status == 503)
        #expect(refused.headers["Retry-After"] == "1" && away.withLock { $0 } == [.bodies])
        try first.send("a")
        #expect(try first.answer().body == "60000")
        // And what was refused or has ended holds nothing any more.
        #expect(try send(65_000, until: 200).text == "65000")
    }

    @Test func oneClientsBodiesHaveTheirShare() throws {
        var settings = patient()
        settings.bodyBytesPerClient = 40_000
        settings.clients = Clients(sending: { $0.headers["X-Client"] })
        let server = try start(settings)
        func begin(_ client: String) throws -> RawConnection {
            let connection = try server.connect()
            let head = "POST / HTTP/1.1\r\nHost: x\r\nX-Client: \(client)\r\nContent-Length: 30000\r\n\r\n"
            try connection.send(head)
            try connection.send([UInt8](repeating: 0x61, count: 29_999))
            return connection
        }
        func post(_ bytes: Int, as client: String) throws -> Client.Reply {
            try server.send(
                .post, "/", headers: [("X-Client", client)], body: [UInt8](repeating: 0x62, count: bytes))
        }
        // A body that is its client's only one may be larger than the share.
        #expect(try post(60_000, as: "a").text == "60000")
        let first = try begin("a")
        let limit = ContinuousClock.now + patience
        var refused = try post(30_000, as: "a")
        while refused.status != 429, ContinuousClock.now < limit { refused = try post(30_000, as: "a") }
        #expect(refused.status == 429 && refused.headers["Retry-After"] == "1")
        // Others do not notice, and what fits beside it is taken.
        #expect(try post(60_000, as: "b").text == "60000")
        #expect(try post(9_000, as: "a").text == "9000")
        try first.send("a")
        #expect(try first.answer().body == "30000")
        #expect(try post(60_000, as: "a").text == "60000")
    }

    @Test func whoIsNotAdmittedIsNotRead() throws {
        let bodies = Inbox<Int>()
        let server = try serve(patient()) { router in
            router.on(
                .post, "/{who}",
                admission: { request in
                    #expect(request.body.isEmpty)
                    return request.parameters["who"] == "friend" ? nil : Problem(status: 401).response
                }
            ) { request in
                bodies.put(request.body.count)
                return .now(.empty)
            }
        }
        let polite = try server.connect()
        try polite.send(
            "POST /foe HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
        #expect(try polite.answer().status == 401)
        #expect(try server.send(.post, "/foe", body: [1, 2, 3]).status == 401)
        #expect(try server.send(.post, "/friend", body: [1, 2, 3]).status == 204)
        #expect(bodies.all == [3])
    }

    @Test func aProxyHasNoShareOfConnections() throws {
        var settings = patient()
        settings.connectionsPerClient = 1
        let strict = try start(settings)
        let first = try strict.connect()
        #expect(try first.get("/").status == 200)
        #expect(try strict.connect().isClosed())
        settings.clients = Clients(connecting: { $0 == "127.0.0.1" ? nil : $0 })
        let open = try start(settings)
        let others = try (0..<3).map { _ in try open.connect() }
        for connection in others { #expect(try connection.get("/").status == 200) }
    }

    // MARK: Work that does not end

    @Test func howLongAThreadHasWorkedIsTold() throws {
        let began = Inbox<Void>()
        let end = DispatchSemaphore(value: 0)
        let server = try serve(patient()) { router in
            router.on(.get, "/") { _ in
                began.put(())
                end.wait()
                return .now(.empty)
            }
        }
        #expect(server.longestWork == nil)
        let connection = try server.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try began.take()
        let before = try #require(server.longestWork)
        #expect(try #require(server.longestWork) >= before)
        end.signal()
        #expect(try connection.answer().status == 204)
        #expect(server.longestWork == nil)
    }

    // MARK: Heads

    @Test(
        "what RFC 9112 forbids is refused, and nothing behind it is read",
        arguments: [
            "Host: x\r\nHost: y\r\n", "Host: x\r\nhost: x\r\n", "Host: x\r\n: a\r\n",
            "Host: x\r\n:Content-Length: 5\r\nX: 1\r\n", ":\r\nHost: x\r\n",
            "Host: x\r\nContent-Length: 1\r\n 0\r\n", "Host: x\r\nTransfer-Encoding:\r\n chunked\r\n",
            "Host: x\r\nX: a\r\n b\r\n", " X: a\r\nHost: x\r\n", "Host: x\r\nX: a\r\n\tb\r\nY: c\r\n",
            "Host: x\r\nX: a\0b\r\n", "Host: x\r\nX: a\0b\r\nY: 1\r\n", "Host: x\r\nX\0: a\r\nY: 1\r\n",
            "Host: x\0\r\nX: a\r\n", "Host: x\r\nX: a\0\r\n", "Host: x\r\nX: a\u{1}b\r\n",
            "Host: x\r\nX: a\rb: c\r\n", "Host: x\r\nX : a\r\n", "Host: x\r\nX(y): a\r\n",
            "Host: x\r\nX\u{E9}: a\r\n",
            "Host: x\r\nX: a\0\r\nContent-Length: 30\r\n",
            "Host:\r\n", "Host: a b\r\n", "Host: a@b\r\n", "Host: a/b\r\n", "Host: x:8a\r\n", "Host: :80\r\n",
            "Host: [::1\r\n", "Host: []\r\n", "Host: [::1]x\r\n", "Host: a,b?\r\n",
        ])
    func forbidden(_ fields: String) throws {
        let server = try start(patient())
        let connection = try server.connect()
        try connection.send("GET / HTTP/1.1\r\n\(fields)\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try connection.answer().status == 400)
        #expect(try connection.isClosed())
        #expect(accesses.all.allSatisfy { $0.status == 400 })
    }

    @Test(
        "a length that is no number is refused, and nothing behind it is read",
        arguments: [
            "x", "5x", "+5", "-1", "5, 5", "0x5", "", " ", "1 0", "5;", "5.0", "99999999999999999999",
            "18446744073709551620", "\u{FF15}",
        ])
    func malformedLength(_ length: String) throws {
        let server = try start(patient())
        let connection = try server.connect()
        let request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n"
        try connection.send(request + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try connection.answer()
        #expect([400, 413].contains(answer.status))
        #expect(answer.headers["connection"] == "close")
        #expect(try connection.isClosed())
        #expect(accesses.all.map(\.status) == [answer.status])
    }

    @Test(
        "a request of HTTP/1.0 has no transfer coding",
        arguments: ["Transfer-Encoding: chunked\r\n", "Host: x\r\nTransfer-Encoding: chunked\r\n"])
    func oldChunks(_ fields: String) throws {
        let server = try start(patient())
        let connection = try server.connect()
        try connection.send(
            "POST / HTTP/1.0\r\n\(fields)Connection: keep-alive\r\n\r\n1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        #expect(try connection.answer().status == 400)
        #expect(try connection.isClosed())
        #expect(accesses.all.map(\.status) == [400])
    }

    @Test func aLaterMinorVersionIsTheLatestThatWeKnow() throws {
        let server = try start(patient())
        let known = try server.connect()
        try known.send("POST / HTTP/1.9\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
        #expect(try known.answer().body == "2")
        let nameless = try server.connect()
        try nameless.send("GET / HTTP/1.9\r\n\r\n")
        #expect(try nameless.answer().status == 400)
    }

    @Test(
        "the same in a request line",
        arguments: [
            "GET /\0y HTTP/1.1", "GET / HTTP/1.1\0", "GET  / HTTP/1.1", "GET / HTTP/1.1 x",
            "GET\0 / HTTP/1.1",
        ])
    func forbiddenLine(_ line: String) throws {
        let server = try start(patient())
        let connection = try server.connect()
        try connection.send("\(line)\r\nHost: x\r\n\r\n")
        #expect(try connection.answer().status == 400)
        #expect(try connection.isClosed())
    }

    @Test(
        "and what is allowed passes, also in pieces and one behind the other",
        arguments: [
            "Host: x\r\n", "Host: a-b.example:\r\n", "Host: x_y:8080\r\n", "Host:x\r\nX:\r\nY: \r\n",
            "Host: x\r\nX:  \ta  b\t \r\n", "Host: x\nX: a\n",
            "Host: x\r\nCookie: a=b; c=d\r\nX-A: \u{E9}\r\n", "X-1: a\r\nHost: [::1]:80\r\nX-1: b\r\n",
            "Host: x\r\n" + (0..<100).map { "X-\($0): some value or other\r\n" }.joined(),
        ])
    func allowed(_ fields: String) throws {
        let server = try start(patient())
        let end = fields.hasSuffix("\r\n") ? "\r\n" : "\n"
        let request = "GET /?a=b&c&d=%20 HTTP/1.1\(end)\(fields)\(end)"
        let connection = try server.connect()
        try connection.send(request + request)
        for _ in 0..<2 { #expect(try connection.answer().status == 200) }
        for byte in "\r\n\r\n\(request)".utf8 { try connection.send([byte]) }
        #expect(try connection.answer().status == 200)
    }

    @Test func aValueIsReadAsBytes() throws {
        let values = Inbox<[String]>()
        let server = try serve { router in
            router.on(.get, "/") { request in
                values.put(request.headers.all("X"))
                return .now(.empty)
            }
        }
        let connection = try server.connect()
        try connection.send("GET / HTTP/1.1\r\nHost: x\r\nX:  a b \t\r\nX: \u{E9}\r\n\r\n")
        #expect(try connection.answer().status == 204)
        // Two letters of ISO 8859-1, and no mark that piles up.
        #expect(try values.take()[0] == ["a b", "\u{C3}\u{A9}"])
    }

    // MARK: Anything

    @Test func whateverIsSentTheNextClientIsServed() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var chance = SplitMix64(seed: seed)
        let server = try start(patient())
        let pieces = [
            "GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "Host: x\r\n", "Content-Length: 5\r\n", "\r\n", "\n",
            "\0",
            "Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n", "0\r\n\r\n", " ", ":",
            "Connection: close\r\n",
            "Content-Length: 99999999999999999999\r\n", "Expect: 100-continue\r\n", "\u{0301}\u{0323}", "%00",
            "a", "?",
        ]
        for round in 0..<200 {
            let connection = try server.connect()
            let text = (0..<Int.random(in: 1...12, using: &chance)).map { _ in chance.one(of: pieces) }
                .joined()
            try? connection.send("GET / HTTP/1.1\r\nHost: x\r\n" + text)
            if round % 20 == 0 { #expect(try server.get("/").text == "here", "seed \(seed), round \(round)") }
        }
        #expect(try server.get("/").text == "here", "seed \(seed)")
    }
}
