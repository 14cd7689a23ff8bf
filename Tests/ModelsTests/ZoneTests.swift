import Models
import Support
import Testing

@Suite("The clocks of a zone")
struct ZoneTests {
    static let names = [
        "Asia/Shanghai", "Asia/Urumqi", "Europe/Berlin", "America/New_York", "America/St_Johns",
        "America/Santiago", "Africa/Casablanca", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
    ]

    private func zone(_ name: String) throws -> Zone { try #require(Zone(name)) }
    private func day(_ text: String) throws -> Day { try #require(Day(text)) }

    @Test("a name that is none has no clocks")
    func unknown() {
        for name in ["", "Asia", "Asia/Hangzhou", "asia/shanghai", "北京", "../etc/passwd"] {
            #expect(Zone(name) == nil, "\(name)")
        }
        #expect(Zone(Region.usualTimeZone) == .beijing)
    }

    @Test(
        "a day begins at its midnight, in winter and in summer",
        arguments: [
            ("Asia/Shanghai", "2026-07-01", "2026-06-30T16:00:00.000Z"),
            ("Europe/Berlin", "2026-01-15", "2026-01-14T23:00:00.000Z"),
            ("Europe/Berlin", "2026-07-15", "2026-07-14T22:00:00.000Z"),
            ("America/New_York", "2026-11-01", "2026-11-01T04:00:00.000Z"),
            ("America/New_York", "2026-11-02", "2026-11-02T05:00:00.000Z"),
        ])
    func midnights(_ name: String, _ date: String, _ start: String) throws {
        #expect(try zone(name).start(of: day(date)).description == start)
    }

    @Test("a time that clocks are put over is the moment of the change; one shown twice counts first")
    func changes() throws {
        // In 2026 Berlin goes from 02:00 to 03:00 on 29 March and from 03:00 to 02:00 on 25 October.
        let berlin = try zone("Europe/Berlin")
        let (spring, autumn) = (try day("2026-03-29"), try day("2026-10-25"))
        #expect(berlin.first(minute: 119, of: spring).description == "2026-03-29T00:59:00.000Z")
        for minute in [120, 121, 150, 179, 180] {
            #expect(berlin.first(minute: minute, of: spring).description == "2026-03-29T01:00:00.000Z")
        }
        #expect(berlin.first(minute: 181, of: spring).description == "2026-03-29T01:01:00.000Z")
        #expect(berlin.first(minute: 120, of: autumn).description == "2026-10-25T00:00:00.000Z")
        #expect(berlin.first(minute: 179, of: autumn).description == "2026-10-25T00:59:00.000Z")
        #expect(berlin.first(minute: 180, of: autumn).description == "2026-10-25T02:00:00.000Z")
    }

    @Test("a day that a zone left out begins and ends with the next one")
    func leftOut() throws {
        // Samoa went over the date line: after 29 December 2011 came the 31st.
        let apia = try zone("Pacific/Apia")
        let change = "2011-12-30T10:00:00.000Z"
        for minute in [0, 720, 1440] {
            #expect(try apia.first(minute: minute, of: day("2011-12-30")).description == change)
        }
        #expect(try apia.start(of: day("2011-12-31")).description == change)
        let before = try #require(Instant(rfc3339: "2011-12-30T09:59:59.999Z"))
        #expect(apia.day(at: before).description == "2011-12-29")
        #expect(apia.day(at: before + .milliseconds(1)).description == "2011-12-31")
    }

    @Test("times follow each other, and a day lasts from its start to the next one's", arguments: names)
    func order(_ name: String) throws {
        let zone = try zone(name)
        var generator = SplitMix64(seed: 11)
        var last = zone.start(of: try day("2025-12-31"))
        for number in 0..<800 {
            let day = try day("2026-01-01").adding(days: number)
            let start = zone.start(of: day)
            #expect(zone.day(at: start) == day)
            #expect(zone.day(at: start - .milliseconds(1)) == day.adding(days: -1))
            let minute = Int.random(in: 0...1440, using: &generator)
            let moment = zone.first(minute: minute, of: day)
            #expect(last <= start && start <= moment, "\(name) \(day)")
            #expect(moment <= zone.start(of: day.adding(days: 1)))
            last = moment
        }
    }
}
