import Foundation
import Processing

/// Writes a past into a file; each line is a `LoggedRecord`.
final class PastInFile {
    private let file: FileHandle
    private var waiting = Data()

    private static let chunkBytes = 1 << 20

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw RegistryCommand.Unfit(description: "\(path) can't be written") }
        self.file = file
    }

    func write(_ record: Outgoing) throws {
        waiting += LoggedRecord(record).line
        waiting.append(UInt8(ascii: "\n"))
        if waiting.count >= Self.chunkBytes { try flush() }
    }

    private func flush() throws {
        try file.write(contentsOf: waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    func close() throws {
        try flush()
        try file.close()
    }
}
