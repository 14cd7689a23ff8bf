import Glibc
import Synchronization

/// TCP connections without a protocol, all on the one thread that waits for them.
///
/// It waits with poll(2): for a few thousand connections that seldom send, that costs less than a thread for
/// each. The events are the result of `wait`, and not calls from another thread.
public struct Streams: ~Copyable {
    public enum Event: Hashable, Sendable {
        case opened(Int, from: String)
        case received(Int, [UInt8])
        /// The other side has closed the connection, or it broke, or the other side does not read what we
        /// send.
        case closed(Int)
    }

    private enum Limit {
        /// The most bytes read from one connection before the next one has its turn.
        static let readBytes = 16_384
        static let unsentBytes = 262_144
        static let acceptedAtOnce = 256
        static let backlog: Int32 = 1024
        /// How long to wait after the process ran out of descriptors.
        static let acceptPause = Duration.milliseconds(200)
    }

    private struct Line {
        let descriptor: Int32
        var unsent: [UInt8] = []
        var isRead = true
    }

    private let socket: ListeningSocket
    private let limit: Int
    private var lines: [Int: Line] = [:]
    private var lastName = 0
    private var broken: [Int] = []
    private var acceptAgainAt = ContinuousClock.now
    private var polled: [pollfd] = []
    private var names: [Int] = []
    /// Ends a `wait` from any thread.
    public let waker: StreamsWaker

    /// When it returns, it listens. Connections beyond the limit wait in the system's backlog.
    public init(address: String, port: UInt16, connections limit: Int) throws(ServerError) {
        let waker = try StreamsWaker()
        let socket = try ListeningSocket(address: address, port: port, backlog: Limit.backlog)
        neverWait(socket.descriptor)
        self.waker = waker
        self.limit = limit
        self.socket = socket
    }

    deinit {
        for line in lines.values { Glibc.close(line.descriptor) }
    }

    public var port: UInt16 { socket.port }
    public var count: Int { lines.count }

    // MARK: Waiting

    public mutating func wait(milliseconds: Int32) -> [Event] {
        gather()
        let count = unsafe poll(&polled, nfds_t(polled.count), broken.isEmpty ? milliseconds : 0)
        var events = broken.map(Event.closed)
        broken.removeAll()
        // Most likely a signal; the caller waits again.
        guard count > 0 else { return events }
        if polled[0].revents != 0 { waker.clear() }
        for (index, name) in names.enumerated() {
            let found = Int32(polled[index + 2].revents)
            if found != 0 { look(at: name, found, &events) }
        }
        if polled[1].revents != 0 { accept(&events) }
        return events
    }

    private mutating func gather() {
        polled.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        let isOpen = lines.count < limit && acceptAgainAt <= .now
        polled.append(pollfd(fd: waker.reading, events: Int16(POLLIN), revents: 0))
        polled.append(pollfd(fd: isOpen ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
        for (name, line) in lines {
            let events = (line.isRead ? POLLIN : 0) | (line.unsent.isEmpty ? 0 : POLLOUT)
            names.append(name)
            polled.append(pollfd(fd: line.descriptor, events: Int16(events), revents: 0))
        }
    }

    private mutating func look(at name: Int, _ found: Int32, _ events: inout [Event]) {
        guard let line = lines[name] else { return }
        if found & POLLOUT != 0 { flush(name) }
        if line.isRead, found & (POLLIN | POLLHUP | POLLERR) != 0 {
            read(name, line.descriptor, &events)
        } else if found & (POLLHUP | POLLERR | POLLNVAL) != 0 {
            close(name)
            events.append(.closed(name))
        }
    }

    private mutating func read(_ name: Int, _ descriptor: Int32, _ events: inout [Event]) {
        var count = 0
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Limit.readBytes) { buffer, used in
            count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            used = max(0, count)
        }
        if count > 0 {
            events.append(.received(name, bytes))
        } else if count == 0 || ![EAGAIN, EINTR].contains(errno) {
            close(name)
            events.append(.closed(name))
        }
    }

    private mutating func accept(_ events: inout [Event]) {
        for _ in 0..<min(Limit.acceptedAtOnce, limit - lines.count) {
            var address = sockaddr_storage()
            var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe withUnsafeMutablePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe Glibc.accept(socket.descriptor, address, &size)
                }
            }
            guard descriptor >= 0 else {
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) {
                    acceptAgainAt = .now + Limit.acceptPause
                }
                return
            }
            neverWait(descriptor)
            keepAlive(descriptor)
            let from = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    unsafe numericAddress(address)
                }
            }
            lastName += 1
            lines[lastName] = Line(descriptor: descriptor)
            events.append(.opened(lastName, from: from))
        }
    }

    // MARK: Sending

    /// What can't be sent now is sent during the next waits. If the connection is gone, nothing happens.
    public mutating func send(_ bytes: [UInt8], to name: Int) {
        guard lines[name] != nil else { return }
        lines[name]?.unsent += bytes
        flush(name)
        if lines[name]?.unsent.count ?? 0 > Limit.unsentBytes { lose(name) }
    }

    private mutating func flush(_ name: Int) {
        guard let line = lines[name], !line.unsent.isEmpty else { return }
        let count = unsafe Glibc.send(
            line.descriptor, line.unsent, line.unsent.count, Int32(MSG_NOSIGNAL))
        if count > 0 {
            lines[name]?.unsent.removeFirst(count)
        } else if ![EAGAIN, EINTR].contains(errno) {
            lose(name)
        }
    }

    private mutating func lose(_ name: Int) {
        close(name)
        broken.append(name)
    }

    /// Whether to read more from this connection. Unread bytes wait in the system's buffers, and finally at
    /// the sender.
    public mutating func read(_ name: Int, _ isRead: Bool) { lines[name]?.isRead = isRead }

    /// No event follows.
    public mutating func close(_ name: Int) {
        guard let line = lines.removeValue(forKey: name) else { return }
        Glibc.close(line.descriptor)
    }
}

/// Ends the present wait, or the next one.
public final class StreamsWaker: Sendable {
    fileprivate let reading: Int32
    private let writing: Int32
    private let isAwake = Atomic<Bool>(false)

    fileprivate init() throws(ServerError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw ServerError(description: "no pipe: errno \(errno)") }
        (reading, writing) = (ends[0], ends[1])
        for end in ends { neverWait(end) }
    }

    deinit {
        close(reading)
        close(writing)
    }

    public func wake() {
        guard !isAwake.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var byte: UInt8 = 1
        _ = unsafe write(writing, &byte, 1)
    }

    fileprivate func clear() {
        var byte: UInt8 = 0
        _ = unsafe read(reading, &byte, 1)
        isAwake.store(false, ordering: .releasing)
    }
}

private func neverWait(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
}

/// A peer that lost its power sends nothing more. With keep-alive the system finds this out after some
/// minutes (tcp(7)).
private func keepAlive(_ descriptor: Int32) {
    allow(SO_KEEPALIVE, at: SOL_SOCKET, on: descriptor, 1)
    for (option, value) in [(TCP_KEEPIDLE, 120), (TCP_KEEPINTVL, 30), (TCP_KEEPCNT, 4)] as [(Int32, Int32)] {
        allow(option, at: Int32(IPPROTO_TCP), on: descriptor, value)
    }
}
