import Foundation
import Host

/// The identity key that Intake makes for itself if no setting provides one.
///
/// It is not a cache that could be read again: with another key, a repeated request would be a new complaint.
/// `--rebuild` keeps it.
struct IdentityKeyFile {
    private let path: String

    /// - Parameter folder: the service's own data folder.
    init(folder: String) {
        path = "\(folder)/identity-key"
    }

    /// - Throws: if the file exists and holds no key. With a new key a repeated request would be a new
    ///   complaint, so only the operator may replace it.
    func key(log: Log) throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: path) else { return try make(log) }
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard let key = Data(base64Encoded: text), key.count == Self.bytes else { throw Damaged(path: path) }
        return [UInt8](key)
    }

    struct Damaged: Error, CustomStringConvertible {
        let path: String

        var description: String {
            "\(path) holds no identity key; restore the file, or delete it to get a new key"
        }
    }

    private func make(_ log: Log) throws -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        let key = Data((0..<Self.bytes).map { _ in UInt8.random(in: 0...255, using: &random) })
        // Mode 0600 from the first moment: whoever reads the key can compute the identities of complaints.
        try WholeWriting.create(path, Array(key.base64EncodedString().utf8), mode: 0o600)
        log.warning(
            "an identity key was made; several instances of Intake need the same one",
            ["setting": .text("DAYU_INTAKE_IDENTITY_KEY"), "file": .text(path)])
        return [UInt8](key)
    }

    private static let bytes = 32
}
