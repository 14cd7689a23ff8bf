import HTTP
import Links
import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("The officials' desk: what is new to whom")
struct DeskUnreadTests {
    private let chief = Actor(role: .chief, id: "low")
    private let superior = Actor(role: .chief, id: "high")
    private let list = "/api/desk/complaints?unread=true"

    private func assigned(_ number: Int, to assignee: Assignee = Life.low) -> Life {
        var life = Life(number)
        life.assign(to: assignee)
        return life
    }

    /// What the desk wrote down comes back to it from the log.
    private func open(_ life: Life, _ actor: Actor, in world: DeskWorld) throws -> Int {
        let before = world.views.count
        let response = try world.respond(
            .post, "/api/desk/complaints/\(life.code.compact)/opened", cookie: try world.signIn(actor),
            headers: [(DeskGate.header, "1")])
        #expect(response.status == 204 || response.status == 403)
        let written = world.views.dropFirst(before)
        try world.apply(
            written.map { Record(.access, key: $0.key, headers: $0.event.headers, $0.event.data) })
        return written.count
    }

    @Test(
        "what is his to do and he has not opened is unread; once opened it is not, until something happens to it"
    )
    func unread() throws {
        let world = try DeskWorld()
        var life = assigned(1)
        try world.apply(life, assigned(2, to: Life.high))
        #expect(try world.codes(list, as: chief) == [life.code.description])
        #expect(try world.ask(list, as: chief).number("counts.unread") == 1)
        world.pass(.seconds(60))
        #expect(try open(life, chief, in: world) == 1)
        #expect(try world.codes(list, as: chief) == [])
        #expect(try world.ask("/api/desk/complaints", as: chief).number("counts.unread") == 0)
        // Nothing new: nothing is written down.
        #expect(try open(life, chief, in: world) == 0)
        // His superior has it in his list, and it is not his to do.
        #expect(try open(life, superior, in: world) == 0)
        #expect(try open(life, Actor(role: .chief, id: "other"), in: world) == 0)

        var news = Life(1, at: world.now + .seconds(60))
        news.assign()
        news.urge("快一点")
        try world.apply([try #require(news.records.last)])
        #expect(try world.codes(list, as: chief) == [life.code.description])
        // What he does himself is no news to him.
        life = Life(1, at: world.now + .seconds(600))
        life.assign()
        life.urge()
        life.accept()
        try world.apply([try #require(life.records.last)])
        #expect(try world.codes(list, as: chief) == [])
    }

    @Test("a note before a leave is new to the deputy and to a colleague, and not to whoever wrote it")
    func handingOver() throws {
        let away = RegistryEntity.chief(
            Chief(
                id: Town.id("low"), name: Town.name("低"), title: "镇级河长", level: .town,
                region: Town.id("north"),
                superior: Town.id("high"), phone: "+86 000 0000 0301",
                absences: [
                    Absence(
                        from: try #require(Day("2026-09-20")), to: try #require(Day("2026-10-31")),
                        deputy: Town.id("other"))
                ]))
        let world = try DeskWorld()
        var life = assigned(1)
        life.note("交班：请跟进", by: chief, isPublic: false)
        try world.apply(life)
        #expect(try world.codes(list, as: chief) == [], "he wrote it")
        #expect(try world.codes(list, as: Actor(role: .chief, id: "other")) == [])
        try world.apply([Record(away)])
        let deputy = Actor(role: .chief, id: "other")
        #expect(try world.codes(list, as: deputy) == [life.code.description])
        let me = try world.ask("/api/desk/me", as: deputy)
        #expect(me.string("standsInFor.0.id") == "low")
        #expect(try world.ask("/api/desk/me", as: chief).string("absences.0.deputy.id") == "other")

        var office = assigned(2, to: Life.city)
        let clerk = Actor(role: .office, id: "city", clerk: Town.id("clerk-9"))
        office.note("交班", by: clerk, isPublic: false)
        try world.apply(office)
        try world.apply([
            Record(.clerk(Clerk(id: Town.id("clerk-9"), name: Town.name("九"), office: Town.id("city"))))
        ])
        #expect(try world.codes(list, as: clerk) == [])
        #expect(try world.codes(list, as: Actor(role: .office, id: "city")) == [office.code.description])
    }
}

@Suite("The officials' desk: what comes is told at once")
struct DeskNewsTests {
    private let chief = Actor(role: .chief, id: "low")
    private let news = "/api/desk/news"

    private func listen(_ world: DeskWorld, _ actor: Actor, after id: String? = nil) throws -> BodyStream {
        let headers: Headers = id.map { [("Last-Event-ID", $0)] } ?? []
        let response = try world.respond(.get, news, cookie: try world.signIn(actor), headers: headers)
        #expect(response.headers["Content-Type"]?.hasPrefix("text/event-stream") == true)
        #expect(response.headers["X-Accel-Buffering"] == "no")
        guard case .stream(let stream) = response.body else { throw CancellationError() }
        return stream
    }

    private func read(_ stream: BodyStream) -> String { String(decoding: stream.taken(), as: UTF8.self) }

    private func id(_ text: String) throws -> String {
        let line = try #require(text.split(separator: "\n").last { $0.hasPrefix("id: ") })
        return String(line.dropFirst(4))
    }

    @Test("each hears of what came to somebody in his scope, and only of that, also while another one leaves")
    func told() throws {
        let world = try DeskWorld()
        var leaving = Life(1)
        leaving.assign()
        try world.apply(leaving)
        let (mine, other) = (try listen(world, chief), try listen(world, Actor(role: .office, id: "south")))
        #expect(read(mine).contains("event: here") && read(other).contains("event: here"))
        world.api.news.turn(at: .now)
        #expect(read(mine) == "")
        // One comes and another one leaves: the count is as before.
        leaving.resolve()
        var life = Life(2)
        life.assign()
        try world.apply([try #require(leaving.records.last)] + life.records)
        world.api.news.turn(at: .now)
        let text = read(mine)
        #expect(text.contains("event: arrived") && text.contains(life.code.description))
        #expect(!text.contains(leaving.code.description))
        #expect(read(other) == "")
    }

    @Test(
        "who was away hears what he missed; who comes from another file, or missed much, reads the list anew")
    func missed() throws {
        let world = try DeskWorld()
        let first = try listen(world, chief)
        let place = try id(read(first))
        var life = Life(3)
        life.assign()
        try world.apply(life)
        let again = try listen(world, chief, after: place)
        #expect(!read(again).contains("event: again"))
        world.api.news.turn(at: .now)
        #expect(read(again).contains(life.code.description))
        for strange in ["0123456789ab-1", "nonsense", "\(place)9"] {
            #expect(read(try listen(world, chief, after: strange)).contains("event: again"), "\(strange)")
        }
        for number in 10..<(11 + DeskNews.Limit.atOnce) {
            var life = Life(number)
            life.assign()
            try world.apply(life)
        }
        world.api.news.turn(at: .now)
        #expect(read(again).contains("event: again"))
    }

    @Test("what comes between the list and the first listening is told, and only that")
    func afterTheList() throws {
        let world = try DeskWorld()
        var (listed, between) = (Life(1), Life(2))
        listed.assign()
        between.assign()
        try world.apply(listed)
        let list = try world.ask("/api/desk/complaints", as: chief)
        #expect(list.string("complaints.0.trackingCode") == listed.code.description)
        let place = try #require(list.string("news"))
        try world.apply(between)
        func heard(after target: String, _ headers: Headers = []) throws -> String {
            let response = try world.respond(
                .get, target, cookie: try world.signIn(chief), headers: headers)
            guard case .stream(let stream) = response.body else { throw CancellationError() }
            world.api.news.turn(at: .now)
            return read(stream)
        }
        let first = try heard(after: "\(news)?after=\(place)")
        #expect(first.contains("event: here") && first.contains("event: arrived"))
        #expect(first.contains(between.code.description) && !first.contains(listed.code.description))
        // The browser connects anew with the same address, and says what it has heard.
        let last = try id(first)
        let again = try heard(after: "\(news)?after=\(place)", [("Last-Event-ID", last)])
        #expect(!again.contains("arrived"))
        #expect(try heard(after: "\(news)?after=\(place)", [("Last-Event-ID", "")]).contains("arrived"))
        #expect(try heard(after: "\(news)?after=elsewhere-1").contains("event: again"))
    }

    @Test("whoever resolved a complaint, and who is above him, hears that it came to its checker")
    func checking() throws {
        let world = try DeskWorld()
        let scopes = [chief, Actor(role: .chief, id: "high"), Actor(role: .department, id: "sewers")]
        let streams = try (scopes + [Actor(role: .chief, id: "other")]).map { try listen(world, $0) }
        var life = Life(1)
        life.assign()
        life.accept()
        try world.apply(life)
        world.api.news.turn(at: .now)
        for stream in streams { _ = read(stream) }
        life.resolve(checker: Life.sewers)
        try world.apply(Array(life.records.suffix(2)))
        world.api.news.turn(at: .now)
        #expect(streams.map { read($0).contains(life.code.description) } == [true, true, true, false])
    }

    @Test("whoever's link is taken back hears nothing more, and one person has no more than so many pages")
    func ended() throws {
        let world = try DeskWorld()
        let streams = try (0..<DeskNews.Limit.perPerson).map { _ in try listen(world, chief) }
        #expect(try world.respond(.get, news, cookie: try world.signIn(chief)).status == 503)
        streams[0].end()
        _ = try listen(world, chief)
        try world.write(
            DeskLink(desk: chief, expiresAt: world.now + .seconds(60), revokedAt: world.now),
            try world.handle(of: chief))
        var life = Life(1)
        life.assign()
        try world.apply(life)
        world.api.news.turn(at: .now)
        #expect(streams.allSatisfy { !$0.isOpen } && !read(streams[1]).contains(life.code.description))
        #expect(world.api.news.count == 0)
        #expect(try world.respond(.get, news, cookie: nil).status == 401)
    }

    @Test("a line now and then keeps the connection")
    func beat() throws {
        let world = try DeskWorld()
        let stream = try listen(world, chief)
        _ = read(stream)
        world.api.news.turn(at: .now + DeskNews.Limit.beat)
        #expect(read(stream) == ":\n\n")
    }
}
