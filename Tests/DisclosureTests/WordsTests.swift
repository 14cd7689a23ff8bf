import Foundation
import Models
import Processing
import Store
import Testing
import Text

@testable import Disclosure

@Suite("Words and the events that refer to them")
struct WordsTests {
    private static let other = Life(2)
    private static let life = Life.whole(words: "灰水直排", with: other)

    @Test("the page is the same, whichever topic comes first")
    func order() throws {
        let facts = Self.life.facts.map { Record($0) }
        let words = Self.life.wordsRecords + Self.other.wordsRecords
        let expected = try shown(after: words + facts)
        #expect(expected.contains("灰水直排") && !expected.contains(#""words":"erased""#))
        #expect(try shown(after: facts + words) == expected)
        #expect(try shown(after: [facts[0]] + words + facts.dropFirst()) == expected)
    }

    private func shown(after records: [Record]) throws -> String {
        let world = try World()
        try world.apply(records)
        return try world.ask("/api/complaints/\(Self.life.code)").text
    }

    @Test("words that no event tells of are shown nowhere")
    func refused() throws {
        let world = try World()
        try world.apply(Self.life)
        let before = try world.everything(Self.life)
        let key = WordsKey(complaint: Self.life.code, cause: "dayu-intake/action/refused")
        try world.apply([Record(key, Words(text: "没有下文"))])
        #expect(try world.everything(Self.life) == before)
    }

    @Test("addresses and pictures come with the complaint's own words")
    func pictures() throws {
        let life = Life(1, text: nil, address: "桥东", media: ["https://example.org/1.jpg"])
        let world = try World()
        try world.apply(life)
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("words") == "shown" && reply.isNull("text"))
        #expect(reply.string("address") == "桥东")
        #expect(reply.strings("media") == ["https://example.org/1.jpg"])
    }
}

@Suite("A tombstone erases words")
struct ErasureTests {
    private static let secret = "灰水直排"
    private static let life = Life.whole(words: secret, with: Life(2))
    private static var tombstones: [Record] { life.words.values.map { Record(erasing: $0.key) } }

    @Test("no answer has them any more, and each place says that there were words")
    func answers() throws {
        let world = try World()
        try world.apply(Self.life)
        #expect(try world.everything(Self.life).contains(Self.secret))
        try world.apply(Self.tombstones)
        #expect(try !world.everything(Self.life).contains(Self.secret))
        let reply = try world.ask("/api/complaints/\(Self.life.code)")
        #expect(reply.string("words") == "erased" && reply.isNull("text") && reply.isNull("address"))
        let said = Self.life.facts.count { $0.wordsOfEntry != nil }
        #expect(said > 10)
        #expect(reply.column("timeline", "words") == Array(repeating: "erased", count: said))
        #expect(try world.ask("/api/complaints").string("complaints.0.words") == "erased")
    }

    @Test("the events stay: the status, the times and the grade are what they were")
    func events() throws {
        let world = try World()
        try world.apply(Self.life)
        let before = try world.ask("/api/complaints/\(Self.life.code)")
        try world.apply(Self.tombstones)
        let after = try world.ask("/api/complaints/\(Self.life.code)")
        for path in ["status", "updatedAt", "receivedAt", "assignee.id"] {
            #expect(before.string(path) != nil && after.string(path) == before.string(path), "\(path)")
        }
        #expect(after.column("timeline", "type") == before.column("timeline", "type"))
    }

    @Test("erasing what is not there changes nothing")
    func absent() throws {
        let world = try World()
        try world.apply(Self.life)
        try world.apply(Self.tombstones)
        let version = try world.version
        try world.apply(Self.tombstones)
        #expect(try world.version == version && world.model.skipped == 0)
    }

    /// Texts of many lengths, so that pages are divided and joined.
    private static func texts(_ count: Int) -> [String] {
        (0..<count).map { "第\($0)句：" + String(repeating: "水", count: $0 * 37 % 300) + "。\($0)" }
    }

    @Test("neither the file nor its log holds them, while the rest is kept and somebody reads")
    func files() throws {
        let world = try World()
        let texts = Self.texts(600)
        let lives = texts.indices.map { Life($0, text: texts[$0], address: nil) }
        for life in lives { try world.apply(life) }
        try world.settle()
        for (index, life) in lives.enumerated() where index % 3 != 0 {
            try world.apply(life.words.values.map { Record(erasing: $0.key) })
            #expect(try world.ask("/api/complaints/\(life.code)").string("words") == "erased")
        }
        #expect(try world.holds("第599句"), "the former page is there until the checkpoint")
        try world.settle()
        for index in texts.indices {
            #expect(try world.holds("第\(index)句") == (index % 3 == 0), "\(index)")
        }
        #expect(try world.ask("/api/complaints/\(lives[3].code)").string("text") == texts[3])
    }

    @Test("a compaction is done once a day at the most, and one that is due is not forgotten by a restart")
    func compaction() throws {
        let world = try World(compactEvery: Erasure.daily)
        func waiting() throws -> Int64? {
            try world.database.prepare("SELECT erased FROM model").first { $0.integer(0) }
        }
        let lives = (0..<3).map { Life($0) }
        for life in lives { try world.apply(life) }
        for (life, expected) in zip(lives, [0, 1, 2] as [Int64]) {
            try world.apply(life.words.values.map { Record(erasing: $0.key) })
            try world.settle()
            #expect(try waiting() == expected)
        }
        #expect(try ReadModel(world.database).pending() == [])
        #expect(try waiting() == 0)
    }

    @Test("a reader who holds the log up holds it up only as long as he reads")
    func heldUp() throws {
        let world = try World()
        let life = Life(1, text: Self.secret)
        try world.apply(life)
        try world.settle()
        try world.reader.snapshot {
            try world.apply(life.words.values.map { Record(erasing: $0.key) })
            try world.settle()
        }
        try world.settle()
        #expect(try !world.holds(Self.secret))
    }

    @Test("what compaction leaves of the topics does not bring them back", arguments: [true, false])
    func restore(keepsTombstones: Bool) throws {
        let world = try World()
        try world.apply(Self.life)
        try world.apply(Self.tombstones)
        let restored = try World()
        try restored.apply((keepsTombstones ? Self.tombstones : []) + Self.life.facts.map(Record.init))
        try restored.settle()
        #expect(try !restored.holds(Self.secret))
        #expect(try restored.contents == world.contents)
        #expect(
            try restored.ask("/api/complaints/\(Self.life.code)").text
                == world.ask("/api/complaints/\(Self.life.code)").text)
    }
}
