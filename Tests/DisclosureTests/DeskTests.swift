import Foundation
import HTTP
import Links
import Models
import Processing
import Support
import Testing
import Text

@testable import Disclosure

@Suite("The officials' desk: what each sees")
struct DeskTests {
    private let chief = Actor(role: .chief, id: "low")
    private let superior = Actor(role: .chief, id: "high")
    private let stranger = Actor(role: .chief, id: "other")
    private let strangersOffice = Actor(role: .office, id: "south")
    private let city = Actor(role: .office, id: "city")

    private func assigned(_ number: Int, text: String = "水很臭", to assignee: Assignee = Life.low) -> Life {
        var life = Life(number, text: text, at: Life.noon + .seconds(number))
        life.assign(to: assignee)
        return life
    }

    @Test("a chief has his own, a superior those below him, an office its region, others nothing")
    func scopes() throws {
        let world = try DeskWorld()
        let (own, above) = (assigned(1), assigned(2, to: Life.high))
        try world.apply(own, above)
        let list = "/api/desk/complaints"
        #expect(try world.codes(list, as: chief) == [own.code.description])
        let both = [own.code.description, above.code.description].sorted()
        #expect(try world.codes(list, as: superior)?.sorted() == both)
        #expect(try world.codes("\(list)?whose=mine", as: superior) == [above.code.description])
        #expect(try world.codes(list, as: DeskWorld.clerk)?.sorted() == both)
        #expect(try world.codes(list, as: city)?.sorted() == both)
        #expect(try world.codes(list, as: stranger) == [])
        #expect(try world.codes(list, as: strangersOffice) == [])
    }

    @Test("whoever resolved a complaint, and who is above him, sees it while another checks it")
    func checking() throws {
        let world = try DeskWorld()
        var life = assigned(1)
        life.accept()
        life.resolve(checker: Life.sewers)
        try world.apply(life)
        for who in [chief, superior] {
            #expect(try world.codes("/api/desk/complaints", as: who) == [life.code.description])
            #expect(try world.codes("/api/desk/complaints?status=verifying", as: who)?.count == 1)
            // It is the checker's turn.
            #expect(try world.codes("/api/desk/complaints?whose=mine", as: who) == [])
            let reply = try world.ask("/api/desk/complaints", as: who)
            #expect(reply.number("counts.all") == 1 && reply.number("counts.mine") == 0)
        }
        #expect(try world.codes("/api/desk/complaints", as: stranger) == [])
    }

    @Test(
        "an open complaint has its next deadline, and what is due first stands first; what has ended is gone")
    func order() throws {
        let world = try DeskWorld()
        let late = assigned(1)
        var taken = assigned(2)
        taken.accept()
        var ended = assigned(3)
        ended.resolve()
        try world.apply(taken, late, ended)
        let reply = try world.ask("/api/desk/complaints", as: DeskWorld.office)
        #expect(reply.string("complaints.0.trackingCode") == late.code.description)
        #expect(reply.string("complaints.0.nextDue") == Life.due.accept.description)
        #expect(reply.string("complaints.1.nextDue") == Life.due.resolve.description)
        #expect((reply["complaints"] as? [Any])?.count == 2)
    }

    @Test(
        "at the desk words are as they were written; to others with a session the same file shows the public's"
    )
    func words() throws {
        let world = try DeskWorld()
        var life = assigned(1, text: "请打13800138000")
        life.note("内部：已约谈", by: DeskWorld.clerk, isPublic: false)
        try world.apply(life)
        let target = "/api/desk/complaints/\(life.code.compact)"
        let mine = try world.ask(target, as: chief)
        #expect(mine.string("text") == "请打13800138000")
        let note = try #require((mine["timeline"] as? [[String: Any]])?.last)
        #expect(note["text"] as? String == "内部：已约谈" && note["internal"] as? Bool == true)
        let by = try #require(note["by"] as? [String: Any])
        #expect((by["clerk"] as? [String: String])?["zh"] == "经办")
        #expect(try world.ask(target, as: stranger).status == 403)

        let endpoint = try #require(API.endpoints.first { $0.pattern == "/api/complaints/{code}" })
        let request = Request(
            segments: ["api", "complaints", life.code.compact], parameters: ["code": life.code.compact])
        let shown = try Reply(world.publicAPI.response(to: request, from: endpoint))
        #expect(shown.status == 200 && !shown.text.contains("13800138000") && !shown.text.contains("约谈"))
        // And the public's own file never had them.
        let everybody = try World()
        try everybody.apply(life)
        for text in ["13800138000", "clerk-1"] { #expect(try !everybody.holds(text)) }
    }

    @Test(
        "a contact is shown to whoever is in charge, each view is written down first, and no one else sees it"
    )
    func contacts() throws {
        let world = try DeskWorld()
        let life = assigned(1)
        try world.apply(life)
        try world.apply([try life.given("某甲", "+86 000 0000 7741")])
        let target = "/api/desk/complaints/\(life.code.compact)/contact"
        func look(_ actor: Actor) throws -> Reply {
            try Reply(
                world.respond(
                    .post, target, cookie: try world.signIn(actor), headers: [(DeskGate.header, "1")]))
        }
        for actor in [chief, superior, DeskWorld.clerk, city] {
            #expect(try look(actor).string("name") == "某甲", "\(actor)")
        }
        #expect(world.views.count == 4 && world.views.allSatisfy { $0.topic == .access })
        let view = try JSON.decode(ContactViewed.self, from: try #require(world.views[2].event.data))
        #expect(view == ContactViewed(complaint: life.code, by: DeskWorld.clerk))
        #expect(!String(decoding: world.views[2].event.data ?? [], as: UTF8.self).contains("某甲"))
        for actor in [stranger, strangersOffice, Actor(role: .department, id: "sewers")] {
            let refused = try look(actor)
            #expect(refused.status == 403 && !refused.text.contains("某甲"), "\(actor)")
        }
        world.stopWriting()
        let unwritten = try look(chief)
        #expect(unwritten.status == 503 && !unwritten.text.contains("某甲"))
        #expect(world.views.count == 4)
    }

    @Test("who wished to stay anonymous is known to offices alone")
    func anonymous() throws {
        let world = try DeskWorld()
        var life = Life(1)
        life.assign()
        guard case .received(let received) = life.facts[0].event else { return }
        let submission = received.submission
        let hidden = Submission(
            complaint: submission.complaint, category: submission.category, place: submission.place,
            channel: .web, anonymous: true, contactable: true, words: submission.words,
            submittedAt: submission.submittedAt)
        let fact = ComplaintFact(
            complaint: life.code, version: 1, trail: Trail(at: Life.noon, cause: "dayu-intake/action/0"),
            event: .received(.init(submission: hidden)))
        try world.apply([Record(fact)] + life.records.dropFirst(2).map(\.self))
        try world.apply([try life.given("某乙", "+86 000 0000 7742")])
        let target = "/api/desk/complaints/\(life.code.compact)"
        #expect(try world.ask(target, as: chief).string("contact") == "hidden")
        #expect(try world.ask(target, as: DeskWorld.office).string("contact") == "given")
        let refused = try world.respond(
            .post, target + "/contact", cookie: try world.signIn(chief), headers: [(DeskGate.header, "1")])
        #expect(refused.status == 403)
    }

    @Test("what is erased is found no more, and nobody sees the contact")
    func erasure() throws {
        let world = try DeskWorld()
        let life = assigned(1, text: "柳树下的油污")
        try world.apply(life)
        try world.apply([try life.given("某甲", "+86 000 0000 7741")])
        let search = "/api/desk/complaints?q=%E6%B2%B9%E6%B1%A1"
        #expect(try world.codes(search, as: chief) == [life.code.description])
        let key = try #require(life.words[0]?.key)
        try world.apply([Record(erasing: key), Record(.contacts, key: life.code.compact, nil)])
        #expect(try world.codes(search, as: chief) == [])
        #expect(
            try world.ask("/api/desk/complaints/\(life.code.compact)", as: chief).string("contact") == "none")
        for text in ["柳树下的油污", "某甲"] {
            for ending in ["", "-wal"] {
                let file = URL(fileURLWithPath: world.folder + "/model.sqlite" + ending)
                #expect(try Data(contentsOf: file).range(of: Data(text.utf8)) == nil)
            }
        }
    }

    @Test("a contact from before an erasure is dropped, and not taken again from a backup; a later one is")
    func restored() throws {
        let world = try DeskWorld()
        var life = assigned(1)
        let contact = try life.given("某甲", "+86 000 0000 7741")
        life.erase(until: Life.noon + .seconds(60))
        try world.apply([contact])
        func state() throws -> String? {
            try world.ask("/api/desk/complaints/\(life.code.compact)", as: chief).string("contact")
        }
        try world.apply(life)
        #expect(try state() == "none")
        try world.apply([contact])
        #expect(try state() == "none")
        try world.apply([try life.given("某乙", "+86 000 0000 7742", at: Life.noon + .seconds(61))])
        #expect(try state() == "given")
    }

    @Test("words that come before or after their complaint are found, by text, place and code")
    func search() throws {
        let world = try DeskWorld()
        let (one, two) = (assigned(1, text: "BLACK water"), assigned(2, text: "河面 有油"))
        try world.apply(one.records.filter { $0.topic == .events } + one.wordsRecords + two.records)
        func find(_ text: String) throws -> [String]? {
            let allowed = CharacterSet.alphanumerics
            let escaped = text.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
            return try world.codes("/api/desk/complaints?q=\(escaped)", as: DeskWorld.office)
        }
        #expect(try find("black") == [one.code.description])
        #expect(try find("河面有") == [two.code.description])
        #expect(try find("桥东")?.count == 2)
        #expect(try find(one.code.description) == [one.code.description])
        #expect(try find("没有这个") == [])
    }

    @Test(
        "pages follow each other without a gap, and the counts are those of the list",
        arguments: 0..<12 as Range<UInt64>)
    func pages(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let world = try DeskWorld()
        var lives: [Life] = []
        for number in 0..<Int.random(in: 1...40, using: &random) {
            var life = Life(
                number, category: ["odour", "oil"].randomElement(using: &random) ?? "oil",
                at: Life.noon + .seconds(number))
            life.assign(to: [Life.low, Life.high, Life.sewers].randomElement(using: &random) ?? Life.low)
            let steps = Int.random(in: 0...4, using: &random)
            if steps > 0 { life.accept() }
            if steps == 2 { life.lapse() }
            if steps == 3 { life.supervise() }
            if steps == 4 { life.resolve(checker: Bool.random(using: &random) ? Life.sewers : nil) }
            lives.append(life)
        }
        for life in lives.shuffled(using: &random) { try world.apply(life) }
        var found: [String] = []
        var after = ""
        repeat {
            let reply = try world.ask("/api/desk/complaints?limit=3\(after)", as: DeskWorld.office)
            found += (reply["complaints"] as? [[String: Any]] ?? []).compactMap {
                $0["trackingCode"] as? String
            }
            after = reply.string("next").map { "&after=\($0)" } ?? ""
        } while !after.isEmpty
        #expect(Set(found).count == found.count)
        let counts = try world.ask("/api/desk/complaints", as: DeskWorld.office)
        #expect(counts.number("counts.all") == Double(found.count))
        for (name, query) in [
            ("overdue", "overdue=true"), ("supervised", "supervised=true"), ("today", "today=true"),
            ("mine", "whose=mine"),
        ] {
            let listed = try world.codes("/api/desk/complaints?limit=200&\(query)", as: DeskWorld.office)
            #expect(counts.number("counts.\(name)") == Double(listed?.count ?? -1), "\(name)")
        }
        for (list, filter) in [
            ("statuses", "status"), ("categories", "category"), ("rivers", "river"), ("regions", "region"),
        ] {
            let entries = counts["counts.\(list)"] as? [[String: Any]] ?? []
            #expect(entries.isEmpty == found.isEmpty, "\(list)")
            for entry in entries {
                let id = entry["id"] as? String ?? ""
                let listed = try world.codes(
                    "/api/desk/complaints?limit=200&\(filter)=\(id)", as: DeskWorld.office)
                #expect((entry["count"] as? NSNumber)?.intValue == listed?.count, "\(filter) \(id)")
            }
        }
        // A region has those of the regions below it.
        let regions = found.isEmpty ? [] : ["city", "north"]
        let all = try world.ask("/api/desk/complaints", as: city)
        #expect(all.column("counts.regions", "id").sorted() == regions)
        // Nobody is offered a region of which he may not ask.
        #expect(counts.column("counts.regions", "id") == regions.filter { $0 == "north" })
    }

    @Test("the table has what the list has, no contact, and nothing that a spreadsheet would compute")
    func table() throws {
        let world = try DeskWorld()
        let life = assigned(1, text: "=HYPERLINK(1)")
        try world.apply(life)
        try world.apply([try life.given("某甲", "+86 000 0000 7741")])
        let reply = try world.ask("/api/desk/complaints.csv", as: chief)
        #expect(reply.status == 200 && reply.text.contains(life.code.description))
        #expect(reply.text.contains("'=HYPERLINK(1)") && !reply.text.contains("某甲"))
        #expect(reply.headers["Cache-Control"] == "no-store")
    }

    @Test("the table is whole, however long; it breaks off where the session ends meanwhile")
    func wholeTable() throws {
        let world = try DeskWorld()
        let lives = (0..<450).map { assigned($0, text: "\u{A0}=\($0)+1") }
        try world.apply(lives.flatMap(\.records))
        let cookie = try world.signIn(chief)
        let target = "/api/desk/complaints.csv"
        let reply = try Reply(try world.respond(.get, target, cookie: cookie))
        let rows = reply.text.split(separator: "\r\n")
        #expect(rows.count == 451 && reply.headers["Content-Length"] == nil)
        #expect(
            Set(rows.dropFirst().map { $0.prefix(16) }) == Set(lives.map { $0.code.description.prefix(16) }))
        #expect(rows.dropFirst().allSatisfy { $0.contains("'\u{A0}=") })
        #expect(
            try Reply(try world.respond(.get, "\(target)?limit=7", cookie: cookie)).text.split(
                separator: "\r\n"
            ).count == 8)

        let begun = try world.respond(.get, target, cookie: cookie)
        guard case .stream(let stream) = begun.body else { throw CancellationError() }
        #expect(stream.taken().count > 10)
        try world.write(
            DeskLink(desk: chief, expiresAt: world.now + .seconds(60), revokedAt: world.now),
            try world.handle(of: chief))
        #expect(throws: BodyStream.BrokenOff.self) { try stream.whole() }
    }

    @Test("a picture that the public does not see is shown to those in charge alone")
    func pictures() throws {
        let world = try DeskWorld()
        let names = (0..<3).map { PictureName(digest: [UInt8](repeating: UInt8(0xB0 + $0), count: 16)) }
        var (open, withheld) = (Life(1, media: [names[0].text]), Life(2, media: [names[1].text]))
        open.assign()
        withheld.assign()
        withheld.withhold(1, .picture(1), .personalData)
        var elsewhere = Life(3, text: "同一张照片", media: [names[1].text, names[2].text])
        elsewhere.assign(to: Life.city)
        try world.apply(open, withheld, elsewhere)
        let path = world.folder + "/model.sqlite"
        let pictures = DeskPictures(
            gate: world.gate, readers: world.readers,
            everybodys: Readers(path: path, count: 1, Openness(redacts: true)))
        func seen(_ actor: Actor) throws -> [Bool] {
            let request = Request(.get, "/pictures/x", headers: [("Cookie", try world.signIn(actor))])
            return try names.map { try pictures.isShown($0, to: request) }
        }
        for actor in [chief, superior, DeskWorld.clerk, city] {
            #expect(try seen(actor) == [true, true, true])
        }
        for actor in [stranger, strangersOffice, Actor(role: .department, id: "sewers")] {
            #expect(try seen(actor) == [true, false, true], "\(actor)")
        }
        #expect(try !pictures.isShown(names[1], to: Request(.get, "/pictures/x")))
        // Whoever sees it is told that the public does not, also where it was said a second time.
        for life in [withheld, elsewhere] {
            let reply = try world.ask("/api/desk/complaints/\(life.code.compact)", as: city)
            #expect(reply.column("withheld", "part") == ["picture-1"])
            #expect(reply.column("withheld", "reason") == ["personal-data"])
            #expect(reply.strings("media")?.first == "/pictures/\(names[1])")
        }
    }

    @Test(
        "a filter that is misspelt is refused",
        arguments: [
            "status=new", "statuss=assigned", "after=x", "today=1", "region=nowhere", "category=nothing",
            "river=nowhere", "category=odour,nothing",
        ])
    func misspelt(_ query: String) throws {
        #expect(try DeskWorld().ask("/api/desk/complaints?\(query)", as: chief).status == 400)
    }
}

@Suite("The officials' desk: who was told, and why it went there")
struct DeskMessageTests {
    private func message(_ event: NoticeEvent, after seconds: Int) -> Record {
        let outgoing = Outgoing(
            .noticeEvents, key: "handle", id: "\(event.reference)/\(event.kind.rawValue)",
            source: "dayu-notification.dispatch", type: EventType("notice", event.kind.rawValue),
            trail: Trail(at: Life.noon + .seconds(seconds)), data: event.data)
        return Record(.noticeEvents, key: "handle", headers: outgoing.event.headers, outgoing.event.data)
    }

    @Test("each message about a complaint, with the last thing that is known of it")
    func messages() throws {
        let world = try DeskWorld()
        var life = Life(1)
        life.assign()
        try world.apply(life)
        func attempted(_ reference: String, _ recipient: Recipient.Kind) -> NoticeEvent {
            .attempted(
                .init(
                    reference: reference, attempt: 1, about: .assigned, complaint: life.code,
                    recipient: recipient))
        }
        try world.apply([
            message(attempted("a", .chief), after: 1), message(attempted("b", .complainant), after: 2),
            message(.delivered(.init(reference: "a", attempt: 1)), after: 3),
            message(.failed(.init(reference: "b", attempt: 1, why: .undelivered)), after: 4),
            message(.delivered(.init(reference: "somebody else's", attempt: 1)), after: 5),
        ])
        let reply = try world.ask("/api/desk/complaints/\(life.code.compact)", as: Life.chief)
        #expect((reply["messages"] as? [Any])?.count == 2)
        #expect(
            reply.string("messages.0.recipient") == "chief" && reply.string("messages.0.state") == "delivered"
        )
        #expect(
            reply.string("messages.1.state") == "failed" && reply.string("messages.1.why") == "undelivered")
    }

    @Test("officials see among which reaches Routing chose; the public does not")
    func candidates() throws {
        let world = try DeskWorld()
        var life = Life(1)
        func candidate(_ reach: String, _ metres: Double) -> Candidate {
            Candidate(
                reach: Town.id(reach), river: Town.id("canal"), level: .district, distanceMetres: metres,
                limitMetres: 500)
        }
        life.add(
            .assigned(
                .init(
                    assignee: Life.low, river: Town.id("canal"), reach: Town.id("canal.east"),
                    region: Town.id("north"), why: .nearest, distanceMetres: 12, due: Life.due,
                    chosen: candidate("canal.east", 12.4), runnersUp: [candidate("canal.west", 80)])))
        try world.apply(life)
        let reply = try world.ask("/api/desk/complaints/\(life.code.compact)", as: Life.chief)
        #expect(reply.string("timeline.1.candidates.0.reach.id") == "canal.east")
        #expect(reply.number("timeline.1.candidates.0.metres") == 12)
        #expect(reply.string("timeline.1.candidates.1.reach.id") == "canal.west")
        let everybody = try World()
        try everybody.apply(life)
        #expect(!(try everybody.ask("/api/complaints/\(life.code.compact)").text.contains("candidates")))
    }
}
