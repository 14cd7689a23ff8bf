import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("What enterprises discharge, told to the public")
struct EnterpriseTests {
    /// The days of these tests are in the month of `Life.noon`, in Beijing.
    private static let today = Zone.beijing.day(at: Life.noon)

    private static let entities: [RegistryEntity] = [
        .enterprise(
            Enterprise(
                id: Town.id("mill"), name: Town.name("纸厂"), industry: Town.name("造纸"),
                region: Town.id("north"),
                permit: "SAMPLE-1", responsible: Town.id("sewers"))),
        .enterprise(
            Enterprise(
                id: Town.id("dye"), name: Town.name("染厂"), region: Town.id("city"),
                responsible: Town.id("sewers"))),
        .outfall(
            Outfall(
                id: Town.id("mill-1"), name: Town.name("总排口"), river: Town.id("canal"),
                place: Town.at(120.15, 30.15), kind: .industrial, enterprise: Town.id("mill"))),
        permit(.chemicalOxygenDemand, hourly: "50", daily: "40"), permit(.pH, hourly: "6-9"),
    ]

    private static func permit(
        _ parameter: Parameter, hourly: String, daily: String? = nil
    ) -> RegistryEntity {
        .permit(
            Permit(
                id: Town.id("mill-1.\(parameter.rawValue)"), outfall: Town.id("mill-1"), parameter: parameter,
                hourly: PermitLimit(hourly), daily: daily.flatMap { PermitLimit($0) }))
    }

    private static func record(
        _ day: Day, _ values: [Double], of parameter: Parameter = .chemicalOxygenDemand,
        flagged: Set<Int> = []
    ) -> Record {
        let start = Zone.beijing.start(of: day)
        let discharge = DischargeDay(
            hours: values.enumerated().map { hour, value in
                let isFlagged = flagged.contains(hour)
                return DischargeDay.Part(
                    at: start + .seconds(3600 * hour), figures: isFlagged ? [:] : [parameter: value],
                    flagged: isFlagged ? [parameter] : [])
            })
        let summary = DaySummary(
            section: Town.id("mill-1"), day: day, summary: Summary(), discharge: discharge)
        let event = CloudEvent(
            id: summary.key, source: "dayu-analytics.summarising", type: DaySummary.type.description,
            trail: Trail(at: Life.noon), data: JSON.encode(summary))
        return Record(.summaries, key: summary.key, headers: event.headers, event.data)
    }

    private static func record(_ event: BreachEvent) -> Record {
        let cloud = CloudEvent(
            id: event.id, source: "dayu-analytics.inspecting", type: event.type.description,
            trail: Trail(at: Life.noon), data: event.data)
        return Record(
            .breaches, key: event.breachCase.outfall.rawValue, headers: cloud.headers, cloud.data)
    }

    private func world(_ more: Record...) throws -> World {
        try World(Town.records + Self.entities.map { Record($0) } + more)
    }

    /// Two days before today: 24 hours, of which two are above the limit and one is flagged.
    private static let eve = today.adding(days: -2)
    private static let evesValues = (0..<24).map { $0 < 2 ? 60.0 : 45 }

    @Test("the list counts hours, days and complaints of each, and may be of one region")
    func list() throws {
        let world = try world(Self.record(Self.eve, Self.evesValues, flagged: [5]))
        let list = try world.ask("/api/enterprises")
        #expect(list.column("enterprises", "id") == ["dye", "mill"])
        #expect(list.number("enterprises.1.hoursReported") == 24)
        #expect(list.number("enterprises.1.hoursFlagged") == 1)
        #expect(list.number("enterprises.1.hoursJudged") == 23)
        #expect(list.number("enterprises.1.hoursAbove") == 2)
        #expect(list.number("enterprises.1.shareAbove") == 2.0 / 23)
        #expect(list.number("enterprises.1.daysReported") == 1)
        // (60 · 2 + 45 · 21) / 23 = 46.3 is above 40.
        #expect(list.number("enterprises.1.daysAbove") == 1)
        #expect(list.number("enterprises.1.daysExpected") == Double(Self.today.day - 1))
        #expect(list.number("enterprises.0.hoursReported") == 0 && list.isNull("enterprises.0.shareAbove"))
        #expect(try world.ask("/api/enterprises?region=north").column("enterprises", "id") == ["mill"])
        #expect(try world.ask("/api/enterprises?region=city").count("enterprises") == 2)
        #expect(try world.ask("/api/enterprises?region=nowhere").status == 404)
        let former = try world.ask("/api/enterprises?period=2020-01")
        #expect(former.number("enterprises.1.hoursReported") == 0)
        #expect(former.number("enterprises.1.daysExpected") == 31)
        #expect(try world.ask("/api/enterprises?period=x").status == 400)
    }

    @Test("the page has limits beside values, every day, and the days that are missing")
    func page() throws {
        let world = try world(
            Self.record(Self.eve, Self.evesValues),
            Self.record(Self.today, [51], of: .chemicalOxygenDemand))
        let page = try world.ask("/api/enterprises/mill")
        #expect(page.string("permit") == "SAMPLE-1" && page.string("responsible.name.zh") == "排水")
        #expect(page.string("outfalls.0.river.id") == "canal")
        #expect(page.column("outfalls.0.permits", "parameter") == ["w01001", "w01018"])
        #expect(page.string("outfalls.0.permits.0.hourly") == "6-9")
        #expect(page.isNull("outfalls.0.permits.0.daily"))
        #expect(page.strings("outfalls.0.latest.above") == ["w01018"])
        #expect(page.number("outfalls.0.latest.figures.w01018") == 51)
        #expect(page.column("outfalls.0.days", "day") == [Self.eve.description, Self.today.description])
        #expect(page["outfalls.0.days.0.items.w01018.dayAbove"] as? Bool == true)
        // Today is not over.
        #expect(page.isNull("outfalls.0.days.1.items.w01018.dayAbove"))
        #expect(page.strings("outfalls.0.missing")?.contains(Self.today.adding(days: -1).description) == true)
        #expect(page.strings("outfalls.0.missing")?.contains(Self.today.description) == false)
        #expect(try world.ask("/api/enterprises/nobody").status == 404)
        #expect(try world.ask("/api/rivers/canal").column("enterprises", "id") == ["mill"])
        #expect(try world.ask("/api/rivers/lake").count("enterprises") == 0)
    }

    @Test("a day is expected from the first permit to the last one, and without a permit none is")
    func expected() throws {
        func permit(_ id: String, from: Int, to: Int?) -> RegistryEntity {
            .permit(
                Permit(
                    id: Town.id("dye-1.\(id)"), outfall: Town.id("dye-1"), parameter: .pH,
                    hourly: PermitLimit("6-9"), from: Self.today.adding(days: from),
                    to: to.map { Self.today.adding(days: $0) }))
        }
        let outfall = RegistryEntity.outfall(
            Outfall(
                id: Town.id("dye-1"), name: Town.name("总排口"), river: Town.id("canal"),
                place: Town.at(120.15, 30.15), kind: .industrial, enterprise: Town.id("dye")))
        func missing(_ permits: RegistryEntity...) throws -> [String]? {
            let world = try world(Record(outfall))
            try world.apply(permits.map { Record($0) })
            let page = try world.ask("/api/enterprises/dye")
            let missing = page.strings("outfalls.0.missing")
            #expect(page.number("outfalls.0.daysExpected") == missing.map { Double($0.count) })
            return missing
        }
        func days(_ range: ClosedRange<Int>) -> [String] {
            range.map { Self.today.adding(days: $0).description }
        }
        #expect(try missing() == [])
        #expect(try missing(permit("now", from: -3, to: nil)) == days(-3 ... -1))
        // The gap between two permits is expected: somebody forgot to renew the first one.
        #expect(
            try missing(permit("first", from: -6, to: -5), permit("last", from: -3, to: -2))
                == days(-6 ... -2))
        #expect(try missing(permit("later", from: 1, to: nil)) == [])
    }

    @Test("a department sees what of its enterprises' outfalls waits for review, and so do the offices above")
    func toReview() throws {
        let report = Report(
            section: Town.id("mill-1"), observedAt: Life.noon, period: .hour,
            measurements: [
                .chemicalOxygenDemand: Measurement(51), .pH: Measurement(.measured(7), status: .valid),
            ])
        let world = try world(Record(Assessment(ofDischarge: Reading(report, reportedAt: Life.noon))))
        let list = try world.ask("/api/departments/sewers/provisional")
        #expect(list.string("office.id") == "sewers" && list.count("readings") == 1)
        #expect(list.string("readings.0.section.name.zh") == "总排口" && list.isNull("readings.0.class"))
        #expect(list.column("readings.0.measurements", "parameter") == ["w01018"])
        #expect(
            try world.ask("/api/departments/sewers/provisional.csv").text.contains("mill-1,总排口,"))
        #expect(try world.ask("/api/departments/sewers/provisional?section=bridge").count("readings") == 0)
        #expect(try world.ask("/api/departments/nobody/provisional").status == 404)
        let south = Region(
            id: Town.id("south"), name: Town.name("南区"), level: .district, parent: Town.id("city"))
        try world.apply([Record(RegistryEntity.region(south))])
        for office in ["north", "city"] {
            let waiting = try world.ask("/api/regions/\(office)/provisional")
            #expect(waiting.column("readings.0.measurements", "parameter") == ["w01018"], "\(office)")
        }
        #expect(try world.ask("/api/regions/south/provisional").count("readings") == 0)
        let known = try world.ask("/api/regions")
        #expect(known.column("departments", "id") == ["sewers"])
        #expect(known.number("departments.0.outfalls") == 1)
        let ids = known.column("regions", "id")
        for (office, expected) in [("city", 1.0), ("north", 1), ("south", 0)] {
            let place = try #require(ids.firstIndex(of: office))
            #expect(known.number("regions.\(place).outfalls") == expected, "\(office)")
        }
    }

    @Test("a permit that the registry changes judges the days that are known already")
    func changedPermit() throws {
        let world = try world(Self.record(Self.eve, Self.evesValues))
        #expect(try world.ask("/api/enterprises/mill").number("outfalls.0.hoursAbove") == 2)
        try world.apply([Record(Self.permit(.chemicalOxygenDemand, hourly: "44"))])
        #expect(try world.ask("/api/enterprises/mill").number("outfalls.0.hoursAbove") == 24)
    }

    @Test("a day without values is gone; the same day again is no news")
    func days() throws {
        let world = try world(Self.record(Self.eve, Self.evesValues))
        let version = try world.version
        try world.apply([Self.record(Self.eve, Self.evesValues)])
        #expect(try world.version == version)
        try world.apply([Self.record(Self.eve, [])])
        #expect(try world.ask("/api/enterprises/mill").count("outfalls.0.days") == 0)
    }

    @Test("an outfall is in no evaluation, and no section of any map or list")
    func noSection() throws {
        let world = try world(Self.record(Self.eve, Self.evesValues))
        for target in ["/api/evaluations?scope=river", "/api/evaluations?scope=city", "/api/rivers/canal"] {
            let answer = try world.ask(target)
            #expect(!answer.text.contains("mill-1"), "\(target)")
        }
        #expect(try world.ask("/api/evaluations?scope=section").count("evaluations") == 0)
        #expect(try world.ask("/api/sections/mill-1/readings").status == 404)
        #expect(try world.ask("/api/bulletins").count("bulletins") == 0)
    }

    @Test("a breach leads to its complaint, and says how both ended")
    func breaches() throws {
        var life = Life(7, text: nil)
        let known = BreachCase(
            outfall: Town.id("mill-1"), parameter: .chemicalOxygenDemand, period: .hour, since: Life.noon)
        let breach = Breach(
            parameter: .chemicalOxygenDemand, period: .hour, at: Life.noon, value: 62, limit: .atMost(50))
        let raised = BreachEvent.raised(
            .init(breachCase: known, complaint: life.code, enterprise: Town.id("mill"), first: breach))
        let world = try world(Self.record(raised))
        let early = try world.ask("/api/enterprises/mill")
        #expect(early.isNull("outfalls.0.breaches.0.status") && early.isNull("outfalls.0.breaches.0.ended"))
        life.assign(to: Life.sewers)
        try world.apply(life)
        let ended = BreachEvent.ended(
            .init(
                breachCase: known, complaint: life.code, why: .within, through: Life.noon + .seconds(7200),
                count: .init(hours: 2, days: 0, worst: breach)))
        try world.apply([Self.record(ended)])
        let page = try world.ask("/api/enterprises/mill")
        #expect(page.string("outfalls.0.breaches.0.trackingCode") == life.code.description)
        #expect(page.string("outfalls.0.breaches.0.status") == "assigned")
        #expect(page.string("outfalls.0.breaches.0.ended") == "within")
        #expect(page.number("outfalls.0.breaches.0.hours") == 2)
        #expect(page.number("outfalls.0.breaches.0.multiple") == 62.0 / 50 - 1)
        #expect(try world.ask("/api/enterprises").number("enterprises.1.complaints") == 1)
        #expect(try world.ask("/api/enterprises").number("enterprises.1.openComplaints") == 1)
    }

    @Test("tables: the list, the days and the hours")
    func tables() throws {
        let world = try world(Self.record(Self.eve, Self.evesValues, flagged: [5]))
        func rows(_ target: String) throws -> [String] {
            try world.ask(target).text.split(separator: "\r\n").map(String.init)
        }
        let list = try rows("/api/enterprises.csv")
        #expect(list.count == 3 && list[2].contains(",mill,纸厂,纸厂 (en),north,SAMPLE-1,1,24,1,23,2,1,1,1,"))
        let days = try rows("/api/enterprises/mill/days.csv")
        #expect(
            days.count == 2
                && days[1].hasPrefix("mill-1,\(Self.eve),w01018,化学需氧量,mg/L,50,40,24,1,23,2,1,1,1,"))
        let hours = try rows("/api/enterprises/mill/hours.csv")
        #expect(hours.count == 25)
        #expect(hours[1].hasSuffix(",w01018,60.0,mg/L,50,true") && hours[3].hasSuffix(",45.0,mg/L,50,false"))
        #expect(hours[6].hasSuffix(",w01018,,mg/L,50,"), "flagged: not judged")
    }

    @Test("a city without enterprises says so, and the site has no page of them to link to")
    func none() throws {
        #expect(try World().ask("/api/about")["enterprises"] as? Bool == false)
        #expect(try world().ask("/api/about")["enterprises"] as? Bool == true)
        #expect(try World().ask("/api/enterprises").count("enterprises") == 0)
    }

    @Test("who asks for too much is told")
    func limit() throws {
        var entities = Self.entities
        for number in 0..<60 {
            entities.append(
                .outfall(
                    Outfall(
                        id: Town.id("more-\(number)"), name: Town.name("排口"), river: Town.id("canal"),
                        place: Town.at(120.15, 30.15), kind: .industrial, enterprise: Town.id("mill"))))
        }
        let world = try World(Town.records + entities.map { Record($0) })
        #expect(try world.ask("/api/enterprises?period=2026").status == 400)
        #expect(try world.ask("/api/enterprises?period=2026-09").status == 200)
    }
}
