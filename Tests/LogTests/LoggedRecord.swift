import Foundation
import Models
import Processing

/// A record of the log as one line of a file: its bytes as text, because every value of ours is text.
struct LoggedRecord: Hashable, Codable {
    let topic: Topic
    let key: String
    /// Names and values in turn, in their order.
    let headers: [[String]]
    /// Nil is a tombstone.
    let value: String?

    init(_ outgoing: Outgoing) {
        topic = outgoing.topic
        key = outgoing.key
        headers = outgoing.event.headers.map { [$0.name, $0.value] }
        value = outgoing.event.data.map { String(decoding: $0, as: UTF8.self) }
    }

    var line: String { String(decoding: JSON.encode(self), as: UTF8.self) }

    var data: [UInt8]? { value.map { Array($0.utf8) } }

    func event() throws -> CloudEvent {
        try CloudEvent(headers: headers.map { (name: $0[0], value: $0[1]) }, data: data)
    }

    /// As a service gets it.
    func record(offset: Int64 = 0) -> Record {
        Record(
            topic: topic, partition: 0, offset: offset, timestamp: SampleLog.start, key: Array(key.utf8),
            value: data,
            headers: headers.map { Record.Header(name: $0[0], value: Array($0[1].utf8)) })
    }
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
