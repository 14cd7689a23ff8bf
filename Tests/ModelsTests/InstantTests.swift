import Foundation
import Models
import Support
import Testing
import Text

@Suite("Instant (RFC 3339)")
struct InstantTests {
    /// Computed with Python's datetime.
    static let known: [(text: String, milliseconds: Int64)] = [
        ("0001-01-01T00:00:00.000Z", -62_135_596_800_000),
        ("1582-10-15T12:00:00.000Z", -12_219_249_600_000),
        ("1600-02-29T00:00:00.000Z", -11_670_998_400_000),
        ("1900-02-28T23:59:59.000Z", -2_203_891_201_000),
        ("1900-03-01T00:00:00.000Z", -2_203_891_200_000),
        ("1969-12-31T23:59:59.000Z", -1000),
        ("1970-01-01T00:00:00.000Z", 0),
        ("2000-02-29T12:34:56.000Z", 951_827_696_000),
        ("2024-02-29T00:00:00.000Z", 1_709_164_800_000),
        ("2026-11-23T05:41:35.000Z", 1_795_412_495_000),
        ("2100-03-01T00:00:00.000Z", 4_107_542_400_000),
        ("9999-12-31T23:59:59.000Z", 253_402_300_799_000),
    ]

    @Test("known moments", arguments: known)
    func knownMoments(text: String, milliseconds: Int64) {
        #expect(Instant(rfc3339: text)?.millisecondsSince1970 == milliseconds)
        #expect(Instant(rfc3339: text.utf8Span.span)?.millisecondsSince1970 == milliseconds)
        #expect(Instant(millisecondsSince1970: milliseconds).description == text)
    }

    private func milliseconds(_ text: String) -> Int64? { Instant(rfc3339: text)?.millisecondsSince1970 }

    @Test("offsets, fractions, lower case and a blank for the T")
    func forms() {
        let noon = milliseconds("2026-07-09T12:00:00Z")
        #expect(milliseconds("2026-07-09T20:00:00+08:00") == noon)
        #expect(milliseconds("2026-07-09T08:30:00-03:30") == noon)
        #expect(milliseconds("2026-07-10T11:59:00+23:59") == noon)
        #expect(milliseconds("2026-07-09t12:00:00z") == noon)
        #expect(milliseconds("2026-07-09 12:00:00Z") == noon)
        #expect(milliseconds("2026-07-09T12:00:00-00:00") == noon)
        #expect(milliseconds("2026-07-09T12:00:00.5Z") == noon.map { $0 + 500 })
        #expect(milliseconds("2026-07-09T12:00:00.05Z") == noon.map { $0 + 50 })
        #expect(milliseconds("2026-07-09T12:00:00.1239999999999999999999999999Z") == noon.map { $0 + 123 })
        #expect(milliseconds("1969-12-31T23:59:59.999Z") == -1)
        #expect(Instant(millisecondsSince1970: -1).description == "1969-12-31T23:59:59.999Z")
    }

    @Test("a leap second is the second after it")
    func leapSecond() {
        #expect(milliseconds("2016-12-31T23:59:60Z") == milliseconds("2017-01-01T00:00:00Z"))
    }

    @Test("29 February only in leap years")
    func leapYears() {
        for year in ["2000", "2024", "1600", "2400"] {
            #expect(milliseconds("\(year)-02-29T00:00:00Z") != nil)
        }
        for year in ["1900", "2023", "2100", "2026"] {
            #expect(milliseconds("\(year)-02-29T00:00:00Z") == nil)
        }
    }

    @Test(
        "what is no date-time",
        arguments: [
            "", "2026", "2026-07-09", "2026-07-09T12:00:00", "2026-07-09T12:00Z", "2026-7-9T12:00:00Z",
            "2026-07-09T24:00:00Z", "2026-07-09T12:60:00Z", "2026-07-09T12:00:61Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-07-00T00:00:00Z", "2026-07-09T12:00:00.Z",
            "2026-07-09T12:00:00+0800", "2026-07-09T12:00:00+24:00", "2026-07-09T12:00:00+08:60",
            "2026-07-09T12:00:00Zz", " 2026-07-09T12:00:00Z", "2026-07-09T12:00:00Z\n",
            "２０２６-07-09T12:00:00Z",
            "+2026-07-09T12:00:00Z", "12026-07-09T12:00:00Z", "2026-07-09X12:00:00Z",
            "2026-07-09T12:00:00,5Z", "2026-07-09T24:00:00.000Z", "2026-07-09T12:60:00.000Z",
            "2026-07-09T12:00:61.000Z", "2026-02-29T12:00:00.000Z", "2026-07-09T12:00:00.00-Z",
            "2026-07-09T12:00:00:000Z", "2026-07-0:T12:00:00.000Z", "2026-07-0/T12:00:00.000Z",
        ])
    func refused(text: String) {
        #expect(Instant(rfc3339: text) == nil)
        #expect(Instant(rfc3339: text.utf8Span.span) == nil)
    }

    @Test(
        "a moment that four digits of year can't write is not read",
        arguments: [
            "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "9999-12-31T23:59:60Z",
        ])
    func outsideTheCalendar(text: String) {
        #expect(Instant(rfc3339: text) == nil)
        #expect(Instant(rfc3339: "0000-01-01T00:00:00.000Z")?.description == "0000-01-01T00:00:00.000Z")
        #expect(Instant(rfc3339: "9999-12-31T23:59:59.999Z")?.description == "9999-12-31T23:59:59.999Z")
    }

    @Test("a moment that was computed may lie in a year that four digits can't write")
    func farYears() {
        #expect(
            Instant(millisecondsSince1970: 253_402_300_800_000).description == "10000-01-01T00:00:00.000Z")
        #expect(Instant(millisecondsSince1970: -62_167_219_200_001).description == "00-1-12-31T23:59:59.999Z")
    }

    @Test("the form that is written is read at once, and any other as ever")
    func readings() {
        var random = SplitMix64(seed: 24)
        for _ in 0..<2000 {
            var text = Array("2016-12-31T23:59:60.120Z".utf8)
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: text.indices, using: &random)
                text[place] = Array("0123456789-:.TZ+z ".utf8).randomElement(using: &random) ?? 0
            }
            let whole = String(decoding: text, as: UTF8.self)
            #expect(Instant(rfc3339: text.span) == Instant(rfc3339: whole), "\(whole)")
        }
    }

    @Test("local times only where the zone is known")
    func defaultOffset() {
        let china = Duration.seconds(8 * 3600)
        #expect(
            Instant(rfc3339: "2026-08-08 00:00", defaultOffset: china)
                == Instant(rfc3339: "2026-08-07T16:00:00Z"))
        #expect(
            Instant(rfc3339: "2026-08-08T00:00:30", defaultOffset: china)
                == Instant(rfc3339: "2026-08-07T16:00:30Z"))
        #expect(
            Instant(rfc3339: "2026-08-08T00:00:00Z", defaultOffset: china)?.description.hasPrefix(
                "2026-08-08") == true)
        #expect(Instant(rfc3339: "2026-08-08", defaultOffset: china) == nil)
    }

    @Test("parse ∘ print is the identity, and prints sort as times do")
    func roundTrip() {
        var random = SplitMix64(seed: 1970)
        var instants: [Instant] = []
        for _ in 0..<5000 {
            let range: ClosedRange<Int64> =
                random.once(in: 2)
                ? -62_167_219_200_000...253_402_300_799_999 : -100_000_000_000...4_000_000_000_000
            instants.append(Instant(millisecondsSince1970: .random(in: range, using: &random)))
        }
        let lost = instants.filter {
            Instant(rfc3339: $0.description) != $0 || $0.description.utf8.count != 24
        }
        #expect(lost == [])
        #expect(instants.sorted().map(\.description) == instants.map(\.description).sorted())
    }

    @Test("any offset names the same moment")
    func offsets() {
        var random = SplitMix64(seed: 3339)
        for _ in 0..<2000 {
            let moment = Instant(
                millisecondsSince1970: .random(in: -50_000_000_000_000...200_000_000_000_000, using: &random))
            let minutes = Int64.random(in: -1439...1439, using: &random)
            let local = Instant(millisecondsSince1970: moment.millisecondsSince1970 + minutes * 60_000)
            func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let offset = "\(minutes < 0 ? "-" : "+")\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
            #expect(Instant(rfc3339: "\(local.description.dropLast())\(offset)") == moment)
        }
    }

    @Test("printing never traps", arguments: [Int64.min, .min + 1, -1, 0, .max - 1, .max])
    func extremes(milliseconds: Int64) {
        #expect(!Instant(millisecondsSince1970: milliseconds).description.isEmpty)
    }

    @Test("arithmetic in milliseconds")
    func arithmetic() {
        let instant = Instant(millisecondsSince1970: 1000)
        #expect((instant + .milliseconds(-1500)).millisecondsSince1970 == -500)
        #expect(instant + .seconds(1) - instant == .seconds(1))
        #expect(Duration.milliseconds(-1500).wholeMilliseconds == -1500)
    }

    @Test("months begin at local midnight")
    func months() throws {
        let china = Duration.seconds(8 * 3600)
        let before = try #require(Instant(rfc3339: "2026-10-31T15:59:59.999Z"))
        #expect(before.month(offset: china).description == "2026-10")
        #expect((before + .milliseconds(1)).month(offset: china) == Month("2026-11"))
        #expect(Month("2026-1") == nil)
        #expect(Month("2026-13") == nil)
        #expect(Month("2026-11x") == nil)
        #expect(Month(year: 2026, month: 9) < Month(year: 2026, month: 10))
    }

    @Test("in JSON it is its text")
    func json() throws {
        let instant = Instant(millisecondsSince1970: 1_795_412_495_120)
        #expect(String(decoding: JSON.encode([instant]), as: UTF8.self) == "[\"2026-11-23T05:41:35.120Z\"]")
        #expect(
            try JSON.decode([Instant].self, from: Array("[\"2026-11-23T13:41:35.12+08:00\"]".utf8)) == [
                instant
            ])
        #expect(throws: Malformed.self) {
            try JSON.decode([Instant].self, from: Array("[\"2026-11-23\"]".utf8))
        }
    }
}
