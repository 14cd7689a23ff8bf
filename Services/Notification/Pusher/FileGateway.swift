import Foundation
import Host
import Models
import Text

/// Appends each message to a file, one JSON object a line: for trying things out, and for a gateway that
/// watches a file.
///
/// While the file can't be written, most often because its disk is full, no further message is taken: the
/// jobs wait on the log and lose no attempt. The messages that were taken before are put off.
struct FileGateway: SMSGateway {
    private let path: String
    /// Is told why the file can't be written, and nil when it can.
    private let onHindrance: (String?) -> Void
    private var written: [SMSReceipt] = []
    /// Since the file could not be written.
    private var closed: Closed?

    private struct Closed {
        var tryAt: ContinuousClock.Instant
        var pause: Duration
    }

    init(path: String, onHindrance: @escaping (String?) -> Void = { _ in }) {
        self.path = path
        self.onHindrance = onHindrance
    }

    /// Each line is written at once. The window limits how many receipts are committed together.
    private static let most = 200
    private static let firstPause: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(60)
    /// More than a message needs.
    private static let probeBytes = 65_536

    var window: Int { closed == nil ? Self.most : 0 }
    var underWay: Int { written.count }

    mutating func submit(_ job: SMSJob) {
        do {
            try append(job)
            written.append(SMSReceipt(job, .accepted))
            pause = Self.firstPause
        } catch {
            let reason = "the gateway's file: \(error.reason)"
            written.append(SMSReceipt(job, .deferred, reason: reason))
            if closed == nil { onHindrance(reason) }
            closed = Closed(tryAt: .now + pause, pause: pause)
            // A probe may succeed although no message can be written.
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private var pause = firstPause

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        defer { written.removeAll() }
        if written.isEmpty, let closed {
            Thread.sleep(forTimeInterval: max(.zero, min(wait, closed.tryAt - .now)) / .seconds(1))
            if closed.tryAt <= .now { reopen() }
        }
        return written
    }

    mutating func cancel() -> [SMSReceipt] {
        defer { written.removeAll() }
        return written
    }

    private mutating func reopen() {
        if isWritable {
            closed = nil
            onHindrance(nil)
        } else {
            closed?.tryAt = .now + Self.firstPause
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
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw WriteFailure(path: path, code: errno) }
        defer { close(file) }
        try WholeWriting.append(JSON.encode(line) + [UInt8(ascii: "\n")], to: file, of: path)
    }

    /// Whether the file can be opened, and another file beside it finds room. Where nobody may make another
    /// file, only the next message can tell.
    private var isWritable: Bool {
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return false }
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
