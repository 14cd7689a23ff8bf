import Foundation
import Glibc
import Text

/// Where settings come from: the environment, and the files of a folder of credentials.
///
/// systemd names that folder in `CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`); a container can
/// name the folder in which its secrets are mounted. A file has the name of its setting. So a secret need not
/// stand in the environment, which `/proc/PID/environ`, child processes and crash reports show.
public struct SettingsSource: Sendable {
    public let variables: [String: String]
    /// What is wrong with the files. It names files and never says what they hold.
    public let faults: [String]

    public static let folderVariable = "CREDENTIALS_DIRECTORY"
    /// Larger than any key or certificate.
    static let fileBytes = 65_536
    /// Files with other names are somebody else's.
    private static let prefixes = ["DAYU_", "KAFKA_"]

    public init(environment: [String: String]) {
        var variables = environment
        var faults: [String] = []
        if let folder = environment[Self.folderVariable], !folder.isEmpty {
            do {
                for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                where Self.prefixes.contains(where: name.hasPrefix) {
                    guard let text = Self.text(ofFile: "\(folder)/\(name)") else {
                        faults.append(
                            """
                            \(name): \(folder)/\(name) can't be read, is longer than \(Self.fileBytes) bytes, or is no \
                            text
                            """)
                        continue
                    }
                    if let other = environment[name], !other.isEmpty, other != text {
                        faults.append(
                            "\(name): it is set in the environment and, otherwise, in \(folder)/\(name)")
                    }
                    variables[name] = text
                }
            } catch {
                faults.append("\(Self.folderVariable): the folder \(folder) can't be listed")
            }
        }
        (self.variables, self.faults) = (variables, faults)
    }

    /// The text without the line feed that editors and `echo` put at the end of a file.
    private static func text(ofFile path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        guard let bytes = try? file.read(upToCount: fileBytes + 1) ?? Data(), bytes.count <= fileBytes,
            var text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
