import Foundation
import Models
import Processing

/// A past as lines of a file.
final class PastInFile {
    /// A record as it is on the log, all of it text.
    private struct Line: Encodable {
        let topic: Topic
        let key: String
        /// Names and values in turn, in their order.
        let headers: [[String]]
        /// Nil is a tombstone.
        let value: String?

        init(_ record: Outgoing) {
            topic = record.topic
            key = record.key
            headers = record.event.headers.map { [$0.name, $0.value] }
            value = record.event.data.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private let file: FileHandle
    private var waiting = Data()

    private static let chunkBytes = 1 << 20

    init(_ path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw RegistryCommand.Unfit(description: "\(path) can't be written") }
        self.file = file
    }

    /// A record as a line: an object with `topic`, `key`, `headers` and `value`.
    static func line(_ record: Outgoing) -> [UInt8] { JSON.encode(Line(record)) }

    func write(_ record: Outgoing) throws {
        waiting += Self.line(record)
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
