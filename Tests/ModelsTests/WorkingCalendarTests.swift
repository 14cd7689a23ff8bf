import Models
import Testing

@Suite("Deadlines in working time")
struct WorkingCalendarTests {
    /// What the State Council's office announced for 2026 (国务院办公厅, 4 November 2025): Spring Festival from
    /// 15 to 23 February, made up for on the Saturdays 14 and 28 February.
    private static func registry(timeZone: String? = nil, hours: String? = nil) throws -> Registry {
        let name = Name(zh: "春节", en: "Spring Festival")
        var entities: [RegistryEntity] = [
            .region(
                Region(
                    id: try #require(RegionID("city")), name: Name(zh: "市", en: "City"), level: .city,
                    timeZone: timeZone, workingHours: hours.flatMap(WorkingHours.init)))
        ]
        for date in 15...23 {
            let day = try #require(Day("2026-02-\(date)"))
            entities.append(.calendarDay(CalendarDay(date: day, kind: .holiday, name: name)))
        }
        // The last two are Sundays on which Berlin changes its clocks.
        for date in ["2026-02-14", "2026-02-28", "2026-03-29", "2026-10-25"] {
            let day = try #require(Day(date))
            entities.append(.calendarDay(CalendarDay(date: day, kind: .workday, name: name)))
        }
        return Registry(entities)
    }

    private func calendar(timeZone: String? = nil, hours: String? = nil) throws -> WorkingCalendar {
        try Self.registry(timeZone: timeZone, hours: hours).workingCalendar(in: #require(RegionID("city")))
    }

    private func instant(_ text: String) throws -> Instant {
        try #require(Instant(rfc3339: text, defaultOffset: .zero))
    }

    @Test(
        "over Spring Festival, in offices that work from 08:30 to 12:00 and from 13:30 to 18:00",
        arguments: [
            // Friday the 13th and the Saturday after it are worked, then the festival, then three days.
            ("5 working-days", "2026-02-12T10:00+08:00", "2026-02-26T18:00+08:00"),
            ("1 working-days", "2026-02-12T10:00+08:00", "2026-02-13T18:00+08:00"),
            ("2 working-days", "2026-02-12T10:00+08:00", "2026-02-14T18:00+08:00"),
            // At night, before the opening and after closing the day is the same, and is not counted.
            ("1 working-days", "2026-02-12T00:00+08:00", "2026-02-13T18:00+08:00"),
            ("1 working-days", "2026-02-12T23:59+08:00", "2026-02-13T18:00+08:00"),
            ("1 working-days", "2026-02-13T00:00+08:00", "2026-02-14T18:00+08:00"),
            // On a holiday, and on the last of them.
            ("1 working-days", "2026-02-17T12:00+08:00", "2026-02-24T18:00+08:00"),
            ("1 working-days", "2026-02-23T23:00+08:00", "2026-02-24T18:00+08:00"),
            // A part of a day is that part of its eight hours.
            ("0.8 working-days", "2026-02-12T10:00+08:00", "2026-02-13T16:24+08:00"),
            ("0.25 working-days", "2026-02-14T10:00+08:00", "2026-02-24T10:30+08:00"),
            ("0 working-days", "2026-02-14T10:00+08:00", "2026-02-24T08:30+08:00"),
            // Inside the hours, over noon, over a night into a Saturday that is worked, over the festival.
            ("1 working-hours", "2026-02-12T10:00+08:00", "2026-02-12T11:00+08:00"),
            ("2 working-hours", "2026-02-12T10:00+08:00", "2026-02-12T12:00+08:00"),
            ("3 working-hours", "2026-02-12T10:00+08:00", "2026-02-12T14:30+08:00"),
            ("4 working-hours", "2026-02-13T17:00+08:00", "2026-02-14T11:30+08:00"),
            ("8 working-hours", "2026-02-13T17:00+08:00", "2026-02-14T17:00+08:00"),
            ("2 working-hours", "2026-02-14T20:00+08:00", "2026-02-24T10:30+08:00"),
            ("2 working-hours", "2026-02-17T03:00+08:00", "2026-02-24T10:30+08:00"),
            ("0 working-hours", "2026-02-12T12:00+08:00", "2026-02-12T13:30+08:00"),
            // What is urgent knows no festival.
            ("48 hours", "2026-02-14T20:00+08:00", "2026-02-16T20:00+08:00"),
            ("0.5 hours", "2026-02-14T23:45+08:00", "2026-02-15T00:15+08:00"),
        ])
    func springFestival(_ text: String, _ start: String, _ due: String) throws {
        let allowance = try #require(Allowance(text))
        #expect(try calendar().moment(allowance, after: instant(start)) == instant(due))
    }

    @Test("at four fifths of the time a complaint is at risk")
    func atRisk() throws {
        let calendar = try calendar()
        let start = try instant("2026-02-12T10:00+08:00")
        let days = Allowance(5, .workingDays).scaled(by: 0.8)
        #expect(days == Allowance(4, .workingDays))
        #expect(try calendar.moment(days, after: start) == instant("2026-02-25T18:00+08:00"))
        let hours = Allowance(10, .hours).scaled(by: 0.8)
        #expect(try calendar.moment(hours, after: start) == instant("2026-02-12T18:00+08:00"))
    }

    @Test(
        "an office that works through the night in which clocks change",
        arguments: [
            // 29 March lasts 23 hours, and from one to four are two of them.
            ("01:00-04:00", "2 working-hours", "2026-03-29T00:00+01:00", "2026-03-29T04:00+02:00"),
            ("01:00-04:00", "1.5 working-hours", "2026-03-29T00:00+01:00", "2026-03-29T03:30+02:00"),
            ("00:00-24:00", "1 working-days", "2026-03-28T12:00+01:00", "2026-03-30T00:00+02:00"),
            ("00:00-24:00", "24 working-hours", "2026-03-29T00:00+01:00", "2026-03-30T01:00+02:00"),
            // Nobody works in an hour that there is not: the next working day is Monday's.
            ("02:00-03:00", "0.5 working-hours", "2026-03-29T00:00+01:00", "2026-03-30T02:30+02:00"),
            ("02:00-03:00", "1 working-days", "2026-03-28T12:00+01:00", "2026-03-30T03:00+02:00"),
            // 25 October lasts 25 hours, and from one to four are four of them.
            ("01:00-04:00", "4 working-hours", "2026-10-25T00:00+02:00", "2026-10-25T04:00+01:00"),
            ("01:00-04:00", "2.5 working-hours", "2026-10-25T00:00+02:00", "2026-10-25T02:30+01:00"),
            ("02:30-04:00", "0 working-hours", "2026-10-25T00:00+02:00", "2026-10-25T02:30+02:00"),
            ("00:00-24:00", "24 working-hours", "2026-10-25T00:00+02:00", "2026-10-25T23:00+01:00"),
            // By day the change is not noticed, other than by round the clock.
            ("09:00-17:00", "1 working-days", "2026-10-24T12:00+02:00", "2026-10-25T17:00+01:00"),
            ("09:00-17:00", "24 hours", "2026-10-24T12:00+02:00", "2026-10-25T11:00+01:00"),
        ])
    func summerTime(_ hours: String, _ text: String, _ start: String, _ due: String) throws {
        let calendar = try calendar(timeZone: "Europe/Berlin", hours: hours)
        let allowance = try #require(Allowance(text))
        #expect(try calendar.moment(allowance, after: instant(start)) == instant(due))
    }

    @Test("a zone that nobody knows is Beijing's")
    func unknownZone() throws {
        #expect(try calendar(timeZone: "Asia/Hangzhou").zone == .beijing)
        #expect(try calendar(timeZone: "Asia/Urumqi").zone == Zone("Asia/Urumqi"))
    }

    @Test("a category's service level says what is allowed, or else its own hours do")
    func allowances() throws {
        let name = Name(zh: "异味", en: "Odour")
        let category = Category(
            code: try #require(CategoryCode("odour")), name: name, group: name, urgency: .urgent,
            acceptHours: 4, resolveHours: 24)
        var registry = try Self.registry()
        #expect(registry.allowances(of: category) == (Allowance(4, .hours), Allowance(24, .hours)))
        registry.put(
            .serviceLevel(
                ServiceLevel(
                    id: try #require(ServiceLevelID("all")), urgency: .ordinary,
                    accept: Allowance(1, .workingDays), resolve: Allowance(10, .workingDays))))
        #expect(registry.allowances(of: category) == (Allowance(4, .hours), Allowance(24, .hours)))
        #expect(
            registry.allowances(of: category, .ordinary)
                == (Allowance(1, .workingDays), Allowance(10, .workingDays)))
    }
}
