import Models
import Processing
import Support
import Testing

@Suite("A partition remembers until it is saved")
struct SavingTests {
    private let shelf = Shelf()
    private let purse = Purse()

    private func take(_ text: String?, _ key: String, _ offset: Int64, _ partition: inout Partition<Purse>)
        throws
    {
        _ = try partition.take(
            record(text, key: key, offset: offset), with: purse, at: start, caughtUp: false)
    }

    @Test("an aborted batch did not happen: the states are those of the store again")
    func forget() throws {
        var partition = Partition<Purse>(load: shelf.load)
        try take("5", "anna", 1, &partition)
        try shelf.save(&partition)

        try take("7", "anna", 2, &partition)
        try take("100", "bo", 3, &partition)
        partition.forget()

        #expect(!partition.hasChanges && partition.changes.isEmpty)
        #expect(try partition.state(of: "anna")?.coins == 5)
        #expect(try partition.state(of: "bo") == nil)
    }

    @Test("a batch decided again after an abort says the same")
    func again() throws {
        var partition = Partition<Purse>(load: shelf.load)
        let batch = [
            record("5", offset: 1), record("-3", offset: 2), record("100", offset: 3), record(nil, offset: 4),
        ]
        let first = try batch.map { try partition.take($0, with: purse, at: start, caughtUp: false) }
        partition.forget()
        let second = try batch.map { try partition.take($0, with: purse, at: start, caughtUp: false) }
        #expect(first == second)
    }

    @Test("an emptied purse comes back when the emptying is aborted")
    func forgetRemoval() throws {
        var partition = Partition<Purse>(load: shelf.load)
        try take("5", "anna", 1, &partition)
        try shelf.save(&partition)
        try take(nil, "anna", 2, &partition)
        #expect(try partition.state(of: "anna") == nil)
        partition.forget()
        #expect(try partition.state(of: "anna")?.coins == 5)
    }

    @Test("what waits for nothing leaves memory and is read again; what waits stays")
    func drops() throws {
        var partition = Partition<Purse>(load: shelf.load)
        try take("5", "anna", 1, &partition)
        try take("100", "bo", 2, &partition)
        try shelf.save(&partition)
        shelf.loads = []

        #expect(try partition.state(of: "bo")?.coins == 100)
        #expect(shelf.loads == [])
        #expect(try partition.state(of: "anna")?.coins == 5)
        #expect(shelf.loads == ["anna"])
    }

    @Test("above its limit memory is emptied, and nothing is lost by it")
    func limit() throws {
        var partition = Partition<Purse>(knownLimit: 10, load: shelf.load)
        for number in Int64(0)..<50 {
            try take("100", "purse\(number)", number, &partition)
            try shelf.save(&partition)
        }
        for number in 0..<50 { #expect(try partition.state(of: "purse\(number)")?.coins == 100) }
    }

    @Test(
        "any course of batches, aborts, saves and crashes ends in the state of a single pass",
        arguments: 0..<60 as Range<UInt64>)
    func courses(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let inputs = (0..<40).map { offset in
            let text: String? =
                random.once(in: 9)
                ? nil : ["1", "5", "100", "-2", "x"][Int.random(in: 0..<5, using: &random)]
            return record(
                text, key: ["anna", "bo", "cy"][Int.random(in: 0..<3, using: &random)], offset: Int64(offset))
        }
        var expected = Partition<Purse>(load: { _ in nil })
        for input in inputs { _ = try expected.take(input, with: purse, at: start, caughtUp: false) }

        var partition = Partition<Purse>(knownLimit: Int.random(in: 0...3, using: &random), load: shelf.load)
        var committed = 0
        while committed < inputs.count {
            let end = min(inputs.count, committed + Int.random(in: 1...6, using: &random))
            for input in inputs[committed..<end] {
                _ = try partition.take(input, with: purse, at: start, caughtUp: false)
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0: partition.forget()
            case 1: partition = Partition(load: shelf.load)
            default:
                try shelf.save(&partition)
                committed = end
            }
        }

        for key in ["anna", "bo", "cy"] {
            #expect(
                try partition.state(of: key) == expected.state(of: key),
                "seed \(seed), purse \(key); repeat with: swift test --filter SavingTests")
        }
    }
}
