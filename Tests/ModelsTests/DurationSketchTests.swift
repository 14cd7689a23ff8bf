import Models
import Support
import Testing
import Text

@Suite("Percentiles of durations that can be added up")
struct DurationSketchTests {
    /// Times as they occur: seconds, hours, months, all the same, and a few far away from the others.
    private static func durations(_ random: inout SplitMix64) -> [Int64] {
        let count = Int.random(in: 1...400, using: &random)
        let kind = Int.random(in: 0...4, using: &random)
        return (0..<count).map { _ in
            switch kind {
            case 0: Int64.random(in: 0...60, using: &random)
            case 1: Int64.random(in: 3000...90_000, using: &random)
            case 2: Int64.random(in: 1...10, using: &random) << Int64.random(in: 0...28, using: &random)
            case 3: 86_400
            default: random.once(in: 30) ? 90_000_000 : Int64.random(in: 1...7200, using: &random)
            }
        }
    }

    @Test(
        "a percentile is off by at most 1 %, whatever the durations are", arguments: 0..<300 as Range<UInt64>)
    func error(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let durations = Self.durations(&random)
        let sketch = DurationSketch(durations)
        let sorted = durations.sorted()
        for fraction in [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.99, 1] {
            let rank = max(1, Int((fraction * Double(sorted.count)).rounded(.up)))
            let exact = Double(sorted[rank - 1])
            let said = try #require(sketch.percentile(fraction))
            let most = exact * DurationSketch.relativeError * (1 + 1e-9)
            #expect(abs(said - exact) <= most, "seed \(seed), \(fraction): \(said), exactly \(exact)")
        }
    }

    @Test("parts in any order and split give the sketch of the whole, and what was added can be taken away")
    func merging() {
        for seed in UInt64(0)..<100 {
            var random = SplitMix64(seed: seed)
            let durations = Self.durations(&random)
            let whole = DurationSketch(durations)
            var parts = [DurationSketch](repeating: DurationSketch(), count: 5)
            for one in durations { parts[Int.random(in: 0..<5, using: &random)].add(one) }
            parts.shuffle(using: &random)
            #expect(parts.reduce(DurationSketch(), +) == whole, "seed \(seed)")
            let rest = parts.dropFirst().reduce(whole, -)
            #expect(rest == parts[0], "seed \(seed)")
            #expect(whole - whole == DurationSketch() && whole.count == durations.count)
        }
    }

    @Test("without durations there is no percentile")
    func none() {
        #expect(DurationSketch().percentile(0.5) == nil)
    }

    @Test("both ways of writing it are the same, and what is no sketch is refused")
    func coding() throws {
        let sketch = DurationSketch([0, 1, 59, 3600, 3600, 31_536_000])
        #expect(JSON.encode(sketch) == JSON.encodeByCodable(sketch))
        #expect(try JSON.decode(DurationSketch.self, from: JSON.encode(sketch)) == sketch)
        for text in ["[1]", "[1,2,1,2]", "[-1,2]", "[99999,1]", "{}", "[1,2.5]"] {
            #expect(throws: Malformed.self, "\(text)") {
                try JSON.decode(DurationSketch.self, from: Array(text.utf8))
            }
        }
    }
}
