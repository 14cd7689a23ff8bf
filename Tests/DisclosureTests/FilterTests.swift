import Models
import Processing
import Testing

@testable import Disclosure

@Suite("What lists can be asked for")
struct FilterTests {
    /// One at the canal with a chief who is late, one with the sewers, one that nobody has yet and one that
    /// ended late. They come an hour apart.
    private func world() throws -> (world: World, lives: [String: Life]) {
        func moment(_ hours: Int) -> Instant { Life.noon + .seconds(3600 * hours) }
        var late = Life(1, at: moment(0))
        late.assign()
        late.lapse()
        var sewers = Life(2, category: "oil", place: Town.at(-179.5, -10), at: moment(1))
        sewers.assign(to: Life.sewers, reach: nil)
        let unassigned = Life(3, category: "colour", place: nil, at: moment(2))
        var ended = Life(4, at: moment(3))
        ended.assign(to: Life.high)
        ended.lapse()
        ended.close()
        let world = try World()
        try world.apply(late, sewers, unassigned, ended)
        return (world, ["late": late, "sewers": sewers, "unassigned": unassigned, "ended": ended])
    }

    @Test(
        "each filter finds its complaints, and no others",
        arguments: [
            ("status=assigned,closed", ["ended", "sewers", "late"]),
            ("category=oil,colour", ["unassigned", "sewers"]),
            ("region=north", ["ended", "sewers", "late"]),
            // A region includes those below it.
            ("region=city", ["ended", "sewers", "late"]), ("region=nowhere", []),
            ("assignee=chief/low", ["late"]), ("assignee=chief/high", ["ended"]),
            ("assignee=department/sewers", ["sewers"]), ("assignee=office/sewers", []),
            // What has ended is not overdue any more.
            ("overdue=true", ["late"]), ("overdue=false", ["ended", "unassigned", "sewers"]),
            ("region=city&overdue=true", ["late"]),
            // The first came at 22:13 in the city, so two came after its midnight.
            ("from=2026-09-22", ["ended", "unassigned"]), ("to=2026-09-21", ["sewers", "late"]),
            ("from=2026-09-21&to=2026-09-21", ["sewers", "late"]),
            ("from=2026-09-21T14:33:20Z&to=2026-09-21T15:33:20Z", ["sewers"]),
            ("updatedFrom=2026-09-21T17:00:00Z", ["ended"]),
            ("updatedTo=2026-09-21T14:20:00Z", ["late"]),
            ("bbox=120,30,121,31", ["ended", "late"]), ("bbox=120.2,30,121,31", []),
            // Across the 180th meridian.
            ("bbox=179,-20,-179,0", ["sewers"]), ("bbox=-179,-20,179,0", []),
        ])
    func found(_ query: String, _ expected: [String]) throws {
        let (world, lives) = try world()
        let reply = try world.ask("/api/complaints?\(query)")
        #expect(reply.status == 200)
        #expect(
            reply.column("complaints", "trackingCode") == expected.compactMap { lives[$0]?.code.description })
    }

    @Test("a complaint that is edited, handed over or in time again is found by what it is now")
    func changed() throws {
        var life = Life(1)
        life.assign()
        life.lapse()
        let world = try World()
        try world.apply(life)
        life.assign(to: Life.sewers, reach: nil, why: .transferred)
        life.edit(Correction(category: Town.id("oil"), place: Town.at(120.3, 30.3)), "另一处")
        try world.apply(life)
        func count(_ query: String) throws -> Int? {
            try world.ask("/api/complaints?\(query)").count("complaints")
        }
        #expect(try count("assignee=chief/low") == 0 && count("assignee=department/sewers") == 1)
        #expect(try count("bbox=120.1,30.1,120.2,30.2") == 0 && count("bbox=120.25,30.25,120.4,30.4") == 1)
        #expect(try count("overdue=true") == 1)
        life.resolve()
        life.rate(.satisfied)
        life.close()
        try world.apply(life)
        #expect(try count("overdue=true") == 0)
        #expect(try count("updatedFrom=\(life.facts[6].at)") == 1)
    }

    @Test(
        "what can't be understood is named",
        arguments: [
            ("status=assigned,open", "status"), ("status=assigned,", "status"),
            ("category=oil,%E6%B0%B4", "category"), ("assignee=low", "assignee"),
            ("assignee=mayor/low", "assignee"), ("overdue=yes", "overdue"), ("from=yesterday", "from"),
            ("from=2026-09-22&to=2026-09-20", "from"), ("to=2026-02-30", "to"), ("bbox=120,30,121", "bbox"),
            ("bbox=120,31,121,30", "bbox"), ("bbox=120,30,181,31", "bbox"), ("bbox=a,b,c,d", "bbox"),
            ("bbox=nan,30,121,31", "bbox"),
            ("category=\(Array(repeating: "a", count: 51).joined(separator: ","))", "category"),
        ])
    func refused(_ query: String, _ field: String) throws {
        let reply = try World().ask("/api/complaints?\(query)")
        #expect(reply.status == 400)
        #expect(reply.column("errors", "field") == [field])
    }

    @Test("no endpoint ignores a parameter: who misspells a filter must not get everything")
    func unknown() throws {
        let (world, lives) = try world()
        let code = try #require(lives["late"]?.code)
        try world.apply([
            Record(
                .enterprise(
                    Enterprise(
                        id: Town.id("mill"), name: Town.name("纸厂"), region: Town.id("north"),
                        responsible: Town.id("sewers")))),
            Record(
                DaySummary(
                    section: Town.id("bridge"), day: Town.day(11, 5),
                    summary: Summary(day: [
                        CountedReading(
                            observedAt: Life.noon, series: Series(origin: .automatic, period: .hour),
                            values: [.pH: CountedReading.Value(figure: 7)])
                    ]))),
        ])
        let targets = API.endpoints.map { endpoint in
            switch endpoint.pattern {
            case "/api/rivers/{id}": "/api/rivers/canal"
            case "/api/reaches/{id}": "/api/reaches/canal.east"
            case "/api/complaints/{code}": "/api/complaints/\(code)"
            case let pattern where pattern.hasPrefix("/api/enterprises/"):
                pattern.replacing("{id}", with: "mill")
            case let pattern where pattern.hasPrefix("/api/departments/"):
                pattern.replacing("{id}", with: "sewers")
            case "/api/bulletins/{month}": "/api/bulletins/2026-11"
            case "/api/bulletins/{month}/{table}": "/api/bulletins/2026-11/sections.csv"
            case let pattern where pattern.contains("/sections/"):
                pattern.replacing("{id}", with: "bridge")
            case let pattern: pattern.replacing("{id}", with: "north")
            }
        }
        for (endpoint, target) in zip(API.endpoints, targets) {
            // Nothing of it may be left out: `SimilarTests`.
            if endpoint.pattern == "/api/complaints/similar" { continue }
            let whole = try world.ask(target)
            #expect(whole.status == 200, "\(target)")
            let reply = try world.ask("\(target)?statuss=closed")
            #expect(reply.status == 400, "\(target)")
            #expect(reply.column("errors", "field") == ["statuss"])
            for name in endpoint.parameters {
                #expect(try world.ask("\(target)?\(name)=").status == 200, "\(target) \(name)")
                let wrong = try world.ask("\(target)?\(name)=%01")
                #expect(wrong.column("errors", "field") == [name], "\(target) \(name)")
            }
        }
    }

    @Test("what is ranked has its level, because only what is of one level can be compared")
    func levels() throws {
        let world = try World()
        var tally = Tally()
        tally.received = 1
        let scopes: [(Scope.Kind, String)] = [
            (.region, "north"), (.chief, "low"), (.chief, "gone"), (.reach, "canal.east"), (.city, "city"),
        ]
        try world.apply(
            scopes.map { kind, id in
                Record(
                    Indicator(
                        scope: Scope(kind: kind, id: id), period: Town.day(9, 1), partition: 0, tally: tally))
            })
        func levels(_ scope: String) throws -> [String: String] {
            let reply = try world.ask("/api/indicators?scope=\(scope)")
            return (0..<(reply.count("indicators") ?? 0)).reduce(into: [:]) { found, index in
                let path = "indicators.\(index).scope"
                found[reply.string("\(path).id") ?? ""] =
                    reply.string("\(path).level") ?? (reply.isNull("\(path).level") ? "none" : "absent")
            }
        }
        #expect(try levels("region") == ["north": "district"])
        #expect(try levels("chief") == ["low": "town", "gone": "none"])
        #expect(try levels("reach") == ["canal.east": "district"])
        #expect(try levels("city") == ["city": "none"])
    }
}

@Suite("News")
struct NewsTests {
    private func news(
        _ id: String, _ day: String, river: String? = nil, region: String? = nil, url: String? = nil
    ) throws -> Record {
        Record(
            .news(
                News(
                    id: Town.id(id), title: "题 \(id)", text: "文 \(id)", date: try #require(Day(day)),
                    river: river.map { Town.id($0) }, region: region.map { Town.id($0) }, url: url)))
    }

    private func world() throws -> World {
        let world = try World()
        try world.apply([
            try news("old", "2026-01-02", region: "city"),
            try news("new", "2026-11-02", river: "canal", url: "https://example.org/1"),
            try news("between", "2026-05-02", region: "north"), try news("twin", "2026-05-02"),
        ])
        return world
    }

    @Test("all of it is told, the newest first, with what it is about")
    func told() throws {
        let reply = try world().ask("/api/news")
        #expect(reply.column("news", "id") == ["new", "between", "twin", "old"])
        #expect(reply.string("news.0.title") == "题 new" && reply.string("news.0.text") == "文 new")
        #expect(reply.string("news.0.date") == "2026-11-02")
        #expect(reply.string("news.0.river.name.zh") == "运河" && reply.isNull("news.0.region"))
        #expect(reply.string("news.0.url") == "https://example.org/1")
        #expect(reply.string("news.1.region.id") == "north" && reply.isNull("news.1.url"))
    }

    @Test(
        "it can be asked for by river, by region with those below, and by number",
        arguments: [
            ("river=canal", ["new"]), ("river=lake", []), ("region=city", ["between", "old"]),
            ("region=north", ["between"]), ("region=nowhere", []), ("limit=2", ["new", "between"]),
        ])
    func asked(_ query: String, _ expected: [String]) throws {
        #expect(try world().ask("/api/news?\(query)").column("news", "id") == expected)
    }

    @Test("news that is taken back is gone")
    func removed() throws {
        let world = try world()
        try world.apply([Record(.registry, key: "news/new", nil)])
        #expect(try world.ask("/api/news?river=canal").count("news") == 0)
    }
}
