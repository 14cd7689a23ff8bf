import HTTP
import Models
import Store
import Text

extension API {
    static let ofCoverage = ["period", "level"]

    /// Which rivers of a level had their reading in a month, and which did not. Townships must have the water
    /// of each of their rivers measured every month, so a river without a section counts as not measured.
    static func coverage(_ asked: Asked) throws -> CoverageList {
        var question = Question(asked.request)
        let level: Level = question.choice("level") ?? .town
        let named = question.value("period", "a month such as 2026-11") { Month($0) }
        try question.check()
        let registry = asked.gazetteer.registry
        let month = named ?? Month(of: asked.today)
        let rivers = try registry.rivers.values.filter { $0.level == level }
            .sorted { ($0.region, $0.id) < ($1.region, $1.id) }
            .map { river in
                let sections = asked.gazetteer.sectionsByRiver[river.id] ?? []
                let measured = try sections.filter { try asked.reader.isMeasured($0.id, in: month) }
                return CoverageList.Entry(
                    river: river, sections: sections.count, measured: measured.count,
                    gazetteer: asked.gazetteer)
            }
        return CoverageList(month: month, level: level, rivers: rivers)
    }
}

struct CoverageList: JSONWritable, Sendable {
    let month: Month
    let level: Level
    let rivers: [Entry]

    struct Entry: JSONWritable, Sendable {
        let river: River
        let sections: Int
        let measured: Int
        let gazetteer: Gazetteer

        var isMeasured: Bool { measured > 0 }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", river.id)
                json.field("name", river.name)
                json.field("region", gazetteer.reference(river.region))
                json.field("sections", sections)
                json.field("measuredSections", measured)
                json.field("measured", isMeasured)
            }
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("period", month.description)
            json.field("level", level)
            json.field("rivers", rivers.count)
            json.field("measured", rivers.count(where: \.isMeasured))
            json.field("entries", rivers)
        }
    }

    func csv() -> [UInt8] {
        let head = [
            "period", "river", "name", "nameEn", "region", "sections", "measuredSections", "measured",
        ]
        return Spreadsheet.csv(
            [head]
                + rivers.map { one in
                    [
                        month.description, one.river.id.rawValue, one.river.name.zh, one.river.name.en,
                        one.river.region.rawValue, "\(one.sections)", "\(one.measured)",
                        "\(one.isMeasured)",
                    ]
                })
    }
}

extension Reader {
    /// Whether anything that counts was measured at a section in a month.
    fileprivate func isMeasured(_ section: SectionID, in month: Month) throws -> Bool {
        try database.prepare("SELECT summary FROM month_summaries WHERE section = ? AND month = ?")
            .first(.text(section.rawValue), .integer(MonthNumber(month).rawValue)) { row in
                try Summary(packed: row.blob(0)).hasValues
            } ?? false
    }
}
