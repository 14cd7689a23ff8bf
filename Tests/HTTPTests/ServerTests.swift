import Foundation
import Testing

@testable import HTTP

@Suite struct ServerTests {
    @Test func aRouteSeesTheWholeRequest() throws {
        let server = try serve { router in
            router.on(.post, "/v1/rivers/{id}/notes") { request in
                let parts = [
                    request.method.rawValue, request.path, request.parameters["id"] ?? "-",
                    request.query["q"] ?? "-", request.headers["x-token"] ?? "-", request.peerAddress,
                    String(decoding: request.body, as: UTF8.self),
                ]
                return .now(.text(parts.joined(separator: "|"), status: 201))
            }
        }
        let reply = try server.send(
            .post, "/v1/rivers/%E6%B2%B3/notes?q=a+b", headers: [("X-Token", "t")], body: Array("浊".utf8))
        #expect(reply.status == 201)
        #expect(reply.text == "POST|/v1/rivers/河/notes|河|a b|t|127.0.0.1|浊")
        #expect(reply.headers["content-type"] == "text/plain; charset=utf-8")
    }

    @Test func oneConnectionServesManyRequests() throws {
        let server = try serve { router in
            router.on(.get, "/") { _ in .now(.text("a")) }
            router.on(.post, "/echo") { .now(.text(String(decoding: $0.body, as: UTF8.self))) }
        }
        let connection = try server.connect()
        #expect(try connection.get("/").body == "a")
        // Refused ones without a body keep the connection, too.
        #expect(try connection.get("/nothing").status == 404)
        try connection.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try connection.send("3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        #expect(try connection.answer().body == "abcde")
        // Two at once, answered in order.
        let pipelined = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
        try connection.send(pipelined + "1" + pipelined + "2")
        #expect(try connection.answer().body == "1")
        #expect(try connection.answer().body == "2")
    }

    @Test func anEmptyBodyKeepsTheConnection() throws {
        let server = try serve { $0.on(.post, "/") { _ in .now(.empty) } }
        let connection = try server.connect()
        for _ in 0..<3 {
            try connection.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            #expect(try connection.answer().status == 204)
        }
    }

    @Test func headIsGetWithoutItsBody() throws {
        let server = try serve { $0.on(.get, "/a") { _ in .now(.text("hello")) } }
        let connection = try server.connect()
        try connection.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try connection.answer(hasBody: false)
        #expect(answer.status == 200)
        #expect(answer.headers["content-length"] == "5")
        // What follows on the connection is the next answer, no body.
        #expect(try connection.get("/a").body == "hello")
    }

    @Test func whatIsNotThereSaysWhatIs() throws {
        let server = try serve { router in
            router.on(.get, "/a") { _ in .now(.empty) }
            router.on(.post, "/a") { _ in .now(.empty) }
        }
        let missing = try server.get("/b")
        #expect(missing.status == 404)
        #expect(missing.headers["Content-Type"] == "application/problem+json")
        #expect(missing.text == #"{"status":404,"title":"Not Found","type":"about:blank"}"#)
        let wrong = try server.send(.delete, "/a")
        #expect(wrong.status == 405)
        #expect(wrong.headers["Allow"] == "GET, HEAD, POST, OPTIONS")
        let options = try server.send(.options, "/a")
        #expect(options.status == 204)
        #expect(options.headers["Allow"] == "GET, HEAD, POST, OPTIONS")
        #expect(options.headers["Access-Control-Allow-Origin"] == nil)
        let connection = try server.connect()
        try connection.send("BREW /a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try connection.answer().status == 501)
        try connection.send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try connection.answer().status == 204)
        try connection.send("GET http://x/a HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try connection.answer().status == 204)
    }

    @Test func foreignPagesMayCallWhenTheSettingSaysSo() throws {
        var settings = ServerSettings()
        settings.allowedOrigin = "https://rivers.example"
        let server = try serve(settings) { $0.on(.post, "/a") { _ in .now(.empty) } }
        let preflight = try curl(
            "-i", "-X", "OPTIONS", "-H", "Origin: https://rivers.example", "-H",
            "Access-Control-Request-Method: POST", "-H", "Access-Control-Request-Headers: content-type",
            server.url("/a"))
        #expect(preflight.contains("HTTP/1.1 204"))
        #expect(preflight.contains("Access-Control-Allow-Origin: https://rivers.example\r\n"))
        #expect(preflight.contains("Access-Control-Allow-Methods: POST, OPTIONS\r\n"))
        #expect(preflight.contains("Access-Control-Allow-Headers: content-type\r\n"))
        #expect(preflight.contains("Vary: Origin\r\n"))
        for path in ["/a", "/missing"] {
            let reply = try server.send(.post, path)
            #expect(reply.headers["Access-Control-Allow-Origin"] == "https://rivers.example")
        }
    }

    @Test(arguments: [
        ("GET /a%ff HTTP/1.1\r\nHost: x\r\n\r\n", 400, true),
        ("GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400, true),
        ("GET /a/../a HTTP/1.1\r\nHost: x\r\n\r\n", 400, true),
        ("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400, true),
        ("GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400, true),
        ("GET /a HTTP/1.1\r\n\r\n", 400, false),
        ("GET /a HTTP/3.0\r\nHost: x\r\n\r\n", 505, false),
        ("GET /a HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400, false),
        ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400, false),
        ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, false),
        ("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length : 1\r\n\r\n", 400, false),
        (
            "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
            false
        ),
        ("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, false),
        ("POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, false),
    ])
    func whatIsMalformedIsRefused(request: String, status: Int, staysOpen: Bool) throws {
        let server = try serve { router in
            router.on(.get, "/a") { _ in .now(.empty) }
            router.on(.post, "/a") { _ in .now(.empty) }
        }
        let connection = try server.connect()
        try connection.send(request)
        #expect(try connection.answer().status == status)
        if staysOpen {
            #expect(try connection.get("/a").status == 204)
        } else {
            #expect(try connection.isClosed())
        }
    }

    @Test func whatIsNoHTTPIsClosed() throws {
        let server = try serve { _ in }
        for text in ["nonsense\r\n\r\n", "GET /\r\n\r\n"] {
            let connection = try server.connect()
            try connection.send(text)
            #expect(try connection.isClosed(), "\(text)")
        }
    }

    @Test func aPathOfWildBytesIsRefused() throws {
        let server = try serve { _ in }
        let connection = try server.connect()
        try connection.send(Array("GET /".utf8) + [0xFF, 0xFE] + Array(" HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(try connection.answer().status == 400)
    }

    @Test func aHeaderThatWouldSplitTheAnswerIsNotSent() throws {
        let server = try serve { router in
            router.on(.get, "/") { request in
                .now(Response(status: 303, headers: [("Location", request.query["to"] ?? "")]))
            }
        }
        let reply = try server.get("/?to=x%0d%0aSet-Cookie:+a=b")
        #expect(reply.status == 500)
        #expect(reply.headers["Set-Cookie"] == nil)
    }

    @Test func everyAnswerIsReported() throws {
        let inbox = Inbox<Access>()
        var settings = ServerSettings()
        settings.access = { inbox.put($0) }
        let server = try serve(settings) { $0.on(.get, "/rivers/{id}") { _ in .now(.text("hello")) } }
        _ = try server.get("/rivers/7")
        var access = try inbox.take()[0]
        #expect(access.method == .get)
        #expect(access.route == "/rivers/{id}")
        #expect(access.status == 200)
        #expect(access.bytes == 5)
        #expect(access.duration > .zero && access.duration < patience)
        _ = try server.get("/secret")
        access = try inbox.take()[0]
        #expect(access.route == nil)
        #expect(access.status == 404)
        // A path is named whatever it is asked with.
        try server.connect().send("PUT /rivers/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        access = try inbox.take()[0]
        #expect(access.route == "/rivers/{id}" && access.status == 405)
        // Also the answers libmicrohttpd makes itself.
        try server.connect().send("GET /a HTTP/1.1\r\nbad\r\n\r\n")
        access = try inbox.take()[0]
        #expect(access.status == 400)
    }

    @Test("only a route that takes any charset gets a query that is not UTF-8; all others answer 400")
    func charsets() throws {
        let server = try serve { router in
            router.on(.get, "/any", anyCharset: true) { request in
                .now(.text("\(request.query["b"] ?? "") \(request.queryBytes["a"] ?? [])"))
            }
            router.on(.get, "/text") { .now(.text("\($0.query)")) }
        }
        #expect(try server.connect().get("/any?a=%CA%D5&b=1").body == "1 [202, 213]")
        for path in ["/text", "/nothing"] {
            let answer = try server.connect().get("\(path)?a=%CA%D5&b=1")
            #expect(answer.status == 400 && answer.body.contains("The query is not valid UTF-8."))
        }
        #expect(try server.connect().get("/any?%CA=1").status == 400)
    }

    @Test("a request that is refused for its target or its head names the route of its path")
    func refusedTarget() throws {
        var settings = ServerSettings()
        let inbox = Inbox<Access>()
        settings.access = { inbox.put($0) }
        settings.targetBytes = 100
        settings.headerBytes = 1_000
        let server = try serve(settings) { $0.on(.get, "/rivers/{id}") { _ in .now(.empty) } }
        let long = String(repeating: "a", count: 100)
        for (path, header, status, route) in [
            ("/rivers/7?\(long)", "x", 414, "/rivers/{id}"), ("/rivers/7?%z", "x", 400, "/rivers/{id}"),
            ("/rivers/7?a=%ff", "x", 400, "/rivers/{id}"),
            ("/rivers/7", String(repeating: "x", count: 1_000), 431, "/rivers/{id}"),
            ("/other?\(long)", "x", 414, nil), ("/rivers/%ff", "x", 400, nil), ("/\(long)", "x", 414, nil),
        ] as [(String, String, Int, String?)] {
            let connection = try server.connect()
            try connection.send("GET \(path) HTTP/1.1\r\nHost: x\r\nX: \(header)\r\n\r\n")
            #expect(try connection.answer().status == status, "\(path.prefix(30))")
            let access = try inbox.take()[0]
            #expect(access.status == status && access.route == route, "\(path.prefix(30))")
        }
    }

    @Test func aPortInUseIsAnError() throws {
        let server = try serve { _ in }
        var settings = ServerSettings()
        settings.port = server.port
        #expect(throws: ServerError.self) { try serve(settings) { _ in } }
        settings.address = "localhost"
        #expect(throws: ServerError.self) { try serve(settings) { _ in } }
    }

    @Test func aThreadWithoutAConnectionIsAnError() {
        var settings = ServerSettings()
        settings.connections = 1
        #expect(throws: ServerError.self) { try serve(settings) { _ in } }
        settings.threads = 0
        #expect(throws: ServerError.self) { try serve(settings) { _ in } }
    }

    @Test func bothFamiliesAreServed() throws {
        var settings = ServerSettings()
        settings.address = "::"
        let server = try serve(settings) { $0.on(.get, "/") { .now(.text($0.peerAddress)) } }
        #expect(try server.get("/").text == "127.0.0.1")
        #expect(try curl("http://[::1]:\(server.port)/") == "::1")
    }

    @Test func problemsNameTheWrongFields() throws {
        let problem = Problem(
            status: 422, detail: "Two fields.",
            errors: [.init("place.latitude", "must be a number"), .init("text", "is \"empty\"")])
        let expected = """
            {"detail":"Two fields.","errors":[{"detail":"must be a number","field":"place.latitude"},\
            {"detail":"is \\"empty\\"","field":"text"}],"status":422,"title":"Unprocessable Content",\
            "type":"about:blank"}
            """
        guard case .bytes(let bytes) = problem.response.body else {
            Issue.record("a problem has bytes")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
}
