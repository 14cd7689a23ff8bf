import Models
import Processing
import Testing

/// What the national platform published for eleven sections around Hangzhou, judged again.
@Suite struct SampleReadingsTests {
    @Test func everyPublishedClassIsOurs() throws {
        let registry = try Sample.sections()
        let table = try ReadingTable(
            try Sample.bytes("readings.csv"), localOffset: .seconds(8 * 3600),
            now: Instant(millisecondsSince1970: 4_000_000_000_000),
            section: { registry.section(named: $0)?.id })
        #expect(table.readings.count == 553)
        #expect(table.emptyRows == 0)
        #expect(table.ignoredColumns == ["省份", "流域"])
        #expect(Set(table.readings.compactMap(\.publishedClass)) == Set(WaterClass.allCases))
        for reading in table.readings {
            let section = try #require(registry.sections[reading.section])
            let judgement = Standard.grade(reading.values, of: section.body)
            #expect(judgement.waterClass == reading.publishedClass, "\(reading.id): \(reading.values)")
        }
    }
}
