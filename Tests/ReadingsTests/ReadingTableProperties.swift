import Models
import Processing
import Readings
import Support
import Testing
import Text

@Suite struct ReadingTableProperties {
    private func table(_ bytes: [UInt8]) throws(Malformed) -> ReadingTable {
        try ReadingTable(
            bytes, sections: Sections.book, now: Instant(millisecondsSince1970: 4_000_000_000_000))
    }

    /// Cells that are nearly right, and some that are.
    private static let cells = [
        "jiekou", "2026-07-09 21:00", "7.1", "<0.01", "0.01L", "1e999", "--", "", "Ⅱ", "-1", "劣Ⅴ类", "２.５",
        "\"a\"\"b\"",
        "9E-05", "e", "(", ")", "2026/7/9 9:00", "///", ":::", "氨氮(mg/L)", "\u{FEFF}", "\r", "\"",
    ]
    private static let headers = [
        "断面名称", "监测时间", "水质类别", "pH(无量纲)", "氨氮(mg/L)", "总磷(μg/L)", "w01009", "(", "()", "pH()", "[mg/L]",
        "source",
    ]

    /// Whatever comes from outside is read or refused; it never traps.
    @Test(arguments: 0..<400 as Range<UInt64>)
    func anyTableIsReadOrRefused(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func line(_ choices: [String], _ count: Int) -> String {
            (0..<count).map { _ in choices.randomElement(using: &random) ?? "" }.joined(separator: ",")
        }
        let width = Int.random(in: 1...6, using: &random)
        var bytes = Array(line(Self.headers, width).utf8)
        for _ in 0..<Int.random(in: 0...5, using: &random) {
            bytes += Array("\n\(line(Self.cells, width))".utf8)
        }
        if Bool.random(using: &random), let index = bytes.indices.randomElement(using: &random) {
            bytes[index] = UInt8.random(in: .min ... .max, using: &random)
        }
        do throws(Malformed) {
            for report in try table(bytes).reports { #expect(report.faults.isEmpty, "seed \(seed)") }
        } catch {
            #expect(!error.faults.isEmpty, "seed \(seed)")
        }
    }

    /// What was written is what is read, to the last bit.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func writtenReadingsAreReadBack(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let parameters = Parameter.allCases.shuffled(using: &random).prefix(
            Int.random(in: 1...8, using: &random))
        let readings = (0..<Int.random(in: 1...20, using: &random)).map { row in
            var values: [Parameter: Double] = [:]
            for parameter in parameters where Bool.random(using: &random) {
                values[parameter] = Double.random(in: 0...14, using: &random)
            }
            return (
                moment: Instant(millisecondsSince1970: 1_783_602_000_000 + Int64(row) * 3_600_000),
                values: values
            )
        }
        let header =
            "section,observedAt," + parameters.map { "\($0.name.zh)(\($0.unit))" }.joined(separator: ",")
        let rows = readings.map { reading in
            let cells = parameters.map { reading.values[$0].map { "\($0)" } ?? "--" }
            return "jiekou,\(reading.moment),\(cells.joined(separator: ","))"
        }
        let table = try table(Array(([header] + rows).joined(separator: "\r\n").utf8))
        let expected = readings.filter { !$0.values.isEmpty }
        let logged = expected.map { row in
            row.values.reduce(into: [Parameter: Double]()) { $0[$1.key] = $1.key.logged($1.value) }
        }
        #expect(table.reports.map(\.measurements.figures) == logged, "seed \(seed)")
        #expect(table.reports.map(\.observedAt) == expected.map(\.moment), "seed \(seed)")
        #expect(table.emptyRows == readings.count - expected.count, "seed \(seed)")
    }
}
