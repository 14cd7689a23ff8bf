import Glibc
import Synchronization

/// The open connections of a server: who they come from, what each is at, and since when.
///
/// libmicrohttpd closes a connection on which nothing moves, but one byte now and then keeps it alive for
/// ever, and it does not look at a connection that is suspended. Both are done here, four times a second. A
/// connection is ended by shutting its socket down; its polling thread then sees the end and closes it.
final class Connections: Sendable {
    enum Limit {
        /// How often connections are looked at.
        static let period = Duration.milliseconds(250)
    }

    /// What a connection is at; the client's part has a deadline, ours has none.
    enum Phase {
        /// The next request's head: from the connection's beginning, or from the end of the answer before.
        case head
        case body
        /// A thread works on the request.
        case work
        /// The request is suspended until its promise is answered.
        case waiting(Pending)
        case answer
    }

    private struct Line {
        let address: String
        var phase = Phase.head
        var since: ContinuousClock.Instant
    }

    private struct Guarded {
        /// By socket: no two open connections have the same.
        var lines: [Int32: Line] = [:]
        var perAddress: [String: Int] = [:]
    }

    private let guarded = Mutex(Guarded())
    private let settings: ServerSettings

    init(_ settings: ServerSettings) {
        self.settings = settings
    }

    /// Whether one more connection from there may be. A proxy stands for many clients and has no share.
    func hasRoom(for address: String) -> Bool {
        guard let limit = settings.connectionsPerAddress, !settings.isProxy(address) else { return true }
        return guarded.withLock { $0.perAddress[address, default: 0] < limit }
    }

    func open(_ socket: Int32, from address: String, at now: ContinuousClock.Instant) {
        guarded.withLock { guarded in
            guarded.lines[socket] = Line(address: address, since: now)
            guarded.perAddress[address, default: 0] += 1
        }
    }

    /// Called before the socket is closed: its number then becomes another's.
    func close(_ socket: Int32) {
        guarded.withLock { guarded in
            guard let line = guarded.lines.removeValue(forKey: socket) else { return }
            let left = guarded.perAddress[line.address, default: 1] - 1
            guarded.perAddress[line.address] = left > 0 ? left : nil
        }
    }

    func enter(_ phase: Phase, _ socket: Int32) {
        let now = ContinuousClock.now
        guarded.withLock { guarded in
            guarded.lines[socket]?.phase = phase
            guarded.lines[socket]?.since = now
        }
    }

    /// How long the request has been worked on that has been for longest; nil where no thread is at work.
    func longestWork(at now: ContinuousClock.Instant) -> Duration? {
        guarded.withLock { guarded in
            guarded.lines.values.lazy.compactMap { line in
                guard case .work = line.phase else { return nil }
                return line.since.duration(to: now)
            }.max()
        }
    }

    /// Ends the connections whose client did not do his part in time, or hung up while his request waited.
    func look(at now: ContinuousClock.Instant) {
        let left = guarded.withLock { guarded in
            for (socket, line) in guarded.lines {
                guard let limit = limit(of: line.phase), line.since.duration(to: now) > limit else {
                    continue
                }
                // A socket in the table is open (`close`), so this is the connection's own.
                shutdown(socket, Int32(SHUT_RDWR))
            }
            return hungUp(guarded.lines)
        }
        // Without the lock: the promise's owner may be answering just now.
        for pending in left { pending.hangUp() }
    }

    private func limit(of phase: Phase) -> Duration? {
        switch phase {
        case .head: .seconds(settings.headSeconds)
        case .body: .seconds(settings.bodySeconds)
        case .work, .waiting: nil
        case .answer: .seconds(settings.answerSeconds)
        }
    }

    /// A client that closes its half of the connection has gone, as far as anybody can tell before he is
    /// written to.
    private func hungUp(_ lines: [Int32: Line]) -> [Pending] {
        let waiting = lines.compactMap { socket, line -> (socket: Int32, pending: Pending)? in
            guard case .waiting(let pending) = line.phase else { return nil }
            return (socket, pending)
        }
        guard !waiting.isEmpty else { return [] }
        var polled = waiting.map { pollfd(fd: $0.socket, events: peerClosed, revents: 0) }
        guard unsafe poll(&polled, nfds_t(polled.count), 0) > 0 else { return [] }
        let ended = peerClosed | Int16(POLLHUP) | Int16(POLLERR)
        return zip(waiting, polled).filter { $1.revents & ended != 0 }.map(\.0.pending)
    }
}

/// POLLRDHUP of Linux's poll.h, which Swift does not import: the peer will write no more.
private let peerClosed: Int16 = 0x2000
