import Models
import Processing
import Readings
import Testing
import Text

@Suite struct ReadingTableTests {
    private let now = Instant(millisecondsSince1970: 1_800_000_000_000)

    private func table(_ text: String) throws(Malformed) -> ReadingTable {
        try ReadingTable(Array(text.utf8), sections: Sections.book, now: now)
    }

    /// The readings of a table with a section and a time before the columns given.
    private func readings(_ columns: String, _ cells: String...) throws -> [Report] {
        let rows = cells.enumerated().map { "街口,2026-07-09 0\($0):00,\($1)" }
        return try table((["断面名称,监测时间,\(columns)"] + rows).joined(separator: "\n")).reports
    }

    private func faults(_ text: String) -> [String] {
        do throws(Malformed) {
            _ = try table(text)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    private func faults(_ columns: String, _ cells: String) -> [String] {
        faults("断面名称,监测时间,\(columns)\n街口,2026-07-09 00:00,\(cells)")
    }

    @Test("a field that piles up accents is refused for its bytes before anything is made of it")
    func piledUp() {
        let piled = "a" + String(repeating: "\u{301}\u{316}", count: 15_000)
        let header = "断面名称,监测时间,数据来源,氨氮(mg/L)"
        for row in ["\(piled),2026-07-09 00:00,,1", "街口,\(piled),,1", "街口,2026-07-09 00:00,\(piled),1"] {
            let faults = faults("\(header)\n\(row)")
            #expect(faults.count == 1 && faults[0].hasSuffix("is longer than 512 bytes"))
        }
        #expect(faults("氨氮(mg/L)", piled) == ["line 2, 氨氮(mg/L): is longer than 512 bytes"])
    }

    @Test("a column's name has a limit, whatever it is made of")
    func longHeader() {
        let piled = "a" + String(repeating: "\u{301}", count: 30_000)
        let text = "断面名称,监测时间,氨氮(mg/L),\(piled)\n街口,2026-07-09 00:00,1,2"
        #expect(faults(text) == ["line 1: the name of column 4 is longer than 256 bytes"])
    }

    // MARK: Columns

    @Test func theNationalFeedIsRead() throws {
        let table = try table(
            """
            省份,流域,断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),高锰酸盐指数(mg/L),氨氮(mg/L),总磷(mg/L),总氮(mg/L),叶绿素α(mg/L),藻密度(cells/L)
            浙江省,浙闽片河流,街口,2026-07-09 21:00,2,29.23,7.8,12.66,132.495,4.104,2.12,9E-05,0.025,0.9144,--,1.008037E+07
            """)
        let expected = Report(
            section: Sections.id("jiekou"),
            observedAt: try #require(Instant(rfc3339: "2026-07-09T13:00:00Z")),
            publishedClass: .II,
            measurements: .init([
                .waterTemperature: 29.23, .pH: 7.8, .dissolvedOxygen: 12.66, .conductivity: 132.495,
                .turbidity: 4.104, .permanganateIndex: 2.12, .ammoniaNitrogen: 0.00009,
                .totalPhosphorus: 0.025,
                .totalNitrogen: 0.9144, .algalDensity: 10_080_370,
            ]))
        #expect(table.reports == [expected])
        #expect(table.ignoredColumns == ["省份", "流域"])
    }

    @Test func codesAndEnglishNamesAreRead() throws {
        let table = try table(
            "section,observedAt,class,w21003,Total phosphorus (mg/L),dissolved_oxygen,remark,source\n"
                + "tonglu,2026-07-09T13:00:00Z,worseThanV,0.1,0.2,5,none,laboratory 3")
        let reading = try #require(table.reports.first)
        #expect(
            reading.measurements.figures == [
                .ammoniaNitrogen: 0.1, .totalPhosphorus: 0.2, .dissolvedOxygen: 5,
            ])
        #expect(reading.publishedClass == .worseThanV)
        #expect(reading.source == "laboratory 3")
        #expect(reading.section.rawValue == "tonglu")
        #expect(table.ignoredColumns == ["remark"])
    }

    @Test(arguments: Parameter.allCases)
    func everyParameterIsKnownByCodeAndNames(_ parameter: Parameter) throws {
        let unit = parameter.unit.isEmpty ? "无量纲" : parameter.unit
        for name in [parameter.name.zh, parameter.name.en, parameter.name.en.uppercased(), "\(parameter)"] {
            for header in [name, "\(name)(\(unit))", "\(name)（\(unit)）", "\(name) [\(unit)]"]
            // Nobody may guess the unit of chlorophyll.
            where header != name || parameter != .chlorophyllA {
                let figures = try readings(header, "7.5").first?.measurements.figures
                #expect(figures == [parameter: parameter.logged(7.5)], "\(header)")
            }
        }
        let figures = try readings("\(parameter.rawValue)(\(unit))", "7.5").first?.measurements.figures
        #expect(figures == [parameter: parameter.logged(7.5)])
    }

    @Test(
        arguments: [
            ("NH3-N(mg/L)", Parameter.ammoniaNitrogen), ("NH₃-N", .ammoniaNitrogen),
            ("氨氮(NH3-N)(mg/L)", .ammoniaNitrogen),
            ("总磷(以P计)(mg/L)", .totalPhosphorus), ("总磷（以P计，mg/L）", .totalPhosphorus),
            ("叶绿素a(μg/L)", .chlorophyllA),
            ("铬(六价)(mg/L)", .hexavalentChromium), ("铬(六价)", .hexavalentChromium),
            ("CODMn", .permanganateIndex),
            ("CODcr", .chemicalOxygenDemand), ("BOD₅", .biochemicalOxygenDemand), ("ＤＯ", .dissolvedOxygen),
            ("pH", .pH), ("粪大肠菌群(个/L)", .faecalColiforms), ("氨", nil), ("Hg(mg/L)", .mercury),
        ] as [(String, Parameter?)])
    func namesAsPeopleWriteThem(_ header: String, _ parameter: Parameter?) throws {
        let text = "断面,时间,\(header),w01010\n街口,2026-07-09 00:00,5,20"
        let table = try table(text)
        #expect(
            table.reports.first?.measurements.keys.filter { $0 != .waterTemperature } == parameter.map {
                [$0]
            }
                ?? [])
        #expect(table.ignoredColumns == (parameter == nil ? [header] : []))
    }

    @Test func theSameParameterTwiceIsAFault() {
        #expect(
            faults("氨氮(mg/L),w21003", "1,1") == ["line 1, w21003: means the same as 氨氮(mg/L)"])
        #expect(
            faults("氨氮(mg/L),氨氮(μg/L)", "1,1") == ["line 1, 氨氮(μg/L): means the same as 氨氮(mg/L)"])
    }

    @Test func whatATableMustHave() {
        #expect(
            faults("名称,值\n1,2") == [
                "line 1: there is no column for the section, such as 断面名称",
                "line 1: there is no column for the time, such as 监测时间",
            ])
        #expect(
            faults("断面名称,监测时间,氨\n街口,2026-07-09 00:00,5") == [
                "line 1: there is no column for a parameter, such as 氨氮(mg/L)"
            ])
        #expect(faults("") == ["line 1: the table has no header"])
    }

    // MARK: Units

    @Test(arguments: [
        ("总磷(μg/L)", "50", Parameter.totalPhosphorus, 0.05), ("总磷(µg/L)", "50", .totalPhosphorus, 0.05),
        ("总磷(ug/L)", "25", .totalPhosphorus, 0.025), ("w20111(µg/L)", "0.05", .mercury, 0.00005),
        ("w20111(μg/L)", "1e-1", .mercury, 0.0001), ("w20111(ng/L)", "50", .mercury, 0.00005),
        ("电导率(mS/cm)", "0.3512", .conductivity, 351.2), ("电导率(mS/m)", "35.12", .conductivity, 351.2),
        ("叶绿素a(mg/m³)", "12.3", .chlorophyllA, 0.0123), ("叶绿素α(mg/L)", "0.0123", .chlorophyllA, 0.0123),
        ("w01016 Chlorophyll a (mg/m³)", "12.3", .chlorophyllA, 0.0123),
        ("藻密度(万个/L)", "1.2", .algalDensity, 12_000),
        ("藻密度(cells/mL)", "1.2E3", .algalDensity, 1_200_000), ("透明度(cm)", "43", .transparency, 0.43),
        ("SD(m)", "0.8", .transparency, 0.8),
        ("粪大肠菌群(MPN/100mL)", "23", .faecalColiforms, 230),
    ])
    func otherUnitsAreConvertedToTheLastBit(
        _ header: String, _ cell: String, _ parameter: Parameter, _ value: Double
    ) throws {
        #expect(try readings(header, cell).first?.measurements.figures == [parameter: value])
    }

    @Test(arguments: [
        ("氨氮(ppm)", "line 1, 氨氮(ppm): the unit ppm is unknown; ours is mg/L"),
        ("水温(℉)", "line 1, 水温(℉): the unit ℉ is unknown; ours is ℃"),
        ("pH(mg/L)", "line 1, pH(mg/L): the unit mg/L is unknown; ours is none"),
        ("电导率(mg/L)", "line 1, 电导率(mg/L): the unit mg/L is unknown; ours is μS/cm"),
        ("w20120", "line 1, w20120: has no unit: HJ 212 uses µg/L, GB 3838 uses mg/L"),
        (
            "叶绿素a",
            "line 1, 叶绿素a: has no unit: bulletins use mg/m³, the national platform uses mg/L"
        ),
    ])
    func anUnknownUnitIsAFault(_ header: String, _ fault: String) {
        #expect(faults(header, "1") == [fault])
    }

    // MARK: Cells

    @Test(arguments: ["", " ", "-", "--", "—", "——", "/", "N/A", "－－"])
    func withheldIsAbsent(_ cell: String) throws {
        #expect(
            try readings("w21003,w21011", "\(cell),0.1").first?.measurements.figures == [
                .totalPhosphorus: 0.1
            ])
    }

    @Test(
        arguments: [
            ("0.5", 0.5), (" 0.5 ", 0.5), ("5E-1", 0.5), ("5.0e-01", 0.5), ("+0.5", 0.5), (".5", 0.5),
            ("5.", 5),
            ("０.５", 0.5), ("1.008037E+07", nil), ("<0.01", 0.005), ("< 0.01", 0.005), ("＜0.01", 0.005),
            ("0.01L", 0.005), ("0.01 L", 0.005), ("0.01l", 0.005), ("nan", nil), ("inf", nil), ("0x1p3", nil),
            ("1,5", nil), ("1.2.3", nil), ("e5", nil), (".", nil), ("1e", nil),
            ("1e9223372036854775807", nil),
            ("1e-9223372036854775808", nil), ("1e5e5", nil), ("--5", nil), ("<", nil), ("L", nil),
            ("<0.01L", nil),
            (">", nil), ("2.4x10", nil), ("2.4×10^", nil), ("×10^4", nil), ("*", nil), ("ND", nil),
            ("-0.1", nil), ("二", nil),
        ] as [(String, Double?)])
    func numbers(_ cell: String, _ value: Double?) throws {
        let quoted = "\"\(cell)\""
        if let value {
            #expect(try readings("w21003", quoted).first?.measurements.figures == [.ammoniaNitrogen: value])
        } else {
            #expect(faults("w21003", quoted).count == 1)
        }
    }

    /// What is below a limit stays so, and stays as it was written; the limit is in our unit.
    @Test(
        arguments: [
            ("w21003", "0.01L", Measurement(.below(0.01), written: "0.01L")),
            ("氨氮(mg/L)", " ＜0.010 ", Measurement(.below(0.01), written: "＜0.010")),
            ("氨氮(μg/L)", "50L", Measurement(.below(0.05), written: "50L", unit: "ug/L")),
            ("氨氮（以N计）（µg/L）", "<50", Measurement(.below(0.05), written: "<50", unit: "ug/L")),
            ("氨氮(ug/mL)", "<0.5", Measurement(.below(0.5), written: "<0.5")),
            ("氨氮(ug/L)", "50", Measurement(0.05)), ("氨氮", "-0", Measurement(0)),
            ("氨氮", "1e-400", Measurement(0)),
        ] as [(String, String, Measurement)])
    func limits(_ header: String, _ cell: String, _ measurement: Measurement) throws {
        let measurements = try #require(try readings(header, "\"\(cell)\"").first).measurements
        #expect(measurements == [.ammoniaNitrogen: measurement])
        #expect(!"\(measurements)".contains("-0.0"))
    }

    @Test func rowsAreAutomaticReadingsOfAMoment() throws {
        let report = try #require(try readings("pH", "7").first)
        #expect(report.period == .instant && report.origin == .automatic)
        #expect(report.measurements[.pH]?.status == .provisional)
    }

    @Test func faultsOfCellsSayWhatIsWrong() {
        #expect(faults("氨氮(mg/L)", "abc") == ["line 2, 氨氮(mg/L): \"abc\" is not a number"])
        #expect(
            faults("氨氮", "未检出") == [
                "line 2, 氨氮: \"未检出\" is not a number; write the detection limit as <0.01 or 0.01L"
            ])
        #expect(faults("pH", "<6") == ["line 2, pH: \"<6\": pH has no detection limit"])
        #expect(faults("pH", "15") == ["line 2, pH: 15.0 is outside 0.0…14.0"])
        #expect(faults("氨氮(μg/L)", "-50") == ["line 2, 氨氮(μg/L): -0.05 is outside 0.0…100000.0 mg/L"])
    }

    @Test(
        arguments: [
            ("1", WaterClass.I), ("6", .worseThanV), ("-1", nil), ("--", nil), ("", nil), ("II", .II),
            ("Ⅱ", .II),
            ("Ⅳ类", .IV), ("iii", .III), ("劣V", .worseThanV), ("劣Ⅴ类", .worseThanV), ("五类", .V),
            ("劣五类", .worseThanV),
            ("worse than V", .worseThanV),
        ] as [(String, WaterClass?)])
    func classes(_ cell: String, _ expected: WaterClass?) throws {
        #expect(try readings("水质类别,pH", "\(cell),7").first?.publishedClass == expected)
    }

    @Test(arguments: ["0", "7", "-2", "VI", "优", "2.0"])
    func noClass(_ cell: String) {
        #expect(
            faults("水质类别,pH", "\(cell),7") == [
                "line 2, 水质类别: \"\(cell)\" is not a class: I to V, 劣V, or 1 to 6"
            ])
    }

    @Test(arguments: [
        "2026-07-09 21:00", "2026-07-09 21:00:00", "2026-07-09T21:00", "2026-07-09T21:00:00+08:00",
        "2026-07-09T13:00:00Z", "2026-07-09T13:00:00.000Z", "2026/7/9 21:00", "2026/07/09 21:00:00",
        " 2026-07-09 21:00 ", "２０２６-07-09　21:00",
    ])
    func times(_ cell: String) throws {
        let reading = try table("断面,时间,pH\n街口,\(cell),7").reports.first
        #expect(reading?.observedAt.description == "2026-07-09T13:00:00.000Z")
    }

    @Test func aSpreadsheetsMorning() throws {
        let reading = try table("断面,时间,pH\n街口,2026/7/9 9:05,7").reports.first
        #expect(reading?.observedAt.description == "2026-07-09T01:05:00.000Z")
    }

    @Test(arguments: [
        "07-09 21:00", "2026-02-30 21:00", "", "yesterday", "7/9/2026 9:00", "45847.875", "1783602000",
        "2026-07-09 24:01", "2026-07-09 25:00", "2026-07-09 21", "2026-07-09T", "26-07-09 21:00", "2026年7月",
        "2026-07/09 21:00", "2026-07-09 9:00 AM", "2026-07-09 21:00+8", "2026-07-09 21:60",
    ])
    func noTime(_ cell: String) {
        #expect(
            faults("断面,时间,pH\n街口,\(cell),7") == [
                "line 2, 时间: \"\(cell)\" is not a time such as 2026-07-09 21:00"
            ])
    }

    @Test func theFutureIsAFault() {
        #expect(
            faults("断面,时间,pH\n街口,2027-01-15 18:00,7") == [
                "line 2, 时间: lies in the future"
            ])
        #expect(faults("断面,时间,pH\n街口,2027-01-15 17:00,7") == [])
    }

    // MARK: Rows

    @Test func emptyRowsAreCountedAndLeftOut() throws {
        let table = try table("断面,时间,类别,pH,w21003\n街口,2026-07-09 21:00,-1,--,\n桐庐,2026-07-09 21:00,1,7,")
        #expect(table.reports.map(\.section.rawValue) == ["tonglu"])
        #expect(table.emptyRows == 1)
    }

    @Test func aSectionIsKnownOrAFault() {
        #expect(
            faults("断面,时间,pH\n某断面,2026-07-09 21:00,7\n某断面,2026-07-09 22:00,7") == [
                "line 2, 断面: \"某断面\" is not a section of the registry",
                "line 3, 断面: \"某断面\" is not a section of the registry",
            ])
    }

    @Test func twoRowsForOneMomentAreAFault() {
        #expect(
            faults("断面,时间,pH\n街口,2026-07-09 21:00,7\njiekou,2026-07-09T13:00:00Z,8") == [
                "line 2: is of the same section and time as line 3",
                "line 3: is of the same section and time as line 2",
            ])
    }

    @Test func allFaultsAreToldAtOnce() {
        #expect(
            faults("断面,时间,pH,氨氮(mg/L)\n某断面,gestern,x,y\n街口,2026-07-09 21:00,7\n街口,2026-07-09 22:00,7,0.1")
                == [
                    "line 2, pH: \"x\" is not a number", "line 2, 氨氮(mg/L): \"y\" is not a number",
                    "line 2, 断面: \"某断面\" is not a section of the registry",
                    "line 2, 时间: \"gestern\" is not a time such as 2026-07-09 21:00",
                    "line 3: has 3 fields, the header has 4",
                ])
    }

    @Test func faultsHaveALimit() {
        let rows = (0..<500).map { "街口,2026-07-09 00:00,x\($0)" }
        let faults = faults((["断面,时间,pH"] + rows).joined(separator: "\n"))
        #expect(faults.count == Limit.tableFaults + 1)
        #expect(faults.last == "there are more faults; these are the first")
    }

    @Test("a note below the table is no row, and a row that was cut off is a fault")
    func footnotes() throws {
        for note in ["注：*为参考值", "* 参考值", "备注：手工监测", "说明：单位 mg/L"] {
            let read = try table("断面名称,监测时间,pH\n街口,2026-07-09 00:00,7.5*\n\(note)\n")
            #expect(read.reports.count == 1 && read.starredValues == 1)
        }
        #expect(
            faults("断面名称,监测时间,pH\n街口,2026-07-09 00:00,7\n街口\n") == [
                "line 3: has 1 fields, the header has 3"
            ])
    }

    @Test("a cell that no figure needs is not read as one")
    func longFigures() {
        let piled = "7" + String(repeating: "\u{301}\u{316}", count: 120)
        #expect(faults("pH", piled).first?.hasSuffix("is not a number") == true)
        #expect(faults("pH", String(repeating: "7", count: 65)).first?.hasSuffix("is not a number") == true)
    }

    @Test func aLongCellIsShownInPart() {
        let faults = faults("pH", String(repeating: "x", count: 60_000))
        #expect(faults.first?.count ?? 0 < 100)
    }
}
