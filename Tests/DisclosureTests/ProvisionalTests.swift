import HTTP
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("What waits for review, and how old a class is")
struct ProvisionalTests {
    private let world: World

    init() throws { world = try World() }

    private func measured(
        _ section: String, hours: Int, _ measurements: [Parameter: Measurement],
        publishedClass: WaterClass? = nil, period: Period = .instant
    ) throws {
        let report = Report(
            section: Town.id(section), gateway: Town.id("laboratory"),
            observedAt: Life.noon + .seconds(3600 * hours), period: period, publishedClass: publishedClass,
            measurements: measurements)
        let reading = Reading(report, reportedAt: report.observedAt + .seconds(60))
        try world.apply([Record(Assessment(reading, of: section == "island" ? .lake : .river))])
    }

    @Test("an office sees its region's and those below, the oldest first, and nothing that is valid")
    func list() throws {
        let valid = Measurement(.measured(0.3), status: .valid)
        try measured("mill", hours: 2, [.pH: Measurement(7), .ammoniaNitrogen: valid])
        try measured("bridge", hours: 1, [.pH: Measurement(7.5), .turbidity: Measurement(.withdrawn)])
        try measured("bridge", hours: 3, [.ammoniaNitrogen: valid])
        try measured("island", hours: 0, [.totalNitrogen: Measurement(.below(0.05), written: "0.05L")])
        let north = try world.ask("/api/regions/north/provisional")
        #expect(north.string("office.id") == "north" && north["more"] as? Bool == false)
        #expect(north.column("readings", "observedAt").count == 2)
        #expect(north.string("readings.0.section.id") == "bridge")
        #expect(north.column("readings.0.measurements", "parameter") == ["w01001"])
        #expect(north.column("readings.1.measurements", "parameter") == ["w01001"])
        #expect(north.string("readings.0.measurements.0.sender.id") == "laboratory")
        let city = try world.ask("/api/regions/city/provisional?limit=1")
        #expect(city.string("readings.0.section.id") == "island" && city["more"] as? Bool == true)
        #expect(city.string("readings.0.measurements.0.written") == "0.05L")
        #expect(try world.ask("/api/regions/city/provisional?section=mill").count("readings") == 1)
        #expect(try world.ask("/api/regions/north/provisional?section=island").count("readings") == 0)
        #expect(try world.ask("/api/regions/nowhere/provisional").status == 404)
        #expect(try world.ask("/api/regions/city/provisional?limit=0").status == 400)
    }

    @Test("the list goes on behind the last reading of a page, also within one moment")
    func pages() throws {
        for period in Period.allCases {
            try measured("bridge", hours: 1, [.pH: Measurement(7)], period: period)
        }
        try measured("mill", hours: 1, [.pH: Measurement(7)])
        try measured("island", hours: 0, [.pH: Measurement(7)])
        var seen: [String] = []
        var after = ""
        while seen.count < 10 {
            let page = try world.ask("/api/regions/city/provisional?limit=2\(after)")
            for number in 0..<(page.count("readings") ?? 0) {
                seen += [page.string("readings.\(number).section.id")].compactMap(\.self)
            }
            guard let next = page["next"] as? String else { break }
            #expect(page["more"] as? Bool == true)
            after = "&after=\(next)"
        }
        #expect(seen == ["island", "bridge", "bridge", "bridge", "mill"])
        for bad in ["x", "1_bridge_instant", "1_bridge_week_manual", "!_bridge_hour_manual"] {
            #expect(try world.ask("/api/regions/city/provisional?after=\(bad)").status == 400, "\(bad)")
        }
    }

    @Test("the regions, those above first, with how many sections their offices may review")
    func regions() throws {
        let answer = try world.ask("/api/regions")
        #expect(answer.string("regions.0.id") == "city" && answer.isNull("regions.0.parent"))
        let ids = answer.column("regions", "id")
        let north = try #require(ids.firstIndex(of: "north"))
        let (all, some) = (answer.number("regions.0.sections"), answer.number("regions.\(north).sections"))
        #expect(try #require(all) > (try #require(some)) && some != 0)
    }

    @Test("the list as a table has a row for each measurement and an empty column for the verdict")
    func table() throws {
        try measured("bridge", hours: 1, [.pH: Measurement(7.5), .dissolvedOxygen: Measurement(8)])
        let text = try world.ask("/api/regions/city/provisional.csv").text
        let lines = text.split(whereSeparator: \.isNewline)
        #expect(lines.count == 3)
        #expect(lines[0].hasSuffix("receivedAt,verdict"))
        let received = Life.noon + .seconds(3660)
        #expect(lines[1].hasPrefix("bridge,"))
        #expect(lines[1].contains(",instant,automatic,w01001,7.5,,valid,I,,laboratory,,\(received),"))
    }

    @Test("a reading that was reviewed leaves the list")
    func reviewed() throws {
        try measured("bridge", hours: 1, [.pH: Measurement(7)])
        #expect(try world.ask("/api/regions/city/provisional").count("readings") == 1)
        try measured("bridge", hours: 1, [.pH: Measurement(.measured(7), status: .valid)])
        #expect(try world.ask("/api/regions/city/provisional").count("readings") == 0)
    }

    @Test("the publisher's class is told where it is another")
    func otherClass() throws {
        try measured("bridge", hours: 1, [.ammoniaNitrogen: Measurement(0.8)], publishedClass: .II)
        try measured("mill", hours: 1, [.ammoniaNitrogen: Measurement(0.8)], publishedClass: .III)
        let readings = try world.ask("/api/sections/bridge/readings")
        #expect(readings.string("readings.0.publishedClass") == "II")
        #expect(readings.string("readings.0.class") == "III")
        #expect(try world.ask("/api/sections/mill/readings")["readings.0.publishedClass"] == nil)
        #expect(
            try world.ask("/api/regions/city/provisional").string("readings.0.publishedClass") == "II")
    }

    @Test("a class tells until when it is more than the last that is known")
    func age() throws {
        var mill = Town.entities.compactMap { entity in
            if case .section(let section) = entity, section.id.rawValue == "mill" { section } else { nil }
        }.first
        mill = mill.map {
            Section(
                id: $0.id, name: $0.name, river: $0.river, reach: $0.reach, body: $0.body,
                targetClass: $0.targetClass, place: $0.place, expectedHours: 6)
        }
        try world.apply([Record(.section(try #require(mill)))])
        try measured("bridge", hours: 0, [.ammoniaNitrogen: Measurement(0.4)])
        try measured("mill", hours: 1, [.ammoniaNitrogen: Measurement(1.2)], period: .hour)
        func hours(_ count: Int) -> String { (Life.noon + .seconds(3600 * count)).description }
        let river = try world.ask("/api/rivers/canal")
        #expect(river.string("class") == "IV" && river.string("classObservedAt") == hours(1))
        // The hour itself, and six more.
        #expect(river.string("classCurrentUntil") == hours(8))
        #expect(
            river.string("sections.0.latest.currentUntil") == hours(24), "where the registry says nothing")
        #expect(river.string("sections.1.latest.currentUntil") == hours(8))
        #expect(try world.ask("/api/reaches/canal.east").string("classCurrentUntil") == hours(24))
        let lake = try world.ask("/api/rivers/lake")
        #expect(lake.isNull("classObservedAt") && lake.isNull("classCurrentUntil"))
    }
}
