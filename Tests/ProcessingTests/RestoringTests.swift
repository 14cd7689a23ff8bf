import Models
import Processing
import Testing

@Suite("A partition is restored from its own log")
struct RestoringTests {
    private let shelf = Shelf()
    private let purse = Purse()
    private let log = [
        record("5", offset: 1, topic: .events), record("100", offset: 2, topic: .events),
        record("7", key: "bo", offset: 3, topic: .events), record(nil, key: "bo", offset: 4, topic: .events),
    ]

    @Test("reading it gives the states, with their wake-ups")
    func recall() throws {
        var partition = Partition<Purse>(load: shelf.load)
        for entry in log { try partition.recall(entry, with: purse) }
        #expect(try partition.state(of: "anna")?.coins == 105)
        #expect(try partition.state(of: "bo") == nil)
        #expect(
            partition.changes.contains { $0.key == "anna" && $0.wakeUp == start + .seconds(60) })
    }

    @Test("reading a part of it twice changes nothing", arguments: 0..<3)
    func overlap(from: Int) throws {
        var partition = Partition<Purse>(load: shelf.load)
        for entry in log[..<3] { try partition.recall(entry, with: purse) }
        try shelf.save(&partition)
        for entry in log[from..<3] { try partition.recall(entry, with: purse) }
        #expect(!partition.hasChanges)
        #expect(try partition.state(of: "anna")?.coins == 105)
    }

    @Test("what can't be understood there was refused when it was live, and is passed over")
    func unreadable() throws {
        var partition = Partition<Purse>(load: shelf.load)
        try partition.recall(record("not coins", topic: .events), with: purse)
        try partition.recall(record("5", key: nil, topic: .events), with: purse)
        #expect(!partition.hasChanges)
    }
}
