import Glibc
import Testing

/// A TCP connection that says what no well-behaved client says.
final class RawConnection {
    struct Failure: Error { let what: String, code: Int32 }

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: String
    }

    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(what: "socket", code: errno) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
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
        guard connected == 0 else { throw Failure(what: "connect", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) throws {
        try send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(what: "send", code: errno) }
            sent += count
        }
    }

    /// Reads one answer; `hasBody` is false after HEAD.
    func answer(hasBody: Bool = true) throws -> Answer {
        let end = Array("\r\n\r\n".utf8)
        var head: Int?
        while head == nil {
            head = buffer.indices.first { buffer[$0...].starts(with: end) }
            if head == nil { try receiveMore() }
        }
        let lines = String(decoding: buffer[..<(head ?? 0)], as: UTF8.self).split(separator: "\r\n")
        buffer.removeFirst((head ?? 0) + end.count)
        let status = try #require(lines.first?.split(separator: " ")[1])
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts[1].trimmingPrefix(" ").description
        }
        let bytes = hasBody ? headers["content-length"].flatMap { Int($0) } ?? 0 : 0
        while buffer.count < bytes { try receiveMore() }
        defer { buffer.removeFirst(bytes) }
        return Answer(
            status: try #require(Int(status)), headers: headers,
            body: String(decoding: buffer.prefix(bytes), as: UTF8.self))
    }

    func get(_ path: String) throws -> Answer {
        try send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
        return try answer()
    }

    /// Reads until this text has come, and takes it and all before it away.
    func expect(_ text: String) throws {
        let wanted = Array(text.utf8)
        while true {
            if let start = buffer.indices.first(where: { buffer[$0...].starts(with: wanted) }) {
                return buffer.removeFirst(start + wanted.count)
            }
            try receiveMore()
        }
    }

    /// What comes until the server closes the connection.
    func rest() throws -> [UInt8] {
        #expect(try isClosed())
        defer { buffer = [] }
        return buffer
    }

    /// Reads until the server closes the connection, orderly or not.
    func isClosed() throws -> Bool {
        do {
            while try receive() {}
            return true
        } catch let failure as Failure where failure.code == ECONNRESET {
            return true
        }
    }

    private func receiveMore() throws {
        guard try receive() else { throw Failure(what: "closed before the end of an answer", code: 0) }
    }

    /// False at the end.
    private func receive() throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw Failure(what: "receive", code: errno) }
        buffer += bytes.prefix(count)
        return count > 0
    }
}
