import CMicroHTTPD
import Synchronization

/// A body that is written bit by bit for as long as its reader stays, such as Server-Sent Events.
///
///     running ──nothing to send──► suspended ──write, end──► running ──► over
///
/// No thread waits for it: while there is nothing to send, the connection is suspended. Any thread may write.
/// As in `Pending`, the lock is held while libmicrohttpd suspends or resumes the connection; it calls no code
/// of ours from there.
///
/// A long body can also have a source instead of a writer. The source is asked for more only when its reader
/// has taken what there was, on the server's thread: so each piece should be made in some milliseconds.
public final class BodyStream: Sendable {
    public enum Limit {
        /// A reader who leaves more than this unread is cut off.
        public static let unsentBytes = 65_536
        /// What libmicrohttpd asks for at once.
        static let blockBytes = 4_096
    }

    private struct Guarded {
        var connection: SuspendedConnection?
        var isSuspended = false
        var unsent: [UInt8] = []
        /// Nothing more will be written.
        var isEnded = false
        /// The reader is gone, or reads too slowly.
        var isBroken = false
        var isOver = false

        mutating func refill(from source: (@Sendable () throws -> [UInt8]?)?) {
            guard let source else { return }
            do {
                while unsent.isEmpty, !isEnded {
                    guard let more = try source() else { return isEnded = true }
                    unsent = more
                }
            } catch {
                isBroken = true
            }
        }

        mutating func wake() {
            guard isSuspended else { return }
            isSuspended = false
            connection?.resume()
        }
    }

    private let guarded = Mutex(Guarded())
    /// Nil if the body is written.
    private let source: (@Sendable () throws -> [UInt8]?)?

    public init() { source = nil }

    /// - Parameter source: gives the next bytes, nil at the end. If it throws, the connection is closed
    ///   before the body's end, so that nobody takes a part for the whole.
    public init(source: @escaping @Sendable () throws -> [UInt8]?) { self.source = source }

    /// Whether it is of use to write more.
    public var isOpen: Bool { guarded.withLock { !$0.isEnded && !$0.isBroken && !$0.isOver } }

    /// False if nobody will read it.
    @discardableResult public func write(_ bytes: [UInt8]) -> Bool {
        precondition(source == nil, "a body with a source is not written")
        return guarded.withLock { guarded in
            guard !guarded.isEnded, !guarded.isBroken, !guarded.isOver else { return false }
            guarded.unsent += bytes
            guarded.isBroken = guarded.unsent.count > Limit.unsentBytes
            guarded.wake()
            return !guarded.isBroken
        }
    }

    /// What was written is sent, and then the body is complete. A body with a source that has more to give
    /// breaks off.
    public func end() {
        guarded.withLock { guarded in
            if source != nil, !guarded.isEnded { guarded.isBroken = true }
            guarded.isEnded = true
            guarded.wake()
        }
    }

    /// The reader is gone: its connection is closed.
    func hangUp() {
        guarded.withLock { guarded in
            guarded.isBroken = true
            guarded.wake()
        }
    }

    /// The connection is gone, whoever ended it.
    func close() {
        guarded.withLock { guarded in
            guarded.isOver = true
            guarded.isSuspended = false
            guarded.connection = nil
            guarded.unsent = []
        }
    }

    func begin(on connection: SuspendedConnection) {
        guarded.withLock { $0.connection = connection }
    }

    /// `MHD_ContentReaderCallback`: how many bytes were copied; 0 where the connection was suspended; -1 at
    /// the end; -2 if the connection must be closed (microhttpd.h, MHD_CONTENT_READER_END_…).
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guarded.withLock { guarded in
            if guarded.isBroken { return -2 }
            guarded.refill(from: source)
            if guarded.isBroken { return -2 }
            if guarded.unsent.isEmpty {
                if guarded.isEnded { return -1 }
                guarded.connection?.suspend()
                guarded.isSuspended = true
                return 0
            }
            let count = min(buffer.count, guarded.unsent.count)
            unsafe buffer.copyBytes(from: guarded.unsent.prefix(count))
            guarded.unsent.removeFirst(count)
            return count
        }
    }

    /// A response of libmicrohttpd that holds this stream until it is destroyed.
    func makeRaw() -> OpaquePointer? {
        let context = unsafe Unmanaged.passRetained(self)
        let raw = unsafe MHD_create_response_from_callback(
            .max, Limit.blockBytes, readMore, context.toOpaque(), release)
        if unsafe raw == nil { unsafe context.release() }
        return unsafe raw
    }
}

extension BodyStream: Hashable {
    public static func == (one: BodyStream, other: BodyStream) -> Bool { one === other }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

private let readMore: MHD_ContentReaderCallback = { context, _, buffer, count in
    guard let context = unsafe context, let buffer = unsafe buffer else { return -2 }
    return unsafe Unmanaged<BodyStream>.fromOpaque(context).takeUnretainedValue().read(
        into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
}

private let release: MHD_ContentReaderFreeCallback = { context in
    guard let context = unsafe context else { return }
    unsafe Unmanaged<BodyStream>.fromOpaque(context).release()
}
