import Models
import Testing

@testable import Operator

@Suite("dayu stations: what all instances say of the stations")
struct StationsReportTests {
    private static let now = Instant(millisecondsSince1970: 1_795_917_600_000)

    private func station(_ id: String, heard minutes: Int64?) throws -> StationStanding {
        var standing = StationStanding(try #require(StationID(id)))
        standing.heardAt = minutes.map { Self.now - .seconds(60 * $0) }
        standing.frames = minutes == nil ? 0 : 200
        return standing
    }

    private func report(
        _ instances: [[StationStanding]], unknown: [UnknownDevice] = [], fault: String? = nil
    ) -> StationsReport {
        var answers = instances.enumerated().map { number, stations in
            StationCheck.Answer(
                address: "127.0.0.1:\(9000 + number)",
                standings: StationStandings(at: Self.now, stations: stations, unknown: unknown), fault: nil)
        }
        if let fault { answers.append(.init(address: "127.0.0.1:9", standings: nil, fault: fault)) }
        return StationsReport(answers)
    }

    @Test("dayu status warns of a station that no instance hears")
    func warnings() throws {
        var silent = try station("a", heard: 300)
        silent.isSilent = true
        var never = try station("b", heard: nil)
        never.isSilent = true
        let heard = try station("a", heard: 2)
        #expect(
            report([[silent, never]]).warnings(at: Self.now) == [
                "station a is silent, it was heard 5 h 0 min ago", "station b is silent, it was heard never",
            ])
        #expect(report([[silent], [heard]]).warnings(at: Self.now) == [])
    }

    @Test("a station is where it was heard last, and silent where nobody hears it")
    func merged() throws {
        var old = try station("a", heard: 300)
        old.isSilent = true
        old.address = "192.0.2.1"
        old.badFrames = 1
        old.lastError = "old"
        old.lastErrorAt = Self.now - .seconds(9)
        var new = try station("a", heard: 2)
        new.isConnected = true
        new.address = "192.0.2.2"
        new.badFrames = 1
        new.observedAt = Self.now - .seconds(3600)
        let one = report([[old], [new]])
        #expect(one.stations.count == 1 && one.isWell && one.doors == 2)
        let standing = one.stations[0]
        #expect(standing.isConnected && !standing.isSilent && standing.address == "192.0.2.2")
        #expect(standing.frames == 400 && standing.badFrames == 2 && standing.lastError == "old")
        let lines = one.text(at: Self.now).split(separator: "\n").map(String.init)
        #expect(lines.count == 2)
        for word in ["connected", "2 min ago", "1 h 0 min ago", "0.5 %", "400", "192.0.2.2", "old"] {
            #expect(lines[1].contains(word), "\(lines[1])")
        }
        #expect(!report([[old], [old]]).isWell)
        #expect(report([[old]]).text(at: Self.now).contains("1 station is silent."))
    }

    @Test("who was never heard, who is not in the registry, and who does not answer")
    func others() throws {
        let device = UnknownDevice(
            device: "\u{1B}[2Jevil", address: "192.0.2.9", heardAt: Self.now - .seconds(60), frames: 3)
        let report = report([[try station("a", heard: nil)]], unknown: [device], fault: "connection refused")
        let text = report.text(at: Self.now)
        #expect(text.contains("away") && text.contains("never") && text.contains("Not in the registry:"))
        #expect(text.contains("\\u{1B}[2Jevil") && !text.contains("\u{1B}"))
        #expect(text.contains("127.0.0.1:9: connection refused") && !report.isWell)
    }

    @Test("no door, and no station that may call, are said")
    func nothing() {
        #expect(report([]).text(at: Self.now).contains("No Intake listens for stations"))
        #expect(report([[]]).text(at: Self.now).contains("none may connect"))
    }
}
