import HTTP
import Models
import Processing
import Testing
import Text

@testable import Intake

@Suite("The door for tables of readings")
struct TableDoorTests {
    private static let good = "断面,时间,pH\n桥,2026-07-09 21:00,7.1\n"
    private static let mixed = good + "桥,2026-07-09 22:00,x\n某桥,2026-07-09 21:00,7\n"

    private func plan(_ text: String, _ query: [String: String] = [:]) throws(Problem) -> API.Plan {
        try Counter().readings(text, type: "text/csv", query: query)
    }

    private func answer(_ plan: API.Plan) -> String {
        guard case .bytes(let bytes) = plan.answer.body else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func problem(_ text: String, _ query: [String: String], type: String = "text/csv") -> Problem? {
        refusal { () throws(Problem) in try Counter().readings(text, type: type, query: query) }
    }

    @Test("the answer says how the table was read")
    func told() throws {
        let plan = try plan("断面;时间;pH;备注\n桥;2026-07-09 21:00;7.1*;x\n")
        let answer = answer(plan)
        for part in [
            #""accepted":1"#, #""encoding":"UTF-8""#, #""separator":";""#, #""starredValues":1"#,
            #""ignoredColumns":["备注"]"#,
        ] {
            #expect(answer.contains(part), "\(answer)")
        }
        #expect(!answer.contains("dryRun") && !answer.contains("errors"))
    }

    @Test("a dry run answers as the run would, and writes nothing")
    func dryRun() throws {
        let plan = try plan(Self.good, ["dry-run": "true"])
        #expect(plan.stages.isEmpty && plan.answer.status == 200)
        #expect(answer(plan).contains(#""accepted":1"#) && answer(plan).contains(#""dryRun":true"#))
        #expect(problem(Self.mixed, ["dry-run": "true"])?.fields == ["line 3, pH", "line 4, 断面"])
        let reading =
            #"{"readings":[{"section":"bridge","observedAt":"2026-07-09T21:00:00Z","values":{"w01001":7}}]}"#
        let json = try Counter().readings(reading, query: ["dry-run": "true"])
        #expect(json.stages.isEmpty && json.answer.status == 200)
        // What its key may not do, it may not do dry either.
        let app = refusal { () throws(Problem) in
            try Counter(key: Counter.app).readings(Self.good, type: "text/csv", query: ["dry-run": "true"])
        }
        #expect(app?.status == 403)
    }

    @Test("rows are left out only on request, and each is told")
    func leftOut() throws {
        #expect(problem(Self.mixed, [:])?.fields == ["line 3, pH", "line 4, 断面"])
        #expect(problem(Self.mixed, ["skip-unknown": "true"])?.fields == ["line 3, pH"])
        let skipped = try plan(Self.mixed, ["skip-unknown": "true", "on-fault": "skip"])
        #expect(skipped.answer.status == 201 && skipped.records.count == 1)
        let text = answer(skipped)
        for part in [
            #""faultyRows":1"#, #""errors":[{"#, #""field":"line 3, pH""#, #""unknownSections":[{"#,
            #""name":"某桥""#, #""firstLine":4"#,
        ] {
            #expect(text.contains(part), "\(text)")
        }
        #expect(problem("断面,时间,pH\n桥,2026-07-09 21:00,x\n", ["on-fault": "skip"])?.status == 422)
    }

    @Test("columns are explained in the query")
    func columns() throws {
        let text = "位置,时间,酸碱\n桥,2026-07-09 21:00,7.1\n"
        #expect(problem(text, [:])?.status == 422)
        let plan = try plan(text, ["columns": "位置:断面;酸碱:pH"])
        let report = try JSON.decode(Report.self, from: try #require(plan.records.first?.event.data))
        #expect(report.measurements.figures == [.pH: 7.1])
        #expect(problem(text, ["columns": "酸碱"])?.fields == ["columns"])
    }

    @Test(
        "a word that is not known, or not for this body, is refused: nothing is written by a slip",
        arguments: [
            ("dryrun", "true"), ("dry-run", "1"), ("on-fault", "ignore"), ("skip-unknown", "yes"),
            ("on-faults", "skip"),
        ])
    func slips(_ name: String, _ value: String) {
        #expect(problem(Self.good, [name: value])?.fields == [name])
        #expect(problem(Self.good, [name: value])?.status == 422)
    }

    @Test("JSON has a dry run and nothing else of these")
    func json() {
        for name in ["skip-unknown", "on-fault", "columns"] {
            #expect(problem("{}", [name: "true"], type: "application/json")?.fields == [name])
        }
    }

    @Test("the charset of the request, and those that are not read")
    func charset() throws {
        for charset in ["utf-8", "\"UTF-8\"", "gb18030", "GBK"] {
            let plan = try Counter().readings(
                "section,time,pH\nbridge,2026-07-09 21:00,7\n", type: "text/csv; charset=\(charset)")
            #expect(plan.records.count == 1)
        }
        #expect(problem(Self.good, [:], type: "text/csv;charset=iso-8859-1")?.status == 415)
        #expect(problem(Self.good, [:], type: "text/csv; header=present; charset=gb18030")?.status == 422)
        let tabs = Self.good.replacing(",", with: "\t")
        #expect(try Counter().readings(tabs, type: "text/tab-separated-values").records.count == 1)
        let utf16 = "\u{FEFF}\(Self.good)".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        #expect(try Counter().readings(bytes: utf16, type: "text/csv; charset=utf-16").records.count == 1)
    }

    @Test("an Excel file is refused with advice, by its type and by its bytes")
    func excel() {
        let types = [
            "application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ]
        for type in types {
            let problem = problem("PK\u{3}\u{4}", [:], type: type)
            #expect(problem?.status == 415 && problem?.detail?.contains("CSV UTF-8") == true)
        }
        let problem = problem("PK\u{3}\u{4}", [:])
        #expect(problem?.status == 400 && problem?.detail?.contains("save it as CSV UTF-8") == true)
    }

    @Test("times are those of the section's region; where the registry names no zone, the setting's")
    func zones() throws {
        var registry = Counter.registry
        func time(_ registry: Registry) throws -> String? {
            let plan = try Counter(registry: registry).readings(Self.good, type: "text/csv")
            let data = try #require(plan.records.first?.event.data)
            return try JSON.decode(Report.self, from: data).observedAt.description
        }
        #expect(try time(registry) == "2026-07-09T13:00:00.000Z")
        // The section names no region: its river's counts.
        registry.put(
            .region(
                Region(
                    id: Counter.id("city"), name: Name(zh: "市", en: "City"), level: .city,
                    timeZone: "Europe/Paris")))
        #expect(try time(registry) == "2026-07-09T19:00:00.000Z")
    }
}
