import Models
import Processing
import Testing
import Text

@Suite("A partition takes a record")
struct TakingTests {
    private let shelf = Shelf()
    private let purse = Purse()

    private func fresh() -> Partition<Purse> { Partition(load: shelf.load) }

    @Test("it decides, evolves and tells of it")
    func decides() throws {
        var partition = fresh()

        let outcome = try partition.take(record("5"), with: purse, at: start, caughtUp: false)

        guard case .done(let outgoing, .decided(facts: 1)) = outcome else {
            Issue.record("\(outcome)"); return
        }
        #expect(outgoing.map(\.event.id) == ["5"] && outgoing.map(\.topic) == [.events])
        #expect(try partition.state(of: "anna")?.coins == 5)
        #expect(partition.hasChanges && partition.changeCount == 1)
    }

    @Test("the next record of the batch sees what the one before led to")
    func batch() throws {
        var partition = fresh()
        for offset in Int64(1)...4 {
            _ = try partition.take(record("5", offset: offset), with: purse, at: start, caughtUp: false)
        }
        #expect(try partition.state(of: "anna")?.coins == 20)
        #expect(partition.changeCount == 1)
        #expect(shelf.loads == ["anna"], "the store is asked once")
    }

    @Test("a duplicate decides nothing, changes nothing and tells nobody")
    func duplicate() throws {
        var partition = fresh()
        _ = try partition.take(record("5"), with: purse, at: start, caughtUp: false)
        try shelf.save(&partition)

        let again = try partition.take(record("5"), with: purse, at: start, caughtUp: false)

        #expect(again == .done([], .decided(facts: 0)))
        #expect(!partition.hasChanges)
    }

    @Test("what breaks a rule is set aside with its bytes, and the state stays")
    func refused() throws {
        var partition = fresh()
        let headers = [
            Record.Header(name: "any", value: [0xFF, 0x00]),
            .init(name: "traceparent", value: Array("00-t".utf8)),
        ]
        let bad = record("-1", offset: 7, headers: headers)

        let outcome = try partition.take(bad, with: purse, at: start, caughtUp: false)

        guard case .done(let outgoing, .refused(reason: "coins are not taken out")) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let letter = try JSON.decode(DeadLetter.self, from: try #require(outgoing.first?.event.data))
        #expect(outgoing.count == 1 && outgoing[0].topic == .deadLetters)
        #expect(letter.value == "LTE=" && letter.key == "YW5uYQ==")
        #expect(letter.headers.first?.name == "any" && letter.headers.first?.value == "/wA=")
        #expect(
            letter.reason == "coins are not taken out" && letter.refusedBy == "purse"
                && letter.refusedAt == start)
        #expect(outgoing[0].event.trail.traceparent == "00-t", "the trace leads on to the dead letter")
        #expect(!partition.hasChanges)
    }

    @Test(
        "what can't be understood is set aside too, whatever its bytes",
        arguments: ["", "five", "\u{0}", "9999999999999999999999"])
    func malformed(_ text: String) throws {
        var partition = fresh()
        let outcome = try partition.take(record(text), with: purse, at: start, caughtUp: false)
        guard case .done(let outgoing, .refused) = outcome else { Issue.record("\(outcome)"); return }
        #expect(outgoing.map(\.topic) == [.deadLetters])
        #expect(shelf.loads.isEmpty, "the store was asked for a record nobody understands")
    }

    @Test("a record without a key, or with one that is no text, is set aside")
    func keys() throws {
        var partition = fresh()
        let notText = Record(
            topic: .actions, partition: 0, offset: 1, timestamp: start, key: [0xC3, 0x28], value: [0x31],
            headers: [])
        for bad in [record("5", key: nil), record("5", key: ""), notText] {
            let outcome = try partition.take(bad, with: purse, at: start, caughtUp: false)
            guard case .done(_, .refused(let reason)) = outcome else { Issue.record("\(outcome)"); continue }
            #expect(reason.hasPrefix("key"))
        }
    }

    @Test("a tombstone is an input like any other")
    func tombstone() throws {
        var partition = fresh()
        _ = try partition.take(record("5"), with: purse, at: start, caughtUp: false)

        let outcome = try partition.take(record(nil, offset: 1), with: purse, at: start, caughtUp: false)

        guard case .done(_, .decided(facts: 1)) = outcome else { Issue.record("\(outcome)"); return }
        #expect(try partition.state(of: "anna") == nil)
        let change = try #require(partition.changes.first)
        #expect(change.key == "anna" && change.state == nil, "a forgotten key has to leave the store too")
    }

    @Test("what refers to another topic waits for it once, and is decided when that has been read")
    func awaits() throws {
        var partition = fresh()
        let early = record("0")

        #expect(try partition.take(early, with: purse, at: start, caughtUp: false) == .awaits(.contacts))
        #expect(!partition.hasChanges)

        let outcome = try partition.take(early, with: purse, at: start, caughtUp: true)
        guard case .done(_, .decided(facts: 1)) = outcome else { Issue.record("\(outcome)"); return }
    }

    @Test("a store that can't be read is an error of ours, never a dead letter")
    func brokenStore() {
        shelf.isBroken = true
        var partition = fresh()
        #expect(throws: Shelf.Broken.self) {
            try partition.take(record("5"), with: purse, at: start, caughtUp: false)
        }
    }
}
