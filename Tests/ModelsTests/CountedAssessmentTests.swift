import Models
import Support
import Testing
import Text

@Suite("What is added up of an assessment")
struct CountedAssessmentTests {
    private static let section = SectionID(literal: "bridge")
    private static let at = Instant(millisecondsSince1970: 1_799_942_400_000)

    private func measurement(_ parameter: Parameter, _ random: inout SplitMix64) -> Measurement {
        let figure = Double.random(in: 0...14, using: &random)
        let value: Measurement.Value =
            switch Int.random(in: 0..<5, using: &random) {
            case 0: .withdrawn
            case 1 where parameter.hasDetectionLimit: .below(figure)
            default: .measured(figure)
            }
        return Measurement(
            value, flag: Measurement.Flag.allCases.randomElement(using: &random) ?? .valid,
            status: Measurement.Status.allCases.randomElement(using: &random) ?? .valid,
            written: random.once(in: 4) ? "<0.01" : nil)
    }

    private func reading(_ random: inout SplitMix64) -> Reading {
        let parts = (0..<Int.random(in: 1...3, using: &random)).map { number in
            var measurements: [Parameter: Measurement] = [:]
            for parameter in [Parameter.pH, .ammoniaNitrogen, .totalPhosphorus, .copper]
            where !random.once(in: 4) { measurements[parameter] = measurement(parameter, &random) }
            return Reading.Part(
                reportedAt: Self.at + .seconds(number), source: "站", measurements: measurements)
        }
        return Reading(
            ReadingKey(
                section: Self.section, observedAt: Self.at,
                period: Period.allCases.randomElement(using: &random) ?? .hour,
                origin: Origin.allCases.randomElement(using: &random) ?? .manual), parts: parts)
    }

    @Test("read from the record, it is what the whole assessment gives")
    func sameAsWhole() throws {
        for seed in UInt64(0)..<300 {
            var random = SplitMix64(seed: seed)
            let reading = reading(&random)
            for whole in [Assessment(reading, of: .river), Assessment(ofDischarge: reading)] {
                let bytes = JSON.encode(whole)
                let counted = CountedAssessment(whole)
                #expect(try JSON.decode(CountedAssessment.self, from: bytes) == counted, "seed \(seed)")
                #expect(
                    try JSON.decodeByCodable(CountedAssessment.self, from: bytes) == counted, "seed \(seed)")
            }
        }
    }

    @Test("an implausible figure and a missing part are refused, each by its name")
    func refused() throws {
        func read(_ parts: String) throws(Malformed) -> CountedAssessment {
            let reading =
                #"{"section":"bridge","observedAt":"2026-07-09T13:00:00Z","period":"hour","origin":"manual""#
            let text = #"{"body":"river","reading":\#(reading)\#(parts)}}"#
            return try JSON.decode(CountedAssessment.self, from: Array(text.utf8))
        }
        #expect(throws: Never.self) { try read(#","parts":[{"measurements":{"w01001":{"value":7}}}]"#) }
        let cases = [
            (#","parts":[{"measurements":{"w01001":{"value":77}}}]"#, "w01001"), ("", "parts"),
            (#","parts":[{}]"#, "measurements"), (#","parts":[{"measurements":{"w1":{"value":7}}}]"#, "w1"),
        ]
        for (parts, field) in cases {
            let fault = #expect(throws: Malformed.self) { try read(parts) }
            #expect(fault?.description.contains(field) == true, "\(parts): \(String(describing: fault))")
        }
    }
}
