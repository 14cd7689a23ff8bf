import Glibc
import Synchronization

/// The open connections of a server: the client that each counts for, its phase, and since when.
///
/// libmicrohttpd closes a connection on which nothing moves. But one byte now and then keeps a connection
/// alive for ever, and libmicrohttpd does not check a suspended connection. This type checks both, four times
/// a second. To end a connection it shuts the socket down; the polling thread of the connection then sees the
/// end and closes it.
final class Connections: Sendable {
    enum Limit {
        /// How often connections are checked.
        static let period = Duration.milliseconds(250)
    }

    /// The phase of a connection. Phases in which the client must act have a deadline; ours have none.
    enum Phase {
        /// Waits for the next request's head: from the beginning of the connection, or from the end of the
        /// last answer.
        case head
        case body
        /// A thread works on the request.
        case work
        /// The request is suspended until its promise is answered.
        case waiting(Pending)
        case answer
        /// The answer is written bit by bit, for as long as its reader stays.
        case stream(BodyStream)
    }

    private struct Line {
        /// Nil for one who stands for many.
        let client: String?
        var phase = Phase.head
        var since: ContinuousClock.Instant
    }

    private struct Guarded {
        /// By socket: no two open connections have the same.
        var lines: [Int32: Line] = [:]
        var perClient: [String: Int] = [:]
    }

    private let guarded = Mutex(Guarded())
    private let settings: ServerSettings

    init(_ settings: ServerSettings) {
        self.settings = settings
    }

    /// Whether one more connection from this address is allowed.
    func hasRoom(for address: String) -> Bool {
        guard let limit = settings.connectionsPerClient, let client = settings.clients.connecting(address)
        else { return true }
        return guarded.withLock { $0.perClient[client, default: 0] < limit }
    }

    func open(_ socket: Int32, from address: String, at now: ContinuousClock.Instant) {
        let client = settings.clients.connecting(address)
        guarded.withLock { guarded in
            guarded.lines[socket] = Line(client: client, since: now)
            if let client { guarded.perClient[client, default: 0] += 1 }
        }
    }

    /// Call it before the socket is closed: afterwards another connection may get its number.
    func close(_ socket: Int32) {
        guarded.withLock { guarded in
            guard let client = guarded.lines.removeValue(forKey: socket)?.client else { return }
            let left = guarded.perClient[client, default: 1] - 1
            guarded.perClient[client] = left > 0 ? left : nil
        }
    }

    func enter(_ phase: Phase, _ socket: Int32) {
        let now = ContinuousClock.now
        guarded.withLock { guarded in
            guarded.lines[socket]?.phase = phase
            guarded.lines[socket]?.since = now
        }
    }

    /// The longest time that any request has been worked on; nil if no thread is at work.
    func longestWork(at now: ContinuousClock.Instant) -> Duration? {
        guarded.withLock { guarded in
            guarded.lines.values.lazy.compactMap { line in
                guard case .work = line.phase else { return nil }
                return line.since.duration(to: now)
            }.max()
        }
    }

    /// Ends the connections whose client was too slow, and finds those whose client hung up while its request
    /// waited.
    func look(at now: ContinuousClock.Instant) {
        let gone = guarded.withLock { guarded in
            for (socket, line) in guarded.lines {
                guard let limit = limit(of: line.phase), line.since.duration(to: now) > limit else {
                    continue
                }
                // A socket in the table is open (`close`), so this is the connection's own.
                shutdown(socket, Int32(SHUT_RDWR))
            }
            return hungUp(guarded.lines)
        }
        // Outside the lock: the promise's owner may be answering at this moment.
        for phase in gone {
            switch phase {
            case .waiting(let pending): pending.hangUp()
            case .stream(let stream): stream.hangUp()
            case .head, .body, .work, .answer: break
            }
        }
    }

    /// Ends all bodies that are written bit by bit: their readers come back later.
    func endStreams() {
        let streams = guarded.withLock { guarded in
            guarded.lines.values.compactMap { line -> BodyStream? in
                if case .stream(let stream) = line.phase { stream } else { nil }
            }
        }
        for stream in streams { stream.end() }
    }

    private func limit(of phase: Phase) -> Duration? {
        switch phase {
        case .head: .seconds(settings.headSeconds)
        case .body: .seconds(settings.bodySeconds)
        case .work, .waiting, .stream: nil
        case .answer: .seconds(settings.answerSeconds)
        }
    }

    /// The waiting requests and the streams whose clients are gone.
    ///
    /// A client that closes its half of the connection counts as gone: nothing more can be known before we
    /// write to it.
    private func hungUp(_ lines: [Int32: Line]) -> [Phase] {
        let waiting = lines.compactMap { socket, line -> (socket: Int32, phase: Phase)? in
            switch line.phase {
            case .waiting, .stream: (socket, line.phase)
            case .head, .body, .work, .answer: nil
            }
        }
        guard !waiting.isEmpty else { return [] }
        var polled = waiting.map { pollfd(fd: $0.socket, events: peerClosed, revents: 0) }
        guard unsafe poll(&polled, nfds_t(polled.count), 0) > 0 else { return [] }
        let ended = peerClosed | Int16(POLLHUP) | Int16(POLLERR)
        return zip(waiting, polled).filter { $1.revents & ended != 0 }.map(\.0.phase)
    }
}

/// POLLRDHUP of Linux's poll.h, which Swift does not import: the peer will write no more.
private let peerClosed: Int16 = 0x2000
