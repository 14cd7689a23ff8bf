import Geo
import Models
import Processing
import Readings
import Testing

@testable import Disclosure

@Suite("The table that is published")
struct ReadingTableTests {
    /// Values, limits, periods, origins, states and sources come back as they were.
    @Test("it can be imported again")
    func again() throws {
        let world = try World()
        let assessments = [
            Assessment(
                "bridge", hours: 0,
                measurements: [
                    .pH: Measurement(7.1), .ammoniaNitrogen: Measurement(.below(0.025), written: "0.025L"),
                    .waterTemperature: Measurement(-1.5), .algalDensity: Measurement(10_080_370),
                ], source: "=1+1, \"x\""),
            Assessment(
                "bridge", hours: 1, period: .day, origin: .manual,
                measurements: [.pH: Measurement(.measured(7), status: .valid)], source: "lab"),
            Assessment("bridge", hours: 2, [.ammoniaNitrogen: 3, .mercury: 0.00004]),
        ]
        try world.apply(assessments.map { Record($0) })
        let text = try world.ask("/api/sections/bridge/readings.csv").text
        let section = Section(
            id: Town.id("bridge"), name: Name(zh: "桥", en: "Bridge"), river: Town.id("canal"), body: .river,
            place: Coordinate(longitude: 120, latitude: 30))
        let table = try Readings.ReadingTable(
            Array(text.utf8), sections: SectionBook(Registry([.section(section)]), otherwise: .beijing),
            now: Life.noon + .seconds(86_400))
        #expect(table.ignoredColumns == ["decisive"])
        for assessment in assessments {
            let reading = assessment.reading
            let report = try #require(table.reports.first { $0.key == reading.key }, "\(text)")
            #expect(report.measurements == reading.measurements)
            #expect([report.source].compactMap(\.self) == reading.sources)
            #expect(report.publishedClass == assessment.waterClass)
        }
        #expect(table.reports.count == assessments.count)
    }
}
