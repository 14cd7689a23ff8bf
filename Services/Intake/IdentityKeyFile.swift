import Foundation
import Host

/// The identity key that Intake makes for itself where no setting gives it one.
///
/// It is not one of the caches that can be read again: with another key the same request would be another
/// complaint. `--rebuild` leaves it.
struct IdentityKeyFile {
    private let path: String

    init(_ context: HostContext) {
        path = "\(context.dataFolder)/identity-key"
    }

    func key(log: Log) throws -> [UInt8] {
        if let text = try? String(contentsOfFile: path, encoding: .utf8), let key = Data(base64Encoded: text),
            key.count == Self.bytes
        {
            return [UInt8](key)
        }
        log.warning(
            "an identity key was made; several instances of Intake need the same one",
            ["setting": .text("DAYU_INTAKE_IDENTITY_KEY"), "file": .text(path)])
        var random = SystemRandomNumberGenerator()
        let key = Data((0..<Self.bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
        // 0600 from the first moment: whoever reads it can compute the identities of complaints.
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(key.base64EncodedString().utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        return [UInt8](key)
    }

    private static let bytes = 32
}
