import Models
import Testing

@testable import Analytics

@Suite("Figures in the texts of complaints")
struct FigureTextTests {
    @Test(
        "a number is as short as it can be, and never nothing",
        arguments: [
            (2.0, "2"), (1.86, "1.86"), (0.123456, "0.1235"), (0.0, "0"), (0.001, "0.001"),
            (0.00005, "0.00005"), (0.00504, "0.00504"), (1.0 / 30, "0.03333"), (0.00004, "0.00004"),
            (1_250_000, "1250000"), (-0.5, "-0.5"),
        ])
    func figures(value: Double, text: String) { #expect(FigureText.figure(value) == text) }

    @Test("a small multiple is not said to be nothing")
    func multiples() {
        #expect(FigureText.times(0.004) == "不足0.01" && FigureText.times(1.006) == "1.01")
    }

    @Test("a time is that of the clocks of the region")
    func clocks() {
        let noon = Instant(millisecondsSince1970: 1_799_985_600_000)
        #expect(FigureText.clock(noon, offset: .seconds(8 * 3600)) == "01-15 12:00")
        #expect(FigureText.clock(noon, offset: .seconds(5 * 3600 + 1800)) == "01-15 09:30")
    }
}
