import Crypto
import FoundationEssentials
import Models

/// Makes the identities of complaints and actions.
///
/// The same request always has the same identity, and other content under the same key has another one.
/// Nobody can compute an identity without the secret key: it is HMAC-SHA256 over the sender, the idempotency
/// key and the content. Without an idempotency key the identity is random.
struct Identities: Sendable {
    private let key: [UInt8]

    /// - Parameter key: at least 32 random bytes; all instances of Intake share it.
    init(key: [UInt8]) {
        precondition(key.count >= 32, "an identity key of \(key.count) bytes")
        self.key = key
    }

    func complaint(_ request: Request, chance: UUID) -> ComplaintID {
        ComplaintID(uuid("complaint", request) ?? chance.ofOurMaking)
    }

    /// The part of an action's identity with which its sender asks what became of it.
    func action(on complaint: TrackingCode, _ request: Request, chance: UUID) -> String {
        (uuid("action \(complaint.compact)", request) ?? chance).uuidString.lowercased()
    }

    /// The name of the picture with this number among those of a request.
    func upload(_ number: Int, _ request: Request, chance: UUID) -> UploadName {
        let identity = uuid("picture \(number)", request)?.uuidString ?? chance.uuidString
        return UploadName(digest: HMAC.sha256(Array("picture \(number) \(identity)".utf8), key: key))
    }

    /// Whether it is such a part: a UUID in lower case.
    static func isOfAction(_ text: String) -> Bool {
        text.utf8.count == 36 && UUID(uuidString: text)?.uuidString.lowercased() == text
    }

    /// The values that identify a request.
    struct Request: Sendable {
        /// A gateway, a link's holder, a citizen, or nobody in particular.
        let sender: String
        let idempotencyKey: String?
        let content: [UInt8]
    }

    /// Nil without an idempotency key.
    private func uuid(_ what: String, _ request: Request) -> UUID? {
        guard let idempotencyKey = request.idempotencyKey else { return nil }
        // Each part is preceded by its length, so that no two requests give the same message.
        let parts = [what, request.sender, idempotencyKey].map { Array($0.utf8) } + [request.content]
        let message = parts.flatMap { Array("\($0.count)\n".utf8) + $0 }
        return UUID(digest: HMAC.sha256(message, key: key)).ofOurMaking
    }
}

extension UUID {
    /// As a UUID of version 8, for custom use, with the variant (RFC 9562 §5.8). So a complaint's identity
    /// can be told from file names that other programs make.
    var ofOurMaking: UUID {
        var bytes = uuid
        bytes.6 = bytes.6 & 0x0F | 0x80
        bytes.8 = bytes.8 & 0x3F | 0x80
        return UUID(uuid: bytes)
    }

    /// The first sixteen bytes of a digest, as they are.
    init(digest b: [UInt8]) {
        self.init(
            uuid: (
                b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                b[15]
            ))
    }
}
