import Models
import Processing
import Readings
import Testing
import Text

@Suite("An office's table of verdicts, and what a table says beside its values")
struct ReviewTableTests {
    private static let head = "section,name,observedAt,period,origin,parameter,value,receivedAt,verdict"

    private func rows(_ text: String) throws -> ReviewTable {
        try ReviewTable(Array(text.utf8), sections: Sections.book)
    }

    private func faults(_ text: String) -> [String] {
        do throws(Malformed) {
            _ = try ReviewTable(Array(text.utf8), sections: Sections.book)
            return []
        } catch {
            return error.faults.map(\.description)
        }
    }

    @Test("rows with a verdict are read, rows without one are counted")
    func verdicts() throws {
        let table = try rows(
            """
            \(Self.head)
            jiekou,街口,2026-07-09T13:00:00.000Z,hour,automatic,w21003,0.4,2026-07-09T14:01:02.003Z,valid
            jiekou,街口,2026-07-09T13:00:00.000Z,hour,automatic,w01001,7.1,2026-07-09T14:01:02.003Z,
            街口,,2026-07-09T22:00:00+08:00,,,氨氮,0.01L,,撤回
            """)
        #expect(table.undecidedRows == 1 && table.rows.map(\.verdict) == [.valid, .withdrawn])
        #expect(table.rows.map(\.parameter) == [.ammoniaNitrogen, .ammoniaNitrogen])
        #expect(table.rows[0].key.description == "jiekou/2026-07-09T13:00:00.000Z/hour/automatic")
        #expect(table.rows[0].receivedAt?.description == "2026-07-09T14:01:02.003Z")
        #expect(table.rows[1].key.description == "jiekou/2026-07-09T14:00:00.000Z/instant/automatic")
        #expect(table.rows[1].receivedAt == nil)
    }

    @Test("a spreadsheet's semicolons are read as well")
    func semicolons() throws {
        let text = "verdict;parameter;section;observedAt\nvalid;w01001;jiekou;2026-07-09T13:00:00Z\n"
        #expect(try rows(text).rows.count == 1)
    }

    @Test("every fault has its line and column")
    func wrong() {
        let good = "2026-07-09T13:00:00Z,,,w01001,7,,valid"
        for (row, fault) in [
            ("jiekou,,2026-07-09T13:00:00Z,,,w01001,7,,maybe", "line 2, verdict"),
            ("nowhere,,\(good)", "line 2, section"), ("三江口,,\(good)", "line 2, section"),
            ("jiekou,,2026-07-09 13:00,,,w01001,7,,valid", "line 2, observedAt"),
            ("jiekou,,,,,w01001,7,,valid", "line 2, observedAt"),
            ("jiekou,,2026-07-09T13:00:00Z,week,,w01001,7,,valid", "line 2, period"),
            ("jiekou,,2026-07-09T13:00:00Z,,,magic,7,,valid", "line 2, parameter"),
            ("jiekou,,2026-07-09T13:00:00Z,,,w01001,7,soon,valid", "line 2, receivedAt"),
            ("jiekou,,\(good)\njiekou,,\(good)", "line 3"),
        ] {
            let found = faults("\(Self.head)\n\(row)")
            #expect(found.count == 1 && found[0].hasPrefix(fault), "\(row): \(found)")
        }
        #expect(faults("section,verdict\n") == ["line 1: the header has no column observedAt, parameter"])
        #expect(faults("pH\n7").first?.contains("no column verdict") == true)
        #expect(!faults("").isEmpty)
    }

    // MARK: A table of readings

    private func readings(_ text: String) throws -> [Report] {
        try ReadingTable(
            Array(text.utf8), sections: Sections.book, now: Instant(millisecondsSince1970: 1_800_000_000_000)
        ).reports
    }

    @Test("a flag holds for its row; what a broken device sends need not be plausible")
    func flags() throws {
        let reports = try readings(
            """
            section,time,flag,pH,氨氮(mg/L)
            jiekou,2026-07-09 01:00,D,-99,-99
            jiekou,2026-07-09 02:00,维护,7,0.02L
            jiekou,2026-07-09 03:00,,7,0.4
            """)
        #expect(
            reports.map { Set($0.measurements.values.map(\.flag)) } == [[.fault], [.maintenance], [.valid]])
        #expect(reports.map(\.measurements.figures.count) == [0, 0, 2])
        for text in [
            "section,time,flag,pH\njiekou,2026-07-09 01:00,X,7",
            "section,time,pH\njiekou,2026-07-09 01:00,-99",
        ] {
            #expect(throws: Malformed.self) { try readings(text) }
        }
    }

    @Test("a row or a cell takes back what was said before, also where it was reviewed")
    func withdrawals() throws {
        let reports = try readings(
            """
            section,time,status,pH,氨氮(mg/L)
            jiekou,2026-07-09 01:00,withdrawn,7,
            jiekou,2026-07-09 02:00,,7,撤回
            """)
        let withdrawn = Measurement(.withdrawn, status: .valid)
        #expect(reports[0].measurements == [.pH: withdrawn])
        #expect(reports[1].measurements == [.pH: Measurement(7), .ammoniaNitrogen: withdrawn])
    }

    @Test("a text is read as a cell is, in its unit")
    func written() throws {
        let below = try Measurement(written: "25L", of: .ammoniaNitrogen, unit: "μg/L")
        #expect(below == Measurement(.below(0.025), written: "25L", unit: "μg/L"))
        #expect(try Measurement(written: "50", of: .ammoniaNitrogen, unit: "ug/L").value == .measured(0.05))
        #expect(try Measurement(written: ">24000", of: .faecalColiforms).flag == .overRange)
        #expect(try Measurement(written: "-0", of: .turbidity).text(of: .turbidity) == "0.0")
        for (text, unit) in [("abc", nil), ("", nil), ("7", "ppm"), ("0.01L", "g")] as [(String, String?)] {
            #expect(throws: Malformed.self) {
                try Measurement(written: text, of: .ammoniaNitrogen, unit: unit)
            }
        }
    }
}
