import Models
import Processing
import Testing

@testable import Disclosure

@Suite("Accountability and coverage as they are published")
struct AccountabilityPageTests {
    private static func tally(
        _ kind: Scope.Kind, _ id: String, _ day: Day, partition: Int32 = 0, _ change: (inout Tally) -> Void
    ) -> Record {
        var tally = Tally()
        change(&tally)
        return Record(
            Indicator(scope: Scope(kind: kind, id: id), period: day, partition: partition, tally: tally))
    }

    private static var records: [Record] {
        [
            tally(.region, "north", Town.day(1, 20)) { ($0.received, $0.open, $0.overdue) = (3, 3, 3) },
            tally(.region, "north", Town.day(7, 2)) {
                ($0.received, $0.accepted, $0.acceptedOnTime, $0.unanswered) = (6, 5, 4, 1)
                $0.timesToAccept = DurationSketch([60, 60, 60, 3600])
            },
            tally(.region, "north", Town.day(7, 2), partition: 1) {
                ($0.received, $0.accepted, $0.acceptedOnTime) = (2, 1, 1)
                ($0.rated, $0.satisfied, $0.verySatisfied, $0.neutral) = (4, 2, 1, 1)
                $0.timesToAccept = DurationSketch([86_400])
            },
            tally(.region, "north", Town.day(8, 1)) { $0.received = 1 },
        ]
    }

    @Test("the same figures by day, month, quarter and year")
    func periods() throws {
        let world = try World()
        try world.apply(Self.records)
        func received(_ period: String) throws -> Double? {
            try world.ask("/api/accountability?scope=region&period=\(period)").number("entries.0.received")
        }
        #expect(try received("2026-07-02") == 8)
        #expect(try received("2026-07-T1") == 8)
        #expect(try received("2026-07") == 8)
        #expect(try received("2026-Q3") == 9)
        #expect(try received("2026") == 12)
    }

    @Test("rates, percentiles over partitions, grades and the age of what is open")
    func figures() throws {
        let world = try World()
        try world.apply(Self.records)
        let reply = try world.ask("/api/accountability?scope=region&period=2026-07")
        #expect(reply.string("entries.0.scope.id") == "north" && reply.number("entries.0.rank") == 1)
        #expect(reply.number("entries.0.onTimeToAccept") == 0.7143, "5 of 7")
        #expect(reply.number("entries.0.unanswered") == 1)
        let (half, most) = (
            try #require(reply.number("entries.0.toAccept.p50")),
            try #require(reply.number("entries.0.toAccept.p90"))
        )
        #expect(abs(half - 60) <= 1 && abs(most - 86_400) <= 864)
        #expect(reply.number("entries.0.grades.satisfied") == 1)
        #expect(reply.number("entries.0.grades.dissatisfied") == 1)
        #expect(reply.number("entries.0.backlog.open") == 3, "those of January are still open")
        #expect(reply.number("entries.0.backlog.over30Days") == 3)
        #expect(reply.number("formula.weights.onTimeToAccept") == 35)
    }

    @Test("a correction and a tombstone change the month, too; a month's former record says nothing")
    func corrections() throws {
        let world = try World()
        try world.apply(Self.records)
        try world.apply([
            Self.tally(.region, "north", Town.day(7, 2)) { $0.received = 7 },
            Record(.indicators, key: "region/north/2026-07-02/1", nil),
            Record(.indicators, key: "region/north/2026-07/0", nil),
        ])
        #expect(world.model.skipped == 0)
        let reply = try world.ask("/api/accountability?scope=region&period=2026-07")
        #expect(reply.number("entries.0.received") == 7)
        #expect(reply.isNull("entries.0.toAccept.p50"))
    }

    @Test("the table has the same rows, and a wrong period is named")
    func table() throws {
        let world = try World()
        try world.apply(Self.records)
        let text = try world.ask("/api/accountability.csv?scope=region&period=2026-07").text
        #expect(text.contains("\r\n2026-07,region,north,"))
        let wrong = try world.ask("/api/accountability?period=July")
        #expect(wrong.status == 400 && wrong.column("errors", "field") == ["period"])
    }

    @Test("a month whose values are all flagged was not measured")
    func flagged() throws {
        let world = try World()
        func measured(_ figure: Double?) throws -> Double? {
            let reading = CountedReading(
                observedAt: Life.noon, series: Series(origin: .manual, period: .instant),
                values: [.ammoniaNitrogen: CountedReading.Value(figure: figure)])
            try world.apply([
                Record(
                    DaySummary(
                        section: Town.id("bridge"), day: Town.day(11, 5), summary: Summary(day: [reading])))
            ])
            return try world.ask("/api/coverage?period=2026-11&level=district").number("measured")
        }
        #expect(try measured(nil) == 0)
        #expect(try measured(0.4) == 1)
    }

    @Test("departments are ranked among those of one level")
    func departments() throws {
        let world = try World()
        try world.apply([
            Self.tally(.department, "sewers", Town.day(7, 2)) { ($0.received, $0.accepted) = (6, 5) }
        ])
        let reply = try world.ask("/api/accountability?scope=department&period=2026-07")
        #expect(reply.string("entries.0.scope.kind") == "department")
        #expect(reply.string("entries.0.scope.id") == "sewers" && reply.number("entries.0.received") == 6)
        #expect(reply.string("entries.0.scope.name.zh") == "排水")
        #expect(reply.string("entries.0.scope.level") == "district")
    }
}
