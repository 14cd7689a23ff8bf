import HTTP
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("Rivers, reaches, readings")
struct WaterTests {
    private func world(_ assessments: Assessment...) throws -> World {
        let world = try World()
        try world.apply(assessments.map { Record($0) })
        return world
    }

    @Test("the worst latest section gives a river its class, and each reach its own")
    func classes() throws {
        let world = try world(
            Assessment("bridge", hours: 0, [.ammoniaNitrogen: 3]),
            Assessment("bridge", hours: 2, [.ammoniaNitrogen: 0.4]),
            Assessment("mill", hours: 1, [.ammoniaNitrogen: 1.2]))
        let rivers = try world.ask("/api/rivers")
        #expect(rivers.column("rivers", "id") == ["lake", "canal"])
        #expect(rivers.isNull("rivers.0.class"))
        #expect(rivers.string("rivers.1.class") == "IV")
        #expect(rivers.string("rivers.1.targetClass") == "III")
        let shapes = try world.ask("/api/reaches.geojson")
        #expect(shapes.headers["Content-Type"] == "application/geo+json; charset=utf-8")
        #expect(shapes.string("type") == "FeatureCollection")
        #expect(shapes.string("features.0.properties.class") == "II")
        #expect(shapes.string("features.1.properties.class") == "IV")
        #expect(shapes.string("features.0.properties.riverName.zh") == "运河")
        #expect(shapes.string("features.0.geometry.type") == "MultiLineString")
    }

    @Test("a reading without a class, one from elsewhere and one that is out of date don't count")
    func currency() throws {
        let world = try world(
            Assessment("bridge", hours: 0, [.ammoniaNitrogen: 3]),
            Assessment("mill", hours: 31 * 24, [.pH: 7]),
            Assessment("mill", hours: 31 * 24 + 1, [.waterTemperature: 20]))
        let river = try world.ask("/api/rivers/canal")
        #expect(river.string("class") == "I")
        #expect(river.isNull("sections.0.latest"))
        #expect(
            river.string("sections.1.latest.observedAt") == (Life.noon + .seconds(31 * 86_400)).description)
    }

    @Test("a river's page: board, plan, reaches, chiefs, sections, complaints")
    func river() throws {
        let world = try world(Assessment("bridge", hours: 0, [.ammoniaNitrogen: 0.4, .pH: 7.5]))
        var open = Life(1)
        open.assign()
        var closed = Life(2)
        closed.assign(reach: "canal.west")
        closed.resolve()
        closed.rate(.satisfied)
        closed.close()
        try world.apply(open, closed)
        let reply = try world.ask("/api/rivers/canal")
        #expect(reply.string("name.zh") == "运河")
        #expect(reply.string("region.name.zh") == "北区")
        #expect(reply.number("lengthKilometres") == 12.5)
        #expect(reply.string("start") == "一")
        #expect(reply.isNull("policeChief"))
        #expect(reply.string("plan.title") == "新")
        #expect(reply.column("reaches", "id") == ["canal.east", "canal.west"])
        #expect(reply.number("reaches.0.openComplaints") == 1)
        #expect(reply.number("reaches.1.openComplaints") == 0)
        #expect(reply.column("chiefs", "id") == ["high", "low"])
        #expect(reply.string("chiefs.1.phone") == "+86 000 0000 0301")
        #expect(reply.isNull("chiefs.0.phone"))
        #expect(reply.string("sections.0.latest.class") == "II")
        #expect(reply.strings("sections.0.latest.decisive") == ["w21003"])
        #expect(reply.number("sections.0.latest.values.w01001") == 7.5)
        #expect(reply.count("complaints") == 2)
        #expect(reply.number("openComplaints") == 1)
        #expect(reply.number("satisfaction") == 1)
        let row = try world.ask("/api/rivers")
        #expect(row.number("rivers.1.complaints") == 2)
        #expect(row.number("rivers.1.openComplaints") == 1)
        #expect(try world.ask("/api/rivers/none").status == 404)
        #expect(try world.ask("/api/rivers/NONE").status == 404)
    }

    @Test("a reach's page has the lowest chief first")
    func reach() throws {
        let world = try world(Assessment("bridge", hours: 0, [.ammoniaNitrogen: 0.4]))
        let reply = try world.ask("/api/reaches/canal.east")
        #expect(reply.string("river.id") == "canal")
        #expect(reply.string("class") == "II")
        #expect(reply.column("chiefs", "id") == ["low", "high"])
        #expect(reply.column("sections", "id") == ["bridge"])
        #expect(try world.ask("/api/reaches/canal").status == 404)
    }

    @Test("a complaint that moves to another reach is counted there")
    func moving() throws {
        var life = Life(1)
        life.assign(reach: "canal.east")
        life.assign(to: Life.high, reach: "canal.west", why: .escalated)
        let world = try World()
        try world.apply(life)
        let shapes = try world.ask("/api/reaches.geojson")
        #expect(shapes.number("features.0.properties.openComplaints") == 0)
        #expect(shapes.number("features.1.properties.openComplaints") == 1)
    }

    @Test("readings come newest first, between two moments, and no more than asked")
    func readings() throws {
        let world = try World()
        try world.apply((0..<60).map { Record(Assessment("bridge", hours: $0, [.pH: 7], source: "试验")) })
        let all = try world.ask("/api/sections/bridge/readings")
        #expect(all.count("readings") == 50)
        #expect(all.string("readings.0.observedAt") == (Life.noon + .seconds(59 * 3600)).description)
        #expect(all.string("readings.0.source") == "试验")
        #expect(all["readings.0.provisional"] as? Bool == true)
        #expect(all.string("section.id") == "bridge")
        let from = (Life.noon + .seconds(10 * 3600)).description
        let to = (Life.noon + .seconds(20 * 3600)).description
        let some = try world.ask("/api/sections/bridge/readings?from=\(from)&to=\(to)")
        #expect(some.count("readings") == 10)
        #expect(some.string("readings.9.observedAt") == from)
        #expect(try world.ask("/api/sections/bridge/readings?limit=3").count("readings") == 3)
        #expect(try world.ask("/api/sections/none/readings").status == 404)
        let wrong = try world.ask("/api/sections/bridge/readings?from=2026-11-23&to=x&limit=1001")
        #expect(wrong.status == 400)
        #expect(wrong.column("errors", "field").sorted() == ["from", "limit", "to"])
        let backwards = try world.ask("/api/sections/bridge/readings?from=\(to)&to=\(from)")
        #expect(backwards.column("errors", "field") == ["from"])
    }

    @Test("the same reading again changes nothing; judged anew it replaces")
    func repeats() throws {
        let world = try world(Assessment("bridge", hours: 0, [.totalPhosphorus: 0.15]))
        let version = try world.version
        try world.apply([Record(Assessment("bridge", hours: 0, [.totalPhosphorus: 0.15]))])
        #expect(try world.version == version)
        try world.apply([Record(Assessment("bridge", hours: 0, [.totalPhosphorus: 0.15], body: .lake))])
        #expect(try world.version == version + 1)
        let reply = try world.ask("/api/sections/bridge/readings")
        #expect(reply.count("readings") == 1)
        #expect(reply.string("readings.0.class") == "V")
    }

    @Test("readings of one moment stand side by side, and a page ends with the whole moment")
    func accounts() throws {
        let world = try world(
            Assessment("bridge", hours: 0, [.pH: 7]), Assessment("bridge", hours: 1, [.pH: 7]),
            Assessment("bridge", hours: 1, period: .hour, measurements: [.pH: Measurement(7.2)]),
            Assessment(
                "bridge", hours: 1, period: .day, origin: .manual,
                measurements: [.pH: Measurement(.measured(7.4), status: .valid)]),
            Assessment("bridge", hours: 2, [.pH: 7]))
        let all = try world.ask("/api/sections/bridge/readings")
        #expect(all.count("readings") == 5)
        let page = try world.ask("/api/sections/bridge/readings?limit=2")
        #expect(page.count("readings") == 4, "the moment of the second is told whole")
        #expect(page["readings.1.period"] == nil && page["readings.1.origin"] == nil)
        #expect(page.string("readings.2.period") == "hour")
        #expect(page.string("readings.3.period") == "day" && page.string("readings.3.origin") == "manual")
        #expect(page["readings.1.provisional"] as? Bool == true && page["readings.1.status"] == nil)
        #expect(page["readings.3.provisional"] as? Bool == false)
        #expect(page.string("readings.3.status.w01001") == "valid")
        let last = try #require(page.string("readings.3.observedAt"))
        #expect(try world.ask("/api/sections/bridge/readings?to=\(last)").count("readings") == 1)
    }

    @Test("what is below a limit is printed as it was written; what is flagged is told apart")
    func figures() throws {
        let world = try world(
            Assessment(
                "bridge", hours: 0,
                measurements: [
                    .volatilePhenol: Measurement(.below(0.002), written: "0.0020L"),
                    .totalPhosphorus: Measurement(.below(0.05), written: "50L", unit: "ug/L"),
                    .ammoniaNitrogen: Measurement(.measured(999.99), flag: .overRange), .pH: Measurement(7),
                ]))
        let reply = try world.ask("/api/sections/bridge/readings")
        #expect(reply.string("readings.0.class") == "II")
        #expect(reply.number("readings.0.values.w23002") == 0.001)
        #expect(reply.number("readings.0.below.w23002") == 0.002)
        #expect(reply.string("readings.0.written.w23002") == "0.0020L")
        #expect(reply.string("readings.0.written.w21011") == "0.05L", "in our unit")
        #expect(reply["readings.0.values.w21003"] == nil)
        #expect(reply.string("readings.0.flagged.w21003.flag") == "overRange")
        #expect(reply.number("readings.0.flagged.w21003.value") == 999.99)
        #expect(reply.string("section.latest.written.w23002") == "0.0020L")
        let table = try world.ask("/api/sections/bridge/readings.csv")
        #expect(table.text.hasSuffix("\(Life.noon),II,w21011,7.0,0.05L,0.0020L,\r\n"), "\(table.text)")
    }

    @Test("a reading of which everything was withdrawn is published no more")
    func withdrawn() throws {
        let world = try world(Assessment("bridge", hours: 0, [.pH: 7]))
        let gone = Assessment("bridge", hours: 0, measurements: [.pH: Measurement(.withdrawn)])
        let version = try world.version
        try world.apply([Record(gone)])
        #expect(try world.version == version + 1)
        #expect(try world.ask("/api/sections/bridge/readings").count("readings") == 0)
        #expect(try world.ask("/api/sections/bridge/readings").isNull("section.latest"))
        try world.apply([Record(gone)])
        #expect(try world.version == version + 1)
    }

    @Test("period, origin and status have a column where they are not as with most")
    func unusualColumns() throws {
        let world = try world(
            Assessment(
                "bridge", hours: 0, period: .day, origin: .manual,
                measurements: [.pH: Measurement(.measured(7), status: .valid)], source: "lab"))
        #expect(
            try world.ask("/api/sections/bridge/readings.csv").text
                == "\u{FEFF}section,observedAt,assessedClass,decisive,w01001 pH,source,period,origin,"
                + "status\r\n"
                + "bridge,\(Life.noon),I,w01001,7.0,lab,day,manual,valid\r\n")
    }

    @Test("the table opens in a spreadsheet and starts no formula there")
    func table() throws {
        let world = try world(
            Assessment("bridge", hours: 0, [.pH: 7, .ammoniaNitrogen: 0.4], source: "=1+1, \"x\""),
            Assessment("bridge", hours: 1, [.waterTemperature: -1.5]))
        let reply = try world.ask("/api/sections/bridge/readings.csv")
        #expect(reply.headers["Content-Type"] == "text/csv; charset=utf-8")
        #expect(
            reply.text
                == "\u{FEFF}section,observedAt,assessedClass,decisive,w01010 Water temperature (℃),w01001 pH,"
                + "w21003 Ammonia nitrogen (mg/L),source\r\n"
                + "bridge,\(Life.noon + .seconds(3600)),,,-1.5,,,\r\n"
                + "bridge,\(Life.noon),II,w21003,,7.0,0.4,\"'=1+1, \"\"x\"\"\"\r\n")
    }

    @Test("parameters carry the limits that decide, for rivers and lakes apart")
    func parameters() throws {
        let reply = try World().ask("/api/parameters")
        let codes = reply.column("parameters", "code")
        func path(_ parameter: Parameter) -> String {
            "parameters.\(codes.firstIndex(of: parameter.rawValue) ?? -1)"
        }
        #expect(codes.count == Parameter.allCases.count)
        #expect(reply[path(.dissolvedOxygen) + ".limits.river"] as? [Double] == [7.5, 6, 5, 3, 2])
        #expect(reply[path(.dissolvedOxygen) + ".inverted"] as? Bool == true)
        #expect(reply[path(.totalPhosphorus) + ".limits.lake"] as? [Double] == [0.01, 0.025, 0.05, 0.1, 0.2])
        #expect(reply.isNull(path(.totalNitrogen) + ".limits.river"))
        #expect(reply.isNull(path(.pH) + ".limits.river"))
        #expect(reply.string(path(.ammoniaNitrogen) + ".unit") == "mg/L")
        #expect(reply.string(path(.ammoniaNitrogen) + ".name.zh") == "氨氮")
    }
}
