import Foundation
import Kafka
import Models
import Processing
import Store
import Testing

@testable import Host

@Suite("A projection's files")
struct ProjectionFileTests {
    /// Notes every record's offset.
    private class Notes: Projection {
        static let schema = ["CREATE TABLE notes (offset INTEGER NOT NULL)"]
        class var version: Int { 1 }

        private let insert: Statement

        required init(_ database: borrowing Database) throws {
            insert = try database.prepare("INSERT INTO notes VALUES (?)")
        }

        func apply(_ record: Record) throws { try insert.run(.integer(Int(record.offset))) }
    }

    private final class NewerNotes: Notes {
        override class var version: Int { 2 }
    }

    private struct Outcome: Equatable {
        /// The first offset that was not in the file yet.
        let start: Int64
        let notes: [Int64]
    }

    private let context = HostContext.testing(
        ClusterSettings(bootstrapServers: "127.0.0.1:1"), prefix: "t.",
        folder: NSTemporaryDirectory() + "dayu-\(UUID().uuidString)")

    /// Opens the file as the loop does, applies what is not in it yet, and gives what stands in it
    /// afterwards.
    private func run<P: Notes>(_ type: P.Type, upTo end: Int64) throws -> Outcome {
        let folder = ProjectionFolder(in: context, of: "notes", version: P.version)
        try folder.prepare()
        let shard = try Shard(path: folder.path(of: "everything")) { try P($0) }
        let start = try shard.position(of: .indicators, 0)?.next ?? 0
        try shard.apply(
            (start..<end).map { offset in
                Record(
                    topic: .indicators, partition: 0, offset: offset,
                    timestamp: Instant(millisecondsSince1970: 0), key: [1], value: [2],
                    headers: [Record.Header]())
            })
        let path = ProjectionLoop<P>.path(in: context, name: "notes")
        let notes = try Database(path: path).prepare("SELECT offset FROM notes ORDER BY rowid").all {
            $0.integer(0)
        }
        return Outcome(start: start, notes: notes)
    }

    @Test("its own version goes on with a file, any other one begins anew")
    func versions() throws {
        defer { try? FileManager.default.removeItem(atPath: context.dataFolder) }
        #expect(try run(Notes.self, upTo: 2) == Outcome(start: 0, notes: [0, 1]))
        #expect(
            try run(Notes.self, upTo: 3) == Outcome(start: 2, notes: [0, 1, 2]),
            "no record is applied twice")
        #expect(
            try run(NewerNotes.self, upTo: 3) == Outcome(start: 0, notes: [0, 1, 2]),
            "they are read again")
        let files = try FileManager.default.contentsOfDirectory(atPath: "\(context.dataFolder)/notes")
        #expect(files.contains("everything.v2.sqlite"))
        #expect(files.allSatisfy { $0.hasPrefix("everything.v2.sqlite") }, "\(files)")
        // Going back to the former program is a change of version like any other.
        #expect(try run(Notes.self, upTo: 3) == Outcome(start: 0, notes: [0, 1, 2]))
    }

    /// Keeps one text for each key.
    private final class Sayings: Projection {
        static let schema = ["CREATE TABLE sayings (key BLOB PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID"]
        private let upsert: Statement
        private let delete: Statement

        init(_ database: borrowing Database) throws {
            upsert = try database.prepare("INSERT OR REPLACE INTO sayings VALUES (?, ?)")
            delete = try database.prepare("DELETE FROM sayings WHERE key = ?")
        }

        func apply(_ record: Record) throws {
            let key = Value.blob(record.key ?? [])
            if let text = record.value {
                try upsert.run(key, .blob(text))
            } else {
                try delete.run(key)
            }
        }
    }

    @Test("what was replaced or deleted leaves no byte behind, neither in the file nor in its log")
    func erasure() throws {
        let folder = ProjectionFolder(in: context, of: "sayings", version: 1)
        defer { try? FileManager.default.removeItem(atPath: context.dataFolder) }
        try folder.prepare()
        let path = folder.path(of: "everything")
        let shard = try Shard(path: path, tidyWithin: .zero) { try Sayings($0) }
        var offset: Int64 = 0
        func say(_ text: String?, of key: UInt8) throws {
            let record = Record(
                topic: .words, partition: 0, offset: offset, timestamp: Instant(millisecondsSince1970: 0),
                key: [key], value: text.map { Array($0.utf8) }, headers: [Record.Header]())
            offset += 1
            try shard.apply([record])
        }
        func held(_ text: String) throws -> Bool {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .contains { try Data(contentsOf: $0).range(of: Data(text.utf8)) != nil }
        }
        try say("a secret that is deleted", of: 1)
        try say("a secret that is replaced", of: 2)
        try shard.tidy()
        #expect(try held("a secret that is deleted") && held("a secret that is replaced"))
        try say(nil, of: 1)
        try say("what stays", of: 2)
        try shard.tidy()
        #expect(try !held("a secret that is deleted") && !held("a secret that is replaced"))
        #expect(try held("what stays"))
    }

    @Test("files of other versions go with their logs, and nothing else goes")
    func folder() throws {
        defer { try? FileManager.default.removeItem(atPath: context.dataFolder) }
        let folder = "\(context.dataFolder)/notes"
        let present = ProjectionFolder(in: context, of: "notes", version: 1)
        try present.prepare()
        for name in [
            "partition-1.v1.sqlite", "partition-1.v1.sqlite-wal", "partition-1.v11.sqlite",
            "partition-2.v2.sqlite", "partition-2.v2.sqlite-shm", "partition-3.sqlite", "note.txt",
        ] {
            try Data().write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try present.prepare()
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [
                "note.txt", "partition-1.v1.sqlite", "partition-1.v1.sqlite-wal",
            ])
        #expect(present.path(of: "partition-1") == "\(folder)/partition-1.v1.sqlite")
    }
}
