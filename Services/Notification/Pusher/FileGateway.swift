import Foundation
import Host
import Models
import Text

/// Appends each message to a file, one JSON object a line: for trying things out, and for a gateway that
/// watches a file.
struct FileGateway: SMSGateway {
    private let path: String
    private var written: [SMSReceipt] = []

    init(path: String) { self.path = path }

    /// Each line is written at once. The window limits how many receipts are committed together.
    let window = 200
    var underWay: Int { written.count }

    mutating func submit(_ job: SMSJob) { written.append(append(job)) }

    mutating func poll(within wait: Duration) -> [SMSReceipt] {
        defer { written.removeAll() }
        return written
    }

    mutating func cancel() -> [SMSReceipt] { poll(within: .zero) }

    private struct Line: Encodable {
        let time: Instant
        let reference: String
        let attempt: Int
        let phone: PhoneNumber
        let text: String
    }

    private func append(_ job: SMSJob) -> SMSReceipt {
        let line = Line(
            time: .now, reference: job.reference, attempt: job.attempt, phone: job.phone, text: job.text)
        let file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            return SMSReceipt(
                job, .deferred, reason: "the gateway's file: \(WriteFailure(path: path, code: errno).reason)")
        }
        defer { close(file) }
        do {
            try WholeWriting.append(JSON.encode(line) + [UInt8(ascii: "\n")], to: file, of: path)
            return SMSReceipt(job, .accepted)
        } catch {
            return SMSReceipt(job, .deferred, reason: "the gateway's file: \(error.reason)")
        }
    }
}
