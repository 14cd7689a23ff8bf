import Models
import Testing
import Text

@Suite("Measurements")
struct MeasurementTests {
    @Test("minus nothing is nothing")
    func negativeZero() {
        for value in [Measurement.Value.measured(-0.0), .below(-0.0)] {
            let text = String(decoding: JSON.encode(Measurement(value)), as: UTF8.self)
            #expect(!text.contains("-"), "\(text)")
        }
        #expect(Measurement(-0.0).text(of: .copper) == "0.0")
    }

    @Test("what is judged: what is flagged valid, half of the limit for what is below one")
    func figures() {
        #expect(Measurement(0.5).figure == 0.5)
        #expect(Measurement(.below(0.01)).figure == 0.005)
        #expect(Measurement(.withdrawn).figure == nil)
        for flag in Measurement.Flag.allCases where flag != .valid {
            #expect(Measurement(.measured(0.5), flag: flag).figure == nil, "\(flag)")
        }
    }

    @Test("what is printed: as the laboratory wrote it, in the unit of the column")
    func texts() {
        #expect(Measurement(0.5).text(of: .copper) == "0.5")
        #expect(Measurement(.below(0.01), written: "<0.010").text(of: .copper) == "<0.010")
        #expect(Measurement(.below(0.01)).text(of: .copper) == "0.01L")
        #expect(Measurement(.below(0.05), written: "50L", unit: "ug/L").text(of: .copper) == "0.05L")
        #expect(Measurement(.withdrawn).text(of: .copper) == nil)
        // Chlorophyll is shown in mg/m³. What was written in mg/L before that is no text in that unit.
        #expect(Measurement(0.0123).text(of: .chlorophyllA) == "12.3")
        #expect(Measurement(.below(0.002), written: "2L", unit: "mg/m³").text(of: .chlorophyllA) == "2L")
        #expect(Measurement(.below(0.002), written: "0.002L").text(of: .chlorophyllA) == "2.0L")
    }

    @Test("a reading is named by section, time, period and origin")
    func identity() throws {
        let section = try #require(SectionID("bridge"))
        let moment = Instant(millisecondsSince1970: 0)
        var names: Set<String> = []
        for period in Period.allCases {
            for origin in Origin.allCases {
                let report = Report(
                    section: section, observedAt: moment, period: period, origin: origin, measurements: [:])
                names.insert(Reading(report, reportedAt: moment).id)
            }
        }
        #expect(names.count == 6 && names.contains("bridge/1970-01-01T00:00:00.000Z/hour/manual"))
    }
}
