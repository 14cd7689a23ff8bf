import Foundation
import Host
import Links
import Models
import Processing
import Store
import Testing
import Text

@testable import Intake

@Suite("What a link's handle stands for is read from its topic")
struct LinkBookTests {
    private static let code = Counter.complaint.code
    private static let link = ActionLink(
        complaint: code, actor: Actor(role: .chief, id: "wang"), expiresAt: Counter.now + .seconds(3600))
    private let handle: LinkHandle
    private let path = NSTemporaryDirectory() + "links-\(UUID().uuidString).sqlite"

    init() throws {
        let writer = LinkWriter(
            key: try LinkKey(String(repeating: "5a", count: 32)), site: "https://rivers.example.org",
            validity: .seconds(3600))
        handle = writer.link(to: Self.code, for: Self.link.actor, since: Counter.now).handle
    }

    private func record(_ value: [UInt8]?) -> Record {
        Record(
            topic: .links, partition: 0, offset: 0, timestamp: Counter.now, key: Array(handle.text.utf8),
            value: value, headers: [])
    }

    /// What a reader says who is asked, is perhaps at the end of the topic some seconds later, and is asked
    /// again.
    private func answer(
        _ records: Record..., isCurrent: Bool = true, isWritten: Bool = true, doubting seconds: Int64 = 0
    ) throws -> Result<ActionLink, LinkRefusal> {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try Database(path: path)
        try database.migrate(LinkBook.steps)
        let book = try LinkBook(database)
        for record in records { try book.apply(record) }
        let reader = LinkReader(path: path)
        if seconds > 0 { _ = try? reader.link(handle, at: Counter.now) }
        reader.turn(at: Counter.now + .seconds(seconds), isWritten: isWritten) { isCurrent }
        return Result { () throws(LinkRefusal) in
            try reader.link(handle, at: Counter.now + .seconds(seconds))
        }
    }

    @Test("a link is found, the last record of it counts, and a tombstone removes it")
    func found() throws {
        let written = record(JSON.encode(Self.link))
        #expect(try answer(written) == .success(Self.link))
        let revoked = Self.link.revoked(at: Counter.now)
        #expect(try answer(written, record(JSON.encode(revoked))) == .success(revoked))
        #expect(
            try answer(record(JSON.encode(revoked)), written) == .success(revoked),
            "whoever writes it again does not revive it")
        #expect(try answer(written, record(nil), doubting: 60) == .failure(.notValid))
        #expect(try answer(record([0xFF]), doubting: 60) == .failure(.notValid))
    }

    @Test("that a citizen's links were taken back is known of the complaint, also when the record has gone")
    func takenBack() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let database = try Database(path: path)
        try database.migrate(LinkBook.steps)
        let book = try LinkBook(database)
        let reader = LinkReader(path: path)
        try book.apply(record(JSON.encode(Self.link.revoked(at: Counter.now))))
        #expect(try !reader.isTakenBack(from: Self.code), "it was a chief's")
        let citizens = ActionLink(complaint: Self.code, actor: .citizen, expiresAt: Self.link.expiresAt)
        try book.apply(record(JSON.encode(citizens)))
        #expect(try !reader.isTakenBack(from: Self.code))
        try book.apply(record(JSON.encode(citizens.revoked(at: Counter.now))))
        #expect(try reader.isTakenBack(from: Self.code))
        try book.apply(record(nil))
        #expect(try reader.isTakenBack(from: Self.code))
    }

    @Test(
        "an unknown handle is invalid only when the topic was read to an end that it had after the question")
    func doubted() throws {
        #expect(try answer() == .failure(.notReadYet), "it may have been written since the last fetch")
        #expect(try answer(doubting: 1) == .failure(.notValid))
        #expect(try answer(isCurrent: false, doubting: 60) == .failure(.notReadYet), "the cluster is away")
        #expect(try answer(isWritten: false, doubting: 60) == .failure(.notReadYet), "it may be in the spool")
        #expect(try answer(record(JSON.encode(Self.link)), doubting: 1) == .success(Self.link))
    }

    @Test("as long as the file can't be read no link is called invalid")
    func unreadable() {
        let reader = LinkReader(path: path)
        #expect(throws: LinkRefusal.notReadYet) { try reader.isTakenBack(from: Self.code) }
        for seconds: Int64 in [0, 60] {
            reader.turn(at: Counter.now + .seconds(seconds), isWritten: true) { true }
            #expect(throws: LinkRefusal.notReadYet) {
                try reader.link(handle, at: Counter.now + .seconds(seconds))
            }
        }
    }

    @Test("nobody asks the cluster unless somebody doubts")
    func undoubted() {
        let reader = LinkReader(path: path)
        reader.turn(isWritten: true) {
            Issue.record("nobody has asked"); return true
        }
    }

    @Test("doubts are bounded")
    func bounded() {
        var doubts = Doubts()
        let hashes = (0...Doubts.limit).map { Array("\($0)".utf8) }
        for hash in hashes { doubts.open(hash, at: Counter.now) }
        doubts.settle(at: Counter.now + .seconds(1))
        #expect(doubts.isSettled(hashes[Doubts.limit]) && !doubts.isSettled(hashes[0]))
        #expect(!doubts.areOpen)
    }
}

@Suite("The identity key that Intake makes for itself")
struct IdentityKeyFileTests {
    private let folder = NSTemporaryDirectory() + "identity-\(UUID().uuidString)"
    private let log = Log(service: "test", threshold: .error)

    @Test("it is made once, for its owner alone, and a damaged one is not replaced")
    func file() throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: folder) }
        let key = try IdentityKeyFile(folder: folder).key(log: log)
        #expect(key.count == 32)
        #expect(try IdentityKeyFile(folder: folder).key(log: log) == key)
        let path = "\(folder)/identity-key"
        let mode = try files.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        try Data("half".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: IdentityKeyFile.Damaged.self) { try IdentityKeyFile(folder: folder).key(log: log) }
    }
}
