import Models
import Processing
import Testing

@Suite("A partition wakes what waits")
struct WakingTests {
    private let shelf = Shelf()
    private let purse = Purse()

    @Test("the changes name the moment each key wants to be looked at")
    func wakeUps() throws {
        var partition = Partition<Purse>(load: shelf.load)
        _ = try partition.take(record("100", key: "anna"), with: purse, at: start, caughtUp: false)
        _ = try partition.take(record("5", key: "bo"), with: purse, at: start, caughtUp: false)

        let changes = partition.changes.sorted { $0.key < $1.key }

        #expect(changes.map(\.key) == ["anna", "bo"])
        #expect(changes.map(\.wakeUp) == [start + .seconds(60), nil])
        #expect(try changes.map { try $0.state.map(Purse.State.init(stored:))?.coins } == [100, 5])
    }

    @Test("a passed moment decides; one that is early, or asked again, decides nothing")
    func wakes() throws {
        var partition = Partition<Purse>(load: shelf.load)
        _ = try partition.take(record("100"), with: purse, at: start, caughtUp: false)
        try shelf.save(&partition)

        #expect(try partition.wake("anna", with: purse, at: start + .seconds(59)) == [])
        #expect(
            try partition.wake("anna", with: purse, at: start + .seconds(60)).map(\.event.id) == ["counted"])
        #expect(partition.changes.map(\.wakeUp) == [nil])
        #expect(try partition.wake("anna", with: purse, at: start + .seconds(99)) == [])
        #expect(try partition.wake("nobody", with: purse, at: start) == [])
    }

    @Test("waking a key whose state can not be loaded is an error, not silence")
    func brokenStore() {
        shelf.isBroken = true
        var partition = Partition<Purse>(load: shelf.load)
        #expect(throws: Shelf.Broken.self) { try partition.wake("anna", with: purse, at: start) }
    }

    @Test("a review asks what waits, as memory has it, and never what waits for nothing")
    func reviews() throws {
        var inspected = Purse()
        inspected.isInspected = true
        var partition = Partition<Purse>(load: shelf.load)
        _ = try partition.take(record("100", key: "anna"), with: purse, at: start, caughtUp: false)
        _ = try partition.take(record("5", key: "bo"), with: purse, at: start, caughtUp: false)
        try shelf.save(&partition)

        #expect(try partition.review("anna", with: purse, at: start) == [])
        #expect(!partition.hasChanges)
        #expect(try partition.review("anna", with: inspected, at: start).map(\.event.id) == ["counted"])
        #expect(partition.changes.map(\.key) == ["anna"])
        // The store still says that she waits.
        #expect(try partition.review("anna", with: inspected, at: start) == [])
        #expect(try partition.review("bo", with: inspected, at: start) == [])
        #expect(try partition.review("nobody", with: inspected, at: start) == [])
    }

    @Test("what a review leads to nothing for does not stay in memory")
    func reviewsForget() throws {
        shelf.states["anna"] = Purse.State(coins: 100, causes: [], countAt: start)
        var partition = Partition<Purse>(load: shelf.load)
        for _ in 1...3 { #expect(try partition.review("anna", with: purse, at: start) == []) }
        #expect(shelf.loads == ["anna", "anna", "anna"])
    }
}
