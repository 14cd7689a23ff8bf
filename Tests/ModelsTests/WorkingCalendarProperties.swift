import Models
import Support
import Testing

@Suite("Properties of working time")
struct WorkingCalendarProperties {
    private let city: RegionID

    init() throws { city = try #require(RegionID("city")) }

    private static let units = Allowance.Unit.allCases
    private static let hours = [
        "08:30-12:00 13:30-18:00", "09:00-17:00", "00:00-24:00", "00:00-00:07 01:30-02:30 23:30-24:00",
        "02:00-02:45", "22:00-24:00",
    ]

    /// Some weeks around a day on which clocks change somewhere, with holidays and days made up for.
    private func registry(_ zone: String, _ generator: inout SplitMix64, holidays: Int) throws -> Registry {
        let name = Name(zh: "日", en: "Day")
        var registry = Registry([
            .region(
                Region(
                    id: city, name: name, level: .city, timeZone: zone,
                    workingHours: WorkingHours(generator.one(of: Self.hours))))
        ])
        for _ in 0..<holidays {
            let date = try #require(Day("2026-03-01")).adding(
                days: Int.random(in: 0..<280, using: &generator))
            let kind = generator.one(of: CalendarDay.Kind.allCases)
            registry.put(.calendarDay(CalendarDay(date: date, kind: kind, name: name)))
        }
        return registry
    }

    private func start(_ generator: inout SplitMix64) throws -> Instant {
        let near = try ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-24", "2026-10-31", "2026-11-20"]
            .map { try #require(Instant(rfc3339: "\($0)T00:00:00Z")) }
        return generator.one(of: near) + .seconds(60 * Int.random(in: 0..<4320, using: &generator))
    }

    @Test("more time ends no earlier, a later start neither, and nothing ends before it starts")
    func monotone() throws {
        for seed in UInt64(0)..<300 {
            var generator = SplitMix64(seed: seed)
            let zone = generator.one(of: ZoneTests.names)
            let calendar = try registry(zone, &generator, holidays: 120).workingCalendar(in: city)
            for unit in Self.units {
                let start = try start(&generator)
                let later = start + .milliseconds(Int.random(in: 0...200_000_000, using: &generator))
                let amount = Double.random(in: 0...30, using: &generator)
                let more = amount + Double.random(in: 0...3, using: &generator)
                let moment = calendar.moment(Allowance(amount, unit), after: start)
                #expect(moment >= start, "seed \(seed)")
                #expect(calendar.moment(Allowance(more, unit), after: start) >= moment, "seed \(seed)")
                #expect(calendar.moment(Allowance(amount, unit), after: later) >= moment, "seed \(seed)")
            }
        }
    }

    @Test("a moment in working time is the one that counting minute by minute finds")
    func bruteForce() throws {
        for seed in UInt64(0)..<80 {
            var generator = SplitMix64(seed: seed)
            let zone = generator.one(of: ZoneTests.names)
            let registry = try registry(zone, &generator, holidays: 60)
            let calendar = registry.workingCalendar(in: city)
            let start = try start(&generator)
            let office = Office(registry: registry, zone: calendar.zone, hours: calendar.hours, from: start)

            let minutes = Int.random(in: 0...min(1000, office.minutesLeft), using: &generator)
            let hours = calendar.moment(Allowance(Double(minutes) / 60, .workingHours), after: start)
            #expect(hours == office.moment(minutes: minutes), "seed \(seed) \(zone) \(minutes)")
            #expect(office.isOpen(at: hours) || office.isOpen(at: hours - .seconds(60)))

            let day = Int.random(in: 0..<min(4, office.workedDays.count), using: &generator)
            let length = office.workedDays[day].count
            let over = Int.random(in: 0...length, using: &generator)
            let days = Allowance(Double(day) + Double(over) / Double(length), .workingDays)
            let found = office.moment(days: day, minutes: over)
            #expect(calendar.moment(days, after: start) == found, "seed \(seed) \(zone) \(days)")
        }
    }

    @Test("whatever the amount, the calendar and the moment: there is an end, at hand")
    func bounded() throws {
        var generator = SplitMix64(seed: 5)
        let name = Name(zh: "假日", en: "Holiday")
        var idle = try registry("America/New_York", &generator, holidays: 0)
        let first = try #require(Day("2026-01-01"))
        for number in 0..<5000 {
            idle.put(.calendarDay(CalendarDay(date: first.adding(days: number), kind: .holiday, name: name)))
        }
        let now = try start(&generator)
        let horizon = now + .seconds(86_400 * WorkingCalendar.horizonDays)
        let started = ContinuousClock.now
        for registry in [idle, try registry("America/New_York", &generator, holidays: 100)] {
            let calendar = registry.workingCalendar(in: city)
            for unit in Self.units {
                for amount in [1_000_000, 1e300, .infinity, Double(Int.max)] {
                    #expect(calendar.moment(Allowance(amount, unit), after: now) == horizon)
                }
                let none = calendar.moment(Allowance(0, unit), after: now)
                for amount in [-0.0, -5, -.infinity, .nan] {
                    #expect(calendar.moment(Allowance(amount, unit), after: now) == none)
                }
                for edge in [Int64.min, .max, .min + 1, .max - 1, 0] {
                    for near in [Instant(millisecondsSince1970: edge), .earliest, .latest] {
                        let moment = calendar.moment(Allowance(9, unit), after: near)
                        #expect(moment >= near && moment <= max(near, .latest))
                    }
                }
            }
        }
        let nobody = idle.workingCalendar(in: city)
        #expect(nobody.moment(Allowance(1, .workingHours), after: now) == horizon)
        #expect(nobody.moment(Allowance(1, .workingDays), after: now) == horizon)
        #expect(ContinuousClock.now - started < .seconds(5))
    }
}

/// Counts working time by looking at the clock every minute, and knows nothing of how a moment is found.
private struct Office {
    struct Minute {
        let at: Instant
        let day: Day
    }

    /// The minutes in which it works, from the start on.
    private let open: [Minute]
    /// Those of the days after that of the start, day by day.
    let workedDays: [[Minute]]

    init(registry: Registry, zone: Zone, hours: WorkingHours, from start: Instant) {
        var open: [Minute] = []
        var today = Day(of: start, offset: .zero)
        // The clock goes back sometimes; what it has shown once has been.
        var shown = Int64.min
        for number in -1440..<20_160 {
            let at = start + .seconds(60 * number)
            shown = max(shown, (at + zone.offset(at: at)).millisecondsSince1970)
            let day = Day(of: Instant(millisecondsSince1970: shown), offset: .zero)
            if number <= 0 { today = day }
            let minute = Int(shown / 60_000) - day.daysSince1970 * 1440
            if number >= 0, hours.spans.contains(where: { ($0.start..<$0.end).contains(minute) }),
                registry.isWorkingDay(day)
            {
                open.append(Minute(at: at, day: day))
            }
        }
        self.open = open
        workedDays = Dictionary(grouping: open.filter { $0.day > today }, by: \.day)
            .sorted { $0.key < $1.key }.map(\.value)
    }

    var minutesLeft: Int { open.count }

    func isOpen(at instant: Instant) -> Bool { open.contains { $0.at == instant } }

    func moment(minutes count: Int) -> Instant? {
        count == 0 ? open.first?.at : open[count - 1].at + .seconds(60)
    }

    /// When so many days are over, and so many minutes of the next one.
    func moment(days: Int, minutes: Int) -> Instant? {
        if minutes > 0 { return workedDays[days][minutes - 1].at + .seconds(60) }
        // None of a day is all of the day before.
        return days == 0
            ? workedDays[0].first?.at : workedDays[days - 1].last.map { $0.at + .seconds(60) }
    }
}
