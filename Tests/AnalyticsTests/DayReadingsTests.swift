import Models
import Support
import Testing
import Text

@testable import Analytics

@Suite("The readings of a day")
struct DayReadingsTests {
    private static func reading(_ minute: Int, _ value: Double?) -> CountedReading {
        CountedReading(
            observedAt: Instant(millisecondsSince1970: Int64(minute) * 60_000),
            series: Series(origin: .automatic, period: .instant),
            values: value.map { [.ammoniaNitrogen: CountedReading.Value(figure: $0)] } ?? [:])
    }

    @Test("in any order, corrected and withdrawn, the sums kept equal those counted anew, live and restored")
    func recount() throws {
        for seed in UInt64(0)..<60 {
            var random = SplitMix64(seed: seed)
            var day = DayReadings()
            for step in 1...200 {
                let minute = Int.random(in: 0..<40, using: &random)
                let value: Double? =
                    random.once(in: 6) ? nil : Double(Int.random(in: 0...300, using: &random)) / 100
                _ = day.take(Self.reading(minute, value), version: random.once(in: 5) ? 1 : step)
                #expect(day.summary == Summary(day: day.entries.map(\.reading)), "seed \(seed)")
            }
            let times = day.entries.map(\.reading.observedAt)
            #expect(times == times.sorted() && Set(times).count == times.count, "seed \(seed)")
            let state = Summarising.State(readings: day, version: 7, isStale: true, published: seed)
            #expect(try Summarising.State(stored: state.stored) == state, "seed \(seed)")
        }
    }

    /// The same day with a value each minute, beside counting it anew at each reading.
    @Test("to take a day's readings one by one costs far less than to count the day anew at each")
    func growth() {
        let readings = (0..<1440).map { Self.reading($0, 0.5) }
        let clock = ContinuousClock()
        func time(_ summary: (DayReadings) -> Summary) -> Duration {
            clock.measure {
                var day = DayReadings()
                for reading in readings {
                    _ = day.take(reading, version: 1)
                    precondition(!summary(day).isEmpty)
                }
            }
        }
        let kept = time(\.summary)
        let anew = time { Summary(day: $0.entries.map(\.reading)) }
        #expect(kept * 10 < anew, "\(kept) beside \(anew)")
    }
}
