import Crypto
import FoundationEssentials
import Models
import Text

/// The identity of a complaint: a UUID that nobody outside can compute (`Identities`).
///
/// It is the citizen's capability. Only the complainant is told it, and it leaves Intake only in the answer
/// to the complainant. Everybody else knows the complaint by the `TrackingCode` that is derived from it.
struct ComplaintID: Hashable, Sendable, CustomDebugStringConvertible {
    private let uuid: UUID

    init(_ uuid: UUID) {
        self.uuid = uuid
    }

    /// Only the form of RFC 9562 §4, in upper or lower case, and only what `Identities` makes: version 8 with
    /// its variant. No other UUID can be a complaint's identity.
    init?(_ text: String) {
        guard text.utf8.count == 36, let uuid = UUID(uuidString: text), uuid == uuid.ofOurMaking else {
            return nil
        }
        self.uuid = uuid
    }

    /// Lower case, as RFC 9562 §4 requires for output.
    var text: String { uuid.uuidString.lowercased() }

    /// The complaint's name for everybody else. It is derived one-way: a code reveals nothing of the
    /// identity.
    var code: TrackingCode { TrackingCode(digest: SHA256.hash("dayu tracking code\n\(text)")) }

    /// Identifies a repetition of the complaint (`Submission.fingerprint`). It is also derived one-way, with
    /// other bits: it can't be computed from the code.
    var fingerprint: String {
        SHA256.hash("dayu complaint fingerprint\n\(text)").prefix(Self.fingerprintBytes).hexadecimal
    }

    private static let fingerprintBytes = 8

    /// Hidden, so that no log and no error text can show it by accident.
    var debugDescription: String { "identity withheld" }
}
