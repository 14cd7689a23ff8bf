import Foundation
import Kafka
import Models
import Store
import Testing

@testable import Host

@Suite("One partition's store")
struct PartitionStoreTests {
    private let folder = NSTemporaryDirectory() + "dayu-\(UUID().uuidString)"

    private func open(shape: Int = 1) throws -> PartitionStore {
        try PartitionStore(folder: folder, partition: 2, shape: shape)
    }

    private func save(
        _ state: String?, of key: String, alarm: Int64? = nil, at next: Int64, in store: PartitionStore
    )
        throws
    {
        let alarm = alarm.map(Instant.init(millisecondsSince1970:))
        try store.save([(key, state, alarm)], positions: [.events: Position(next: next)])
    }

    @Test("what was saved is there when it is opened again")
    func saved() throws {
        do {
            let store = try open()
            try save("a", of: "one", alarm: 30, at: 5, in: store)
            try save("b", of: "two", alarm: 10, at: 6, in: store)
            try save(nil, of: "three", at: 7, in: store)
        }
        let store = try open()
        #expect(try store.state(of: "one") == "a")
        #expect(try (store.state(of: "three") as String?) == nil)
        #expect(try store.position(of: .events) == Position(next: 7))
        #expect(try store.position(of: .actions) == nil)
        #expect(try store.nextAlarm() == Instant(millisecondsSince1970: 10))
        #expect(try store.due(at: Instant(millisecondsSince1970: 30), limit: 5).map(\.key) == ["two", "one"])
        #expect(try store.due(at: Instant(millisecondsSince1970: 30), limit: 1).map(\.key) == ["two"])
    }

    @Test("states of another shape are forgotten with their positions, so that they are restored; once")
    func shape() throws {
        try save("old", of: "one", alarm: 30, at: 5, in: try open(shape: 1))
        do {
            let store = try open(shape: 2)
            #expect(try (store.state(of: "one") as String?) == nil)
            #expect(try store.position(of: .events) == nil && store.nextAlarm() == nil)
            try save("new", of: "one", alarm: 30, at: 5, in: store)
        }
        #expect(try open(shape: 2).state(of: "one") == "new")
    }

    @Test("what waits is found key by key, whatever becomes of its alarm meanwhile")
    func waiting() throws {
        let store = try open()
        for key in ["d", "b", "over", "c", "a"] {
            try save("s", of: key, alarm: key == "over" ? nil : 50, at: 1, in: store)
        }
        #expect(try store.waiting(after: "", limit: 2) == ["a", "b"])
        try save("s", of: "a", alarm: 90, at: 2, in: store)
        try save("s", of: "d", alarm: 10, at: 3, in: store)
        try save("s", of: "c", at: 4, in: store)
        #expect(try store.waiting(after: "b", limit: 2) == ["d"])
        try save("s", of: "c", alarm: 20, at: 5, in: store)
        try save(nil, of: "b", at: 6, in: store)
        #expect(try store.waiting(after: "", limit: 9) == ["a", "c", "d"])
        #expect(try store.waiting(after: "d", limit: 9) == [])
    }

    @Test("states lie in the order in which they came, whatever their keys")
    func order() throws {
        let store = try open()
        for (next, key) in ["m", "a", "z"].enumerated() { try save("s", of: key, at: Int64(next), in: store) }
        let file = try Database(path: "\(folder)/partition-2.sqlite", access: .readOnly)
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
        #expect(try owner.state(of: "one") == "new")
        #expect(try owner.position(of: .events) == Position(next: 2))
        try save("newer", of: "one", at: 3, in: owner)
    }
}
