import Models
import Testing

@testable import Readings

@Suite("The unit that a column or a measurement names")
struct ColumnUnitTests {
    @Test(
        "every usual spelling is one unit",
        arguments: [("mg·L⁻¹", 0), ("毫克/升", 0), ("μg/L", -3), (" mg / L ", 0), ("ｇ／Ｌ", 3)])
    func spellings(_ text: String, _ scale: Int) {
        #expect(Parameter.ammoniaNitrogen.scale(from: text) == scale)
    }

    @Test("a unit longer than any is none")
    func long() {
        let marks = "a" + String(repeating: "\u{301}\u{323}", count: 16_384)
        #expect(Parameter.ammoniaNitrogen.scale(from: marks) == nil)
    }
}
