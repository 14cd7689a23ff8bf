import Foundation
import Kafka
import Models
import Processing
import Store
import Testing

@testable import Host

@Suite("One partition's store")
struct StateFileTests {
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"

    private var path: String { "\(folder)/partition-2.sqlite" }

    /// A store that knows nothing yet, or what it was left with.
    private func begin(shape: Int = 1) throws -> StateFile {
        try StateFile(folder: folder, partition: 2, shape: shape)
    }

    private func open(shape: Int = 1) throws -> StateFile {
        let store = try begin(shape: shape)
        try store.restored()
        return store
    }

    private func state(of key: String, in store: StateFile) throws -> String? {
        try store.state(of: key).map { String(decoding: $0, as: UTF8.self) }
    }

    private var files: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: folder) } }

    private func save(
        _ state: String?, of key: String, wakeUp: Int64? = nil, at next: Int64, in store: StateFile
    )
        throws
    {
        let wakeUp = wakeUp.map(Instant.init(millisecondsSince1970:))
        let change = StateChange(key: key, state: state.map { Array($0.utf8) }, wakeUp: wakeUp)
        try store.save([change], positions: [.events: Position(next: next)])
    }

    @Test("what was replaced or deleted leaves no byte behind, neither in the file nor in its log")
    func erasure() throws {
        let store = try StateFile(folder: folder, partition: 2, shape: 1, tidyWithin: .zero)
        // As a restore meets it: what is erased later on the same log.
        try save("erased while it was restored", of: "a", at: 1, in: store)
        try save(nil, of: "a", at: 2, in: store)
        try store.restored()
        try save("erased afterwards", of: "b", at: 3, in: store)
        try save("replaced afterwards", of: "c", at: 4, in: store)
        #expect(try held("erased afterwards"))
        try save(nil, of: "b", at: 5, in: store)
        try save("what stays", of: "c", at: 6, in: store)
        try store.tidy()
        for gone in ["erased while it was restored", "erased afterwards", "replaced afterwards"] {
            #expect(try !held(gone), "\(gone)")
        }
        #expect(try held("what stays"))
        #expect(try state(of: "c", in: store) == "what stays")
    }

    /// Whether the words stand in any file of the store.
    private func held(_ words: String) throws -> Bool {
        try files.contains { name in
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
            return bytes.range(of: Data(words.utf8)) != nil
        }
    }

    @Test("what was saved is there when it is opened again")
    func saved() throws {
        do {
            let store = try open()
            try save("a", of: "one", wakeUp: 30, at: 5, in: store)
            try save("b", of: "two", wakeUp: 10, at: 6, in: store)
            try save(nil, of: "three", at: 7, in: store)
        }
        let store = try open()
        #expect(try state(of: "one", in: store) == "a")
        #expect(try state(of: "three", in: store) == nil)
        #expect(try store.position(of: .events) == Position(next: 7))
        #expect(try store.position(of: .actions) == nil)
        #expect(try store.nextWakeUp() == Instant(millisecondsSince1970: 10))
        #expect(try store.due(at: Instant(millisecondsSince1970: 30), limit: 5).map(\.key) == ["two", "one"])
        #expect(try store.due(at: Instant(millisecondsSince1970: 30), limit: 1).map(\.key) == ["two"])
    }

    @Test("states of another shape are forgotten with their positions, so that they are restored; once")
    func shape() throws {
        try save("old", of: "one", wakeUp: 30, at: 5, in: try open(shape: 1))
        do {
            let store = try open(shape: 2)
            #expect(try state(of: "one", in: store) == nil)
            #expect(try store.position(of: .events) == nil && store.nextWakeUp() == nil)
            try save("new", of: "one", wakeUp: 30, at: 5, in: store)
        }
        #expect(try state(of: "one", in: open(shape: 2)) == "new")
    }

    @Test("what waits is found key by key, whatever becomes of its wake-up meanwhile")
    func waiting() throws {
        let store = try open()
        for key in ["d", "b", "over", "c", "a"] {
            try save("s", of: key, wakeUp: key == "over" ? nil : 50, at: 1, in: store)
        }
        #expect(try store.waiting(after: "", limit: 2) == ["a", "b"])
        try save("s", of: "a", wakeUp: 90, at: 2, in: store)
        try save("s", of: "d", wakeUp: 10, at: 3, in: store)
        try save("s", of: "c", at: 4, in: store)
        #expect(try store.waiting(after: "b", limit: 2) == ["d"])
        try save("s", of: "c", wakeUp: 20, at: 5, in: store)
        try save(nil, of: "b", at: 6, in: store)
        #expect(try store.waiting(after: "", limit: 9) == ["a", "c", "d"])
        #expect(try store.waiting(after: "d", limit: 9) == [])
    }

    @Test("states lie in the order in which they came, whatever their keys")
    func order() throws {
        let store = try open()
        for (next, key) in ["m", "a", "z"].enumerated() { try save("s", of: key, at: Int64(next), in: store) }
        let file = try Database(path: path, access: .readOnly)
        let keys = try file.prepare("SELECT key FROM states ORDER BY rowid").all { $0.text(0) }
        #expect(keys == ["m", "a", "z"])
    }

    @Test("who lost the partition to another loop can't write over what that one has written")
    func taken() throws {
        let former = try open()
        try save("old", of: "one", at: 1, in: former)
        let owner = try open()
        try save("new", of: "one", at: 2, in: owner)
        #expect(throws: StoreTaken.self) { try save("late", of: "one", at: 1, in: former) }
        #expect(try state(of: "one", in: owner) == "new")
        #expect(try owner.position(of: .events) == Position(next: 2))
        try save("newer", of: "one", at: 3, in: owner)
    }

    // MARK: Restoring into a new one

    @Test("what is restored can be read at once, and all of it is there in the end and afterwards")
    func restoring() throws {
        func check(_ store: StateFile) throws {
            #expect(try state(of: "one", in: store) == "newer")
            #expect(try state(of: "two", in: store) == nil && state(of: "three", in: store) == "c")
            #expect(try state(of: "never", in: store) == nil)
            #expect(try store.position(of: .events) == Position(next: 5))
        }
        do {
            let store = try begin()
            try save("a", of: "one", wakeUp: 30, at: 1, in: store)
            try save("b", of: "two", wakeUp: 10, at: 2, in: store)
            try save("c", of: "three", wakeUp: 20, at: 3, in: store)
            try save("newer", of: "one", wakeUp: 15, at: 4, in: store)
            try save(nil, of: "two", at: 5, in: store)
            try check(store)
            #expect(try !files.contains("partition-2.sqlite"), "nobody takes it for a store yet")
            try store.restored()
            try check(store)
            #expect(try store.nextWakeUp() == Instant(millisecondsSince1970: 15))
            #expect(try store.waiting(after: "", limit: 9) == ["one", "three"])
            #expect(
                try store.due(at: Instant(millisecondsSince1970: 20), limit: 9).map(\.key) == [
                    "one", "three",
                ])
        }
        let store = try begin()
        try check(store)
        try save("d", of: "four", at: 6, in: store)
        #expect(try state(of: "four", in: begin()) == "d")
        #expect(try files.filter { $0.hasPrefix("partition-2.sqlite.") } == [])
    }

    @Test("what a crash in the middle leaves is no store: it is cleared away and restored from the beginning")
    func crashed() throws {
        let dead = try begin()
        let much = (1...10_000).map {
            StateChange(key: "key \($0)", state: [UInt8](repeating: 7, count: 2000), wakeUp: nil)
        }
        try dead.save(much, positions: [.events: Position(next: 10_000)])
        let left = try #require(try files.first)
        let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(left)")[.size] as? Int
        #expect(try #require(size) > 1_000_000)

        let store = try begin()
        #expect(try store.position(of: .events) == nil && state(of: "key 1", in: store) == nil)
        #expect(try !files.contains(left))
        try save("s", of: "key 1", wakeUp: 7, at: 1, in: store)
        try store.restored()
        #expect(try store.waiting(after: "", limit: 9) == ["key 1"])
    }

    @Test("who gives it up in the middle leaves nothing behind")
    func givenUp() throws {
        try save("a", of: "one", at: 1, in: try begin())
        #expect(try files == [])
    }

    @Test("who lost the partition while he restored it can't put his store in its place")
    func takenWhileRestoring() throws {
        let former = try begin()
        try save("old", of: "one", at: 1, in: former)
        let owner = try begin()
        try save("new", of: "one", at: 2, in: owner)
        try owner.restored()
        #expect(throws: StoreTaken.self) { try former.restored() }
        try save("newer", of: "one", at: 3, in: owner)
        #expect(try state(of: "one", in: begin()) == "newer")
    }

    @Test("a store of the version before is opened as it is")
    func former() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        do {
            let file = try Database(path: path)
            try file.execute(
                """
                CREATE TABLE states (key TEXT PRIMARY KEY, state BLOB NOT NULL, alarm INTEGER);
                CREATE INDEX alarms ON states (alarm) WHERE alarm IS NOT NULL;
                CREATE TABLE positions (topic TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
                CREATE TABLE owner (number INTEGER NOT NULL); INSERT INTO owner VALUES (4);
                CREATE INDEX waiting ON states (key, alarm) WHERE alarm IS NOT NULL;
                CREATE TABLE shape (number INTEGER NOT NULL); INSERT INTO shape VALUES (1);
                INSERT INTO states VALUES ('one', CAST('a' AS BLOB), 30);
                INSERT INTO positions VALUES ('\(Topic.events.rawValue)', 5);
                PRAGMA user_version = 4;
                """)
        }
        let store = try begin()
        #expect(try state(of: "one", in: store) == "a")
        #expect(try store.position(of: .events) == Position(next: 5))
        #expect(try store.waiting(after: "", limit: 9) == ["one"])
    }
}

@Suite("A filter of keys")
struct KeyFilterTests {
    @Test("holds whatever was put in, and little else")
    func holds() {
        var filter = KeyFilter()
        for number in 0..<100_000 { filter.insert("in \(number)") }
        #expect((0..<100_000).allSatisfy { filter.mayHold("in \($0)") })
        #expect((0..<100_000).count { filter.mayHold("out \($0)") } < 500)
    }
}
