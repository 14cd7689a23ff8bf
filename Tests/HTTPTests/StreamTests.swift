import Dispatch
import Foundation
import Glibc
import Synchronization
import Testing

@testable import HTTP

/// Bodies that are written bit by bit.
@Suite struct StreamTests {
    private let streams = Inbox<BodyStream>()

    private func streaming(_ settings: ServerSettings = ServerSettings()) throws -> Server {
        try serve(settings) { [streams] router in
            router.on(.get, "/stream") { _ in
                let stream = BodyStream()
                streams.put(stream)
                return .now(
                    Response(status: 200, headers: [("Content-Type", "text/plain")], body: .stream(stream)))
            }
            router.on(.get, "/now") { _ in .now(.text("now")) }
        }
    }

    private func begin(_ server: Server, version: String = "1.1") throws -> (RawConnection, BodyStream) {
        let connection = try server.connect()
        try connection.send("GET /stream HTTP/\(version)\r\nHost: x\r\n\r\n")
        return (connection, try streams.take()[0])
    }

    @Test func everythingThatIsWrittenArrivesAtOnceAndInOrder() throws {
        let server = try streaming()
        let (connection, stream) = try begin(server)
        #expect(try connection.answer(hasBody: false).headers["transfer-encoding"] == "chunked")
        for round in 0..<200 {
            #expect(stream.write(Array("line \(round)\n".utf8)))
            try connection.expect("line \(round)\n")
        }
        stream.end()
        try connection.expect("0\r\n\r\n")
        #expect(!stream.write([0x21]))
        // The connection serves the next request.
        #expect(try connection.get("/now").body == "now")
    }

    @Test func anOldClientReadsUntilTheEnd() throws {
        let server = try streaming()
        let (connection, stream) = try begin(server, version: "1.0")
        _ = try connection.answer(hasBody: false)
        stream.write(Array("one".utf8))
        try connection.expect("one")
        stream.end()
        #expect(try connection.isClosed())
    }

    @Test func aThousandReadersNeedNoThreadEach() throws {
        let count = 1_000
        try raiseOpenFiles(to: 2 * count + 500)
        let server = try streaming()
        let readers = try (0..<count).map { _ in try begin(server) }
        #expect(try server.get("/now").text == "now")
        let open = readers.map(\.1)
        DispatchQueue.concurrentPerform(iterations: count) { open[$0].write(Array("news\n".utf8)) }
        for (connection, _) in readers {
            _ = try connection.answer(hasBody: false)
            try connection.expect("news\n")
        }
    }

    @Test func whoLeavesIsNoticedWithoutAWrite() throws {
        let server = try streaming()
        let stream = try {
            let (connection, stream) = try begin(server)
            _ = try connection.answer(hasBody: false)
            return stream
        }()
        let end = ContinuousClock.now + patience
        while stream.isOpen, .now < end { usleep(20_000) }
        #expect(!stream.isOpen && !stream.write([0x21]))
        #expect(server.drain(within: .milliseconds(500)) == 0)
    }

    @Test func whoDoesNotReadIsCutOff() throws {
        let server = try streaming()
        let (connection, stream) = try begin(server)
        _ = try connection.answer(hasBody: false)
        let block = [UInt8](repeating: 0x61, count: 32_768)
        var written = 0
        while stream.write(block), written < 10_000 { written += 1 }
        #expect(!stream.isOpen)
        #expect(try connection.isClosed())
    }

    @Test func aDrainEndsStreams() throws {
        let server = try streaming()
        let (connection, stream) = try begin(server)
        _ = try connection.answer(hasBody: false)
        stream.write(Array("last".utf8))
        #expect(server.drain(within: patience) == 0)
        try connection.expect("last")
        try connection.expect("0\r\n\r\n")
        #expect(try connection.isClosed())
    }

    @Test func aSourceGivesALongBodyWholeToAReaderWhoTakesHisTime() throws {
        let pieces = 200
        let server = try serve { router in
            router.on(.get, "/long") { _ in
                let next = Mutex(0)
                return .now(
                    Response(
                        status: 200,
                        body: .stream(
                            BodyStream {
                                let piece = next.withLock { next in
                                    next += 1
                                    return next
                                }
                                return piece > pieces ? nil : [UInt8](repeating: 0x61, count: 20_000)
                            })))
            }
        }
        let connection = try server.connect()
        try connection.send("GET /long HTTP/1.0\r\nHost: x\r\n\r\n")
        _ = try connection.answer(hasBody: false)
        usleep(200_000)
        let body = try connection.rest()
        #expect(body.count == pieces * 20_000 && body.allSatisfy { $0 == 0x61 })
    }

    @Test(arguments: [true, false]) func aSourceThatFailsOrIsEndedEarlyBreaksTheBodyOff(fails: Bool) throws {
        struct Failed: Error {}
        let made = Inbox<BodyStream>()
        let server = try serve { router in
            router.on(.get, "/long") { _ in
                let next = Mutex(0)
                let stream = BodyStream {
                    let piece = next.withLock { next in
                        next += 1
                        return next
                    }
                    if fails, piece > 2 { throw Failed() }
                    return [UInt8](repeating: 0x61, count: 50_000)
                }
                made.put(stream)
                return .now(Response(status: 200, body: .stream(stream)))
            }
        }
        let connection = try server.connect()
        try connection.send("GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try connection.answer(hasBody: false).headers["transfer-encoding"] == "chunked")
        if !fails { try made.take()[0].end() }
        // The last chunk, of no bytes, is missing (RFC 9112 §8).
        #expect(try connection.rest().suffix(5) != Array("0\r\n\r\n".utf8)[...])
    }

    @Test func headHasNoBody() throws {
        let server = try streaming()
        let connection = try server.connect()
        try connection.send("HEAD /stream HTTP/1.1\r\nHost: x\r\n\r\n")
        let answer = try connection.answer(hasBody: false)
        #expect(answer.status == 200 && answer.headers["connection"] == "close")
        #expect(try connection.isClosed())
    }
}
