import Models
import Testing

@Suite("Periods of evaluations")
struct EvaluationPeriodTests {
    @Test(
        "as text, from first to last day",
        arguments: [
            ("2026-07-09", "2026-07-09", "2026-07-10"), ("2026-07-T1", "2026-07-01", "2026-07-11"),
            ("2026-07-T3", "2026-07-21", "2026-08-01"), ("2024-02-T3", "2024-02-21", "2024-03-01"),
            ("2026-12", "2026-12-01", "2027-01-01"), ("2026-Q3", "2026-07-01", "2026-10-01"),
            ("2026-Q4", "2026-10-01", "2027-01-01"), ("2026", "2026-01-01", "2027-01-01"),
        ])
    func texts(_ text: String, _ first: String, _ end: String) throws {
        let period = try #require(EvaluationPeriod(text))
        #expect(period.first == Day(first) && period.end == Day(end) && period.description == text)
    }

    @Test(
        "what is no period",
        arguments: [
            "", "26", "2026-", "2026-13", "2026-Q5", "2026-07-T4", "2026-07-32", "2026-7", "x",
        ])
    func wrong(_ text: String) { #expect(EvaluationPeriod(text) == nil) }

    @Test("the periods of a kind follow each other without a gap, and each day is in one")
    func calendar() throws {
        for kind in EvaluationPeriod.Kind.allCases {
            let start = try #require(Day("2023-12-15"))
            var period = EvaluationPeriod(kind, of: start)
            for number in 0..<900 {
                let day = start.adding(days: number)
                if !period.contains(day) {
                    let next = period.next
                    #expect(next.first == period.end && next.previous == period && period < next)
                    period = next
                }
                #expect(period.contains(day) && EvaluationPeriod(kind, of: day) == period)
                #expect(EvaluationPeriod(period.description) == period)
            }
        }
        #expect(try #require(EvaluationPeriod("2024-02-29")).yearBefore == nil)
        #expect(try #require(EvaluationPeriod("2024-Q1")).yearBefore == EvaluationPeriod("2023-Q1"))
    }
}
