import HTTP
import Models
import Processing
import Testing
import Text

@testable import Disclosure

@Suite("A corrected reading keeps its former values visible")
struct VersionsTests {
    private static let key = ReadingKey(
        section: Town.id("bridge"), observedAt: Life.noon, period: .instant, origin: .automatic)
    private let world: World
    private var reading = Reading(Self.key)

    init() throws {
        world = try World()
        let laboratory = Gateway(
            id: Town.id("laboratory"), name: Name(zh: "实验室（示例）", en: "Laboratory (sample)"), channel: .app,
            scopes: [.readings], addresses: [try #require(AddressBlock("192.0.2.0/24"))])
        try world.apply([Record(.gateway(laboratory))])
    }

    /// What came so many minutes after the observation; the assessment is on the log as Analytics writes it.
    private mutating func report(
        minute: Int, _ measurements: [Parameter: Measurement], by gateway: String?, source: String? = nil
    ) throws {
        let report = Report(
            section: Self.key.section, gateway: gateway.map { Town.id($0) }, observedAt: Life.noon,
            source: source, measurements: measurements)
        reading.take(report, reportedAt: Life.noon + .seconds(60 * minute))
        try world.apply([Record(Assessment(reading, of: .river))])
    }

    private func ask(_ query: String = "?versions=true") throws -> Reply {
        try world.ask("/api/sections/bridge/readings\(query)")
    }

    @Test("what is stored of a reading is byte for byte what Codable writes, and read the same")
    mutating func coding() throws {
        func isSame<Value: Codable & Equatable & JSONReadable & JSONWritable>(_ value: Value) throws -> Bool {
            let bytes = JSON.encode(value)
            return try bytes == JSON.encodeByCodable(value)
                && JSON.decode(Value.self, from: bytes) == value
        }
        let pH = Measurement(.measured(7), flag: .suspect)
        let below = Measurement(.below(0.002), written: "0.0020L")
        try report(minute: 1, [.volatilePhenol: below, .pH: pH], by: "laboratory", source: "\"水文站\"")
        let former = PublishedReading(Assessment(reading, of: .river))
        try report(minute: 5, [.volatilePhenol: Measurement(.measured(0.004), status: .valid)], by: nil)
        var now = PublishedReading(Assessment(reading, of: .river))
        let lost = now.replace(former)
        #expect(now.corrected == [.volatilePhenol] && lost.count == 1)
        #expect(try isSame(former) && isSame(now))
        #expect(try lost.allSatisfy(isSame))
    }

    @Test("every version: what it was, who sent it, when it was received, and whether it stands")
    mutating func versions() throws {
        try report(
            minute: 1,
            [.volatilePhenol: Measurement(.below(0.002), written: "0.0020L"), .pH: Measurement(7)],
            by: "laboratory", source: "水文站")
        try report(minute: 5, [.volatilePhenol: Measurement(.measured(0.004), flag: .suspect)], by: "unknown")
        try report(
            minute: 9, [.volatilePhenol: Measurement(.measured(0.003), status: .valid)], by: "laboratory")
        let reply = try ask()
        #expect(reply.column("readings.0.versions", "parameter") == ["w01001", "w23002", "w23002", "w23002"])
        #expect(reply["readings.0.versions.0.stands"] as? Bool == true)
        #expect(reply.string("readings.0.versions.0.status") == "provisional")

        let first = "readings.0.versions.1"
        #expect(reply.number("\(first).below") == 0.002 && reply.string("\(first).written") == "0.0020L")
        #expect(reply["\(first).value"] == nil)
        #expect(reply.string("\(first).sender.id") == "laboratory")
        #expect(reply.string("\(first).sender.name.zh") == "实验室（示例）")
        #expect(reply.string("\(first).source") == "水文站")
        #expect(reply.string("\(first).receivedAt") == (Life.noon + .seconds(60)).description)
        #expect(reply["\(first).stands"] as? Bool == false)

        let second = "readings.0.versions.2"
        #expect(reply.number("\(second).value") == 0.004 && reply.string("\(second).flag") == "suspect")
        #expect(reply.string("\(second).sender.name.zh") == "unknown")

        let third = "readings.0.versions.3"
        #expect(reply.number("\(third).value") == 0.003 && reply.string("\(third).status") == "valid")
        #expect(reply.string("\(third).receivedAt") == (Life.noon + .seconds(540)).description)
        #expect(reply["\(third).stands"] as? Bool == true)
        #expect(reply.number("readings.0.values.w23002") == 0.003)
    }

    @Test("only a new figure is a correction; a review of the same figure is a version and no more")
    mutating func corrected() throws {
        try report(minute: 1, [.pH: Measurement(7), .ammoniaNitrogen: Measurement(1)], by: "laboratory")
        #expect(try ask("")["readings.0.corrected"] == nil)
        try report(minute: 2, [.pH: Measurement(.measured(7), status: .valid)], by: "laboratory")
        #expect(try ask("")["readings.0.corrected"] == nil)
        #expect(try ask().column("readings.0.versions", "status") == ["provisional", "valid", "provisional"])
        try report(minute: 3, [.ammoniaNitrogen: Measurement(2)], by: "laboratory")
        try report(minute: 4, [.ammoniaNitrogen: Measurement(1)], by: "laboratory")
        #expect(try ask("").strings("readings.0.corrected") == ["w21003"], "also where it is as it was first")
        #expect(try ask("")["readings.0.versions"] == nil)
    }

    @Test("what says nothing new leaves no version")
    mutating func repeats() throws {
        for minute in 1...3 { try report(minute: minute, [.pH: Measurement(7)], by: "laboratory") }
        #expect(try ask().count("readings.0.versions") == 1)
    }

    @Test("a reading that was taken back is told with its versions, and not without them")
    mutating func withdrawn() throws {
        try report(minute: 1, [.pH: Measurement(7)], by: "laboratory")
        try report(minute: 2, [.pH: Measurement(.withdrawn)], by: nil)
        #expect(try ask("").count("readings") == 0)
        let reply = try ask()
        #expect(reply.number("readings.0.versions.0.value") == 7)
        #expect(reply["readings.0.versions.1.withdrawn"] as? Bool == true)
        #expect(reply.isNull("readings.0.versions.1.sender"))
    }

    @Test("versions stand with their own reading, also among those of one moment")
    mutating func accounts() throws {
        try report(minute: 1, [.pH: Measurement(7)], by: "laboratory")
        try report(minute: 2, [.pH: Measurement(8)], by: "laboratory")
        try world.apply([
            Record(Assessment("bridge", hours: 0, period: .day, measurements: [.pH: Measurement(6.5)]))
        ])
        let reply = try ask()
        #expect(reply.count("readings") == 2)
        #expect(reply.count("readings.0.versions") == 2 && reply.count("readings.1.versions") == 1)
        #expect(reply.string("readings.1.period") == "day")
    }

    @Test("as a table: a row for each version")
    mutating func table() throws {
        try report(
            minute: 1, [.ammoniaNitrogen: Measurement(.below(0.01), written: "0.01L")], by: "laboratory")
        try report(minute: 2, [.ammoniaNitrogen: Measurement(2)], by: "laboratory", source: "=1")
        let text = try world.ask("/api/sections/bridge/readings.csv?versions=true").text
        let at = Life.noon
        #expect(
            text == "\u{FEFF}observedAt,period,origin,parameter,value,unit,flag,status,stands,sender,source,"
                + "receivedAt\r\n"
                + "\(at),instant,automatic,w21003,0.01L,mg/L,valid,provisional,no,实验室（示例）,,"
                + "\(at + .seconds(60))\r\n"
                + "\(at),instant,automatic,w21003,2.0,mg/L,valid,provisional,yes,实验室（示例）,'=1,"
                + "\(at + .seconds(120))\r\n")
    }

    @Test("what the author wrote is shown with his unit: below a limit, beyond a range, with a star")
    mutating func written() throws {
        let measurements: [Parameter: Measurement] = [
            .ammoniaNitrogen: Measurement(.below(0.025), written: "25L", unit: "μg/L"),
            .faecalColiforms: Measurement(.measured(24_000), flag: .overRange, written: ">24000"),
            .dissolvedOxygen: Measurement(.measured(7.5), written: "7.5*"), .pH: Measurement(7),
        ]
        try report(minute: 1, measurements, by: "laboratory")
        let reply = try ask()
        func shown(_ place: Int) -> [String?] {
            ["parameter", "written", "unit"].map { reply.string("readings.0.versions.\(place).\($0)") }
        }
        #expect(shown(0) == ["w01001", nil, nil])
        #expect(shown(1) == ["w01009", "7.5*", nil])
        #expect(shown(2) == ["w21003", "25L", "μg/L"])
        #expect(shown(3) == ["w02003", ">24000", nil])
        let table = try world.ask("/api/sections/bridge/readings.csv?versions=true").text
        for row in ["w01009,7.5*,mg/L,valid", ",>24000,", "w21003,25L,μg/L,valid"] {
            #expect(table.contains(row), "\(row)")
        }
    }

    @Test("versions is true or false")
    func question() throws {
        let wrong = try ask("?versions=1")
        #expect(wrong.status == 400 && wrong.column("errors", "field") == ["versions"])
        #expect(try ask("?versions=false").status == 200)
    }

    @Test("texts of a former value are redacted as those of the one that stands")
    mutating func redaction() throws {
        try report(minute: 1, [.pH: Measurement(7)], by: "laboratory", source: "张 13000000000")
        try report(minute: 2, [.pH: Measurement(8)], by: "laboratory", source: "另一处")
        #expect(try world.holds("13000000000") == false)
        #expect(try ask().string("readings.0.versions.0.source")?.contains("▇") == true)
    }

    @Test("a gateway is known to the public by its name: neither its scopes nor its addresses are stored")
    func gateway() throws {
        #expect(try world.holds("实验室（示例）"))
        #expect(try world.holds("192.0.2.0") == false)
    }
}
