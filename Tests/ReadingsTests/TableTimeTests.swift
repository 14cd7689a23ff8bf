import Models
import Processing
import Readings
import Testing
import Text

@Suite("Times of a table, by the clocks of its sections")
struct TableTimeTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    private func table(_ text: String) throws(Malformed) -> ReadingTable {
        try ReadingTable(Array(text.utf8), sections: Sections.book, now: now)
    }

    private func times(_ text: String) throws -> [String] {
        try table(text).reports.map(\.observedAt.description)
    }

    private func faults(_ text: String) -> [String] {
        do throws(Malformed) {
            _ = try table(text)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test(
        "a time in all usual forms",
        arguments: [
            "2026-09-02 08:03", "2026-9-2 8:03", "2026/9/2 8:03", "2026.9.2 8:03", "2026年9月2日 8:03",
            "2026年9月2日8时3分",
            "2026 年 9 月 2 日 8 时3分", "2026年09月02日 08:03:00", "2026-09-02T08:03+0800", "2026-09-02 08:03+08",
            "2026-09-02T00:03Z", "202609020803", "20260902080300", "２０２６－９－２　８：０３", "2026-9-2T8:3",
            "2026年9月2日8点3分0秒",
            "2026-09-01T20:03-04:00", "2026-9-2  8:03:00.000",
        ])
    func forms(_ cell: String) throws {
        #expect(try times("断面,时间,pH\n街口,\(cell),7") == ["2026-09-02T00:03:00.000Z"], "\(cell)")
    }

    @Test("24:00 is the next day's midnight")
    func midnight() throws {
        for cell in ["2026-11-28 24:00", "2026-11-28 24:00:00", "2026年11月28日24时", "2026-11-29 0:00"] {
            #expect(try times("断面,时间,pH\n街口,\(cell),7") == ["2026-11-28T16:00:00.000Z"])
        }
        #expect(try times("断面,时间,pH\n街口,2026年11月28日09时,7") == ["2026-11-28T01:00:00.000Z"])
        #expect(try times("断面,时间,pH\n街口,2025-12-31 24:00,7") == ["2025-12-31T16:00:00.000Z"])
    }

    // MARK: Days alone

    @Test(
        "a day alone is that of a manual sample",
        arguments: ["2026-11-28", "2026年11月28日", "2026/11/28", "20261128"])
    func day(_ cell: String) throws {
        let report = try #require(try table("断面,采样日期,pH\n街口,\(cell),7\npont,\(cell),7").reports.first)
        #expect(report.observedAt.description == "2026-11-27T16:00:00.000Z")
        #expect(report.period == .day && report.origin == .manual)
        #expect(
            try times("断面,采样日期,pH\npont,\(cell),7") == ["2026-11-27T23:00:00.000Z"],
            "a day begins at its section's midnight")
    }

    @Test("among times a day alone may be a midnight that lost its time, and is refused")
    func mixed() {
        let day = "line 3, 时间: has only a day, but line 2 has a time; for midnight write 00:00"
        #expect(faults("断面,时间,pH\n街口,2026-11-28 23:00,7\n街口,2026-11-29,7") == [day])
        #expect(
            faults("断面,时间,pH\n街口,2026-11-28,7\n街口,2026-11-28 01:00,7\n街口,2026-11-28 02:00,7")
                == ["line 2, 时间: has only a day, but line 3 has a time; for midnight write 00:00"],
            "whichever comes first")
        #expect(
            faults("断面,时间,period,pH\n街口,2026-11-28,day,7\n街口,2026-11-28 01:00,,7") == [],
            "where the period says so, it is no guess")
        #expect(
            faults("断面,时间,period,pH\n街口,2026-11-28,hour,7") == [
                "line 2, 时间: has only a day; a reading of a moment or an hour needs a time"
            ])
    }

    // MARK: Two columns

    @Test("date and time in two columns, in either order")
    func twoColumns() throws {
        let expected = ["2026-09-02T00:03:00.000Z"]
        #expect(try times("断面,日期,时间,pH\n街口,2026-9-2,8:03,7") == expected)
        #expect(try times("断面,采样时间,采样日期,pH\n街口,08:03:00,2026年9月2日,7") == expected)
        #expect(try times("断面,日期,时间,pH\n街口,2026/9/2,8时3分,7") == expected)
        #expect(try times("断面,日期,时间,pH\n街口,2026-9-1,24:00,7") == ["2026-09-01T16:00:00.000Z"])
        #expect(try times("断面,日期,时间,pH\n街口,2026-9-2,2026-9-2 8:03,7") == expected)
        let report = try table("断面,日期,时间,pH\n街口,2026-9-2,--,7").reports.first
        #expect(report?.period == .day && report?.origin == .manual)
    }

    @Test("two columns that differ, and halves that are none")
    func twoColumnFaults() {
        #expect(
            faults("断面,日期,时间,pH\n街口,2026-9-2,2026-9-3 8:03,7") == [
                "line 2, 时间: \"2026-9-3 8:03\" is not the day in 日期"
            ])
        #expect(
            faults("断面,日期,时间,pH\n街口,2026-9-2,8,7") == [
                "line 2, 时间: \"8\" is not a time such as 2026-07-09 21:00"
            ])
        #expect(
            faults("断面,日期,时间,pH\n街口,9-2,8:03,7") == ["line 2, 日期: \"9-2\" is not a day such as 2026-07-09"])
    }

    // MARK: Offsets

    @Test(
        "a header may name the offset",
        arguments: [
            ("时间(UTC)", "2026-09-02T08:03:00.000Z"), ("时间（GMT+8）", "2026-09-02T00:03:00.000Z"),
            ("时间(UTC+08:00)", "2026-09-02T00:03:00.000Z"), ("时间(北京时间)", "2026-09-02T00:03:00.000Z"),
            ("time [UTC-3:30]", "2026-09-02T11:33:00.000Z"), ("时间(整点)", "2026-09-02T06:03:00.000Z"),
        ])
    func headers(_ header: String, _ time: String) throws {
        #expect(try times("断面,\(header),pH\npont,2026-09-02 08:03,7") == [time])
        #expect(
            try times("断面,\(header),pH\npont,2026-09-02 08:03+01:00,7") == ["2026-09-02T07:03:00.000Z"],
            "a cell's own offset counts more")
    }

    @Test(
        "a span of time is no time with an offset",
        arguments: [
            "2026-09-02 08:00-09:00", "2026-9-2 8:00 -09:00", "2026-09-02 08:00-0900",
            "2026-09-02 08:00~09:00", "2026年9月2日8时-9时",
        ])
    func spans(_ cell: String) {
        #expect(
            faults("断面,时间,pH\n街口,\(cell),7") == [
                "line 2, 时间: \"\(cell)\" is not a time such as 2026-07-09 21:00"
            ])
    }

    @Test("an offset in a header that can't be read is a fault")
    func unknownOffset() {
        #expect(
            faults("断面,时间(UTC+x),pH\n街口,2026-09-02 08:03,7").first?.contains("can't be read") == true)
    }

    // MARK: Summer time

    @Test("times are those of the section's region, in summer and in winter")
    func summer() throws {
        #expect(
            try times(
                "断面,时间,pH\npont,2026-07-09 21:00,7\npont,2026-01-09 21:00,7\n街口,2026-07-09 21:00,7")
                == [
                    "2026-07-09T19:00:00.000Z", "2026-01-09T20:00:00.000Z", "2026-07-09T13:00:00.000Z",
                ])
    }

    @Test("the hour that is shown twice, in a table that goes forward and in one that goes back")
    func twice() throws {
        let hours = ["00:00", "01:00", "02:00", "02:00", "03:00"]
        let moments = ["24T22", "24T23", "25T00", "25T01", "25T02"].map { "2026-10-\($0):00:00.000Z" }
        let rows = hours.enumerated().map { "pont,2026-10-25 \($1),7.\($0)" }
        let header = "断面名称,监测时间,溶解氧(mg/L)"
        #expect(try times(([header] + rows).joined(separator: "\n")) == moments)
        #expect(
            try times(([header] + rows.reversed()).joined(separator: "\n")) == Array(moments.reversed()))
        // Other sections between them change nothing.
        let mixed = rows.flatMap {
            [$0, $0.replacing("pont", with: "街口").replacing("25 02", with: "25 1\($0.last ?? "0")")]
        }
        let paris = try table(([header] + mixed).joined(separator: "\n")).reports.filter {
            $0.section.rawValue == "pont"
        }
        #expect(paris.map(\.observedAt.description) == moments)
        #expect(paris.map { $0.measurements.figures[.dissolvedOxygen] } == [7, 7.1, 7.2, 7.3, 7.4])
    }

    @Test("half hours that are shown twice")
    func halfHours() throws {
        let rows = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"].map { "pont,2026-10-25 \($0),7" }
        #expect(
            try times("断面,时间,pH\n" + rows.joined(separator: "\n")).map { String($0.dropFirst(11).prefix(5)) }
                == ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"])
    }

    @Test("alone it may be either, and the fault says which offsets tell them apart")
    func ambiguous() throws {
        let fault =
            "line 2, 时间: this time came twice in Europe/Paris: clocks were put back; write the offset: +02:00 or +01:00"
        #expect(faults("断面,时间,pH\npont,2026-10-25 02:30,7\npont,2026-10-25 04:00,7") == [fault])
        #expect(
            faults("断面,时间,pH\npont,2026-10-25 02:30,7\npont,2026-10-25 02:30,8").first == fault,
            "nothing says in which order the rows are")
        #expect(try times("断面,时间,pH\npont,2026-10-25 02:30+01:00,7") == ["2026-10-25T01:30:00.000Z"])
    }

    @Test(
        "two rows of different series are not the first and the second time",
        arguments: [
            ("origin", "automatic", "manual"), ("period", "instant", "hour"), ("origin", "", "manual"),
            ("period", "hour", ""),
        ])
    func differentSeries(_ column: String, _ one: String, _ other: String) throws {
        let head = "断面,时间,\(column),pH\n"
        func rows(_ times: String..., word: String) -> String {
            times.map { "pont,2026-10-25 \($0),\(word),7\n" }.joined()
        }
        let single = rows("01:00", "02:30", "04:00", word: one) + rows("02:30", word: other)
        let told = faults(head + single).map { String($0.prefix(32)) }
        #expect(told == ["line 3, 时间: this time came twice", "line 5, 时间: this time came twice"])
        // Each series has its own order.
        let both =
            rows("01:30", "02:30", "02:30", "03:30", word: one)
            + rows("03:30", "02:30", "02:30", "01:30", word: other)
        let there = ["24T23", "25T00", "25T01", "25T02"].map { "2026-10-\($0):30:00.000Z" }
        #expect(try times(head + both) == there + there.reversed())
    }

    @Test("in a table without an order nobody knows which is the first")
    func unordered() {
        for hours in [
            ["01:00", "02:30", "05:00", "02:30", "06:00"], ["02:30", "04:00", "02:30", "05:00"],
            ["06:00", "02:30", "02:30", "07:00"],
        ] {
            let rows = hours.map { "pont,2026-10-25 \($0),7\n" }.joined()
            #expect(faults("断面,时间,pH\n" + rows).count == 2, "\(hours)")
        }
    }

    @Test("a time that clocks never showed is a fault, not an hour later")
    func never() {
        #expect(
            faults("断面,时间,pH\npont,2026-03-29 02:30,7") == [
                "line 2, 时间: this time did not exist in Europe/Paris: clocks were put forward; write the offset, such as Z"
            ])
    }
}
