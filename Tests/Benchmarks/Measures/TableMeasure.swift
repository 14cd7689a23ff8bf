import Geo
import Models
import Processing
import Readings
import Text

/// A table of readings as the national feed has it, read whole, beside splitting its lines into fields and
/// beside finding its lines.
enum TableMeasure {
    private static let rows = 20_000

    static func run() throws {
        let bytes = table()
        let sections = book()
        let now = Instant(millisecondsSince1970: 4_000_000_000_000)
        var read = 0
        let whole = try perSecond {
            read += try ReadingTable(bytes, sections: sections, now: now).reports.count
        }
        var fields = 0
        let split = try perSecond {
            var scanner = CSVRows(bytes)
            while let row = try scanner.next() { fields += row.fields.count }
        }
        var lines = 0
        let found = perSecond { lines += bytes.split(separator: UInt8(ascii: "\n")).count }
        precondition(read > 0 && fields > 0 && lines > 0, "nothing was done")
        let count = Double(rows)
        try Program.report([
            "rows": whole * count, "splitting": split * count, "lines": found * count,
            "bytesPerRow": Double(bytes.count) / count,
        ])
    }

    /// Eleven stations, each hour.
    private static func table() -> [UInt8] {
        var text = "断面名称,监测时间,水质类别,水温(℃),pH(无量纲),溶解氧(mg/L),电导率(μS/cm),浊度(NTU),高锰酸盐指数(mg/L),"
        text += "氨氮(mg/L),总磷(mg/L),总氮(mg/L)\n"
        for row in 0..<rows {
            let hour = row / 11
            let day = Day(daysSince1970: 20_600 + hour / 24)
            let clock = hour % 24 < 10 ? "0\(hour % 24)" : "\(hour % 24)"
            let figure = row % 97
            text +=
                "断面\(row % 11),\(day) \(clock):00,2,2\(figure % 10).\(figure),7.\(figure),8.\(figure),132.495,"
            text += "4.104,2.12,0.0\(figure),0.025,--\n"
        }
        return Array(text.utf8)
    }

    private static func book() -> SectionBook {
        guard let river = RiverID("canal") else { preconditionFailure("canal is no identifier") }
        let sections = (0..<11).compactMap { number in
            SectionID("section-\(number)").map { id in
                RegistryEntity.section(
                    Section(
                        id: id, name: Name(zh: "断面\(number)", en: "Section \(number)"), river: river,
                        body: .river, place: Coordinate(longitude: 120, latitude: 30)))
            }
        }
        return SectionBook(Registry(sections), otherwise: .beijing)
    }
}
