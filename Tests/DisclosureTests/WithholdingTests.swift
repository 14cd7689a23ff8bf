import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("What an office withholds")
struct WithholdingTests {
    private static let picture = "https://example.org/1.jpg"
    private static let other = "https://example.org/2.jpg"
    private static let life = Life(1, text: "王某家偷排", address: "王某家旁", media: [picture, other])
    private static let code = life.code

    private func shown(_ openness: Openness = Openness(), _ live: (inout Life) -> Void) throws -> Reply {
        var life = Self.life
        live(&life)
        let world = try World(openness: openness)
        try world.apply(life)
        return try world.ask("/api/complaints/\(life.code)")
    }

    @Test("the page shows that something was withheld and why, and not what")
    func all() throws {
        let reply = try shown { $0.withhold(1, .all, .accusation) }
        #expect(!reply.text.contains("王某") && !reply.text.contains(Self.picture))
        #expect(reply.string("words") == "withheld" && reply.isNull("text") && reply.isNull("address"))
        #expect(reply.column("withheld", "part") == ["text", "picture-1", "picture-2"])
        #expect(Set(reply.column("withheld", "reason")) == ["accusation"])
        #expect(reply.string("timeline.1.type") == "withheld")
        #expect(reply.string("timeline.1.reason") == "accusation")
        #expect(reply.number("timeline.1.passage.version") == 1)
    }

    @Test("the text alone: the pictures stay, and the place in words goes with the text")
    func text() throws {
        let reply = try shown { $0.withhold(1, .text) }
        #expect(!reply.text.contains("王某") && reply.string("words") == "shown")
        #expect(reply.strings("media") == [Self.picture, Self.other])
        #expect(reply.column("withheld", "part") == ["text"])
    }

    @Test("one picture alone")
    func onePicture() throws {
        let reply = try shown { $0.withhold(1, .picture(1)) }
        #expect(reply.strings("media") == [Self.other] && reply.string("text") == "王某家偷排")
        #expect(reply.column("withheld", "part") == ["picture-1"])
    }

    @Test("released, it is back; the last word counts, and one about all counts for every part")
    func released() throws {
        let whole = try shown { _ in }
        for parts in [[Passage.Part.all], [.text, .picture(1), .picture(2)]] {
            let reply = try shown { life in
                life.withhold(1, .text)
                life.withhold(1, .all)
                for part in parts { life.release(1, part) }
            }
            #expect(reply.string("text") == whole.string("text") && reply.count("withheld") == 0)
            #expect(reply.strings("media") == whole.strings("media"))
        }
        let again = try shown { life in
            life.withhold(1, .all)
            life.release(1, .picture(2))
        }
        #expect(again.strings("media") == [Self.other] && again.string("words") == "shown")
        #expect(again.isNull("text"))
    }

    @Test("what was said with a later event, whichever topic comes first", arguments: [true, false])
    func later(wordsFirst: Bool) throws {
        var life = Self.life
        life.note("王某的电话", isPublic: true)
        life.withhold(2, .text, .personalData)
        let facts = life.facts.map { Record($0) }
        let world = try World()
        try world.apply(wordsFirst ? life.wordsRecords + facts : facts + life.wordsRecords)
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("timeline.1.words") == "withheld" && reply.isNull("timeline.1.text"))
        #expect(reply.string("timeline.1.withheld.0.reason") == "personal-data")
        #expect(reply.string("text") == "王某家偷排", "the complaint's own words stay")
    }

    @Test("where another complaint's page tells of it, it is withheld, too")
    func followers() throws {
        var (life, target) = (Life(1), Life(2))
        life.merge(into: target)
        target.resolve("王某已停产")
        life.inform(of: target)
        target.withhold(target.facts.count, .text)
        let world = try World()
        try world.apply(life, target)
        #expect(try !world.everything(life, target).contains("王某"))
        // The follower's office has no say in what was said there.
        life.release(life.facts.count, .text)
        try world.apply(life)
        #expect(try !world.everything(life, target).contains("王某"))
    }

    @Test("an event without words, or one that is not there, changes nothing", arguments: [2, 99])
    func nothing(_ version: Int) throws {
        let reply = try shown { life in
            life.assign()
            life.withhold(version)
        }
        #expect(reply.string("text") == "王某家偷排" && reply.count("withheld") == 0)
    }

    // MARK: Review

    private static let review = Openness(reviewsFirst: true)

    @Test("where words are reviewed first, a citizen's wait and an official's do not")
    func waiting() throws {
        let reply = try shown(Self.review) { life in
            life.note("居民补充", isPublic: true)
            life.note("河长说明", by: Life.chief, isPublic: true)
        }
        #expect(!reply.text.contains("王某") && !reply.text.contains("居民补充"))
        #expect(reply.string("words") == "withheld" && reply.string("withheld.0.reason") == "review")
        #expect(reply.string("timeline.2.text") == "河长说明")
    }

    @Test("an office's release ends the waiting, part by part; withholding says why from then on")
    func reviewed() throws {
        let reply = try shown(Self.review) { life in
            life.release(1, .text)
            life.release(1, .picture(2))
            life.withhold(1, .picture(1), .abuse)
        }
        #expect(reply.string("text") == "王某家偷排" && reply.strings("media") == [Self.other])
        #expect(reply.column("withheld", "reason") == ["abuse"])
    }

    @Test("what a station said waits for nobody")
    func station() throws {
        let said = Words(text: "氨氮超标")
        let fact = ComplaintFact(
            complaint: Self.code, version: 1, trail: Trail(at: Life.noon, cause: "dayu-analytics/1"),
            event: .received(
                .init(
                    submission: Submission(
                        complaint: Self.code, category: Town.id("odour"), place: nil, channel: .station,
                        words: said.outline, submittedAt: Life.noon))))
        let world = try World(openness: Self.review)
        try world.apply([
            Record(WordsKey(complaint: Self.code, cause: "dayu-analytics/1"), said), Record(fact),
        ])
        #expect(try world.ask("/api/complaints/\(Self.code)").string("text") == "氨氮超标")
    }

    @Test("an instance for officials shows it all, and says what the public does not see")
    func officials() throws {
        let reply = try shown(Openness(reviewsFirst: true, showsHidden: true)) { $0.withhold(1, .picture(1)) }
        #expect(reply.string("text") == "王某家偷排" && reply.strings("media")?.count == 2)
        #expect(reply.column("withheld", "reason") == ["review", "personal-data", "review"])
    }

    @Test("the file keeps what is withheld: it may be released")
    func kept() throws {
        var life = Self.life
        life.withhold(1)
        let world = try World()
        try world.apply(life)
        try world.settle()
        #expect(try world.holds("王某"))
    }
}

@Suite("The event of an erasure")
struct ErasedEventTests {
    private static let secret = "灰水直排"

    private static func erased(_ life: Life = Life(1, text: secret)) -> Life {
        var life = life
        life.note("\(secret)之后", isPublic: true)
        life.erase(until: Life.noon)
        return life
    }

    @Test("erases without any tombstone what is not younger, leaves a line, and the file holds it no more")
    func withoutTombstone() throws {
        let life = Self.erased()
        let world = try World()
        try world.apply(life)
        try world.settle()
        #expect(try !world.holds(Self.secret))
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("words") == "erased" && reply.string("timeline.1.words") == "erased")
        #expect(reply.string("timeline.2.type") == "erased")
    }

    @Test(
        "words that come again, from a topic that was restored or read once more, are not taken",
        arguments: [true, false])
    func again(eventFirst: Bool) throws {
        let life = Self.erased()
        let facts = life.facts.map { Record($0) }
        let world = try World()
        try world.apply(eventFirst ? facts + life.wordsRecords : life.records)
        try world.apply(life.wordsRecords)
        try world.settle()
        #expect(try !world.everything(life).contains(Self.secret) && !world.holds(Self.secret))
    }

    @Test("the same requests, sent again after the erasure, do not bring their words back")
    func sentAgain() throws {
        var life = Life(1, text: Self.secret)
        life.note("\(Self.secret)之后", isPublic: true)
        life.erase(until: Life.noon + .seconds(3600))
        let world = try World()
        try world.apply(life)
        try world.apply(life.words.values.map { Record($0.key, $0.words, at: Life.noon + .seconds(7200)) })
        try world.settle()
        #expect(try !world.everything(life).contains(Self.secret) && !world.holds(Self.secret))
    }

    @Test("what is said later is shown, also where the words are read before the event")
    func later() throws {
        var life = Life(1, text: Self.secret)
        life.erase(until: Life.noon + .seconds(-1))
        let world = try World()
        try world.apply(life)
        #expect(try world.ask("/api/complaints/\(life.code)").string("text") == Self.secret)
        let another = Self.erased(Life(2, text: Self.secret))
        try world.apply(another)
        #expect(try world.ask("/api/complaints/\(life.code)").string("text") == Self.secret, "another's stay")
    }
}
