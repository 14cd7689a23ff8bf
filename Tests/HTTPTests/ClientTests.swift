import Foundation
import Testing

@testable import HTTP

@Suite struct ClientTests {
    @Test func itSendsWhatItIsGiven() throws {
        let server = try serve { router in
            router.on(.put, "/") { request in
                .now(
                    .text("\(request.headers["X-A"] ?? "-")|\(String(decoding: request.body, as: UTF8.self))")
                )
            }
        }
        let client = Client()
        for round in 0..<3 {
            let reply = try client.send(
                .put, server.url("/"), headers: [("X-A", "\(round)")], body: Array("body".utf8))
            #expect(reply.text == "\(round)|body")
        }
    }

    @Test func aClosedPortIsRefused() throws {
        let server = try serve { _ in }
        let url = server.url("/")
        server.drain(within: .zero)
        #expect(throws: ClientError.refused) { try Client().send(.get, url) }
    }

    @Test func aLateAnswerIsATimeout() throws {
        let promises = Inbox<Promise>()
        let server = try serve { $0.on(.get, "/") { _ in .later { promises.put($0) } } }
        let started = ContinuousClock.now
        #expect(throws: ClientError.timeout) {
            try Client(timeout: .milliseconds(200)).send(.get, server.url("/"))
        }
        #expect(started.duration(to: .now) < .seconds(10))
        try promises.take()[0].answer(.empty)
    }

    @Test func anAnswerTooLongIsAnError() throws {
        let server = try serve { $0.on(.get, "/") { _ in .now(.text(String(repeating: "a", count: 101))) } }
        #expect(throws: ClientError.other("the answer is longer than 100 bytes")) {
            try Client(replyBytes: 100).send(.get, server.url("/"))
        }
    }

    @Test(arguments: ["", "nothing", "ftp://127.0.0.1/", "http://", "http://[/"])
    func whatIsNoAddressIsAnError(url: String) {
        #expect(throws: ClientError.self) { try Client().send(.get, url) }
    }

    @Test func redirectsStayWithTheirOrigin() throws {
        let other = try serve { $0.on(.get, "/") { _ in .now(.text("other")) } }
        let server = try serve { [location = other.url("/")] router in
            router.on(.get, "/here") { _ in .now(Response(status: 302, headers: [("Location", "/there")])) }
            router.on(.get, "/there") { _ in .now(.text("there")) }
            router.on(.get, "/away") { _ in .now(Response(status: 302, headers: [("Location", location)])) }
        }
        #expect(try server.get("/here").text == "there")
        let stopped = try server.get("/away")
        #expect(stopped.status == 302)
        #expect(stopped.headers["Location"] == other.url("/"))
        #expect(try Client(leavesOrigin: true).send(.get, server.url("/away")).text == "other")
    }

    /// URLSession would wait for a password for ever.
    @Test(arguments: [
        "Basic realm=\"x\"", "Digest realm=\"x\", nonce=\"n\"", "Bearer", "NTLM", "Negotiate",
        "Basic realm=\"x\", Bearer", "?",
    ])
    func aWantedPasswordIsAnAnswer(challenge: String) throws {
        let server = try serve { router in
            router.on(.post, "/") { _ in
                .now(
                    Response(
                        status: 401, headers: [("WWW-Authenticate", challenge)], body: Array("no".utf8)))
            }
        }
        let client = Client(timeout: patience)
        let started = ContinuousClock.now
        // The second request is sent on the connection of the first.
        for _ in 0..<2 {
            let reply = try client.send(.post, server.url("/"), headers: [("X-Key", "k")], body: [1])
            #expect(reply.status == 401 && reply.text == "no")
        }
        let calls = Calls(client)
        calls.begin(1, .post, server.url("/"))
        let ended = calls.ended(within: patience)
        #expect(try ended.first?.result.get().status == 401)
        #expect(started.duration(to: .now) < .seconds(10))
    }

    @Test func aHeaderThatIsNotUTF8IsNamed() throws {
        let ports = Inbox<UInt16>()
        let closed = elsewhere {
            guard var streams = try? Streams(address: "127.0.0.1", port: 0, connections: 4) else { return }
            ports.put(streams.port)
            while true {
                for event in streams.wait(milliseconds: 1000) {
                    switch event {
                    case .received(let name, _):
                        // A file name in GB18030.
                        let head = "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename="
                        streams.send(Array(head.utf8) + [0xCB, 0xB5, 0xC3, 0xF7, 0x0D, 0x0A], to: name)
                        streams.send(Array("Content-Length: 2\r\n\r\nok".utf8), to: name)
                    case .closed: return
                    case .opened: break
                    }
                }
            }
        }
        let port = try ports.take()[0]
        #expect(throws: ClientError.other("the answer has a header that is not UTF-8")) {
            try Client(timeout: patience).send(.get, "http://127.0.0.1:\(port)/")
        }
        _ = try closed.take()
    }

    @Test func itKeepsNoCookies() throws {
        let server = try serve { router in
            router.on(.get, "/") { request in
                .now(
                    Response(
                        status: 200, headers: [("Set-Cookie", "a=b")],
                        body: Array(
                            (request.headers["Cookie"] ?? "none").utf8)))
            }
        }
        let client = Client()
        for _ in 0..<2 { #expect(try client.send(.get, server.url("/")).text == "none") }
    }

    @Test func itGoesThroughNoProxy() async {
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            let server = try serve { $0.on(.get, "/") { _ in .now(.text("direct")) } }
            let reply = try Client(timeout: patience).send(.get, server.url("/"))
            exit(reply.text == "direct" ? 0 : 1)
        }
    }
}
