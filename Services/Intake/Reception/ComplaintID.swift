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

    /// By which a repetition of the complaint is known (`Submission.fingerprint`). One way as well, and with
    /// bits of its own: it can't be computed from the code.
    var fingerprint: String {
        SHA256.hash("dayu complaint fingerprint\n\(text)").prefix(Self.fingerprintBytes).hexadecimal
    }

    private static let fingerprintBytes = 8

    /// Hidden, so that no log and no error text can show it by accident.
    var debugDescription: String { "identity withheld" }
}
