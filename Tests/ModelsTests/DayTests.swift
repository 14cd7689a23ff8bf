import Models
import Testing

@Suite("Days, hours of work and allowances")
struct DayTests {
    @Test("a day goes through its text, and only days of the calendar do")
    func texts() throws {
        for text in ["2026-01-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            #expect(try #require(Day(text)).description == text)
        }
        for wrong in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-1-1", "2026-01-01T", "", "2026-01-00"] {
            #expect(Day(wrong) == nil, "\(wrong)")
        }
    }

    @Test("days are counted one by one, over four centuries, with their weekdays")
    func counting() throws {
        // 2026-10-01 is a Thursday; so is the first day of 1970.
        #expect(try #require(Day("2026-10-01")).weekday == 4)
        #expect(Day(daysSince1970: 0).weekday == 4)
        #expect(Day(daysSince1970: -1).description == "1969-12-31")
        var weekday = Day(daysSince1970: -80_000).weekday
        for number in -80_000..<80_000 {
            let day = Day(daysSince1970: number)
            #expect(day.daysSince1970 == number)
            #expect(day < day.adding(days: 1))
            #expect(day.weekday == weekday)
            #expect(day.isWeekend == (weekday > 5))
            weekday = weekday % 7 + 1
        }
    }

    @Test("a moment falls on the day of its zone")
    func zones() throws {
        let instant = try #require(Instant(rfc3339: "2026-09-30T16:00:00Z"))
        #expect(Day(of: instant, offset: .seconds(8 * 3600)).description == "2026-10-01")
        #expect(Day(of: instant, offset: .zero).description == "2026-09-30")
        let before = try #require(Instant(rfc3339: "1969-12-31T23:59:59.999Z"))
        #expect(Day(of: before, offset: .zero).description == "1969-12-31")
    }

    @Test("hours of work are in order and apart")
    func hours() throws {
        let hours = try #require(WorkingHours("09:00-12:00 13:30-17:30"))
        #expect(hours.minutes == 420)
        #expect(hours.spans.map(\.start) == [540, 810])
        #expect(hours.description == "09:00-12:00 13:30-17:30")
        #expect(WorkingHours(WorkingHours.usual.description) == .usual)
        #expect(WorkingHours("00:00-24:00")?.minutes == 1440)
        for wrong in [
            "", " ", "9-17", "12:00-09:00", "09:00-09:00", "09:00-12:00 12:00-13:00",
            "13:00-14:00 09:00-10:00",
            "09:00-24:01", "09:60-10:00", "09:00-12:00  13:00-14:00", "09:00-12:00,13:00-14:00",
        ] {
            #expect(WorkingHours(wrong) == nil, "\(wrong)")
        }
    }

    @Test("an allowance goes through its text")
    func allowances() {
        for text in ["24 hours", "0.5 hours", "4 working-hours", "10 working-days"] {
            #expect(Allowance(text)?.description == text)
        }
        for wrong in ["", "4", "hours", "-1 hours", "nan hours", "0x4 hours", "4 days", "4 hours more"] {
            #expect(Allowance(wrong) == nil, "\(wrong)")
        }
    }
}
