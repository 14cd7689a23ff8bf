import Crypto
import FoundationEssentials
import Models

/// The identity of a complaint: a UUID that nobody outside can compute (`Identities`).
///
/// It is the citizen's capability. Only the one who complained is told it, and it leaves Intake in his answer
/// alone. Everybody else knows the complaint by the `TrackingCode` that is derived from it.
struct ComplaintID: Hashable, Sendable, CustomDebugStringConvertible {
    private let uuid: UUID

    init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// The form of RFC 9562 §4 in either case, and no other.
    init?(_ text: String) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

    /// Lower case, as RFC 9562 §4 asks of a writer.
    var text: String { uuid.uuidString.lowercased() }

    /// The complaint's name for everybody else. One way: a code tells nothing of the identity.
    var code: TrackingCode { TrackingCode(digest: SHA256.hash("dayu tracking code\n\(text)")) }

    /// Hidden, so that no log and no error text can show it by accident.
    var debugDescription: String { "identity withheld" }
}
