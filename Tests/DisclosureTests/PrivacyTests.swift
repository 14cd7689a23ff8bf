import Foundation
import Models
import Store
import Testing
import Text

@testable import Disclosure

@Suite("Nothing personal is kept or told")
struct PrivacyTests {
    private static func life() -> Life {
        var life = Life(
            1, text: "管口流灰水，我电话13000000000，邮箱 li@example.com", address: "张三家旁，0571-87654321")
        life.assign()
        life.note("居民李雷，130 0000 2222，勿公开", by: Actor(role: .office, id: "north"), isPublic: false)
        life.note("补充：身份证330106199001011234", by: Actor(role: .citizen, id: "citizen-77"), isPublic: true)
        life.resolve("已联系投诉人 +86 139 0000 0000")
        life.rate(.dissatisfied, "打我 13700137000")
        return life
    }

    private static let forbidden = [
        "13000000000", "li@example.com", "87654321", "130 0000 2222", "李雷", "勿公开", "330106199001011234",
        "139 0000 0000", "13700137000", "citizen-77", "FFFFFFFFFFFF000000000042",
    ]

    @Test("no answer holds a number of a person, or a word of an internal note")
    func answers() throws {
        let life = Self.life()
        let world = try World()
        try world.apply(life)
        let everything = try world.everything(life)
        #expect(everything.contains("管口流灰水"))
        #expect(everything.contains(Redaction.mark))
        for secret in Self.forbidden {
            #expect(!everything.contains(secret), "\(secret)")
        }
    }

    @Test("neither does the file")
    func file() throws {
        let life = Self.life()
        let world = try World()
        try world.apply(life)
        try world.settle()
        #expect(try world.holds("管口流灰水"))
        for secret in Self.forbidden {
            #expect(try !world.holds(secret), "\(secret)")
        }
    }

    @Test("through its whole life: no word unredacted in any answer or file")
    func wholeLife() throws {
        let other = Life(2)
        var life = Life.whole(words: "我电话13000000000，邮箱 li@example.com", with: other)
        #expect(Set(life.facts.map(\.event.kind)) == Set(ComplaintEvent.Kind.allCases))
        life.merge(into: other)
        var target = other
        target.join(life)
        let world = try World()
        try world.apply(life, target)
        try world.settle()
        let everything = try world.everything(life, other)
        #expect(everything.contains(Redaction.mark) && everything.contains(life.code.description))
        #expect(try world.holds(Redaction.mark))
        for secret in ["13000000000", "li@example.com"] {
            #expect(!everything.contains(secret), "\(secret)")
            #expect(try !world.holds(secret), "\(secret)")
        }
    }

    @Test(
        "an internal note leaves no trace: no entry, no new time, no word, whichever comes first",
        arguments: [true, false])
    func internalNote(wordsFirst: Bool) throws {
        var life = Life(1)
        life.assign()
        let world = try World()
        try world.apply(life)
        let before = try world.ask("/api/complaints/\(life.code)").text
        life.note("内部", by: Actor(role: .office, id: "north"), isPublic: false)
        let records = Array(life.records.suffix(2))
        try world.apply(wordsFirst ? records : records.reversed())
        #expect(try world.ask("/api/complaints/\(life.code)").text == before)
        try world.settle()
        #expect(try world.holds("水很臭") && !world.holds("内部"))
    }
}
