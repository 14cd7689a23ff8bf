import Crypto
import Foundation
import Glibc
import Host
import Text

/// The files of a backup. Only their owner may read them.
struct BackupFolder {
    let path: String

    private static let complete = "manifest.json"
    /// The manifest of a backup that is being made.
    private static let unfinished = "unfinished.json"
    private static let fileMode: mode_t = 0o600
    private static let folderMode: mode_t = 0o700

    struct Unfit: Error, CustomStringConvertible {
        let description: String
    }

    // MARK: Manifests

    /// Nil if there is no complete backup.
    func manifest() throws -> BackupManifest? { try manifest(Self.complete) }
    func unfinishedManifest() throws -> BackupManifest? { try manifest(Self.unfinished) }

    private func manifest(_ name: String) throws -> BackupManifest? {
        let file = "\(path)/\(name)"
        guard FileManager.default.fileExists(atPath: file) else { return nil }
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        do {
            let manifest = try JSON.decode(BackupManifest.self, from: bytes)
            guard manifest.format == BackupManifest.form else {
                throw Unfit(
                    description:
                        "\(file) has the format \(manifest.format); this program reads \(BackupManifest.form)"
                )
            }
            return manifest
        } catch let error as Unfit {
            throw error
        } catch {
            throw Unfit(description: "\(file) can't be read as a backup's manifest: \(error)")
        }
    }

    func write(unfinished manifest: BackupManifest) throws {
        try makeFolder(path)
        try WholeWriting.replace("\(path)/\(Self.unfinished)", JSON.encode(manifest), mode: Self.fileMode)
    }

    /// From now on this is the backup. Files of an earlier one that it does not name are removed.
    func finish(_ manifest: BackupManifest) throws {
        try WholeWriting.replace("\(path)/\(Self.complete)", JSON.encode(manifest), mode: Self.fileMode)
        _ = unlink("\(path)/\(Self.unfinished)")
        let named = Set(manifest.files.map(\.name))
        let kinds = [Self.folder(holdsPersonalData: true), Self.folder(holdsPersonalData: false)]
        for kind in kinds {
            let found = FileManager.default.enumerator(atPath: "\(path)/\(kind)")
            while let name = found?.nextObject() as? String {
                let file = "\(kind)/\(name)"
                if name.hasSuffix(Self.suffix), !named.contains(file) { _ = unlink("\(path)/\(file)") }
            }
        }
    }

    /// An unfinished backup is given up, because its cut is too old.
    func dropUnfinished() { _ = unlink("\(path)/\(Self.unfinished)") }

    // MARK: Files with records

    private static let suffix = ".records"

    private static func folder(holdsPersonalData: Bool) -> String {
        holdsPersonalData ? "personal-data" : "topics"
    }

    /// The first line of a file says what it is, whoever finds it.
    private static func head(_ topic: BackupManifest.Topic, _ partition: Int32) -> String {
        "Dayu backup \(BackupManifest.form): \(topic.name) partition \(partition)"
            + (topic.holdsPersonalData ? ", HOLDS PERSONAL DATA\n" : "\n")
    }

    func write(
        _ body: [UInt8], records: Int, of topic: BackupManifest.Topic, _ partition: Int32, from first: Int64,
        next: Int64, cut: String
    ) throws -> BackupManifest.File {
        let kind = Self.folder(holdsPersonalData: topic.holdsPersonalData)
        try makeFolder("\(path)/\(kind)")
        try makeFolder("\(path)/\(kind)/\(topic.name)")
        let name = "\(kind)/\(topic.name)/\(partition)-\(first)-\(cut)\(Self.suffix)"
        let bytes = Array(Self.head(topic, partition).utf8) + body
        try WholeWriting.replace("\(path)/\(name)", bytes, mode: Self.fileMode)
        return BackupManifest.File(
            name: name, next: next, records: records, bytes: bytes.count,
            sha256: SHA256.hash(bytes).hexadecimal)
    }

    /// The records of a file, after all of it was compared with the manifest.
    func records(
        _ file: BackupManifest.File, of topic: BackupManifest.Topic, _ partition: Int32
    ) throws -> [BackupRecord] {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(file.name)") else {
            throw Unfit(description: "\(path)/\(file.name) is missing or can't be read")
        }
        let bytes = [UInt8](data)
        guard bytes.count == file.bytes, SHA256.hash(bytes).hexadecimal == file.sha256 else {
            throw Unfit(description: "\(path)/\(file.name) is not what was written: its SHA-256 differs")
        }
        let head = Array(Self.head(topic, partition).utf8)
        guard bytes.starts(with: head), let records = BackupRecord.records(in: bytes[head.count...]),
            records.count == file.records
        else { throw Unfit(description: "\(path)/\(file.name) holds something else than its manifest says") }
        return records
    }

    private func makeFolder(_ folder: String) throws {
        guard mkdir(folder, Self.folderMode) == 0 || errno == EEXIST else {
            throw WriteFailure(path: folder, code: errno)
        }
    }
}
