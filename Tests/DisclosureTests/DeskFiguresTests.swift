import Geo
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
        return DeskStep(kind: kind, at: start + .seconds(3600 * hours), holder: owner)
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
        func open(
            _ owner: String, _ age: Backlog.Age, _ count: Int = 1, late: Bool = false
        ) -> DeskFigures.Open {
            DeskFigures.Open(owner: owner, age: age, isOverdue: late, count: count)
        }
        let figures = DeskFigures(
            try [step(.satisfied, "chief/high")],
            open: [
                open("chief/low", .days3), open("chief/low", .days7, late: true), open("", .days7),
                open("office/north", .older, 2, late: true),
            ], days: try #require(day), by: .day, in: zone)
        #expect(figures.ages.map(\.open) == [1, 2, 0, 2] && figures.ages.map(\.overdue) == [0, 1, 0, 2])
        #expect(figures.people.map(\.owner) == ["office/north", "chief/low", "chief/high"])
        #expect(figures.people.map(\.overdue) == [2, 1, 0] && figures.people.map(\.open) == [2, 2, 0])
    }

    @Test("ages are those of the public's figures: days of the calendar, and the same bounds")
    func ages() throws {
        let world = try DeskWorld()
        let today = zone.day(at: world.now)
        for (number, days) in [0, 3, 4, 7, 8, 30, 31, 200].enumerated() {
            // The last second of the day; a second later it would be younger by a day.
            var life = Life(number, at: zone.start(of: today.adding(days: 1 - days)) + .seconds(-1))
            life.assign()
            try world.apply(life)
        }
        let reply = try world.ask("/api/desk/figures", as: DeskWorld.office)
        let rows = try #require(reply["ages"] as? [[String: Any]])
        #expect(rows.map { $0["open"] as? Int } == [2, 2, 2, 2])
        #expect(rows.map { $0["fromDays"] as? Int } == [0, 4, 8, 31])
        #expect(rows.map { $0["toDays"] as? Int } == [3, 7, 30, nil])
    }

    @Test("a deadline is counted once for each who let it pass, and what he does after it is not in time")
    func once() throws {
        let world = try DeskWorld()
        func figures(_ actor: Actor) throws -> Reply {
            try world.ask("/api/desk/figures?from=2026-09-01&to=2026-10-31&by=month", as: actor)
        }
        var life = Life(1)
        life.assign(to: Life.high)
        life.lapse()
        life.lapse()
        life.accept()
        life.resolve(checker: Life.sewers)
        try world.apply(life)
        var total = try figures(DeskWorld.office)
        #expect(total.number("total.acceptMissed") == 1 && total.number("total.acceptedInTime") == 0)
        #expect(total.number("total.resolvedInTime") == 0, "the checker has not checked it")
        life.verify(passed: true)
        try world.apply(Array(life.records.suffix(1)))
        total = try figures(DeskWorld.office)
        #expect(total.number("total.resolvedInTime") == 1 && total.number("total.resolveMissed") == 0)
        // In the list of its checker it was, too; the deed is the holder's.
        let checker = try figures(Actor(role: .department, id: "sewers"))
        #expect(checker.number("total.resolvedInTime") == 1)
        #expect(checker.column("officials", "official") == ["chief/high"])
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
        let own = try world.ask("/api/desk/figures\(query)&region=south", as: DeskWorld.city)
        #expect(own.status == 200 && own.number("total.arrived") == 0)
        let table = try world.ask("/api/desk/figures.csv\(query)&table=officials", as: DeskWorld.office)
        #expect(table.text.contains("chief/low,低,1,0,") && table.headers["Cache-Control"] == "no-store")
        #expect(
            try world.ask("/api/desk/figures.csv\(query)", as: DeskWorld.office).text.contains("2026-09,"))
    }

    @Test("without days, months are the last twelve, each from its first day")
    func twelveMonths() throws {
        let world = try DeskWorld()
        for end in ["", "&to=2026-01-31", "&to=2026-12-01", "&to=2024-02-29"] {
            let reply = try world.ask("/api/desk/figures?by=month\(end)", as: DeskWorld.office)
            #expect(reply.column("periods", "period").count == 12, "\(end)")
            #expect(reply.string("from")?.hasSuffix("-01") == true)
        }
        let year = try world.ask("/api/desk/figures?by=month&to=2026-11-30", as: DeskWorld.office)
        #expect(year.string("from") == "2025-12-01" && year.string("to") == "2026-11-30")
    }

    @Test(
        "a region that is not one's own is refused, and the page learns which are",
        arguments: ["figures", "complaints"])
    func foreign(_ path: String) throws {
        let world = try DeskWorld()
        let people: [(Actor, [String])] = [
            (DeskWorld.office, ["north"]), (DeskWorld.clerk, ["north"]),
            (DeskWorld.city, ["city", "north", "south"]),
            (Actor(role: .chief, id: "other"), ["south"]),
        ]
        for (person, own) in people {
            let me = try world.ask("/api/desk/me", as: person)
            #expect(me.strings("regions") == own)
            for region in ["city", "north", "south"] {
                let reply = try world.ask("/api/desk/\(path)?region=\(region)", as: person)
                #expect(reply.status == (own.contains(region) ? 200 : 403), "\(person) \(region)")
                if reply.status == 403 { #expect(reply.string("type") == "urn:dayu:foreign-region") }
            }
        }
    }

    @Test("where a chief keeps a reach is his to ask of, and where a complaint lies that he sees")
    func elsewhere() throws {
        let world = try DeskWorld()
        let other = Actor(role: .chief, id: "other")
        func own() throws -> [String]? { try world.ask("/api/desk/me", as: other).strings("regions") }
        #expect(try own() == ["south"])
        // A region below neither of his; complaints come there with the reach, and by a transfer.
        var life = Life(1)
        life.assign(
            to: Assignee(
                kind: .chief, id: "other", name: Town.name("他"), title: "区级河长", level: .district))
        try world.apply(life)
        #expect(try own() == ["north", "south"])
        let list = "/api/desk/complaints?region=north"
        #expect(try world.codes(list, as: other) == [life.code.description])
        #expect(try world.ask(list, as: other).column("counts.regions", "id") == ["north"])
        #expect(try world.ask("/api/desk/figures?region=north", as: other).status == 200)
        #expect(try world.ask("/api/desk/complaints?region=city", as: other).status == 403)
        // His superiors see it there, and nobody else.
        #expect(try world.ask(list, as: Actor(role: .office, id: "south")).status == 403)
        life.resolve()
        try world.apply(life)
        #expect(try own() == ["south"])
        // A bookmark to where all is closed now: nothing is open there, and the figures have it.
        #expect(try world.codes(list, as: other) == [])
        #expect(try world.ask("/api/desk/figures?region=north", as: other).status == 200)
        #expect(try world.ask(list, as: Actor(role: .office, id: "south")).status == 403)
        try world.apply([
            Record(
                .reach(
                    Reach(
                        id: Town.id("canal.far"), river: Town.id("canal"), name: Town.name("远"),
                        region: Town.id("north"), level: .district, chiefs: [Town.id("other")],
                        geometry: .lines([[Town.at(120.1, 30.1), Town.at(120.2, 30.2)]]))))
        ])
        #expect(try own() == ["north", "south"])
        #expect(try world.codes(list, as: other) == [])
    }

    @Test(
        "a question that is wrong is refused",
        arguments: [
            "by=year", "from=2026-02-30", "from=2026-10-01&to=2026-09-01", "from=2020-01-01&to=2026-01-01",
            "whose=mine", "region=nowhere",
        ])
    func wrong(_ query: String) throws {
        #expect(try DeskWorld().ask("/api/desk/figures?\(query)", as: DeskWorld.office).status == 400)
    }
}
