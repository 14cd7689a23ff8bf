import Models
import Processing
import Readings
import Testing

@Suite("Units of a station's device")
struct UnitTests {
    @Test("lead to ours by a power of ten, or are not known")
    func scales() {
        #expect(Parameter.lead.scale(from: "mg/L") == 0)
        #expect(Parameter.lead.scale(from: "μg/L") == -3)
        #expect(Parameter.lead.scale(from: "ug/l") == -3)
        #expect(Parameter.conductivity.scale(from: "mS/m") == 1)
        #expect(Parameter.lead.scale(from: "mS/m") == nil)
        #expect(Parameter.lead.scale(from: "") == nil)
        // What the registry calls a unit of ours is one for every parameter.
        for parameter in Parameter.allCases {
            #expect(parameter.scale(from: parameter.unitOnLog) == 0)
            #expect(parameter.scale(from: parameter.unit) == -parameter.shownScale)
        }
        #expect(Parameter.chlorophyllA.unit == "mg/m³" && Parameter.chlorophyllA.shown(0.0123) == 12.3)
    }
}
