import Models
import Testing

@testable import Operator

@Suite("A calendar that ends before a deadline")
struct CalendarEndTests {
    private func findings(_ folder: SampleFolder, at moment: String) throws -> [String] {
        folder.reading.calendarEnd(at: try #require(Instant(rfc3339: moment))).map(\.description)
    }

    @Test("the calendar reaches to the end of its last year; the longest deadline in working time counts")
    func sample() throws {
        let folder = try SampleFolder()
        #expect(try findings(folder, at: "2026-12-01T10:00:00+08:00") == [])
        let late = try findings(folder, at: "2026-12-15T10:00:00+08:00")
        #expect(
            late == [
                "calendar.csv: warning: the calendar has no day after 2026, but a deadline of 20 working-days from now ends on "
                    + "2027-01-12"
            ])
    }

    @Test("it has ended when its last year is over, by the city's clock")
    func ended() throws {
        let registry = Registry(try SampleFolder().reading.entities)
        func hasEnded(_ moment: String) throws -> Bool? {
            registry.calendarEnd(at: try #require(Instant(rfc3339: moment)))?.hasEnded
        }
        #expect(try hasEnded("2026-12-31T23:59:59+08:00") == false)
        #expect(try hasEnded("2027-01-01T00:00:00+08:00") == true)
    }

    @Test("an empty calendar is told; a folder that has none is not judged")
    func empty() throws {
        var folder = try SampleFolder()
        folder.texts["calendar.csv"] = Array("date,kind,name,name_en\n".utf8)
        #expect(try findings(folder, at: "2026-03-01T10:00:00+08:00").first?.contains("is empty") == true)
        folder.texts["calendar.csv"] = nil
        #expect(try findings(folder, at: "2026-03-01T10:00:00+08:00") == [])
    }

    @Test("hours by the clock need no calendar")
    func byTheClock() throws {
        var folder = try SampleFolder()
        folder.texts["service-levels.csv"] = Array(
            "id,category,urgency,accept,resolve\nall,,ordinary,4 hours,9000 hours\n".utf8)
        #expect(try findings(folder, at: "2026-12-15T10:00:00+08:00") == [])
    }

    @Test("a checker's time counts in working days, whatever the service levels are")
    func check() throws {
        var folder = try SampleFolder()
        folder.texts["service-levels.csv"] = Array(
            "id,category,urgency,accept,resolve\nall,,ordinary,4 hours,9000 hours\n".utf8)
        let late = try findings(folder, at: "2026-12-31T10:00:00+08:00")
        #expect(late.count == 1)
        #expect(late.first?.contains("a deadline of 3 working-days from now ends on 2027-01") == true)
    }
}
