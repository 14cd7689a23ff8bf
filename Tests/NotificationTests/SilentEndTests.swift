import Foundation
import Glibc
import HTTP
import Models
import Synchronization
import Testing

@testable import Host
@testable import Notification

/// A gateway that dies: it answers the first request, and ends each later connection without a word after it
/// has read a request. By then the message may be on its way. It keeps a connection that it is not asked to
/// close (RFC 9112 §9.6).
private final class DyingGateway: Sendable {
    private final class Book: Sendable {
        let requests = Mutex(0)
    }

    let port: Int
    private let socket: Int32
    private let book = Book()

    var requests: Int { book.requests.withLock { $0 } }

    init() throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, size) == 0 && listen(socket, 8) == 0
                    && getsockname(socket, address, &size) == 0
            }
        }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        let book = book
        Thread.detachNewThread {
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread { Self.serve(connection, book) }
            }
        }
        try #require(isListening)
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
        close(socket)
    }

    private static func serve(_ connection: Int32, _ book: Book) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let length = read(connection, &bytes, bytes.count)
            guard length > 0 else { break }
            let isFirst = book.requests.withLock { requests in
                requests += 1
                return requests == 1
            }
            guard isFirst else { break }
            let isLast = String(decoding: bytes[..<length], as: UTF8.self).contains("Connection: close\r\n")
            let last = isLast ? "Connection: close\r\n" : ""
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\(last)\r\nok"
            _ = write(connection, answer, answer.utf8.count)
            if isLast { break }
        }
        close(connection)
    }
}

@Suite("A gateway that ends without an answer")
struct SilentEndTests {
    @Test("is not given the message again behind the back of the suite, and may have it")
    func once() throws {
        let door = try DyingGateway()
        var gateway = HTTPGateway(
            HTTPGateway.Dialect(
                url: "http://127.0.0.1:\(door.port)/send", method: .post, form: .query,
                fields: [.init(name: "to", template: "{phone}")], headers: [], country: .china,
                successStatus: 200...299),
            timeout: .seconds(5), window: 1)
        func receipt(_ attempt: Int) throws -> SMSReceipt {
            gateway.submit(
                SMSJob(
                    reference: "r", attempt: attempt, handle: Desk.recipient.handle,
                    phone: Desk.recipient.phone, text: "t", expiresAt: .now + .seconds(3600)))
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                if let receipt = gateway.poll(within: .milliseconds(100)).first { return receipt }
            }
            throw Silence()
        }
        #expect(try receipt(1).outcome == .accepted)
        let second = try receipt(2)
        #expect(second.outcome == .deferred, "nobody knows whether it has the message")
        usleep(300_000)
        #expect(door.requests == 2)
    }

    private struct Silence: Error {}
}
