import Models
import Processing
import Readings
import Testing

/// What the national platform published for eleven sections around Hangzhou, judged again.
@Suite struct SampleReadingsTests {
    @Test func everyPublishedClassIsOurs() throws {
        let registry = try Sample.sections()
        let table = try ReadingTable(
            try Sample.bytes("readings.csv"), sections: SectionBook(registry, otherwise: .beijing),
            now: Instant(millisecondsSince1970: 4_000_000_000_000))
        #expect(table.reports.count == 553)
        #expect(table.emptyRows == 0)
        #expect(table.ignoredColumns == ["省份", "流域"])
        #expect(Set(table.reports.compactMap(\.publishedClass)) == Set(WaterClass.allCases))
        for report in table.reports {
            let section = try #require(registry.sections[report.section])
            let reading = Reading(report, reportedAt: report.observedAt)
            let assessment = Assessment(reading, of: section.body)
            #expect(assessment.waterClass == report.publishedClass, "\(reading.id): \(reading.figures)")
            #expect(reading.publishedClass == report.publishedClass)
        }
    }
}
