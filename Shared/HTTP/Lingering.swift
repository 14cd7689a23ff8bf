import Dispatch
import Glibc
import Synchronization

/// Connections that we answered and closed while their clients were still writing.
///
/// The system answers bytes that arrive at a closed socket with a reset, and a reset destroys the answer on
/// its way (RFC 9112, 9.6). libmicrohttpd closes a connection after an answer that was given at the head, and
/// has no lingering close. So we keep a second descriptor of the socket. It keeps the connection alive: our
/// half is closed, and what still arrives is read and thrown away.
final class Lingering: Sendable {
    enum Limit {
        /// How many at once; when there are more, a refused client is answered after its body.
        static let sockets = 128
        /// Time for a client to read its answer and to hang up.
        static let patience = Duration.seconds(5)
        /// How often new ones are looked for while others are read, in milliseconds.
        static let period: Int32 = 50
        static let readBytes = 65_536
    }

    fileprivate struct Line {
        let deadline: ContinuousClock.Instant
        var bytesLeft: Int
    }

    fileprivate struct Guarded {
        /// From the first descriptor to the second, for connections that are not closed yet.
        var kept: [Int32: Int32] = [:]
        /// By the second descriptor, after the first one is closed.
        var lines: [Int32: Line] = [:]
        var isReading = false
        var isOver = false
    }

    private let guarded = Mutex(Guarded())
    private let queue = DispatchQueue(label: "http lingering")
    private let discardedBytes: Int

    init(_ settings: ServerSettings) {
        discardedBytes = settings.discardedBytes
    }

    deinit {
        end()
    }

    /// Whether the connection will stay alive until its client is done; false if there is no room for it.
    func keep(_ socket: Int32) -> Bool {
        guarded.withLock { guarded in
            guard !guarded.isOver, guarded.kept.count + guarded.lines.count < Limit.sockets else {
                return false
            }
            let second = fcntl(socket, F_DUPFD_CLOEXEC, 0)
            guard second >= 0 else { return false }
            guarded.kept[socket] = second
            return true
        }
    }

    /// libmicrohttpd has sent the answer, reads no more, and closes its own descriptor next.
    func closed(_ socket: Int32) {
        let begins = guarded.withLock { guarded in
            guard let second = guarded.kept.removeValue(forKey: socket) else { return false }
            shutdown(second, Int32(SHUT_WR))
            guarded.lines[second] = Line(deadline: .now + Limit.patience, bytesLeft: discardedBytes)
            defer { guarded.isReading = true }
            return !guarded.isReading
        }
        if begins { queue.async { [weak self] in self?.read() } }
    }

    /// Closes all of them.
    func end() {
        guarded.withLock { guarded in
            guarded.isOver = true
            for second in guarded.kept.values { close(second) }
            for second in guarded.lines.keys { close(second) }
            guarded.kept = [:]
            guarded.lines = [:]
        }
    }

    private func read() {
        var bytes = [UInt8](repeating: 0, count: Limit.readBytes)
        while true {
            var polled = guarded.withLock { guarded in
                if guarded.lines.isEmpty { guarded.isReading = false }
                return guarded.lines.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            }
            if polled.isEmpty { return }
            unsafe poll(&polled, nfds_t(polled.count), Limit.period)
            guarded.withLock { guarded in
                for one in polled { guarded.step(one, &bytes) }
            }
        }
    }
}

extension Lingering.Guarded {
    fileprivate mutating func step(_ polled: pollfd, _ bytes: inout [UInt8]) {
        // `end` may have been called meanwhile.
        guard var line = lines[polled.fd] else { return }
        if polled.revents != 0 {
            let count = unsafe recv(polled.fd, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            let isDone = count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
            line.bytesLeft -= isDone ? line.bytesLeft : max(count, 0)
        }
        if line.bytesLeft > 0, .now < line.deadline {
            lines[polled.fd] = line
        } else {
            lines[polled.fd] = nil
            close(polled.fd)
        }
    }
}
