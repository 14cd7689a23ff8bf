import HTTP
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("A supervisor's figures")
struct DeskFiguresTests {
    private let zone = Zone.beijing
    private let day = Day("2026-09-21").map { $0...$0.adding(days: 1) }

    private func step(_ kind: DeskStep.Kind, hours: Int = 0, _ owner: String = "chief/low") throws -> DeskStep
    {
        let start = zone.start(of: try #require(day).lowerBound)
        return DeskStep(kind: kind, at: start + .seconds(3600 * hours), owner: owner)
    }

    @Test("a deadline that passed counts against its share, and what nobody did counts nowhere")
    func shares() throws {
        let steps = try [
            step(.acceptedInTime), step(.acceptedInTime), step(.acceptedInTime, hours: 30),
            step(.acceptMissed),
            step(.resolveMissed, hours: 47), step(.satisfied), step(.reopened),
        ]
        let figures = DeskFigures(steps, open: [], days: try #require(day), by: .day, in: zone)
        #expect(figures.total.acceptedInTime == 0.75 && figures.total.resolvedInTime == 0)
        #expect(figures.total.satisfied == 1 && figures.total[.reopened] == 1)
        #expect(figures.periods.map(\.name) == ["2026-09-21", "2026-09-22"])
        #expect(figures.periods.map { $0.tally[.acceptedInTime] } == [2, 1])
        #expect(
            figures.periods[0].tally.resolvedInTime == nil && figures.periods[1].tally.resolvedInTime == 0)
    }

    @Test(
        "days are those of the region's clocks, months have all their days, and what lies outside is left out"
    )
    func clocks() throws {
        let steps = try [
            step(.arrived, hours: -1), step(.arrived), step(.arrived, hours: 47), step(.arrived, hours: 48),
        ]
        let days = try #require(day)
        #expect(DeskFigures(steps, open: [], days: days, by: .day, in: zone).total[.arrived] == 2)
        let months = DeskFigures(
            steps, open: [], days: days.lowerBound.adding(days: -30)...days.upperBound, by: .month, in: zone)
        #expect(months.periods.map(\.name) == ["2026-08", "2026-09"])
        #expect(months.periods.map { $0.tally[.arrived] } == [0, 3])
    }

    @Test("open complaints by age, and those first who have the most that is overdue")
    func open() throws {
        func open(_ owner: String, days: Int, late: Bool = false) -> DeskFigures.Open {
            DeskFigures.Open(owner: owner, age: .seconds(days * 86_400 + 60), isOverdue: late)
        }
        let figures = DeskFigures(
            try [step(.satisfied, "chief/high")],
            open: [
                open("chief/low", days: 0), open("chief/low", days: 2, late: true), open("", days: 3),
                open("office/north", days: 40, late: true), open("office/north", days: 30, late: true),
            ], days: try #require(day), by: .day, in: zone)
        #expect(
            figures.ages.map(\.open) == [1, 1, 1, 0, 2] && figures.ages.map(\.overdue) == [0, 1, 0, 0, 2])
        #expect(figures.people.map(\.owner) == ["office/north", "chief/low", "chief/high"])
        #expect(figures.people.map(\.overdue) == [2, 1, 0] && figures.people.map(\.open) == [2, 2, 0])
    }

    @Test("who missed a deadline is whoever had it then, and whoever accepts in his own time is in time")
    func whose() throws {
        let world = try DeskWorld()
        var late = Life(1)
        late.assign()
        late.escalate()
        late.assign(to: Life.high, why: .escalated)
        late.accept()
        late.resolve()
        late.rate(.satisfied)
        var good = Life(2)
        good.assign()
        good.accept()
        try world.apply(late, good)
        let query = "?from=2026-09-01&to=2026-10-31&by=month"
        let reply = try world.ask("/api/desk/figures\(query)", as: DeskWorld.office)
        #expect(reply.number("total.acceptMissed") == 1 && reply.number("total.acceptedInTime") == 2)
        #expect(reply.number("total.resolvedInTime") == 1 && reply.number("total.satisfied") == 1)
        #expect(reply.number("total.arrived") == 2)
        let rows = try #require(reply["officials"] as? [[String: Any]])
        let missed = rows.filter { ($0["acceptMissed"] as? Int) == 1 }.compactMap {
            $0["official"] as? String
        }
        #expect(missed == ["chief/low"])
        // A chief sees his own and what lies below him, nobody else's.
        let stranger = Actor(role: .office, id: "south")
        #expect(try world.ask("/api/desk/figures\(query)", as: stranger).number("total.arrived") == 0)
        let own = try world.ask("/api/desk/figures\(query)&region=south", as: DeskWorld.office)
        #expect(own.number("total.arrived") == 0)
        let table = try world.ask("/api/desk/figures.csv\(query)&table=officials", as: DeskWorld.office)
        #expect(table.text.contains("chief/low,低,1,0,") && table.headers["Cache-Control"] == "no-store")
        #expect(
            try world.ask("/api/desk/figures.csv\(query)", as: DeskWorld.office).text.contains("2026-09,"))
    }

    @Test(
        "a question that is wrong is refused",
        arguments: [
            "by=year", "from=2026-02-30", "from=2026-10-01&to=2026-09-01", "from=2020-01-01&to=2026-01-01",
            "whose=mine",
        ])
    func wrong(_ query: String) throws {
        #expect(try DeskWorld().ask("/api/desk/figures?\(query)", as: DeskWorld.office).status == 400)
    }
}
