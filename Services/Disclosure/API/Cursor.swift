import Models
import Text

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

/// A place in the list of what waits for review: the last reading that was listed. The list is ordered by
/// moment, and then as here.
struct ReadingCursor: Equatable, Sendable, CustomStringConvertible {
    let key: ReadingKey

    init(after section: SectionID, _ reading: PublishedReading) {
        key = reading.key(of: section)
    }

    init?(_ text: String) {
        guard text.utf8.count <= Limit.keyBytes else { return nil }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, let milliseconds = Int64(parts[0], radix: 36),
            let section = SectionID(parts[1]), let period = Period(rawValue: parts[2]),
            let origin = Origin(rawValue: parts[3])
        else { return nil }
        let moment = Instant(millisecondsSince1970: milliseconds)
        key = ReadingKey(section: section, observedAt: moment, period: period, origin: origin)
    }

    /// An identifier has no underscore.
    var description: String {
        [
            String(key.observedAt.millisecondsSince1970, radix: 36), key.section.rawValue,
            key.period.rawValue, key.origin.rawValue,
        ].joined(separator: "_")
    }
}
