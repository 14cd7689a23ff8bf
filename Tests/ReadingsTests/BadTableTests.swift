import Models
import Processing
import Readings
import Testing
import Text

@Suite("Cells as laboratories write them, and tables that are wrong")
struct BadTableTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    private func table(
        _ text: String, _ set: (inout ReadingTable.Options) -> Void = { _ in }
    ) throws(Malformed) -> ReadingTable {
        var options = ReadingTable.Options()
        set(&options)
        return try ReadingTable(Array(text.utf8), sections: Sections.book, now: now, options: options)
    }

    private func faults(
        _ text: String, _ set: (inout ReadingTable.Options) -> Void = { _ in }
    ) -> [String] {
        do throws(Malformed) {
            _ = try table(text, set)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    private func measurement(_ header: String, _ cell: String) throws -> Measurement? {
        try table("断面,时间,\(header),pH\n街口,2026-07-09 00:00,\"\(cell)\",7").reports.first?.measurements.first {
            $0.key != .pH
        }?.value
    }

    // MARK: Cells

    @Test(
        "a power of ten in its spellings",
        arguments: [
            "2.4×10^4", "2.4×10⁴", "2.4x10^4", "2.4X10^4", "2.4 × 10^4", "2.4*10^4", "2.4e4", "24000",
            "２.４×１０^４",
        ])
    func powers(_ cell: String) throws {
        #expect(try measurement("粪大肠菌群(个/L)", cell) == Measurement(24_000))
        #expect(try measurement("粪大肠菌群(MPN/100mL)", cell) == Measurement(240_000))
        #expect(try measurement("氨氮", "5×10⁻²") == Measurement(0.05))
        #expect(try measurement("氨氮", "<2.5×10^-2") == Measurement(.below(0.025), written: "<2.5×10^-2"))
    }

    @Test("more than the method can measure is kept as written, flagged so, and not judged")
    func above() throws {
        let above = try #require(try measurement("粪大肠菌群(个/L)", ">24000"))
        #expect(above == Measurement(.measured(24_000), flag: .overRange, written: ">24000"))
        #expect(above.figure == nil)
        #expect(
            try measurement("氨氮(μg/L)", "＞5000")
                == Measurement(.measured(5), flag: .overRange, written: "＞5000", unit: "ug/L"))
    }

    @Test("a star behind a value stays with it, and is counted")
    func stars() throws {
        #expect(try measurement("氨氮", "0.5*") == Measurement(.measured(0.5), written: "0.5*"))
        #expect(try measurement("氨氮", "0.5 ＊") == Measurement(.measured(0.5), written: "0.5 ＊"))
        #expect(try measurement("氨氮", "0.01L*") == Measurement(.below(0.01), written: "0.01L*"))
        #expect(try table("断面,时间,pH,氨氮\n街口,2026-07-09 00:00,7*,2.4*10^1**").starredValues == 2)
    }

    @Test("words for a value that there is not", arguments: ["停测", "未测", "断流", " 停测 ", "缺测"])
    func missing(_ cell: String) throws {
        #expect(try measurement("氨氮", cell) == nil)
    }

    @Test("period, origin and status in Chinese, column and words")
    func chineseWords() throws {
        let head = "断面,时间,数据周期,监测方式,审核状态,溶氧(mg/L),NH4+-N\n"
        let rows = [
            "2026-07-09 08:00,小时均值,自动监测,待审核", "2026-07-09 09:00,瞬时,人工,已审核",
            "2026-07-09,日均值,手工监测,未审核",
        ]
        let table = try ReadingTable(
            Array((head + rows.map { "街口,\($0),8,0.2\n" }.joined()).utf8), sections: Sections.book,
            now: Instant(millisecondsSince1970: 1_800_000_000_000))
        #expect(table.ignoredColumns.isEmpty && table.reports.map(\.period) == [.hour, .instant, .day])
        #expect(table.reports.map(\.origin) == [.automatic, .manual, .manual])
        let oxygen = table.reports.compactMap { $0.measurements[.dissolvedOxygen]?.status }
        #expect(oxygen == [.provisional, .valid, .provisional])
        #expect(table.reports.allSatisfy { $0.measurements.figures[.ammoniaNitrogen] == 0.2 })
    }

    @Test("columns for period, origin and status, and the apostrophe of our own tables")
    func ownColumns() throws {
        let report = try #require(
            try table(
                "section,observedAt,w01001 pH,w21003 Ammonia nitrogen (mg/L),source,period,origin,status\r\n"
                    + "jiekou,2026-07-08T16:00:00.000Z,7.0,0.01L,'=1+1,day,manual,valid\r\n"
            ).reports.first)
        #expect(
            report
                == Report(
                    section: Sections.id("jiekou"), observedAt: report.observedAt, period: .day,
                    origin: .manual,
                    source: "=1+1",
                    measurements: [
                        .pH: Measurement(.measured(7), status: .valid),
                        .ammoniaNitrogen: Measurement(.below(0.01), status: .valid, written: "0.01L"),
                    ]))
    }

    // MARK: What is left out on request

    @Test("rows of unknown sections are left out and told, on request")
    func skipUnknown() throws {
        let text = "断面,时间,pH\n甲,2026-07-09 00:00,7\n街口,2026-07-09 00:00,7\n乙,x,y\n甲,2026-07-09 01:00,7"
        #expect(faults(text).count == 4 + 1)
        let table = try table(text) { $0.skipsUnknown = true }
        #expect(table.reports.count == 1 && table.faultyRows == 0 && table.faults.isEmpty)
        #expect(table.unknownSections.map(\.name) == ["甲", "乙"])
        #expect(table.unknownSections.map(\.rows) == [2, 1])
        #expect(table.unknownSections.map(\.firstLine) == [2, 4])
        #expect(
            faults("断面,时间,pH\n三江口,2026-07-09 00:00,7\n,2026-07-09 00:00,7") { $0.skipsUnknown = true }.count
                == 2, "a name of two sections, and none, are not unknown")
    }

    @Test("rows with faults are left out and told, on request")
    func skipFaults() throws {
        let text = """
            断面,时间,pH,氨氮
            街口,2026-07-09 00:00,7,0.1
            街口,2026-07-09 01:00,x,0.1
            街口,2026-07-09 02:00,7
            桐庐,2026-07-09 00:00,7,0.1
            桐庐,2026-07-09 00:00,8,0.2
            街口,2026-07-09 03:00,7,0.1
            """
        let table = try table(text) { $0.skipsFaults = true }
        #expect(table.reports.map { $0.measurements.figures[.pH] } == [7, 7])
        #expect(
            table.reports.allSatisfy { $0.section.rawValue == "jiekou" }, "nobody knows which of two is right"
        )
        #expect(
            table.faults.map(\.description) == [
                "line 3, pH: \"x\" is not a number", "line 4: has 3 fields, the header has 4",
                "line 5: is of the same section and time as line 6",
                "line 6: is of the same section and time as line 5",
            ])
        #expect(table.faultyRows == 4)
    }

    @Test("what makes the rest unsure, or nearly all wrong, is refused whatever may be left out")
    func refusedAllTheSame() {
        func refused(_ text: String) -> Bool { !faults(text) { $0.skipsFaults = true }.isEmpty }
        let good = "断面,时间,pH\n街口,2026-07-09 00:00,7\n"
        #expect(!refused(good))
        #expect(refused(good + "街口,\"2026-07-09 01:00,7\n"))
        #expect(refused("断面,时间,pH\n街口,2026-07-09 00:00,x"), "not one row is good")
        #expect(refused("断面,pH\n街口,7"))
        #expect(refused(good + String(repeating: "街口,2026-07-09 01:00,x\n", count: Limit.skippedFaults + 1)))
        #expect(!refused(good + String(repeating: "街口,2026-07-09 01:00,x\n", count: Limit.skippedFaults)))
    }

    // MARK: Tables that are wrong

    @Test(
        "a table that is wrong is refused, and the fault says where",
        arguments: [
            ("", "line 1: the table has no header"),
            ("\n\n", "line 1: the table has no header"),
            ("断面", "line 1: there is no column for the time, such as 监测时间"),
            ("断面,时间", "line 1: there is no column for a parameter, such as 氨氮(mg/L)"),
            ("断面,时间,pH\n街口,2026-07-09 00:00", "line 2: has 2 fields, the header has 3"),
            ("断面,时间,pH\n街口,2026-07-09 00:00,7,8", "line 2: has 4 fields, the header has 3"),
            ("断面,时间,pH\n街口,\"2026", "line 2: a quoted field begins here and never ends"),
            ("断面,时间,pH\n街口,2026\"", "line 2: holds a quote in the middle of a field that is not quoted"),
            ("断面,时间,pH\r街口", "line 1: holds a carriage return without a line feed"),
            ("断面,时间,pH\n街口,2026-07-09 00:00,7.1.2", "line 2, pH: \"7.1.2\" is not a number"),
            ("断面,时间,pH\n街口,2026-07-09 00:00,7,1", "line 2: has 4 fields, the header has 3"),
            ("断面,时间,pH\n街口,2026-13-09 00:00,7", "line 2, 时间: \"2026-13-09 00:00\" is not a time such as"),
            ("断面,时间,pH\n街口,2027-07-09 00:00,7", "line 2, 时间: lies in the future"),
            ("断面,时间,pH\n街口,0000-01-01 00:00,7", "line 2, 时间: lies outside the years 0 to 9999"),
            (
                "断面,时间,pH\n三江口,2026-07-09 00:00,7",
                "line 2, 断面: is the name of 2 sections; write the identifier: sanjiang-1, sanjiang-2"
            ),
            ("断面,时间,pH\n街口镇,2026-07-09 00:00,7", "line 2, 断面: \"街口镇\" is not a section of the registry"),
            ("断面,时间,pH\n,2026-07-09 00:00,7", "line 2, 断面: has no section"),
            ("断面,时间,pH,pH值\n街口,2026-07-09 00:00,7,7", "line 1, pH值: means the same as pH"),
            (
                "断面,采样时间,监测时间,pH\n街口,2026-07-09 00:00,2026-07-09 00:00,7",
                "line 1, 监测时间: means the same as 采样时间"
            ),
            (
                "断面,时间,period,pH\n街口,2026-07-09 00:00,week,7",
                "line 2, period: \"week\" is none of instant, hour, day"
            ),
            (
                "断面,时间,origin,pH\n街口,2026-07-09 00:00,robot,7",
                "line 2, origin: \"robot\" is none of automatic, manual"
            ),
            (
                "断面,时间,status,pH\n街口,2026-07-09 00:00,good,7",
                "line 2, status: \"good\" is none of provisional, valid"
            ),
            ("断面,时间,类别,pH\n街口,2026-07-09 00:00,VI,7", "line 2, 类别: \"VI\" is not a class"),
            ("断面,时间,氨氮\n街口,2026-07-09 00:00,>", "line 2, 氨氮: \">\" is not a number"),
            ("断面,时间,氨氮\n街口,2026-07-09 00:00,1e999", "line 2, 氨氮: inf is outside"),
            ("断面,时间,氨氮\n街口,2026-07-09 00:00,>1e999", "line 2, 氨氮: is not a number"),
            ("断面,时间,氨氮\n街口,2026-07-09 00:00,0.5**************************************", "line 2, 氨氮: \"0.5*"),
            ("断面\u{0},时间,pH\n街口,2026-07-09 00:00,7", "holds zero bytes"),
            ("{\"readings\":[]}", "line 1: holds a quote in the middle of a field that is not quoted"),
            ("%PDF-1.7", "line 1: there is no column for the section"),
            (String(repeating: ",", count: 600), "line 1: has more than 512 fields"),
        ])
    func wrong(_ text: String, _ fault: String) {
        let faults = faults(text)
        #expect(faults.contains { $0.hasPrefix(fault) }, "\(faults)")
    }
}
