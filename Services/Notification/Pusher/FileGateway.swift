import Foundation
import Glibc
import Host
import Models
import Text

/// Appends each message to a file, one JSON object a line: for trying things out, and for a gateway that
/// watches a file.
///
/// While the file can't be written, most often because its disk is full, no further message is taken: the
/// jobs wait on the log. Messages that were taken before are given back unsent. Then a single message tries
/// whether the file can be written again; once it is written, as many are taken as usual.
struct FileGateway: SMSGateway {
    private let path: String
    /// Is told why the file can't be written, and nil when it can.
    private let onHindrance: (String?) -> Void
    private var written: [SMSReceipt] = []
    private var door = Door.open
    /// The next pause after a message that could not be written.
    private var pause = firstPause

    private enum Door {
        case open
        /// The file could not be written; after this moment it is looked at again.
        case closed(until: ContinuousClock.Instant)
        /// There seems to be room again; one message tries.
        case ajar
    }

    init(path: String, onHindrance: @escaping (String?) -> Void = { _ in }) {
        self.path = path
        self.onHindrance = onHindrance
    }

    /// Each line is written at once. The window limits how many receipts are committed together.
    private static let most = 200
    private static let firstPause: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(10)
    /// More than a message needs.
    private static let probeBytes = 65_536

    var window: Int {
        switch door {
        case .open: Self.most
        case .ajar: 1
        case .closed: 0
        }
    }

    var underWay: Int { written.count }

    mutating func submit(_ job: SMSJob) {
        // It was taken together with the one that met the fault.
        if case .closed = door {
            return written.append(SMSReceipt(job, .unsent, reason: "the gateway's file can't be written"))
        }
        do {
            try append(job)
            written.append(SMSReceipt(job, .accepted))
            door = .open
            pause = Self.firstPause
        } catch {
            let reason = Self.reason(error)
            written.append(SMSReceipt(job, .unsent, reason: reason))
            onHindrance(reason)
            door = .closed(until: .now + pause)
            // The file may look writable although no message can be written.
            pause = min(pause * 2, Self.longestPause)
        }
    }

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        defer { written.removeAll() }
        if written.isEmpty, case .closed(let until) = door {
            if until <= .now { look() }
        }
        return written
    }

    mutating func cancel() -> [SMSReceipt] {
        defer { written.removeAll() }
        return written
    }

    private static func reason(_ failure: WriteFailure) -> String {
        switch failure.code {
        case ENXIO: "the gateway's file is a pipe that nobody reads"
        case EAGAIN: "the gateway's file is a pipe whose reader does not read on"
        default: "the gateway's file: \(failure.reason)"
        }
    }

    private mutating func look() {
        if isWritable {
            door = .ajar
            onHindrance(nil)
        } else {
            door = .closed(until: .now + Self.firstPause)
        }
    }

    private struct Line: Encodable {
        let time: Instant
        let reference: String
        let attempt: Int
        let phone: PhoneNumber
        let text: String
    }

    private func append(_ job: SMSJob) throws(WriteFailure) {
        let line = Line(
            time: .now, reference: job.reference, attempt: job.attempt, phone: job.phone, text: job.text)
        let file = try opened()
        defer { close(file) }
        try waitForRoom(in: file)
        try WholeWriting.append(JSON.encode(line) + [UInt8(ascii: "\n")], to: file, of: path)
    }

    /// The path may be a pipe. Opening one would wait for its reader, and a write for room in it, both for as
    /// long as it takes: then the pusher could not be stopped. So nothing here waits without a limit. (A line
    /// is shorter than `PIPE_BUF`; such a write is taken whole or not at all, pipe(7).)
    private func opened() throws(WriteFailure) -> Int32 {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard file >= 0 else { throw WriteFailure(path: path, code: errno) }
        return file
    }

    private static let roomMilliseconds: Int32 = 200

    private func waitForRoom(in file: Int32) throws(WriteFailure) {
        var wish = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        let answer = Glibc.poll(&wish, 1, Self.roomMilliseconds)
        guard answer > 0 else { throw WriteFailure(path: path, code: answer == 0 ? EAGAIN : errno) }
    }

    /// Whether the file can be opened, and another file beside it finds room. Where nobody may make another
    /// file, only the next message can tell.
    private var isWritable: Bool {
        guard let file = try? opened() else { return false }
        close(file)
        let probe = "\(path).probe-\(getpid())"
        let descriptor = open(probe, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return errno == EACCES || errno == EPERM || errno == EROFS }
        defer {
            close(descriptor)
            unlink(probe)
        }
        return write(descriptor, [UInt8](repeating: 32, count: Self.probeBytes), Self.probeBytes)
            == Self.probeBytes
    }
}
