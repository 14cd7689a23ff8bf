import Models
import Testing
import Text

@testable import Intake

@Suite("Which hours are asked for again")
struct MissedHoursTests {
    private typealias Segment = StationCounter
    private static let hour = "DataTime=20261129090000;w01001-Avg=7.1,w01001-Flag=N"

    private func store(_ counter: inout StationCounter, _ time: String) -> [StationDialogue.Reaction] {
        let taken = counter.hear(Segment.segment(cp: "DataTime=\(time);w01001-Avg=7")).taken
        return taken.flatMap { counter.dialogue.stored($0, at: counter.now) }
    }

    private static func request(_ from: String, _ to: String) -> String {
        "QN=20261129100000000;ST=21;CN=2061;PW=s3cret;MN=\(Segment.device);Flag=9;"
            + "CP=&&BeginTime=\(from),EndTime=\(to)&&"
    }

    @Test("hours that are missing are asked for: since the last one, or a day back after a start")
    func missed() {
        var counter = StationCounter()
        #expect(store(&counter, "20261129050000").sent == [Self.request("20261128050000", "20261129040000")])
        let done = Segment.segment(cn: "9011", flag: 8, cp: "QnRtn=1")
        #expect(counter.hear(done).isEmpty)
        #expect(store(&counter, "20261129060000").sent.isEmpty, "nothing is missing between")
        #expect(store(&counter, "20261129030000").sent.isEmpty, "it is older than what is there")
        #expect(store(&counter, "20261129090000").sent == [Self.request("20261129070000", "20261129080000")])
    }

    @Test("a request is made three times, then given up and told")
    func repeated() {
        var counter = StationCounter()
        #expect(store(&counter, "20261129050000").sent.count == 1)
        for _ in 0..<2 {
            #expect(counter.dialogue.tick(at: counter.now).sent.isEmpty)
            counter.now = counter.now + .seconds(10)
            #expect(
                counter.dialogue.tick(at: counter.now).sent == [
                    Self.request("20261128050000", "20261129040000")
                ])
        }
        counter.now = counter.now + .seconds(10)
        let last = counter.dialogue.tick(at: counter.now)
        #expect(last.sent.isEmpty && last.told.map(\.subject) == [.missedHours])
    }

    @Test("who refuses a request is not asked again for the same hours")
    func refused() {
        var counter = StationCounter()
        _ = store(&counter, "20261129050000")
        let told = counter.hear(Segment.segment(cn: "9011", flag: 8, cp: "QnRtn=8")).told
        #expect(told.map(\.subject) == [.missedHours])
        counter.now = counter.now + .seconds(60)
        #expect(counter.dialogue.tick(at: counter.now).isEmpty)
    }

    @Test("nothing is asked for where the setting says so, or where other series are taken")
    func notAsked() {
        var counter = StationCounter(StationDialogue.Settings(askBack: .zero))
        #expect(store(&counter, "20261129050000").isEmpty)
        counter = StationCounter()
        let taken = counter.hear(
            Segment.segment(cn: "2011", mn: "T1_mill", cp: Self.hour), from: Segment.home
        ).taken
        #expect(taken.count == 1 && taken.flatMap { counter.dialogue.stored($0, at: counter.now) }.isEmpty)
    }
}
