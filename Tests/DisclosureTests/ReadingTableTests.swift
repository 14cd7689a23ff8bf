import Geo
import Glibc
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
        #expect(table.ignoredColumns == ["assessedClass", "decisive"])
        for assessment in assessments {
            let reading = assessment.reading
            let report = try #require(table.reports.first { $0.key == reading.key }, "\(text)")
            #expect(report.measurements == reading.measurements)
            #expect([report.source].compactMap(\.self) == reading.sources)
            #expect(report.publishedClass == nil, "our class is not the publisher's")
        }
        #expect(table.reports.count == assessments.count)
    }

    @Test("the class that the publisher gave has a column if it is another one than ours, and comes back")
    func publishedClass() throws {
        let world = try World()
        let given = Reading(
            Report(
                section: Town.id("bridge"), observedAt: Life.noon, publishedClass: .IV,
                measurements: [.dissolvedOxygen: Measurement(9)]), reportedAt: Life.noon)
        let section = Section(
            id: Town.id("bridge"), name: Name(zh: "桥", en: "Bridge"), river: Town.id("canal"), body: .river,
            place: Coordinate(longitude: 120, latitude: 30))
        try world.apply([Record(Assessment(given, of: section.body))])
        let text = try world.ask("/api/sections/bridge/readings.csv").text
        let table = try Readings.ReadingTable(
            Array(text.utf8), sections: SectionBook(Registry([.section(section)]), otherwise: .beijing),
            now: Life.noon + .seconds(86_400))
        #expect(table.reports.map(\.publishedClass) == [.IV], "\(text)")
    }

    /// A `Character` with a combining mark is another one; a spreadsheet and a reader of RFC 4180 see the
    /// code points.
    @Test(
        "a mark on a sign hides neither a formula nor a quote nor a separator",
        arguments: [
            ("=\u{301}1+1", "'=\u{301}1+1"), ("@\u{20E3}A1", "'@\u{20E3}A1"), ("＝1+1", "'＝1+1"),
            ("a\"\u{301},b", "\"a\"\"\u{301},b\""), ("a,\u{301}b", "\"a,\u{301}b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("\r\n=1", "\"'\r\n=1\""), ("-1.5", "-1.5"), ("+2", "+2"), ("-1e-3", "-1e-3"),
            (" =1+1", "' =1+1"), ("\u{A0}=1+1", "'\u{A0}=1+1"), ("\u{3000}+1+1", "'\u{3000}+1+1"),
            ("\u{200B}@A1", "'\u{200B}@A1"), ("\u{202E}-1+1", "'\u{202E}-1+1"), (" \t=1", "' \t=1"),
            ("\u{301}=1", "'\u{301}=1"), ("﹦1+1", "'﹦1+1"), ("−1+1", "'−1+1"), ("a =1", "a =1"),
            ("-\u{301}1.5", "'-\u{301}1.5"), ("a", "a"),
            ("", ""),
        ])
    func cells(_ text: String, _ expected: String) {
        let bytes = Spreadsheet.csv([[text]])
        #expect(bytes == Array(("\u{FEFF}" + expected + "\r\n").utf8), "\(text.unicodeScalars.map(\.value))")
    }

    /// What this thread has worked: what else runs on the machine does not count.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test("a source of combining marks costs as much as it is long")
    func linear() {
        func seconds(_ count: Int) -> Double {
            let row = [
                "x" + String(repeating: "\u{301}\u{323}", count: count),
                "\"" + String(repeating: "\u{301}", count: count),
            ]
            let times = (0..<3).map { _ in
                let started = Self.processorSeconds()
                _ = Spreadsheet.csv([row])
                return Self.processorSeconds() - started
            }
            return times.min() ?? 0
        }
        _ = seconds(10_000)
        let (short, long) = (seconds(50_000), seconds(400_000))
        #expect(long < max(short, 0.001) * 8 * 4, "8 times the bytes took \(long / short) times as long")
    }
}
