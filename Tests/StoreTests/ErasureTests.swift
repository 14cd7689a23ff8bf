import Foundation
import Testing

@testable import Store

@Suite("What was deleted leaves no byte behind")
struct ErasureTests {
    private static let secret = "a secret of nobody"

    private func held(in folder: String) throws -> Bool {
        try FileManager.default.contentsOfDirectory(atPath: folder).contains { name in
            try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                .range(of: Data(Self.secret.utf8)) != nil
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "dayu-erasure-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test("neither in the file nor in its log, however it was opened", arguments: [true, false])
    func files(isBuilt: Bool) throws {
        try withFolder { folder in
            let database = try Database(
                path: "\(folder)/a.sqlite", access: isBuilt ? .building : .readWrite)
            try database.execute("CREATE TABLE words (text TEXT)")
            try database.execute("INSERT INTO words VALUES ('\(Self.secret)'), ('what stays')")
            #expect(try held(in: folder))
            try database.execute("DELETE FROM words WHERE text = '\(Self.secret)'")
            let log = try LogTidying(database, within: .zero)
            try log.tidy()
            #expect(try !held(in: folder))
            #expect(try database.prepare("SELECT text FROM words").all { $0.text(0) } == ["what stays"])
        }
    }

    @Test("it is due from the start and after each note, and no sooner than it is allowed to be")
    func due() throws {
        try withFolder { folder in
            let database = try Database(path: "\(folder)/a.sqlite")
            try database.execute("CREATE TABLE words (text TEXT)")
            let patient = try LogTidying(database, within: .seconds(3600))
            #expect(!patient.isDue)
            let log = try LogTidying(database, within: .zero)
            #expect(log.isDue)
            try log.tidy()
            #expect(!log.isDue)
            log.note()
            #expect(log.isDue)
        }
    }

    @Test("a reader holds it up only as long as he reads")
    func heldUp() throws {
        try withFolder { folder in
            let database = try Database(path: "\(folder)/a.sqlite")
            try database.execute("CREATE TABLE words (text TEXT)")
            try database.execute("INSERT INTO words VALUES ('\(Self.secret)')")
            let log = try LogTidying(database, within: .zero)
            try log.tidy()
            try database.execute("PRAGMA busy_timeout = 10")
            let reader = try Database(path: "\(folder)/a.sqlite", access: .readOnly)
            try reader.execute("BEGIN; SELECT * FROM words")
            try database.execute("DELETE FROM words")
            log.note()
            try log.tidy()
            #expect(log.isDue, "it is tried again")
            try reader.execute("COMMIT")
            try log.tidy()
            #expect(try !log.isDue && !held(in: folder))
        }
    }
}
