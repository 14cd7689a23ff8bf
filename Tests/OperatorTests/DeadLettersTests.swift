import Kafka
import Models
import Processing
import Testing
import Text

@testable import Operator

@Suite("dayu dead-letters")
struct DeadLettersTests {
    private static let now = Instant(millisecondsSince1970: 1_795_412_495_120)

    private func letter(
        _ topic: Topic = .actions, offset: Int64 = 7, key: String? = "k", value: [UInt8]? = [0xFF, 0],
        reason: String = "there is no such complaint"
    ) -> DeadLetter {
        DeadLetter(
            Record(
                topic: topic, partition: 2, offset: offset, timestamp: Self.now,
                key: key.map { Array($0.utf8) },
                value: value, headers: [.init(name: "ce_id", value: [1, 0x1B])]),
            reason: reason, refusedBy: "dayu-routing", at: Self.now)
    }

    private func fold(_ records: Outgoing...) -> DeadLetters {
        records.reduce(into: DeadLetters(keepsRecord: { _ in true })) {
            $0.take(headers: $1.event.headers, value: $1.event.data)
        }
    }

    private func refused(_ letter: DeadLetter) -> Outgoing { letter.outgoing() }

    private func replayed(_ origin: DeadLetters.Origin, to offset: Int64 = 9) -> Outgoing {
        let to = DeadLetters.Origin(topic: origin.topic, partition: origin.partition, offset: offset)
        return DeadLetters.record(of: .init(origin: origin, by: "dayu", at: Self.now, to: to))
    }

    private func dismissed(_ origin: DeadLetters.Origin) -> Outgoing {
        DeadLetters.record(of: .init(origin: origin, by: "dayu", at: Self.now, reason: "a test"))
    }

    @Test("an origin is read as it is written")
    func origins() {
        let origin = letter().origin
        #expect(DeadLetter.Origin(origin.description) == origin)
        for wrong in [
            "", "complaints.actions", "nothing/0/1", "complaints.actions/0", "complaints.actions/-1/1",
        ] {
            #expect(DeadLetter.Origin(wrong) == nil, "\(wrong)")
        }
        for wrong in ["complaints.actions/0/x", "complaints.actions/0/1/2", "dayu.complaints.actions/0/1"] {
            #expect(DeadLetter.Origin(wrong) == nil, "\(wrong)")
        }
    }

    @Test("a letter is open until it is replayed or dismissed; the order is that of refusal")
    func outcomes() {
        let (first, second, third) = (letter(offset: 1), letter(offset: 2), letter(offset: 3))
        let letters = fold(
            refused(second), refused(first), replayed(second.origin), refused(third), dismissed(first.origin))
        #expect(letters.entries.map(\.origin.offset) == [2, 1, 3])
        #expect(letters.open.map(\.origin) == [third.origin])
        #expect(letters[second.origin]?.outcome.text == "replayed \(Self.now) to complaints.actions/2/9")
        #expect(letters[first.origin]?.outcome.text == "dismissed \(Self.now): a test")
    }

    @Test("the same record refused twice is one letter, and keeps what became of it")
    func twice() {
        let letters = fold(refused(letter()), replayed(letter().origin), refused(letter()))
        #expect(letters.entries.count == 1 && letters.open.isEmpty)
    }

    @Test("a replayed record that is refused again is another letter")
    func again() {
        let letters = fold(refused(letter()), replayed(letter().origin), refused(letter(offset: 9)))
        #expect(letters.open.map(\.origin.offset) == [9])
    }

    @Test("what is no letter is counted and stops nothing; what tells of a letter that expired is nothing")
    func strangers() {
        var letters = fold(replayed(letter().origin), dismissed(letter().origin))
        #expect(letters.entries.isEmpty && letters.unreadable == 0)
        letters.take(headers: [], value: [1])
        letters.take(headers: refused(letter()).event.headers, value: Array("{}".utf8))
        letters.take(headers: refused(letter()).event.headers, value: nil)
        let type = EventType("complaint", "received").description
        letters.take(
            headers: CloudEvent(id: "1", source: "s", type: type, trail: Trail(at: Self.now), data: nil)
                .headers,
            value: [])
        #expect(letters.unreadable == 4 && letters.entries.isEmpty)
    }

    @Test("a letter longer than any record is read")
    func large() {
        let large = letter(value: [UInt8](repeating: 7, count: 400_000))
        #expect(large.omittedBytes == 0)
        let letters = fold(refused(large))
        #expect(letters.unreadable == 0)
        let plan = letters.plan(for: .init(origins: [large.origin]), again: false, prefix: "")
        #expect(plan.sent.first?.record.value?.count == 400_000)
    }

    @Test("records are kept only where they are asked for")
    func frugal() {
        var letters = DeadLetters(keepsRecord: { $0.origin.offset == 2 })
        for offset in Int64(1)...3 {
            let event = refused(letter(offset: offset)).event
            letters.take(headers: event.headers, value: event.data)
        }
        #expect(letters.entries.map { $0.letter != nil } == [false, true, false])
    }

    // MARK: Replaying

    @Test("what is sent again is the record as it came, byte by byte")
    func original() throws {
        let plan = fold(refused(letter())).plan(for: .init(topic: .actions), again: false, prefix: "city.")
        let record = try #require(plan.sent.first?.record)
        #expect(
            record
                == OutgoingRecord(
                    topic: "city.complaints.actions", key: Array("k".utf8), value: [0xFF, 0],
                    headers: [Header("ce_id", [1, 0x1B])]))
        // Without a key nothing but its old place says where it belongs; a tombstone stays one.
        let bare = fold(refused(letter(key: nil, value: nil)))
        let sent = try #require(
            bare.plan(for: .init(topic: .actions), again: false, prefix: "").sent.first?.record)
        #expect(sent.partition == 2 && sent.key == nil && sent.value == nil)
        // An empty key is a key.
        #expect(OutgoingRecord(of: letter(key: ""), prefix: "")?.key == [])
    }

    @Test("a selection names letters, or a topic, or a part of the reason")
    func selections() {
        let letters = fold(
            refused(letter(offset: 1)), refused(letter(.reports, offset: 2, reason: "Not JSON")),
            refused(letter(offset: 3, reason: "not json either")))
        func chosen(_ selection: DeadLetters.Selection) -> [Int64] {
            letters.plan(for: selection, again: false, prefix: "").sent.map(\.origin.offset)
        }
        #expect(chosen(.init(origins: [letter(offset: 3).origin, letter(offset: 1).origin])) == [1, 3])
        #expect(chosen(.init(topic: .actions)) == [1, 3])
        #expect(chosen(.init(reason: "JSON")) == [2, 3])
        #expect(chosen(.init(topic: .actions, reason: "json")) == [3])
    }

    @Test("what was dealt with is left, unless it is meant; what is not there, or cut, is told")
    func left() {
        let cut = letter(offset: 5, value: [UInt8](repeating: 1, count: 1_000_000))
        let letters = fold(refused(letter()), replayed(letter().origin), refused(cut))
        let unknown = DeadLetters.Origin(topic: .events, partition: 0, offset: 0)
        let named = DeadLetters.Selection(origins: [letter().origin, cut.origin, unknown])
        let plan = letters.plan(for: named, again: false, prefix: "")
        #expect(plan.sent.isEmpty)
        #expect(plan.settled.map(\.origin) == [letter().origin])
        #expect(plan.impossible.map(\.origin) == [unknown, cut.origin])
        #expect(plan.impossible.last?.why.contains("\(cut.omittedBytes) bytes") == true)
        #expect(letters.plan(for: named, again: true, prefix: "").sent.map(\.origin) == [letter().origin])
        // Whoever names a topic means what is open there.
        #expect(letters.plan(for: .init(topic: .actions), again: false, prefix: "").settled.isEmpty)
    }

    // MARK: Showing

    @Test("a list shows no value, and nothing that a terminal obeys")
    func list() {
        let letters = fold(refused(letter(value: Array("13000000000".utf8), reason: "a\u{1B}[2J\nb\u{202E}")))
        let lines = DeadLetters.lines(of: letters.entries, withOutcome: true)
        #expect(
            lines == ["complaints.actions/2/7  \(Self.now)  dayu-routing  open  a\\u{1B}[2J\\u{A}b\\u{202E}"])
    }

    @Test(
        "a page withholds what restricted topics hold until it is asked for",
        arguments: Topic.allCases)
    func restricted(_ topic: Topic) throws {
        let letters = fold(refused(letter(topic, value: Array("13000000000".utf8))))
        let entry = try #require(letters.entries.first)
        #expect(DeadLetters.page(of: entry, reveals: false).contains("13000000000") == !topic.isRestricted)
        #expect(DeadLetters.page(of: entry, reveals: true).contains("13000000000"))
    }

    @Test("a value is text where it is text, else base64")
    func values() throws {
        func page(_ value: [UInt8]?) throws -> String {
            let entry = try #require(fold(refused(letter(value: value))).entries.first)
            return DeadLetters.page(of: entry, reveals: false)
        }
        #expect(try page([0xFF, 0]).hasSuffix("2 bytes:\nbase64 /wA="))
        #expect(try page(Array("{\n\u{1B}河".utf8)).hasSuffix("6 bytes:\n{\n\\u{1B}河"))
        #expect(try page(nil).hasSuffix("value       none"))
    }
}
