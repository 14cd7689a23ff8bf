import Models
import Support
import Testing
import Text

@Suite("Words, and where they stand")
struct WordsTests {
    private let code = TrackingCode(digest: [UInt8](0..<32))

    @Test("an outline tells that there is a text and how many pictures, and nothing of them")
    func outline() {
        #expect(Words().outline == nil)
        #expect(Words(text: "臭").outline == Outline(text: true))
        #expect(
            Words(media: ["https://a.example/1", "https://a.example/2"]).outline
                == Outline(text: false, pictures: 2))
        #expect(Words(address: "桥下").outline == Outline(text: false))
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            let words = random.words()
            let isSilent = words == Words()
            #expect((words.outline == nil) == isSilent, "seed \(seed)")
            #expect(words.outline?.pictures ?? 0 == words.media.count, "seed \(seed)")
            #expect(words.outline?.text ?? false == (words.text != nil), "seed \(seed)")
        }
    }

    @Test("a key is the complaint and the cause, and is read as it is written")
    func keys() throws {
        let key = WordsKey(complaint: code, cause: "dayu-intake/action/1")
        #expect(key.description == "\(code.compact)/dayu-intake/action/1")
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            let key = WordsKey(complaint: random.complaint(), cause: random.text(1...30))
            #expect(try WordsKey(key.description) == key, "seed \(seed)")
            #expect(Topic.partitionKey(of: key.description) == key.complaint.compact, "seed \(seed)")
        }
    }

    @Test(
        "a cause may begin with anything, also with a mark that joins the slash before it",
        arguments: ["\u{301}s/1", "\u{20E3}", "\u{FE0F}/", "/"])
    func joined(cause: String) throws {
        let key = WordsKey(complaint: code, cause: cause)
        #expect(Topic.partitionKey(of: key.description) == code.compact)
        let read = try WordsKey(key.description)
        #expect(Array(read.cause.utf8) == Array(cause.utf8) && read.complaint == code)
    }

    @Test("what is no key is refused, other spellings of a code among it")
    func wrong() {
        let compact = code.compact
        for text in [
            "", "/", compact, "\(compact)/", "/dayu-intake/1", "x/dayu-intake/1", "\(code)/dayu-intake/1",
            "\(compact.lowercased())/dayu-intake/1", " \(compact)/dayu-intake/1",
        ] {
            #expect(throws: Malformed.self, "\(text)") { try WordsKey(text) }
        }
    }

    // MARK: Where a fact finds its words

    private func fact(_ event: ComplaintEvent) -> ComplaintFact {
        ComplaintFact(
            complaint: code, version: 2,
            trail: Trail(at: Instant(millisecondsSince1970: 0), cause: "dayu-intake/1"), event: event)
    }

    @Test("the words of a fact stand under its own complaint and cause; without words there is no key")
    func ofFact() {
        let own = WordsKey(complaint: code, cause: "dayu-intake/1")
        #expect(fact(.noted(.init(by: .citizen, isPublic: true, words: Outline(text: true)))).words == own)
        #expect(fact(.noted(.init(by: .citizen, isPublic: true, words: nil))).words == nil)
        #expect(fact(.accepted(.init(by: .citizen))).words == nil)
        for seed in UInt64(0)..<50 {
            for kind in ComplaintEvent.Kind.allCases where kind != .informed {
                var random = SplitMix64(seed: seed)
                let event = random.event(kind)
                #expect(fact(event).words == (event.outline == nil ? nil : own), "\(kind), seed \(seed)")
            }
        }
    }

    @Test("what an event tells of its words is what its JSON has, so no event is forgotten")
    func outlineOfEvents() throws {
        for seed in UInt64(0)..<50 {
            for kind in ComplaintEvent.Kind.allCases where kind != .received {
                var random = SplitMix64(seed: seed)
                let event = random.event(kind)
                let node = try JSONNode(event.data).member("words")
                let told = try node.map { node throws(Malformed) in try Outline(node) }
                #expect(event.outline == told, "\(kind), seed \(seed)")
            }
        }
    }

    @Test("what is told of another complaint stands at that complaint")
    func informed() {
        let other = TrackingCode(digest: [UInt8](1..<33))
        let informed = ComplaintEvent.informed(
            .init(of: other, event: .noted, cause: "dayu-intake/7", words: Outline(text: true)))
        #expect(fact(informed).words == WordsKey(complaint: other, cause: "dayu-intake/7"))
    }
}
