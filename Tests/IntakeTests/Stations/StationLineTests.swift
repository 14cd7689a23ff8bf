import Models
import Testing
import Text

@testable import Intake

@Suite("Which line a station is on, and when it is silent")
struct StationLineTests {
    private typealias Segment = StationCounter
    private static let hour = "DataTime=20261129090000;w01001-Avg=7.1,w01001-Flag=N"

    @Test("the line on which a station was heard last is its line; the end of an old one ends nothing")
    func lines() {
        var counter = StationCounter()
        for line in [1, 2] { _ = counter.hear(Segment.segment(cn: "9015", cp: ""), on: line) }
        counter.dialogue.close(1, hasSpoken: true, at: counter.now)
        #expect(counter.dialogue.book[Segment.bridge.id].line == 2 && !counter.dialogue.isProved(1))
        counter.dialogue.close(2, hasSpoken: true, at: counter.now)
        #expect(!counter.dialogue.book.standings(at: counter.now).stations.contains { $0.isConnected })
    }

    @Test("several stations may speak on one line")
    func forwarder() {
        var counter = StationCounter()
        _ = counter.hear(Segment.segment(cn: "9015", cp: ""), from: Segment.home)
        _ = counter.hear(Segment.segment(cn: "9015", mn: "T1_mill", cp: ""), from: Segment.home)
        #expect(counter.dialogue.book.standings(at: counter.now).stations.allSatisfy { $0.isConnected })
    }

    @Test("a silent station is told once, and once that it is back")
    func silence() {
        var counter = StationCounter()
        _ = counter.hear(Segment.segment(cn: "9015", cp: ""))
        counter.now = counter.now + .seconds(7200)
        #expect(counter.dialogue.tick(at: counter.now).isEmpty)
        counter.now = counter.now + .seconds(1)
        #expect(
            counter.dialogue.tick(at: counter.now).told.map(\.station) == [
                Segment.bridge.id, Segment.mill.id,
            ])
        #expect(counter.dialogue.tick(at: counter.now).isEmpty)
        #expect(counter.dialogue.book.standings(at: counter.now).stations.allSatisfy { $0.isSilent })
        let reactions = counter.hear(Segment.segment(qn: nil, cn: "9015", cp: ""))
        #expect(reactions.told.map(\.subject) == [.heardAgain])
    }

    @Test("a station that left the registry is forgotten")
    func registry() {
        var counter = StationCounter()
        _ = counter.hear(Segment.segment(cn: "9015", cp: ""))
        counter.dialogue.adopt(StationDirectory([Segment.mill]))
        #expect(counter.dialogue.book.standings(at: counter.now).stations.map(\.station) == [Segment.mill.id])
        #expect(counter.hear(Segment.segment(cn: "9015", cp: "")).answers[0].hasSuffix("QnRtn=4&&"))
    }

    @Test("a clock that is wrong is told; old data are no wrong clock")
    func clocks() {
        let cases = [
            ("9015", "20261129100400000", 0), ("9015", "20261129100600000", 1),
            ("9015", "20261129090000000", 1),
            ("2061", "20261129060000000", 0), ("2061", "20261129130000000", 1), ("2061", "1617936069734", 0),
        ]
        for (cn, qn, count) in cases {
            var counter = StationCounter()
            let told = counter.hear(Segment.segment(qn: qn, cn: cn, cp: Self.hour)).told
            #expect(told.filter { $0.subject == .clock }.count == count, "\(cn) \(qn)")
        }
    }
}
