import Models
import Processing
import Testing

@testable import Disclosure

@Suite("A picture is served as long as the page of its complaint shows it")
struct PictureServingTests {
    private static let name = PictureName(digest: [UInt8](repeating: 0xA5, count: 16))
    private static let other = PictureName(digest: [UInt8](repeating: 0xA6, count: 16))
    private static let life = Life(1, text: "灰水", media: [name.text, "https://example.org/2.jpg"])

    private func isShown(
        _ openness: Openness = Openness(), _ name: PictureName = name,
        _ live: (inout Life) -> Void = { _ in },
        then records: [Record] = []
    ) throws -> Bool {
        var life = Self.life
        live(&life)
        let world = try World(openness: openness)
        try world.apply(life)
        try world.apply(records)
        return try Reader(path: "\(world.folder)/model.sqlite", openness).shows(name)
    }

    @Test("named by a complaint it is, otherwise not; the answers have its address")
    func shown() throws {
        #expect(try isShown())
        #expect(try !isShown(Openness(), Self.other))
        let world = try World()
        try world.apply(Self.life)
        let addresses = ["/pictures/\(Self.name)", "https://example.org/2.jpg"]
        #expect(try world.ask("/api/complaints/\(Self.life.code)").strings("media") == addresses)
        #expect(try world.ask("/api/complaints").strings("complaints.0.media") == addresses)
    }

    @Test("withheld, waiting for release or erased it is not; officials see what is withheld")
    func hidden() throws {
        #expect(try !isShown { $0.withhold(1, .picture(1)) })
        #expect(try !isShown { $0.withhold(1, .all) })
        #expect(try isShown { $0.withhold(1, .picture(2)) })
        #expect(
            try isShown { life in
                life.withhold(1, .all)
                life.release(1, .picture(1))
            })
        #expect(try !isShown(Openness(reviewsFirst: true)))
        #expect(try isShown(Openness(reviewsFirst: true)) { $0.release(1, .picture(1)) })
        #expect(try isShown(Openness(showsHidden: true)) { $0.withhold(1, .all) })
        #expect(try !isShown(then: Self.life.words.values.map { Record(erasing: $0.key) }))
    }

    @Test("withheld in one complaint, it is shown in none, until that office releases it")
    func twice() throws {
        var life = Self.life
        life.withhold(1, .picture(1), .accusation)
        let other = Life(2, text: "同一张照片", media: [Self.other.text, Self.name.text])
        let world = try World()
        try world.apply(other, life)
        #expect(try !world.reader.shows(Self.name) && world.reader.shows(Self.other))
        let page = try world.ask("/api/complaints/\(other.code)")
        #expect(page.strings("media") == ["/pictures/\(Self.other)"] && page.string("text") == "同一张照片")
        #expect(page.column("withheld", "part") == ["picture-2"])
        #expect(page.column("withheld", "reason") == ["accusation"])
        let list = try world.ask("/api/complaints")
        #expect(!list.text.contains(Self.name.text))
        // The other complaint's office can't show it against the first one.
        var released = other
        released.release(1, .picture(2))
        try world.apply(Array(released.records.suffix(1)))
        #expect(try !world.reader.shows(Self.name))
        life.release(1, .picture(1))
        try world.apply(Array(life.records.suffix(1)))
        #expect(try world.reader.shows(Self.name))
        #expect(try world.ask("/api/complaints/\(other.code)").count("media") == 2)
    }

    @Test("words that no event tells of show nothing")
    func refused() throws {
        let key = WordsKey(complaint: Self.life.code, cause: "dayu-intake/action/refused")
        let words = Words(text: "x", media: [Self.other.text])
        #expect(try !isShown(Openness(), Self.other, then: [Record(key, words)]))
    }

    @Test("redaction leaves its name alone, whatever it looks like")
    func redaction() throws {
        for digit in ["0", "1", "7", "a"] {
            let name = try #require(PictureName(String(repeating: digit, count: 32) + ".jpg"))
            let life = Life(1, text: "x", media: [name.text])
            let world = try World()
            try world.apply(life)
            #expect(try world.reader.shows(name))
        }
    }
}
