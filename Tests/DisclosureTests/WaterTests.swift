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

    @Test("the table opens in a spreadsheet and starts no formula there")
    func table() throws {
        let world = try world(
            Assessment("bridge", hours: 0, [.pH: 7, .ammoniaNitrogen: 0.4], source: "=1+1, \"x\""),
            Assessment("bridge", hours: 1, [.waterTemperature: -1.5]))
        let reply = try world.ask("/api/sections/bridge/readings.csv")
        #expect(reply.headers["Content-Type"] == "text/csv; charset=utf-8")
        #expect(
            reply.text == "\u{FEFF}observedAt,class,decisive,w01010 Water temperature (℃),w01001 pH,"
                + "w21003 Ammonia nitrogen (mg/L),source\r\n"
                + "\(Life.noon + .seconds(3600)),,,-1.5,,,\r\n"
                + "\(Life.noon),II,w21003,,7.0,0.4,\"'=1+1, \"\"x\"\"\"\r\n")
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
