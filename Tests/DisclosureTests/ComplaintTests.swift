import Geo
import HTTP
import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("A complaint as the public sees it")
struct ComplaintTests {
    private func shown(_ life: Life) throws -> Reply {
        let world = try World()
        try world.apply(life)
        return try world.ask("/api/complaints/\(life.code)")
    }

    @Test("received, assigned, accepted, resolved, rated, closed: everything that the page shows")
    func wholeLife() throws {
        var life = Life(1, media: ["https://example.org/before.jpg"])
        life.assign()
        life.accept()
        life.resolve()
        life.rate(.satisfied, "谢谢")
        life.close()
        let reply = try shown(life)

        #expect(reply.status == 200)
        #expect(reply.string("trackingCode") == life.code.description)
        #expect(reply.string("status") == "closed")
        #expect(reply.strings("marks") == [])
        #expect(reply.string("category.code") == "odour")
        #expect(reply.string("category.name.zh") == "odour")
        #expect(reply.string("text") == "水很臭")
        #expect(reply.string("address") == "桥东")
        #expect(reply.number("place.longitude") == 120.15)
        #expect(reply.string("river.name.zh") == "运河")
        #expect(reply.string("reach.id") == "canal.east")
        #expect(reply.string("assignee.title") == "镇级河长")
        #expect(reply.string("grade") == "satisfied")
        #expect(reply.string("receivedAt") == Life.noon.description)
        #expect(reply.string("updatedAt") == (Life.noon + .seconds(300)).description)
        #expect(reply.strings("media") == ["https://example.org/before.jpg"])
        #expect(reply.string("due.accept") == Life.due.accept.description)
        #expect(
            reply.column("timeline", "type") == [
                "received", "assigned", "accepted", "resolved", "rated", "closed",
            ])
        #expect(reply.string("timeline.0.by.role") == "citizen")
        #expect(reply.string("timeline.1.to.name.zh") == "低")
        #expect(reply.string("timeline.2.by.title") == "镇级河长")
        #expect(reply.strings("timeline.3.media") == ["https://example.org/after.jpg"])
        #expect(reply.string("timeline.4.grade") == "satisfied")
        #expect(reply.string("timeline.4.text") == "谢谢")
        #expect(reply.string("timeline.5.reason") == "rated")
    }

    @Test("what there is not yet is null, not absent")
    func nulls() throws {
        let reply = try shown(Life(1, address: nil, place: nil))
        for path in [
            "address", "place", "river", "reach", "assignee", "grade", "due.accept", "due.resolve",
            "timeline.0.text", "timeline.0.words", "timeline.0.passed",
        ] {
            #expect(reply.isNull(path), "\(path)")
        }
        #expect(reply.string("words") == "shown")
        let silent = try shown(Life(2, text: nil, address: nil))
        #expect(silent.isNull("words") && silent.isNull("text") && silent.strings("media") == [])
    }

    @Test("a complaint without a place is shown, listed, and found by its river")
    func placeless() throws {
        let world = try World()
        try world.apply(Life(1, place: nil, river: "canal"))
        let river = try world.ask("/api/rivers/canal")
        let list = try world.ask("/api/complaints?river=canal")
        for (reply, path) in [(river, "complaints.0"), (list, "complaints.0")] {
            #expect(reply.isNull("\(path).place"))
            #expect(reply.string("\(path).river.name.zh") == "运河")
        }
        #expect(try world.ask("/api/complaints/\(Life(1).code)").isNull("place"))
    }

    @Test("escalated is overdue until the outcome; the mark hides no status")
    func overdue() throws {
        var life = Life(1)
        life.assign()
        life.escalate()
        life.assign(to: Life.high, why: .escalated)
        var reply = try shown(life)
        #expect(reply.strings("marks") == ["overdue"])
        #expect(reply.string("status") == "assigned")
        #expect(reply.string("assignee.id") == "high")

        life.accept()
        reply = try shown(life)
        #expect(reply.strings("marks") == ["overdue"])

        life.resolve()
        reply = try shown(life)
        #expect(reply.strings("marks") == [])
    }

    @Test("reopened starts anew: no mark, no grade, and both grades count")
    func reopened() throws {
        var life = Life(1)
        life.assign()
        life.lapse()
        life.resolve()
        life.rate(.dissatisfied)
        let world = try World()
        try world.apply(life)
        #expect(try world.ask("/api/complaints/\(life.code)").string("status") == "returned")
        #expect(try world.ask("/api/complaints?status=returned").count("complaints") == 1)

        life.assign(why: .reopened)
        try world.apply(life)
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("status") == "assigned")
        #expect(reply.strings("marks") == [])
        #expect(reply.isNull("grade"))

        life.resolve()
        life.rate(.verySatisfied)
        life.close()
        try world.apply(life)
        let river = try world.ask("/api/rivers/canal")
        #expect(river.number("satisfaction") == 0.5)
    }

    @Test("rejected for abuse: that it was there is told, what it said is not")
    func withheld() throws {
        var life = Life(1, text: "粗话", address: "某处", media: ["https://example.org/1.jpg"])
        life.reject(.abuse, "请文明用语")
        let world = try World()
        try world.apply(life)
        var reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("words") == "withheld")
        #expect(reply.isNull("text"))
        #expect(reply.isNull("address"))
        #expect(reply.strings("media") == [])
        #expect(reply.string("status") == "rejected")
        #expect(reply.string("timeline.1.reason") == "abuse")
        #expect(reply.string("timeline.1.by.title") == "区河长办")
        #expect(reply.string("timeline.1.text") == "请文明用语")
        #expect(!reply.text.contains("粗话"))
        // They come again, as after a restart of their writer.
        try world.apply(life.wordsRecords)
        reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("words") == "withheld" && reply.isNull("text"))
        try world.settle()
        #expect(try !world.holds("粗话") && world.holds("请文明用语"))
    }

    @Test("merged names the complaint that goes on")
    func merged() throws {
        let other = Life(2)
        var life = Life(1)
        life.assign()
        life.merge(into: other)
        #expect(try shown(life).string("timeline.2.into") == other.code.description)
    }

    @Test("a chief who has left the registry keeps his name in the timeline")
    func formerChief() throws {
        var life = Life(1)
        life.assign()
        life.accept()
        let world = try World()
        try world.apply(life)
        try world.apply([Record(.registry, key: "chief/low", nil)])
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("timeline.2.by.name.zh") == "低")
    }

    @Test("a code is taken in every form that a person writes")
    func codes() throws {
        let life = Life(1)
        let world = try World()
        try world.apply(life)
        let compact = life.code.compact
        for form in [
            compact, compact.lowercased(), life.code.description, life.code.description.lowercased(),
        ] {
            #expect(try world.ask("/api/complaints/\(form)").status == 200, "\(form)")
        }
        #expect(try world.ask("/api/complaints/nothing").status == 404)
        #expect(try world.ask("/api/complaints/\(Life(99).code)").status == 404)
    }

    @Test("facts that come again change nothing")
    func repeats() throws {
        var life = Life(1)
        life.assign()
        life.resolve()
        life.rate(.neutral)
        let world = try World()
        try world.apply(life)
        let before = (try world.contents, try world.version)
        try world.apply(life)
        try world.apply(life.facts.reversed().map(Record.init))
        #expect(try world.contents == before.0)
        #expect(try world.version == before.1)
    }

    @Test("facts without their beginning are skipped and counted")
    func headless() throws {
        var life = Life(1)
        life.assign()
        let world = try World()
        try world.apply(life.facts.dropFirst().map(Record.init))
        #expect(world.model.skipped == 1)
        #expect(try world.ask("/api/complaints/\(life.code)").status == 404)
    }
}

@Suite("The list of complaints")
struct ComplaintListTests {
    private func world(_ count: Int) throws -> (world: World, lives: [Life]) {
        let world = try World()
        let lives = (0..<count).map { number in
            // Three at a time share a moment, so that the code decides between them.
            var life = Life(
                number, category: number % 2 == 0 ? "odour" : "oil",
                at: Life.noon + .seconds(1000 * (number / 3)))
            if number % 3 != 0 { life.assign(reach: number % 3 == 1 ? "canal.east" : "canal.west") }
            return life
        }
        for life in lives { try world.apply(life) }
        return (world, lives)
    }

    @Test("pages join without a gap or a repeat, newest first, while new complaints come in")
    func paging() throws {
        let (world, lives) = try world(47)
        var seen: [String] = []
        var next: String?
        var pages = 0
        repeat {
            let reply = try world.ask("/api/complaints?limit=10" + (next.map { "&before=\($0)" } ?? ""))
            #expect(reply.status == 200)
            seen += reply.column("complaints", "trackingCode")
            next = reply.string("next")
            pages += 1
            try world.apply(Life(1000 + pages, at: Life.noon + .seconds(1_000_000)))
        } while next != nil
        let expected = lives.sorted {
            ($0.facts[0].at, $0.code.compact) > ($1.facts[0].at, $1.code.compact)
        }.map(\.code.description)
        #expect(seen == expected)
        #expect(pages == 5)
    }

    @Test("a full last page has no next")
    func lastPage() throws {
        let (world, _) = try world(10)
        let reply = try world.ask("/api/complaints?limit=10")
        #expect(reply.count("complaints") == 10)
        #expect(reply.isNull("next"))
    }

    @Test(
        "filters narrow it, alone and together",
        arguments: [
            ("", 30), ("status=received", 10), ("status=assigned", 20), ("category=oil", 15),
            ("river=canal", 20),
            ("reach=canal.west", 10), ("status=assigned&category=odour&reach=canal.east", 5),
            ("river=none", 0),
            ("status=", 30),
        ])
    func filters(_ query: String, _ count: Int) throws {
        let (world, _) = try world(30)
        #expect(try world.ask("/api/complaints?\(query)").count("complaints") == count)
    }

    @Test(
        "a wrong parameter is named, all at once",
        arguments: [
            ("status=open", ["status"]), ("category=%E6%B0%B4", ["category"]), ("limit=0", ["limit"]),
            ("limit=501", ["limit"]), ("limit=x&before=y", ["before", "limit"]), ("river=A", ["river"]),
        ])
    func faults(_ query: String, _ fields: [String]) throws {
        let reply = try World().ask("/api/complaints?\(query)")
        #expect(reply.status == 400)
        #expect(reply.column("errors", "field").sorted() == fields)
        #expect(reply.headers["Content-Type"] == "application/problem+json")
    }

    @Test("the limit is fifty unless asked, and five hundred at the most")
    func limits() throws {
        let (world, _) = try world(60)
        #expect(try world.ask("/api/complaints").count("complaints") == 50)
        #expect(try world.ask("/api/complaints?limit=500").count("complaints") == 60)
    }

    @Test("what is stored of a complaint and its timeline is byte for byte what Codable writes")
    func coding() throws {
        func byCodable(_ value: some Encodable) -> String {
            String(decoding: JSON.encodeByCodable(value), as: UTF8.self)
        }
        var life = Life.whole(words: "\"水\"很臭\n", with: Life(2))
        life.merge(into: Life(2))
        var complaint: PublicComplaint?
        for fact in life.facts {
            complaint = PublicComplaint.evolve(complaint, fact)
            let now = try #require(complaint)
            let bytes = JSON.encode(now)
            #expect(String(decoding: bytes, as: UTF8.self) == byCodable(now))
            #expect(try JSON.decode(PublicComplaint.self, from: bytes) == now)
            guard let entry = TimelineEntry(fact) else { continue }
            #expect(String(decoding: JSON.encode(entry), as: UTF8.self) == byCodable(entry))
        }
        #expect(complaint?.into != nil && complaint?.followers.isEmpty == false)
        #expect(life.facts.contains { $0.event.kind == .informed } && complaint?.checker == nil)
    }

    @Test("deadlines at risk are stored in order, whatever the order of a set")
    func atRisk() throws {
        var life = Life(1)
        life.assign()
        life.warn(.accept)
        life.warn(.resolve)
        let complaint = try #require(life.facts.reduce(nil, PublicComplaint.evolve))
        let bytes = JSON.encode(complaint)
        #expect(String(decoding: bytes, as: UTF8.self).contains(#""atRisk":["accept","resolve"]"#))
        #expect(try JSON.decode(PublicComplaint.self, from: bytes) == complaint)
    }
}
