import Crypto
import FoundationEssentials
import Models

/// Gives complaints and actions their identities.
///
/// The same request again has the same identity, another content under the same key has another one, and
/// nobody without the key can compute an identity: it is HMAC-SHA256 over who sent it, his idempotency key
/// and the content. Without an idempotency key it is drawn by chance.
struct Identities: Sendable {
    private let key: [UInt8]

    /// - Parameter key: 32 bytes or more of chance; all instances of Intake share it.
    init(key: [UInt8]) {
        precondition(key.count >= 32, "an identity key of \(key.count) bytes")
        self.key = key
    }

    func complaint(_ request: Request, chance: UUID) -> ComplaintID {
        ComplaintID(uuid("complaint", request) ?? chance.ofOurMaking)
    }

    /// The part of an action's identity by which its sender asks what became of it.
    func action(on complaint: TrackingCode, _ request: Request, chance: UUID) -> String {
        (uuid("action \(complaint.compact)", request) ?? chance).uuidString.lowercased()
    }

    /// What makes a request the same request.
    struct Request: Sendable {
        /// A gateway, a link's holder, a citizen, or nobody in particular.
        let sender: String
        let idempotencyKey: String?
        let content: [UInt8]
    }

    /// Nil without an idempotency key.
    private func uuid(_ what: String, _ request: Request) -> UUID? {
        guard let idempotencyKey = request.idempotencyKey else { return nil }
        // The lengths stand before the parts, so that no two requests give the same message.
        let parts = [what, request.sender, idempotencyKey].map { Array($0.utf8) } + [request.content]
        let message = parts.flatMap { Array("\($0.count)\n".utf8) + $0 }
        return UUID(digest: HMAC.sha256(message, key: key)).ofOurMaking
    }
}

extension UUID {
    /// As version 8, of one's own making, with the variant (RFC 9562 §5.8): so a complaint's identity is told
    /// from the names of files that other programs make.
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
