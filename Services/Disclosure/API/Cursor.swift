import Models

/// A place in the list of complaints. For the client it is an opaque word. For us it holds the moment and the
/// code after which the list continues, so that new complaints do not move the pages.
struct Cursor: Equatable, Sendable, CustomStringConvertible {
    let receivedAt: Instant
    let code: TrackingCode

    init(after complaint: ListedComplaint) {
        receivedAt = complaint.receivedAt
        code = complaint.code
    }

    init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0], radix: 36), milliseconds >= 0,
            let code = TrackingCode(String(parts[1]))
        else { return nil }
        receivedAt = Instant(millisecondsSince1970: milliseconds)
        self.code = code
    }

    var description: String {
        "\(String(receivedAt.millisecondsSince1970, radix: 36))-\(code.compact)"
    }
}
