import Models
import Testing
import Text

@Suite("The hours in which a phone stays silent")
struct QuietHoursTests {
    private static func at(_ text: String) throws -> Instant { try #require(Instant(rfc3339: text)) }

    @Test(
        "end in the morning, on the clocks of the place",
        arguments: [
            ("2026-11-30T13:59:59Z", "2026-11-30T13:59:59Z"),
            ("2026-11-30T14:00:00Z", "2026-11-30T23:00:00Z"),
            ("2026-11-30T18:00:00Z", "2026-11-30T23:00:00Z"),
            ("2026-11-30T22:59:59Z", "2026-11-30T23:00:00Z"),
            ("2026-11-30T23:00:00Z", "2026-11-30T23:00:00Z"),
        ])
    func night(_ moment: String, _ end: String) throws {
        let quiet = QuietHours(from: 22 * 60, until: 7 * 60, zone: .beijing)
        #expect(quiet.end(at: try Self.at(moment)) == (try Self.at(end)))
    }

    @Test("may lie within one day")
    func noon() throws {
        let quiet = QuietHours(from: 12 * 60, until: 14 * 60, zone: .beijing)
        #expect(quiet.end(at: try Self.at("2026-11-30T05:00:00Z")) == (try Self.at("2026-11-30T06:00:00Z")))
        #expect(quiet.end(at: try Self.at("2026-11-30T03:59:00Z")) == (try Self.at("2026-11-30T03:59:00Z")))
        #expect(
            quiet.begin(after: try Self.at("2026-11-30T05:00:00Z")) == (try Self.at("2026-12-01T04:00:00Z")))
    }

    @Test("follow summer time: the night in which clocks go forward is an hour shorter")
    func summer() throws {
        let zone = try #require(Zone("Europe/Berlin"))
        let quiet = QuietHours(from: 22 * 60, until: 7 * 60, zone: zone)
        #expect(quiet.end(at: try Self.at("2026-03-28T22:00:00Z")) == (try Self.at("2026-03-29T05:00:00Z")))
        #expect(quiet.end(at: try Self.at("2026-03-27T22:00:00Z")) == (try Self.at("2026-03-28T06:00:00Z")))
    }

    @Test("begin next, at the earliest now")
    func next() throws {
        let quiet = QuietHours(from: 22 * 60, until: 7 * 60, zone: .beijing)
        #expect(
            quiet.begin(after: try Self.at("2026-11-30T14:00:00Z")) == (try Self.at("2026-11-30T14:00:00Z")))
        #expect(
            quiet.begin(after: try Self.at("2026-11-30T14:00:01Z")) == (try Self.at("2026-12-01T14:00:00Z")))
    }

    @Test("a record with another time of day is refused")
    func wrong() {
        for (from, until) in [(-1, 420), (1440, 420), (1320, Int.max)] {
            let json = #"{"from":\#(from),"until":\#(until),"zone":"Asia/Shanghai"}"#
            #expect(throws: Malformed.self) { try JSON.decode(QuietHours.self, from: Array(json.utf8)) }
        }
    }
}
