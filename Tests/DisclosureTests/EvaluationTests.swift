import HTTP
import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("Evaluations as they are served")
struct EvaluationTests {
    /// A day of the month of `Life.noon`, 2026-11.
    private func summary(
        _ section: String, day: String, _ readings: [[Parameter: Double]]
    ) throws -> Record {
        let summary = DaySummary(
            section: Town.id(section), day: try #require(Day(day)),
            summary: Summary(
                day: readings.enumerated().map { hour, values in
                    CountedReading(
                        observedAt: Life.noon + .seconds(3600 * hour),
                        series: Series(origin: .automatic, period: .hour),
                        values: ByParameter(values.mapValues { CountedReading.Value(figure: $0) }))
                }))
        let event = CloudEvent(
            id: summary.key, source: "dayu-analytics.summarising", type: DaySummary.type.description,
            trail: Trail(at: Life.noon), data: JSON.encode(summary))
        return Record(.summaries, key: summary.key, headers: event.headers, event.data)
    }

    private func world() throws -> World {
        let world = try World()
        try world.apply([
            summary("bridge", day: "2026-10-30", [[.ammoniaNitrogen: 0.1]]),
            summary("bridge", day: "2026-11-01", [[.ammoniaNitrogen: 0.4], [.ammoniaNitrogen: 0.6]]),
            summary("bridge", day: "2026-11-12", [[.ammoniaNitrogen: 2.6]]),
            summary("mill", day: "2026-11-12", [[.ammoniaNitrogen: 0.4, .pH: 7.2]]),
        ])
        return world
    }

    @Test("the class of a river is that of its month, beside its latest reading")
    func river() throws {
        let world = try world()
        try world.apply([Record(Assessment("bridge", hours: 0, [.ammoniaNitrogen: 3]))])
        let river = try world.ask("/api/rivers/canal")
        #expect(river.string("class") == "worseThanV" && river.string("classObservedAt") != nil)
        #expect(river.string("month.period") == "2026-11" && river.string("month.method") == "means")
        // (1.2 + 0.4) / 2
        #expect(river.string("month.class") == "III" && river.string("month.rating") == "good")
        #expect(river.string("month.provisionalUntil") == "2026-11-30T16:00:00.000Z")
        #expect(river["month.meetsTarget"] as? Bool == true)
        #expect(river.number("month.shares.sections") == 2)
        #expect(
            river.string("sections.0.month.class") == "IV" && river.string("sections.1.month.class") == "II")
        let list = try world.ask("/api/rivers")
        #expect(list.isNull("rivers.0.month") && list.string("rivers.1.month.class") == "III")
        #expect(try world.ask("/api/reaches/canal.east").string("month.class") == "IV")
        #expect(
            try world.ask("/api/reaches.geojson").string("features.0.properties.month.class") == "IV")
    }

    @Test("months of one water, the newest first, with means, shares of valid values and pollutants")
    func months() throws {
        let reply = try world().ask("/api/evaluations?scope=section&id=bridge")
        #expect(reply.column("evaluations", "period") == ["2026-11", "2026-10"])
        #expect(reply.string("rules.rounding") == "official")
        #expect(reply.number("evaluations.0.items.w21003.mean") == 1.2)
        #expect(reply.number("evaluations.0.items.w21003.values") == 3)
        #expect(reply.string("evaluations.0.items.w21003.origin") == "automatic")
        #expect(reply.string("evaluations.0.class") == "IV")
        #expect(reply.string("evaluations.0.mainPollutants.0.parameter") == "w21003")
        #expect(reply.string("evaluations.0.mainPollutants.0.multiple") == "0.2")
        #expect(reply.string("evaluations.0.first") == "2026-11-01")
        #expect(reply.string("evaluations.0.last") == "2026-11-30")
        #expect(reply.string("evaluations.1.class") == "I")
    }

    @Test(
        "every kind of period",
        arguments: [
            ("day", "2026-11-12", 2.6), ("ten-days", "2026-11-T2", 2.6), ("month", "2026-11", 1.2),
            ("quarter", "2026-Q4", 0.65), ("year", "2026", 0.65),
        ])
    func kinds(_ kind: String, _ period: String, _ mean: Double) throws {
        let reply = try world().ask("/api/evaluations?scope=section&id=bridge&period=\(kind)")
        #expect(reply.string("evaluations.0.period") == period)
        #expect(reply.number("evaluations.0.items.w21003.unrounded") == mean)
        #expect(reply["evaluations.0.complete"] as? Bool == (kind != "year"))
    }

    @Test("a span of periods; all waters of a scope; regions and the city")
    func scopes() throws {
        let world = try world()
        func periods(_ query: String) throws -> [String] {
            try world.ask("/api/evaluations?\(query)").column("evaluations", "period")
        }
        #expect(try periods("scope=section&id=bridge&from=2026-10&to=2026-10") == ["2026-10"])
        #expect(try periods("scope=section&id=bridge&from=2026") == ["2026-11", "2026-10"])
        #expect(
            try periods("scope=section&id=bridge&period=day&from=2026-11-T1&to=2026-11")
                == ["2026-11-12", "2026-11-01"])
        #expect(try periods("scope=section&id=bridge&from=2027").isEmpty)
        let sections = try world.ask("/api/evaluations?scope=section")
        #expect(sections.column("evaluations", "id") == ["bridge", "mill"])
        #expect(try world.ask("/api/evaluations").column("evaluations", "id") == ["canal"])
        #expect(try world.ask("/api/evaluations?scope=lake").count("evaluations") == 0)
        let city = try world.ask("/api/evaluations?scope=city")
        #expect(city.string("evaluations.0.name.zh") == "杭州" && city.count("evaluations.0.sections") == 2)
        #expect(try world.ask("/api/evaluations?scope=region").count("evaluations") ?? 0 > 0)
    }

    @Test(
        "each period beside the one before and the year before; cities with an index only if all is measured")
    func changes() throws {
        let world = try world()
        let whole = try world.ask("/api/evaluations?scope=section&id=bridge&from=2026-11")
        #expect(whole.column("evaluations", "period") == ["2026-11"], "what is only compared is not listed")
        #expect(whole.string("evaluations.0.previous.period") == "2026-10")
        #expect(whole.string("evaluations.0.previous.trend") == "much-worse")
        #expect(whole.isNull("evaluations.0.yearBefore"))
        try world.apply([try summary("bridge", day: "2025-11-30", [[.ammoniaNitrogen: 1.9]])])
        let later = try world.ask("/api/evaluations?scope=section&id=bridge&from=2026-11")
        #expect(later.string("evaluations.0.yearBefore.trend") == "better")
        let city = try world.ask("/api/evaluations?scope=city")
        #expect(city.isNull("evaluations.0.index.value"))
        #expect(city["evaluations.0.index.comparable"] as? Bool == false)
        #expect(city.count("evaluations.0.index.missing") == 19)
    }

    @Test("a lake has its trophic state, in the formula's units")
    func trophic() throws {
        let world = try World()
        try world.apply([
            try summary(
                "island", day: "2026-11-12",
                [
                    [
                        .chlorophyllA: 0.012, .totalPhosphorus: 0.05, .totalNitrogen: 1.2, .transparency: 0.8,
                        .permanganateIndex: 4.5,
                    ]
                ])
        ])
        let reply = try world.ask("/api/evaluations?scope=section&id=island")
        #expect(reply.number("evaluations.0.trophic.index") == 50.467)
        #expect(reply.string("evaluations.0.trophic.text") == "50.5")
        // In mg/m³ where somebody reads it.
        #expect(reply.string("evaluations.0.items.w01016.unit") == "mg/m³")
        #expect(reply.number("evaluations.0.items.w01016.mean") == 12)
        #expect(reply.string("evaluations.0.items.w01016.text") == "12")
        #expect(reply.string("evaluations.0.trophic.grade") == "lightly-eutrophic")
        #expect(reply["evaluations.0.trophic.complete"] as? Bool == true)
    }

    @Test("the trend of an item over the years: ranks of complete years, seasons of all")
    func trends() throws {
        let world = try World()
        for year in 2021...2026 {
            for month in 1...(year == 2026 ? 3 : 12) {
                let day = "\(year)-\(month < 10 ? "0" : "")\(month)-15"
                let mean = 1.0 - Double(year - 2021) / 10 + Double(month % 3) / 100
                try world.apply([try summary("bridge", day: day, [[.ammoniaNitrogen: mean]])])
            }
        }
        let reply = try world.ask("/api/trends?scope=section&id=bridge")
        #expect(reply.column("trends", "parameter") == ["w21003"])
        #expect(reply.number("trends.0.years") == 5, "2026 has three months")
        #expect(reply.number("trends.0.correlation") == -1)
        #expect(reply["trends.0.significant"] as? Bool == true)
        // Three seasons of six years and nine of five, each pair falling.
        #expect(reply.number("trends.0.score") == -135)
        #expect(abs((reply.number("trends.0.slope") ?? 0) + 0.1) < 1e-9)
        #expect((reply.number("trends.0.probability") ?? 1) < 0.001)
        #expect(try world.ask("/api/trends?scope=section&id=none").status == 404)
        #expect(try world.ask("/api/trends").column("waters", "id") == ["bridge", "island", "mill"])
        #expect(try world.ask("/api/trends?scope=section&id=mill").count("trends") == 0)
    }

    @Test("a year that is not over has no part in the trend, however many months it has")
    func openYear() throws {
        let world = try World()
        for year in 2022...2026 {
            for month in 1...(year == 2026 ? 8 : 12) {
                let day = "\(year)-\(month < 10 ? "0" : "")\(month)-15"
                let mean = year == 2026 ? 0.9 : 1 - Double(year - 2022) / 10
                try world.apply([try summary("bridge", day: day, [[.ammoniaNitrogen: mean]])])
            }
        }
        // The month that goes on: it is the 21st of September (`Life.noon`).
        try world.apply([try summary("bridge", day: "2026-09-20", [[.ammoniaNitrogen: 99]])])
        let reply = try world.ask("/api/trends?scope=section&id=bridge")
        #expect(reply.number("trends.0.years") == 4 && reply.number("trends.0.correlation") == -1)
        // Of each month six pairs of four years fall, and in eight of them 2026 is more than 2024 and 2025,
        // equal to 2023 and less than 2022: -6 × 12 + 8 × (2 - 1).
        #expect(reply.number("trends.0.score") == -64)
        #expect(reply.column("ratings", "period") == ["2022", "2023", "2024", "2025"])
        #expect(reply.string("ratings.1.previous.trend") == "unchanged" && reply.isNull("reason"))
    }

    @Test(
        "a water that is judged by shares has the ratings of its years, and the reason why there is no more")
    func trendOfShares() throws {
        let world = try World(Town.records + (1...5).map { Record(Town.more("point-\($0)")) })
        for year in 2023...2025 {
            for month in 1...9 {
                for point in 1...5 {
                    // In 2025 one of five is worse than V.
                    let mean = year == 2025 && point == 1 ? 3 : 0.1
                    let day = "\(year)-0\(month)-15"
                    try world.apply([try summary("point-\(point)", day: day, [[.ammoniaNitrogen: mean]])])
                }
            }
        }
        let reply = try world.ask("/api/trends?scope=river&id=canal")
        #expect(reply.count("trends") == 0 && reply.string("reason") == "shares")
        #expect(reply.column("ratings", "period") == ["2023", "2024", "2025"])
        #expect(reply.column("ratings", "rating") == ["excellent", "excellent", "good"])
        #expect(reply.isNull("ratings.0.previous"))
        #expect(reply.string("ratings.1.previous.trend") == "unchanged")
        #expect(reply.string("ratings.2.previous.trend") == "much-worse")
        #expect(reply.number("ratings.2.previous.points") == -40)
        // One section of it: three years are too few for ranks, and its months do not change.
        let one = try world.ask("/api/trends?scope=section&id=point-2")
        #expect(one.count("trends") == 0 && one.string("reason") == "years")
    }

    @Test("an item whose values are all flagged is listed with none of them valid")
    func flaggedOnly() throws {
        let world = try World()
        let reading = CountedReading(
            observedAt: Life.noon, series: Series(origin: .automatic, period: .hour),
            values: [.pH: .init(figure: 7), .ammoniaNitrogen: .init(figure: nil)])
        try world.apply([
            Record(
                DaySummary(
                    section: Town.id("bridge"), day: Town.day(11, 5),
                    summary: Summary(day: [reading, reading])))
        ])
        let item = "evaluations.0.items.w21003"
        let reply = try world.ask("/api/evaluations?scope=section&id=bridge")
        #expect(reply.number("\(item).values") == 0 && reply.number("\(item).flagged") == 2)
        #expect(reply.number("\(item).validShare") == 0 && reply.isNull("\(item).mean"))
        #expect(reply.isNull("\(item).class") && reply.string("evaluations.0.class") == "I")
    }

    @Test("one figure has one rounding: a share of the API is that of the sentence, half to even")
    func rounding() throws {
        let points = (1...16).map { "point-\($0)" }
        let world = try World(Town.records + points.map { Record(Town.more($0)) })
        // 6.25 % and 93.75 %.
        try world.apply(
            points.enumerated().map { index, point in
                try summary(point, day: "2026-11-05", [[.ammoniaNitrogen: index == 0 ? 3 : 0.1]])
            })
        let bulletin = try world.ask("/api/bulletins/2026-11")
        #expect(bulletin.number("city.shares.percentWorseThanV") == 6.2)
        #expect(bulletin.number("city.shares.percentUpToIII") == 93.8)
        #expect(bulletin.string("text.0.text.zh")?.contains("劣Ⅴ类1个，占6.2%") == true)
        #expect(bulletin.number("city.mainPollutants.0.percent") == 6.2)
        #expect(bulletin.string("text.0.text.zh")?.contains("氨氮（6.2%断面超标）") == true)
    }

    @Test("wrong questions are refused, each fault named")
    func questions() throws {
        let world = try world()
        let wrong = try world.ask("/api/evaluations?scope=sea&period=week&from=x")
        #expect(wrong.status == 400)
        #expect(wrong.column("errors", "field").sorted() == ["from", "period", "scope"])
        #expect(
            try world.ask("/api/evaluations?from=2026-11&to=2026-10").column("errors", "field") == ["from"])
        #expect(try world.ask("/api/evaluations?scope=section&id=none").status == 404)
        #expect(try world.ask("/api/evaluations?section=bridge").status == 400)
    }

    @Test("a corrected day changes its month by the difference; the same record again changes nothing")
    func corrections() throws {
        let world = try world()
        let version = try world.version
        try world.apply([try summary("mill", day: "2026-11-12", [[.ammoniaNitrogen: 0.4, .pH: 7.2]])])
        #expect(try world.version == version)
        try world.apply([try summary("bridge", day: "2026-11-12", [[.ammoniaNitrogen: 0.2]])])
        let fresh = try World()
        try fresh.apply([
            summary("mill", day: "2026-11-12", [[.ammoniaNitrogen: 0.4, .pH: 7.2]]),
            summary("bridge", day: "2026-11-12", [[.ammoniaNitrogen: 0.2]]),
            summary("bridge", day: "2026-11-01", [[.ammoniaNitrogen: 0.6], [.ammoniaNitrogen: 0.4]]),
            summary("bridge", day: "2026-10-30", [[.ammoniaNitrogen: 0.1]]),
        ])
        #expect(try world.contents == fresh.contents)
        // All readings of October were withdrawn; a tombstone does the same.
        try world.apply([try summary("bridge", day: "2026-10-30", [])])
        #expect(try world.ask("/api/evaluations?scope=section&id=bridge").count("evaluations") == 1)
        try fresh.apply([Record(.summaries, key: "bridge/2026-10-30", nil)])
        #expect(try world.contents == fresh.contents)
    }

    @Test("a summary under a wrong key is left out")
    func malformed() throws {
        let world = try world()
        let version = try world.version
        let good = try summary("mill", day: "2026-11-13", [[.pH: 7]])
        try world.apply([
            Record(
                .summaries, key: "mill/2026-11-14", headers: try good.cloudEvent().headers, good.value)
        ])
        #expect(try world.version == version && world.model.skipped == 1)
    }

    @Test("rounding and the fewest values are settings")
    func settings() throws {
        let world = try World()
        try world.apply([try summary("bridge", day: "2026-11-12", [[.permanganateIndex: 2.0296]])])
        #expect(try world.ask("/api/rivers/canal").string("month.class") == "I")
        var facts = World.facts
        facts.rules.rounding = .none
        let exact = API(Readers(path: world.folder + "/model.sqlite", count: 1), facts)
        let endpoint = try #require(API.endpoints.first { $0.pattern == "/api/evaluations" })
        let request = Request(
            segments: ["api", "evaluations"], query: ["scope": "section"], headers: [], parameters: [:])
        let reply = try Reply(exact.response(to: request, from: endpoint))
        #expect(reply.string("evaluations.0.class") == "II" && reply.string("rules.rounding") == "none")
    }
}
