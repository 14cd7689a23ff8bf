import Models
import Testing

@testable import Intake

@Suite("Stations at outfalls: sources of waste water (HJ 212, ST=32)")
struct OutfallStationTests {
    private typealias Segment = StationCounter

    private func counter(takes: [Station.Series] = [.hours, .days]) -> StationCounter {
        var counter = StationCounter(stations: [])
        let station = StationCounter.station("mill-meter", device: StationCounter.device, takes: takes)
        counter.dialogue.adopt(StationDirectory([station], outfalls: [station.section]))
        return counter
    }

    private static let hour =
        "DataTime=20261129090000;w00000-Avg=12.5,w00000-Flag=N;w01018-Avg=62,w01018-Flag=N;"
        + "w21003-Avg=1.5,w21003-Flag=M"

    private static func refusal(_ code: Int) -> String {
        "QN=20261129100000000;ST=91;CN=9011;PW=\(Segment.password);MN=\(Segment.device);Flag=8;"
            + "CP=&&QnRtn=\(code)&&"
    }

    @Test("an hour and a day of an outfall become readings of it")
    func data() throws {
        for (command, period) in [("2061", Period.hour), ("2031", .day)] {
            var counter = counter()
            let segment = Segment.segment(st: "32", cn: command, cp: Self.hour)
            let report = try #require(counter.hear(segment).taken.first?.report)
            #expect(report.period == period && report.section.rawValue == "bridge")
            #expect(report.measurements[.flow]?.figure == 12.5)
            #expect(report.measurements[.chemicalOxygenDemand]?.figure == 62)
            #expect(report.measurements[.ammoniaNitrogen]?.flag == .maintenance)
        }
    }

    @Test("the codes of HJ/T 212-2005 mean the same")
    func formerCodes() throws {
        var counter = counter()
        let inside = "DataTime=20261129090000;B01-Avg=12.5;011-Avg=62;060-Avg=1.5;003-Avg=20;001-Avg=7.1"
        let segment = Segment.segment(st: "32", cp: inside)
        let report = try #require(counter.hear(segment).taken.first?.report)
        #expect(
            report.measurements.figures == [
                .flow: 12.5, .chemicalOxygenDemand: 62, .ammoniaNitrogen: 1.5, .suspendedSolids: 20, .pH: 7.1,
            ])
    }

    @Test("present values and means of minutes are acknowledged and are no readings")
    func notTaken() {
        for command in ["2011", "2051"] {
            var counter = counter()
            let reactions = counter.hear(Segment.segment(st: "32", cn: command, cp: Self.hour))
            #expect(reactions.taken.isEmpty && reactions.answers.count == 1)
            #expect(counter.dialogue.counts == [.notTaken: 1])
        }
    }

    @Test("another system number is refused, and the operator is told", arguments: ["21", "22", "31"])
    func wrongSystem(system: String) {
        var counter = counter()
        let reactions = counter.hear(Segment.segment(st: system, cp: Self.hour))
        #expect(reactions.taken.isEmpty && reactions.answers == [Self.refusal(5)])
        #expect(reactions.told.map(\.reason) == ["it is at an outfall and sends ST=\(system) instead of 32"])
        #expect(counter.dialogue.counts == [.bad: 1])
        // Its heartbeat is answered: it is known.
        #expect(counter.hear(Segment.segment(st: system, cn: "9015", cp: "")).answers.count == 1)
    }

    @Test("a section's station may send any system number, as before", arguments: ["21", "32"])
    func sections(system: String) {
        var counter = StationCounter()
        #expect(counter.hear(Segment.segment(st: system, cp: Self.hour)).taken.count == 1)
    }

    @Test("missed hours are asked for as from a source of waste water")
    func missed() throws {
        var counter = counter()
        let first = try #require(counter.hear(Segment.segment(st: "32", cp: Self.hour)).taken.first)
        let asked = counter.dialogue.stored(first, at: counter.now)
        #expect(asked.sent.allSatisfy { $0.contains(";ST=32;CN=2061;") } && !asked.sent.isEmpty)
    }
}
