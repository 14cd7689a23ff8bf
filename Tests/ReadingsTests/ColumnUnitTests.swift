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

    /// Without the limit 64 KB of marks take 13 s: Swift puts marks in order before it hashes, and that costs
    /// the square of their number.
    @Test("a unit longer than any is none, and is not hashed", .timeLimit(.minutes(1)))
    func long() {
        let marks = "a" + String(repeating: "\u{301}\u{323}", count: 16_384)
        let time = ContinuousClock().measure {
            #expect(Parameter.ammoniaNitrogen.scale(from: marks) == nil)
        }
        #expect(time < .seconds(1))
    }
}
