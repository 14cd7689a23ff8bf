import Models
import Processing
import Readings
import Testing
import Text

@Suite("A table's header is found where people put it")
struct TableHeadTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    private func table(_ text: String, columns: String? = nil) throws -> ReadingTable {
        var options = ReadingTable.Options()
        if let columns { options.columns = try ColumnMap(columns) }
        return try ReadingTable(Array(text.utf8), sections: Sections.book, now: now, options: options)
    }

    private func faults(_ text: String, columns: String? = nil) -> [String] {
        do {
            _ = try table(text, columns: columns)
            return []
        } catch let error as Malformed {
            return error.faults.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    private func figures(_ text: String) throws -> [Parameter: Double]? {
        try table(text).reports.first?.measurements.figures
    }

    // MARK: Separators

    @Test("comma, semicolon or tab", arguments: [",", ";", "\t"])
    func separators(_ mark: String) throws {
        let rows = [["断面", "时间", "氨氮(mg/L)", "备注"], ["街口", "2026-07-09 00:00", "0.5", "\"a,b;c\td\""]]
        let table = try table(rows.map { $0.joined(separator: mark) }.joined(separator: "\r\n"))
        #expect(table.reports.first?.measurements.figures == [.ammoniaNitrogen: 0.5])
        #expect(String(table.separator) == mark && table.ignoredColumns == ["备注"])
    }

    @Test("a comma among figures is no decimal point")
    func decimalComma() {
        #expect(
            faults("断面;时间;氨氮\n街口;2026-07-09 00:00;0,5") == [
                "line 2, 氨氮: \"0,5\" is not a number; write a point before decimals and no mark between thousands"
            ])
    }

    // MARK: Rows above the header

    @Test("titles above the header, as wide as the table or not")
    func titles() throws {
        let titles = "新城市 2026 年 7 月 监测时间统计表,,,\n制表：样例,,,\n单位：mg/L，pH 无量纲\n\nsep=,\n"
        let table = try table("\(titles)断面,时间,氨氮,pH\n街口,2026-07-09 00:00,0.5,7")
        #expect(table.reports.first?.measurements.figures == [.ammoniaNitrogen: 0.5, .pH: 7])
        #expect(table.emptyRows == 0)
    }

    @Test("a fault below titles has its line in the file")
    func lines() {
        #expect(
            faults("七月报表,,\n\n断面,时间,pH\n街口,2026-07-09 00:00,x")
                == ["line 4, pH: \"x\" is not a number"])
        let far = String(repeating: "说明\n", count: Limit.titleRows)
        #expect(faults("\(far)断面,时间,pH\n街口,2026-07-09 00:00,7") == [])
        #expect(
            faults("说明\n\(far)断面,时间,pH\n街口,2026-07-09 00:00,7").first?.hasPrefix("line 1: there is no column")
                == true)
    }

    @Test("a unit above the header that is not ours must stand in the header")
    func unitAbove() throws {
        let rows = "断面,时间,总磷,pH\n街口,2026-07-09 00:00,50,7"
        #expect(
            faults("单位：μg/L,,,\n\(rows)") == [
                "line 1, 总磷: the line has the unit ug/L; write the unit into the column's header"
            ])
        #expect(faults("监测项目(ug/L)\n\(rows)").count == 1)
        #expect(try figures("单位: mg/L\n\(rows)") == [.totalPhosphorus: 50, .pH: 7])
        let named = rows.replacing("总磷", with: "总磷(μg/L)")
        #expect(try figures("单位：μg/L\n\(named)") == [.totalPhosphorus: 0.05, .pH: 7])
    }

    // MARK: Two rows

    @Test("units in a second row")
    func unitsBelow() throws {
        #expect(
            try figures("断面名称,监测时间,总磷,电导率,pH\n,,μg/L,(mS/m),无量纲\n街口,2026-07-09 00:00,50,35.12,7")
                == [.totalPhosphorus: 0.05, .conductivity: 351.2, .pH: 7])
        #expect(try figures("断面,时间,w20120\n,,µg/L\n街口,2026-07-09 00:00,5") == [.lead: 0.005])
    }

    @Test("groups above names, whose fields were merged")
    func groups() throws {
        #expect(
            try figures("断面,时间,监测项目(mg/L),,\n,,氨氮,总磷,溶解氧\n街口,2026-07-09 00:00,0.5,0.05,8")
                == [.ammoniaNitrogen: 0.5, .totalPhosphorus: 0.05, .dissolvedOxygen: 8])
        #expect(
            try figures("采样,,监测项目,\n点位,时间,氨氮,总磷\n街口,2026-07-09 00:00,0.5,0.05")
                == [.ammoniaNitrogen: 0.5, .totalPhosphorus: 0.05])
        #expect(
            faults("断面,时间,监测项目(μg/L),\n,,氨氮,总磷\n街口,2026-07-09 00:00,5,5").count == 2,
            "the group's unit is not passed over")
    }

    @Test("what stands below a parameter's name belongs to that parameter")
    func parts() throws {
        let table = try table(
            "断面,时间,氨氮,,总磷,\n,,浓度(mg/L),类别,浓度(μg/L),类别\n街口,2026-07-09 00:00,0.5,II,50,II")
        let report = try #require(table.reports.first)
        #expect(report.measurements.figures == [.ammoniaNitrogen: 0.5, .totalPhosphorus: 0.05])
        #expect(report.publishedClass == nil, "the class of one parameter is not the water's")
        #expect(table.ignoredColumns == ["氨氮 类别", "总磷 类别"])
    }

    @Test("a first row of figures without section and time is no second header")
    func noSecondHeader() {
        #expect(
            faults("断面,时间,pH\n,,7\n街口,2026-07-09 00:00,7") == [
                "line 2, 断面: has no section; only the first row of a merged cell has it",
                "line 2, 时间: \"\" is not a time such as 2026-07-09 21:00",
            ])
    }

    // MARK: Names and units

    @Test(
        "units in all usual forms",
        arguments: [
            "总磷(μg/L)", "总磷 μg/L", "总磷/(μg/L)", "总磷/μg/L", "总磷（µg/L）", "总磷[ug/L]", "总磷【ug/L】", "总磷,ug/L",
            "总磷，ug/L",
            "总磷_ug/L", "总磷-ug/L", "总磷ug/L", "总磷（以P计，μg/L）", "总磷(以 P 计)(μg/L)", "总磷（TP，μg/L）", "总磷\n(μg/L)",
            "总磷 (μg·L⁻¹)", "总磷(ug L-1)", "总磷（微克/升）", "总磷：μg/L", "TP μg/L", "TP(ug/l as P)",
            "w21011 总磷 (μg/L)",
            "Total phosphorus, ug/L", "总磷浓度(ug/L)", "总磷(ug/L)浓度",
        ])
    func units(_ header: String) throws {
        let text = "断面,时间,\"\(header)\",pH\n街口,2026-07-09 00:00,50,7"
        #expect(try figures(text) == [.totalPhosphorus: 0.05, .pH: 7])
    }

    @Test(
        "what only begins like a name is another thing",
        arguments: [
            "溶解氧饱和度(%)", "总磷浓度比", "氨氮 评价", "铜绿假单胞菌(CFU/L)", "Lead time", "DO probe", "Ecoli", "总氮总磷比",
            "pH meter", "time zone",
            "类别说明", "section notes",
        ])
    func others(_ header: String) throws {
        let table = try table("断面,时间,\(header),pH\n街口,2026-07-09 00:00,5,7")
        #expect(table.ignoredColumns == [header])
        #expect(table.reports.first?.measurements.figures == [.pH: 7])
    }

    @Test(
        "a unit that is not ours to convert is never passed over",
        arguments: ["氨氮 ppm", "氨氮/ppm", "DO %", "DO(%)", "氨氮(mg/kg)", "氨氮(mg/L)(ug/L)", "水温 °F", "COD(Fe)"])
    func unclear(_ header: String) {
        #expect(faults("断面,时间,\(header)\n街口,2026-07-09 00:00,5").count >= 1)
    }

    @Test(
        "other names of the section's column, and two of them",
        arguments: ["监测断面", "点位名称", "站点", "采样点位", "水站名称", "Station name", "sampling_point", "监测断面（国控）"])
    func sectionColumns(_ name: String) throws {
        #expect(try table("\(name),时间,pH\n街口,2026-07-09 00:00,7").reports.count == 1)
        // The other is some other system's code, or an identifier.
        #expect(try table("\(name),断面编号,时间,pH\n街口,A0017,2026-07-09 00:00,7").reports.count == 1)
        #expect(
            try table("\(name),断面编号,时间,pH\n三江口,sanjiang-2,2026-07-09 00:00,7").reports.map(\.section.rawValue)
                == ["sanjiang-2"])
        #expect(
            faults("断面,断面编号,时间,pH\n街口,tonglu,2026-07-09 00:00,7")
                == ["line 2, 断面编号: \"tonglu\" is not the section in 断面"])
    }

    @Test("a column without a name may be empty and nothing else")
    func nameless() {
        #expect(faults("断面,时间,pH,,\n街口,2026-07-09 00:00,7,,\n街口,2026-07-09 01:00,7,,,,") == [])
        #expect(
            faults("断面,时间,pH,\n街口,2026-07-09 00:00,7,8") == [
                "line 2, column 4: has no name in the header"
            ])
    }

    // MARK: Columns that somebody explains

    @Test("columns can be explained by name or number, and left out")
    func explained() throws {
        let text = "位置,何时,NH4,氨氮,TP\n街口,2026-07-09 00:00,500,x,1"
        let table = try table(text, columns: "位置:section;何时:时间;NH4:氨氮(μg/L);氨氮:ignore;#5:ignore")
        #expect(table.reports.first?.measurements.figures == [.ammoniaNitrogen: 0.5])
        #expect(table.ignoredColumns == ["氨氮", "TP"])
    }

    @Test(
        "an explanation that explains nothing is a fault",
        arguments: [
            ("x", "is not a header, a colon"), ("a:河", "is not a known column name"),
            ("a:氨氮(ppm)", "the unit ppm"),
            ("b:pH", "the header has no column \"b\""), ("#9:pH", "\"#9\""),
            (String(repeating: "a:pH;", count: 1000), "longer than"),
        ])
    func unexplained(_ columns: String, _ fault: String) {
        let faults = faults("断面,时间,pH\n街口,2026-07-09 00:00,7", columns: columns)
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }
}
