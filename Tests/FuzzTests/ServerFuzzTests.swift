import Dispatch
import Foundation
import Glibc
import HTTP
import Host
import Models
import Support
import Testing
import Text

@testable import Intake

@Suite("Bytes on a socket")
struct ServerFuzzTests {
    private enum Limit {
        static let answerSeconds = 10
    }

    /// Routes as Intake has them, short of Kafka: a body that is read, an answer that comes later, an
    /// admission, parameters, and a file.
    private static func server() throws -> Server {
        var settings = ServerSettings()
        settings.headSeconds = 1
        settings.bodySeconds = 1
        settings.allowedOrigin = "https://rivers.example"
        let addresses = AddressLimit(nil, Metrics())
        settings.admission = addresses.admission(behind: Proxies())
        var router = Router()
        router.on(.get, "/v1/link") { .now(.text($0.query["q"] ?? "none")) }
        router.on(.post, "/v1/complaints", limit: 65_536) { request in
            .later { promise in
                let draft = (try? Form(request.body)).map { ComplaintForm.read($0, country: .china) }
                DispatchQueue.global().async { promise.answer(Response(status: draft == nil ? 400 : 201)) }
            }
        }
        router.on(
            .post, "/v1/complaints/{complaint}/actions", limit: 1024,
            admission: {
                let isNamed = TrackingCode($0.parameters["complaint"] ?? "") != nil
                let id = Bearer.token(in: $0.headers).flatMap { ComplaintID($0) }
                return isNamed && id != nil ? nil : Problem(status: 401).response
            }
        ) { request in
            .now(Response(status: (try? Form(request.body)) == nil ? 400 : 202))
        }
        router.files(under: "/files", from: URL(filePath: #filePath).deletingLastPathComponent().path)
        return try Server(settings, router)
    }

    private static let sound: [[UInt8]] = {
        let body = #"{"category":"odour","text":"臭","place":{"longitude":120.2,"latitude":30.2}}"#
        let id = ComplaintID(UUID().ofOurMaking)
        return [
            "GET /v1/link?q=%E6%B2%B3&a=1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\n\r\n",
            "HEAD /files/Mutant.swift HTTP/1.1\r\nHost: x\r\nIf-None-Match: \"1\"\r\n\r\n",
            "GET /files/../../../etc/passwd HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
            "OPTIONS /v1/complaints HTTP/1.1\r\nHost: x\r\nOrigin: https://rivers.example\r\n"
                + "Access-Control-Request-Method: POST\r\n\r\n",
            "POST /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + "X-Forwarded-For: 192.0.2.1, 192.0.2.2\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)",
            "POST /v1/complaints HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n0\r\n\r\n",
            "POST /v1/complaints/\(id.code.compact)/actions HTTP/1.1\r\nHost: x\r\n"
                + "Authorization: Bearer \(id.text)\r\nExpect: 100-continue\r\n"
                + "Content-Length: 2\r\n\r\n{}GET /v1/link HTTP/1.1\r\nHost: x\r\n\r\n",
            "PUT /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        ].map { Array($0.utf8) }
    }()

    private static let pieces =
        Mutant.pieces
        + [
            "\r\n\r\n", "\r", " ", "\t", "/", "//", "/..", "?", "#", "*", ";", "HTTP/1.1", "HTTP/9.9", "GET ",
            "POST ",
            "Host: x\r\n", "Content-Length: 5\r\n", "Content-Length: -1\r\n",
            "Content-Length: 99999999999999999999\r\n", "Transfer-Encoding: chunked\r\n", "0\r\n\r\n",
            "ffffffffffffffff\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n", " folded\r\n",
            ": x\r\n",
            "X: \(String(repeating: "a", count: 9000))\r\n",
        ].map { Array($0.utf8) }

    @Test("whatever comes, the server answers or closes, and answers the next", .timeLimit(.minutes(10)))
    func anything() throws {
        let server = try Self.server()
        defer { server.drain(within: .seconds(1)) }
        // A server that traps ends the process; then this is the last line.
        print("FUZZ_SEED=\(FuzzTests.seed) swift test --filter ServerFuzzTests")
        var chance = SplitMix64(seed: FuzzTests.seed)
        let started = ContinuousClock.now
        var sent = 0
        while started.duration(to: .now) < .seconds(max(2, FuzzTests.seconds)) {
            for _ in 0..<20 {
                let bytes = Mutant.of(Self.sound, &chance, pieces: Self.pieces)
                // Now and then one that neither ends nor goes on: the deadlines end it.
                let isHalf = !chance.once(in: 200)
                let last = try Socket(to: server.port).exchange(bytes, endsHalf: isHalf)
                #expect(last != .silence, "no answer and no end to \(String(decoding: bytes, as: UTF8.self))")
                sent += 1
            }
            #expect(try good(server), "the next is not answered")
        }
        #expect(sent >= 20)
    }

    @Test("many at once, some of which hang up in the middle")
    func atOnce() throws {
        let server = try Self.server()
        defer { server.drain(within: .seconds(1)) }
        print("FUZZ_SEED=\(FuzzTests.seed) swift test --filter ServerFuzzTests")
        DispatchQueue.concurrentPerform(iterations: 8) { number in
            var chance = SplitMix64(seed: FuzzTests.seed &+ UInt64(number))
            for _ in 0..<50 {
                let bytes = Mutant.of(Self.sound, &chance, pieces: Self.pieces)
                guard let socket = try? Socket(to: server.port) else { continue }
                if chance.once(in: 2) {
                    _ = socket.exchange(bytes, endsHalf: true)
                } else {
                    socket.send(bytes)
                }
            }
        }
        #expect(try good(server))
    }

    private func good(_ server: Server) throws -> Bool {
        let reply = try Client(timeout: .seconds(Limit.answerSeconds)).send(
            .get, "http://127.0.0.1:\(server.port)/v1/link?q=here")
        return reply.status == 200 && reply.body == Array("here".utf8)
    }

    /// A connection that sends whatever it is given.
    private final class Socket {
        enum Last { case answer, end, silence }

        private let descriptor: Int32

        init(to port: UInt16) throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var limit = timeval(tv_sec: Limit.answerSeconds, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard connected == 0 else { throw CocoaError(.fileReadUnknown) }
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8]) {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                // The server may have closed already.
                guard count > 0 else { return }
                sent += count
            }
        }

        /// Sends, and reads to the end of what comes.
        ///
        /// - Parameter endsHalf: whether it then says that it sends no more; else the server waits for more.
        func exchange(_ bytes: [UInt8], endsHalf: Bool) -> Last {
            send(bytes)
            if endsHalf { shutdown(descriptor, Int32(SHUT_WR)) }
            var answered = false
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    answered = true
                } else if count == 0 {
                    return answered ? .answer : .end
                } else {
                    return errno == ECONNRESET ? .end : .silence
                }
            }
        }
    }
}
