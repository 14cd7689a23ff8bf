import Foundation
import Models
import Support
import Testing
import Text

@Suite("Summaries can be added in any order, and taken away")
struct SummaryProperties {
    private static let parameters: [Parameter] = [
        .pH, .ammoniaNitrogen, .waterTemperature, .mercury, .algalDensity,
    ]

    private func value(_ parameter: Parameter, _ random: inout SplitMix64) -> CountedReading.Value {
        let figure: Double =
            switch parameter {
            case .pH: Double.random(in: 3...11, using: &random)
            case .waterTemperature: Double.random(in: -5...40, using: &random)
            case .mercury: Double.random(in: 0...0.001, using: &random)
            case .algalDensity: Double.random(in: 0...1e12, using: &random)
            default: (Double.random(in: 0...3, using: &random) * 1000).rounded() / 1000
            }
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return CountedReading.Value(figure: nil)
        case 1: return CountedReading.Value(figure: figure, isBelow: parameter != .pH)
        default: return CountedReading.Value(figure: figure, isProvisional: .random(using: &random))
        }
    }

    private func reading(_ hour: Int, _ random: inout SplitMix64) -> CountedReading {
        let present = Self.parameters.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
        var values: ByParameter<CountedReading.Value> = [:]
        for parameter in present { values[parameter] = value(parameter, &random) }
        return CountedReading(
            observedAt: Instant(millisecondsSince1970: Int64(hour) * 3_600_000),
            series: Series(
                origin: Origin.allCases.randomElement(using: &random) ?? .manual,
                period: Period.allCases.randomElement(using: &random) ?? .hour),
            values: values)
    }

    private func days(_ random: inout SplitMix64) -> [Summary] {
        (0..<Int.random(in: 1...20, using: &random)).map { _ in
            var readings: [CountedReading] = []
            for hour in 0..<Int.random(in: 0...30, using: &random) { readings.append(reading(hour, &random)) }
            return Summary(day: readings)
        }
    }

    private func sum(_ summaries: [Summary]) -> Summary { summaries.reduce(Summary(), +) }

    @Test("partial sums in any order and split equal one pass")
    func anyOrder() {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            let days = days(&random)
            let whole = sum(days)
            #expect(sum(days.shuffled(using: &random)) == whole, "seed \(seed)")
            let parts = Dictionary(grouping: days) { _ in Int.random(in: 0..<4, using: &random) }
            #expect(sum(parts.values.map(sum)) == whole, "seed \(seed)")
        }
    }

    @Test("a corrected day in place of the former equals adding up again; without all days nothing is left")
    func corrections() {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            var days = days(&random)
            var month = sum(days)
            for _ in 0..<10 {
                let place = Int.random(in: days.indices, using: &random)
                let corrected = self.days(&random)[0]
                month = month - days[place] + corrected
                days[place] = corrected
            }
            #expect(month == sum(days), "seed \(seed)")
            #expect(days.reduce(month, -) == Summary(), "seed \(seed)")
        }
    }

    @Test("a day from which readings are taken away is the day without them")
    func takenAway() {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let readings = (0..<20).map { reading($0, &random) }
            var totals = DayTotals()
            for reading in readings { totals.add(reading) }
            #expect(totals.summary == Summary(day: readings), "seed \(seed)")
            for reading in readings[5...] { totals.remove(reading) }
            #expect(totals.summary == Summary(day: readings[..<5]), "seed \(seed)")
            for reading in readings[..<5] { totals.remove(reading) }
            #expect(totals == DayTotals() && totals.summary.isEmpty, "seed \(seed)")
        }
    }

    @Test("a day does not depend on the order of its readings")
    func readingsOfADay() {
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            var readings: [CountedReading] = []
            for hour in 0..<24 { readings.append(reading(hour, &random)) }
            #expect(
                Summary(day: readings) == Summary(day: readings.shuffled(using: &random)), "seed \(seed)")
        }
    }

    @Test("as JSON: both codecs write and read the same")
    func json() throws {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let summary = DaySummary(
                section: try #require(SectionID("s1")), day: Day(daysSince1970: Int(seed) * 37),
                summary: sum(days(&random)))
            let bytes = JSON.encode(summary)
            #expect(bytes == JSON.encodeByCodable(summary), "seed \(seed)")
            #expect(try JSON.decode(DaySummary.self, from: bytes) == summary, "seed \(seed)")
            #expect(try JSON.decodeByCodable(DaySummary.self, from: bytes) == summary, "seed \(seed)")
            #expect(try DaySummary(bytes, key: summary.key) == summary)
        }
    }

    @Test("as bytes for a store: read back the same, and other bytes never trap")
    func packed() throws {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let summary = sum(days(&random))
            let bytes = summary.packed
            #expect(try Summary(packed: bytes) == summary, "seed \(seed)")
            #expect(bytes.count <= JSON.encode(summary).count, "seed \(seed)")
            for length in bytes.indices {
                #expect(throws: Malformed.self, "seed \(seed)") {
                    try Summary(packed: Array(bytes[..<length]))
                }
            }
            #expect(throws: Malformed.self) { try Summary(packed: bytes + [0]) }
            var other = bytes
            let place = Int.random(in: other.indices, using: &random)
            other[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            _ = try? Summary(packed: other)
        }
    }

    @Test("as bytes: a sum that needs more than eight bytes, below zero and above", arguments: [-5.0, 40])
    func packedWide(_ figure: Double) throws {
        let readings = (0..<24).map { hour in
            CountedReading(
                observedAt: Instant(millisecondsSince1970: Int64(hour) * 3_600_000),
                series: Series(origin: .automatic, period: .hour),
                values: [.waterTemperature: .init(figure: figure, isBelow: true, isProvisional: true)])
        }
        let day = Summary(day: readings)
        #expect(try Summary(packed: day.packed) == day)
    }

    @Test("exact sums as text")
    func sums() {
        #expect(ExactSum(figure: 51.23).description == "51.23")
        #expect(ExactSum(figure: -5).description == "-5" && ExactSum.zero.description == "0")
        #expect(ExactSum(figure: 1e12).description == "1000000000000")
        #expect(ExactSum(ions: 1e-7).description == "0.0000001")
        #expect(ExactSum("-0.5") == ExactSum(figure: -0.5))
        let large = (0..<10_000).reduce(ExactSum.zero) { sum, _ in sum + ExactSum(figure: -1e12) }
        #expect(large.description == "-10000000000000000" && ExactSum(large.description) == large)
        // Before the point it has more than 64 bits.
        let largest = (0..<12).reduce(large) { sum, _ in sum + sum }
        #expect(largest.description == "-40960000000000000000")
        let tenth = (0..<10).reduce(ExactSum.zero) { sum, _ in sum + ExactSum(figure: 0.1) }
        #expect(tenth == ExactSum(figure: 1))
        let wrong = [
            "", "-", ".5", "5.", "1e3", "0x1", "1.2.3", "--1", "0.1234567890123456789", "９",
            String(repeating: "9", count: 40),
        ]
        for text in wrong { #expect(ExactSum(text) == nil, "\(text)") }
    }

    @Test("a summary that can't be true is refused, and one under another key")
    func faults() throws {
        func read(_ figures: String, key: String = "s1/2026-07-09") throws -> DaySummary {
            let series = #"{"figures":{"w01001":{\#(figures)}},"origin":"manual","period":"hour"}"#
            return try DaySummary(
                Array(#"{"day":"2026-07-09","section":"s1","summary":{"series":[\#(series)]}}"#.utf8),
                key: key)
        }
        #expect(throws: Never.self) { try read(#""count":2,"sum":"0.5","days":1"#) }
        #expect(throws: Malformed.self) { try read(#""count":-2"#) }
        #expect(throws: Malformed.self) { try read(#""count":1,"below":2"#) }
        #expect(throws: Malformed.self) { try read(#""count":1,"sum":"x""#) }
        #expect(throws: Malformed.self) { try read(#""count":1"#, key: "s1/2026-07-10") }
    }
}
