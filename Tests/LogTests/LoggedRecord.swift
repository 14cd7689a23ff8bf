import Foundation
import Models
import Processing
import Text

extension LoggedRecord {
    var text: String { String(decoding: line, as: UTF8.self) }

    func record(offset: Int64 = 0) -> Record { record(offset: offset, at: SampleLog.start) }
}

/// The files in which records of this version and of all before it are kept.
enum Recorded {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Recorded")

    /// The first has the oldest name.
    static func files() throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "jsonl" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    static func records(in file: URL) throws -> [LoggedRecord] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
            try JSON.decode(LoggedRecord.self, from: Array(line.utf8))
        }
    }

    static func all() throws -> [LoggedRecord] { try files().flatMap { try records(in: $0) } }
}
