import Models

/// A place in the list of complaints. To the one who holds it a word without meaning; to us the moment and
/// the code after which to go on, so that new complaints move no page.
struct Cursor: Equatable, Sendable, CustomStringConvertible {
    let receivedAt: Instant
    let code: TrackingCode

    init(after complaint: PublicComplaint) {
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
