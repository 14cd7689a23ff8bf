import Models
import Testing

@testable import Intake

@Suite("What a station's packet says of the water")
struct StationDataTests {
    private static let time = "DataTime=20261129090000;"

    private func data(
        _ cp: String, series: Station.Series = .hours, station: Station = StationCounter.bridge,
        at now: Instant = StationCounter.opening
    ) -> StationData {
        StationData(Packet(StationCounter.segment(cp: cp)), of: station, as: series, at: now)
    }

    private func figures(_ cp: String, series: Station.Series = .hours) -> [Parameter: Double] {
        data(Self.time + cp, series: series).report?.measurements.figures ?? [:]
    }

    @Test("an hour of the section, at the time by Beijing's clocks, from the station")
    func hour() throws {
        let data = data("DataTime=20261129090000;w01001-Avg=7.15,w01001-Flag=N;w21003-Avg=0.42,w21003-Flag=N")
        let report = try #require(data.report)
        #expect(data.remarks.isEmpty)
        #expect(report.key.description == "bridge/2026-11-29T01:00:00.000Z/hour/automatic")
        #expect(report.station == StationCounter.bridge.id && report.source == "站")
        #expect(report.measurements == [.pH: Measurement(7.15), .ammoniaNitrogen: Measurement(0.42)])
    }

    @Test("each series has its period")
    func periods() {
        let periods = Station.Series.allCases.map {
            data(Self.time + "w01001-Rtd=7", series: $0).report?.period
        }
        #expect(periods == [.instant, .instant, .hour, .day])
    }

    @Test(
        "the forms that are in use mean the same",
        arguments: [
            "w01001-Avg=7.1,w01001-Flag=N", "w01001-Avg=7.1;w01001-Flag=N", "w01001-Flag=N,w01001-Avg=7.1",
            "w01001-Avg=7.1,Flag=N", "w01001-Avg=7.1,flag=N", "w01001-Avg=7.1",
            "W01001-Avg=7.1;W01001-Flag=N;",
            "001-Avg=7.1,001-Flag=N", "01001-Avg=7.1", " w01001-Avg = 7.1 ,w01001-Flag=N ", "w01001-avg=7.1",
            "w01001-Avg=7.1;w01001-Avg=7.1", "UTP=3;w01001-Avg=7.1;PTYPE=x",
            "w01001-Min=6,w01001-Avg=7.1,w01001-Max=8",
            "w01001-Rtd=7.1,w01001-Flag=N", "w01001-Rtd=9,w01001-Avg=7.1", "i13013-Info=水站;w01001-Avg=7.1",
            "w01001-Avg=0.71e1", "w01001-Avg=+7.10",
        ])
    func forms(cp: String) {
        #expect(figures(cp) == [.pH: 7.1], "\(cp)")
    }

    @Test("DataTime may stand last, or in the head")
    func timeAnywhere() {
        #expect(data("w01001-Avg=7.1;DataTime=20261129090000").report != nil)
        let head = StationCounter.segment(more: "DataTime=20261129090000;", cp: "w01001-Avg=7.1")
        #expect(
            StationData(Packet(head), of: StationCounter.bridge, as: .hours, at: StationCounter.opening)
                .report != nil)
    }

    @Test("of what is measured now the value of now counts, of a period its mean")
    func kinds() {
        let cp = "w01001-Rtd=7,w01001-Avg=8"
        #expect(figures(cp, series: .now) == [.pH: 7] && figures(cp, series: .days) == [.pH: 8])
    }

    @Test(
        "only what is flagged good is judged, and the flag is kept",
        arguments: [
            ("F", Measurement.Flag.stopped), ("M", .maintenance), ("S", .entered), ("D", .fault),
            ("P", .fault),
            ("C", .calibration), ("T", .overRange), ("B", .communication), ("x", .suspect), ("hd", .suspect),
        ])
    func flags(letter: String, flag: Measurement.Flag) throws {
        let data = data(Self.time + "w01019-Avg=999.99,w01019-Flag=\(letter)")
        let measurement = try #require(data.report?.measurements[.permanganateIndex])
        #expect(measurement.flag == flag && measurement.figure == nil)
        #expect(data.remarks.isEmpty == (flag != .suspect))
    }

    @Test(
        "what is left out is told",
        arguments: [
            ("w01009-Avg=-99", "w01009: -99.0 is outside"),
            ("w99999-Avg=1", "w99999 is not a known parameter"),
            ("a34004-Avg=1,a34004-Flag=N", "a34004 is not a known parameter"),
            ("w01009-Flag=D", "w01009 has a flag and no value"),
            ("w01009-Avg=abc", "\"abc\", which is not a number"),
            ("w01009-Avg=nan", "not a number"), ("w01009-Avg=0x1", "not a number"),
            ("w01009-Avg=1e999", "not a number"),
            ("w01009-Avg=7;w01009-Avg=8", "w01009-avg is there twice"),
            ("w01009-Avg=7,w01009-Flag=N;w01009-Flag=D", "w01009-flag is there twice"),
            ("w20120-Avg=0.00011", "w20120 has no unit in stations.csv"),
            ("w20144-Avg=0.00011", "w20144 has no unit in stations.csv"),
            ("w01016-Avg=12", "w01016 has no unit in stations.csv"),
        ])
    func leftOut(cp: String, said: String) {
        let data = data(Self.time + "\(cp);w01001-Avg=7.1")
        #expect(data.report?.measurements == [.pH: Measurement(7.1)])
        #expect(data.remarks.count == 1 && data.remarks[0].contains(said), "\(data.remarks)")
        #expect(self.data(Self.time + cp).report == nil)
    }

    @Test("results of checks, logs and states are no measurements of the river")
    func checks() {
        for cp in ["w01001-Check=7,w01001-StandardValue=7", "SB1-RS=1", "i11001-Info=//ok//", ""] {
            let data = data(Self.time + cp)
            #expect(data.report == nil && data.remarks.isEmpty, "\(cp): \(data.remarks)")
        }
    }

    @Test("a value comes in the unit that the registry names for the device, and no digit is lost")
    func units() throws {
        let lead = data(
            Self.time + "w20120-Rtd=0.7,w20120-Flag=N;w20115-Rtd=0.00001", series: .now,
            station: StationCounter.mill)
        let measurements = try #require(lead.report?.measurements)
        #expect(measurements.figures == [.lead: 0.0007, .cadmium: 0.00001])
        #expect(measurements[.lead]?.written == "0.7" && measurements[.lead]?.unit == "μg/L")
    }

    @Test("two codes of one parameter: its own is taken, and it is told")
    func twoCodes() {
        for cp in ["w20122-Avg=0.1;w20138-Avg=0.2", "w20138-Avg=0.2;w20122-Avg=0.1"] {
            #expect(figures(cp) == [.copper: 0.1])
            #expect(data(Self.time + cp).remarks.count == 1)
        }
    }

    @Test("below a limit of detection", arguments: ["0.01L", "<0.01"])
    func below(text: String) {
        let measurement = data(Self.time + "w21003-Avg=\(text)").report?.measurements[.ammoniaNitrogen]
        #expect(measurement == Measurement(.below(0.01), written: text))
    }

    @Test("when the sample was taken is told apart from the time of the reading")
    func samples() {
        let cp =
            "w21003-SampleTime=20261129050000,w21003-Avg=0.4;w01001-SampleTime=20261129090000,w01001-Avg=7"
        let measurements = data(Self.time + cp).report?.measurements
        #expect(measurements?[.ammoniaNitrogen]?.sampledAt?.description == "2026-11-28T21:00:00.000Z")
        #expect(measurements?[.pH]?.sampledAt == nil)
    }

    @Test("a time is that of the device's clocks, in the forms that devices write")
    func times() {
        let paris = StationCounter.station("p", device: "P", timeZone: "Europe/Paris")
        let cases: [(Station, String, String?)] = [
            (StationCounter.bridge, "20261129090000", "2026-11-29T01:00:00.000Z"),
            (StationCounter.bridge, "20261129090000123", "2026-11-29T01:00:00.123Z"),
            (StationCounter.bridge, "202611290900", "2026-11-29T01:00:00.000Z"),
            (paris, "20260709090000", "2026-07-09T07:00:00.000Z"),
            (paris, "20261129090000", "2026-11-29T08:00:00.000Z"),
            (StationCounter.bridge, "1617936069734", nil), (StationCounter.bridge, "20261329090000", nil),
            (StationCounter.bridge, "20261129240000", nil), (StationCounter.bridge, "2026112909000é", nil),
            (StationCounter.bridge, "", nil), (StationCounter.bridge, "2026-11-29 09", nil),
        ]
        for (station, text, expected) in cases {
            let clock = StationClock(station)
            #expect(clock.instant(text)?.description == expected, "\(text)")
            if expected != nil, let instant = clock.instant(text) {
                #expect(clock.text(instant).hasPrefix(text.prefix(14)))
            }
        }
    }

    @Test("a clock that is far ahead brings no reading; months of the past do")
    func ahead() {
        #expect(data("DataTime=20261129105900;w01001-Avg=7").report != nil)
        let future = data("DataTime=20261129110100;w01001-Avg=7")
        #expect(future.report == nil && future.timeFault?.contains("in the future") == true)
        #expect(data("DataTime=20260101000000;w01001-Avg=7").report != nil)
        for text in ["", "DataTime=;", "DataTime=soon;", "DataTime=20261329090000;"] {
            let untimed = data(text + "w01001-Avg=7")
            #expect(untimed.report == nil && untimed.remarks.isEmpty)
            #expect(untimed.timeFault == "the DataTime is missing or can't be read", "\(text)")
        }
    }

    @Test("text that can't be decoded costs no reading")
    func undecodable() {
        let gbk: [UInt8] = [0xCB, 0xAE, 0xD5, 0xBE]
        let segment =
            Array("ST=21;CN=2061;MN=x;CP=&&DataTime=20261129090000;i-Info=".utf8) + gbk
            + Array(";w01001-Avg=7.1&&".utf8)
        let data = StationData(
            Packet(segment), of: StationCounter.bridge, as: .hours, at: StationCounter.opening)
        #expect(data.report?.measurements.figures == [.pH: 7.1])
    }
}
