import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("The monthly bulletin")
struct BulletinTests {
    private static func summary(
        _ section: String, day: Day, _ values: [Parameter: Double], isProvisional: Bool = false
    ) -> Record {
        let reading = CountedReading(
            observedAt: Life.noon, series: Series(origin: .manual, period: .instant),
            values: ByParameter(
                values.mapValues { CountedReading.Value(figure: $0, isProvisional: isProvisional) }))
        return Record(
            DaySummary(section: Town.id(section), day: day, summary: Summary(day: [reading])))
    }

    private static func decision(
        _ verdict: Publication.Verdict, fingerprint: String, at: Instant = Life.noon
    ) throws -> Record {
        let publication = Publication(
            .bulletin, try #require(Month("2026-11")), verdict, by: Actor(role: .office, id: "city"),
            gateway: nil, at: at, fingerprint: fingerprint)
        let event = CloudEvent(
            id: publication.key, source: "dayu-intake", type: Publication.type.description,
            trail: Trail(at: at), data: JSON.encode(publication))
        return Record(.publications, key: publication.key, headers: event.headers, event.data)
    }

    private func world() throws -> World {
        var handled = Tally()
        (handled.received, handled.accepted, handled.acceptedOnTime) = (4, 3, 2)
        (handled.resolved, handled.resolvedOnTime, handled.unanswered) = (2, 2, 1)
        (handled.rated, handled.satisfied) = (2, 1)
        handled.timesToResolve = DurationSketch([7200, 36_000])
        let world = try World()
        try world.apply([
            Self.summary("bridge", day: Town.day(10, 5), [.ammoniaNitrogen: 0.4]),
            Self.summary("bridge", day: Town.day(11, 5), [.ammoniaNitrogen: 1.3, .totalPhosphorus: 0.1]),
            Self.summary("mill", day: Town.day(11, 12), [.ammoniaNitrogen: 1.3]),
            Record(Indicator(scope: .city, period: Town.day(11, 3), partition: 0, tally: handled)),
        ])
        return world
    }

    private func text(_ reply: Reply, _ language: String) -> String {
        (0..<(reply.count("text") ?? 0)).compactMap { reply.string("text.\($0).text.\(language)") }
            .joined(separator: "\n")
    }

    @Test("its sentences in both languages: waters, pollutants, changes, complaints")
    func sentences() throws {
        let reply = try world().ask("/api/bulletins/2026-11")
        #expect(reply.status == 200 && reply.string("period") == "2026-11")
        let zh = text(reply, "zh")
        for said in [
            "2026年11月，杭州参与评价的2个断面中，Ⅰ～Ⅲ类0个，占0.0%；劣Ⅴ类0个，占0.0%。",
            "有考核目标的2个断面中，0个达标，占0.0%。", "主要污染指标为氨氮(0.3)。",
            "与上月相比，Ⅰ～Ⅲ类比例下降100.0个百分点，劣Ⅴ类比例持平，水质明显变差。",
            "参与评价的1条河流中，轻度污染1条。", "运河（轻度污染，Ⅳ类，氨氮(0.3)）",
            "本月收到涉水投诉4件，已受理3件（按时2件），办结2件（按时2件），超时未受理1件",
            "满意率50.0%", "GB 3838—2002",
        ] {
            #expect(zh.contains(said), "\(said): \(zh)")
        }
        let en = text(reply, "en")
        for said in [
            "In November 2026, of the 2 sections judged in Hangzhou, 0 were of class I to III (0.0%)",
            "Since the month before: I to III down by 100.0 points, worse than V unchanged, much worse.",
            "Of 1 river, 1 was lightly polluted.", "4 complaints were received; 3 were accepted (2 on time)",
            "1 were never answered in time",
        ] {
            #expect(en.contains(said), "\(said): \(en)")
        }
    }

    @Test("a month of which nothing is known has no bulletin, and neither has what is no month")
    func unknown() throws {
        let world = try world()
        for path in ["2026-12", "November", "2026-11-01", "2026-11/fish.csv"] {
            #expect(try world.ask("/api/bulletins/\(path)").status == 404, "\(path)")
        }
        let list = try world.ask("/api/bulletins")
        #expect(list.column("bulletins", "period") == ["2026-11", "2026-10"])
        #expect(list.column("bulletins", "state") == ["draft", "draft"])
    }

    @Test("a draft, then released; a correction after that is told; taken back it is a draft again")
    func release() throws {
        let world = try world()
        func bulletin() throws -> Reply { try world.ask("/api/bulletins/2026-11") }
        let draft = try bulletin()
        #expect(draft.string("state") == "draft" && draft.isNull("release"))
        let fingerprint = try #require(draft.string("fingerprint"))
        #expect(Publication.isDigest(fingerprint))

        try world.apply([try Self.decision(.released, fingerprint: fingerprint)])
        let released = try bulletin()
        #expect(released.string("state") == "released" && released.string("release.office.id") == "city")
        #expect(released["release.current"] as? Bool == true)
        #expect(try world.ask("/api/bulletins").column("bulletins", "state") == ["released", "draft"])

        var more = Tally()
        more.received = 9
        try world.apply([
            Record(Indicator(scope: .city, period: Town.day(11, 4), partition: 0, tally: more))
        ])
        #expect(try bulletin()["release.current"] as? Bool == true, "complaints go on")
        try world.apply([Self.summary("mill", day: Town.day(11, 12), [.ammoniaNitrogen: 1.4])])
        let corrected = try bulletin()
        #expect(corrected["release.current"] as? Bool == false)
        #expect(corrected.string("fingerprint") != fingerprint)

        try world.apply([
            try Self.decision(.withdrawn, fingerprint: fingerprint, at: Life.noon + .seconds(60))
        ])
        #expect(try bulletin().string("state") == "draft")
    }

    @Test("a review that changes no figure, and another name, are no corrections")
    func noCorrection() throws {
        let world = try world()
        func bulletin() throws -> Reply { try world.ask("/api/bulletins/2026-11") }
        let values: [Parameter: Double] = [.ammoniaNitrogen: 1.3]
        try world.apply([Self.summary("mill", day: Town.day(11, 12), values, isProvisional: true)])
        #expect(try bulletin().number("city.provisionalValues") == 1)
        let fingerprint = try #require(try bulletin().string("fingerprint"))
        try world.apply([try Self.decision(.released, fingerprint: fingerprint)])

        try world.apply([
            Self.summary("mill", day: Town.day(11, 12), values),
            Record(
                .river(
                    River(
                        id: Town.id("canal"), name: Town.name("大运河"), level: .district,
                        region: Town.id("north"), targetClass: .III))),
        ])
        let reviewed = try bulletin()
        #expect(reviewed.number("city.provisionalValues") == 0)
        #expect(reviewed.string("rivers.0.name.zh") == "大运河")
        #expect(reviewed["release.current"] as? Bool == true)
        // One that a sentence compares with is a figure of the bulletin, too.
        try world.apply([Self.summary("bridge", day: Town.day(10, 5), [.ammoniaNitrogen: 3])])
        #expect(try bulletin()["release.current"] as? Bool == false)
    }

    @Test("its tables have a row for each water, with the means as they are printed")
    func tables() throws {
        let world = try world()
        let sections = try world.ask("/api/bulletins/2026-11/sections.csv").text
        #expect(sections.contains("period,id,name,nameEn,class,rating,target"))
        #expect(sections.contains("\r\n2026-11,bridge,"))
        #expect(sections.contains("\r\n2026-11,mill,"))
        let rivers = try world.ask("/api/bulletins/2026-11/rivers.csv").text
        #expect(rivers.contains("2026-11,canal,运河") && rivers.contains("氨氮(0.3)"))
        #expect(try world.ask("/api/bulletins/2026-11/complaints.csv").text.contains("onTime") == false)
        #expect(try world.ask("/api/bulletins/2026-11/lakes.csv").status == 200)
    }

    @Test(
        "districts are ranked by their index only with all 21 items; the others lack some, and it says which")
    func ranking() throws {
        let world = try world()
        let reply = try world.ask("/api/cwqi?period=2026-11&level=city")
        #expect(reply.count("ranked") == 0 && reply.count("notComparable") == 1)
        #expect(reply.count("notComparable.0.missing") == 19)
        let all = Dictionary(
            uniqueKeysWithValues: WaterQualityIndex.parameters.map { ($0, $0 == .pH ? 7.0 : 0.001) })
        try world.apply([
            Self.summary("bridge", day: Town.day(11, 5), all),
            Self.summary("mill", day: Town.day(11, 12), [:]),
        ])
        let ranked = try world.ask("/api/cwqi?period=2026-11&level=city")
        #expect(ranked.number("ranked.0.rank") == 1 && ranked.string("ranked.0.id") == "city")
        #expect(try world.ask("/api/cwqi?period=2026-11-05").status == 400)
    }

    @Test("a publication under another key, or without a fingerprint, is set aside")
    func malformed() throws {
        let world = try world()
        let good = try Self.decision(.released, fingerprint: String(repeating: "0", count: 32))
        try world.apply([
            Record(
                .publications, key: "bulletin/2026-10", headers: try good.cloudEvent().headers, good.value),
            try Self.decision(.released, fingerprint: "x"),
        ])
        #expect(world.model.skipped == 2)
        #expect(try world.ask("/api/bulletins").column("bulletins", "state") == ["draft", "draft"])
    }
}
