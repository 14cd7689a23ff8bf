import Models
import Processing
import Testing
import Text

@testable import Analytics

@Suite("An alarm says which limit its multiples refer to")
struct AlarmLimitTests {
    /// GB 3838-2002 table 1, item 7: 0.5 mg/L for II and 1.0 for III. 环办〔2011〕22号: bulletins print the
    /// multiple of class III, whatever the target is.
    @Test(
        "of the target, and beside it of class III where that is another one",
        arguments: [
            (WaterClass.II, 1.3, "氨氮1.3 mg/L（超目标Ⅱ类1.6倍、超Ⅲ类0.3倍）", 0.5, 0.3),
            (.II, 0.8, "氨氮0.8 mg/L（超目标Ⅱ类0.6倍）", 0.5, nil),
            (.III, 1.3, "氨氮1.3 mg/L（超目标Ⅲ类0.3倍）", 1, 0.3),
            (.IV, 1.8, "氨氮1.8 mg/L（超目标Ⅳ类0.2倍、超Ⅲ类0.8倍）", 1.5, 0.8),
        ] as [(WaterClass, Double, String, Double, Double?)])
    func target(_ target: WaterClass, _ value: Double, _ text: String, _ limit: Double, _ overIII: Double?)
        throws
    {
        var station = Monitored(target: target)
        for _ in 1...3 { try station.measure([.ammoniaNitrogen: value]) }
        let said = try #require(try station.written.texts.first)
        #expect(said.contains("：\(text)。"), "\(said)")
        guard case .raised(let raised) = try #require(try station.events.first) else {
            Issue.record("not raised")
            return
        }
        let exceedance = try #require(raised.exceeded.first)
        #expect(exceedance.limit == limit)
        #expect(exceedance.overIII.map { ($0 * 1000).rounded() / 1000 } == overIII)
    }

    /// GB 3838-2002 table 1, item 8: a lake's limit for III is 0.05 mg/L, a river's 0.2.
    @Test("of a lake by the limits of lakes")
    func lake() throws {
        var station = Monitored(target: .II, body: .lake)
        for _ in 1...3 { try station.measure([.totalPhosphorus: 0.1]) }
        let said = try #require(try station.written.texts.first)
        #expect(said.contains("总磷0.1 mg/L（超目标Ⅱ类3倍、超Ⅲ类1倍）"), "\(said)")
    }
}
