import HTTP
import Models
import Text

extension API {
    static let ofIndices = ["period", "level"]

    /// Regions of one level by the index of their waters (CWQI), the best first. Only those with all 21 items
    /// are ranked.
    static func indices(_ asked: Asked) throws -> IndexList {
        var question = Question(asked.request)
        let level: Level = question.choice("level") ?? .district
        let form = "a month, quarter or year: 2026-07, 2026-Q3, 2026"
        let named = question.value("period", form) { text in
            EvaluationPeriod(text).flatMap { $0.kind == .month || $0.consistsOfMonths ? $0 : nil }
        }
        try question.check()
        let period = named ?? EvaluationPeriod(.month, of: asked.today)
        let registry = asked.gazetteer.registry
        var search = EvaluationSearch(
            kind: period.kind, from: period.first, before: period.end, asked: asked, limits: .ofBulletin)
        let regions = try asked.gazetteer.subjects(of: .region, city: asked.city)
            .filter { RegionID($0.reference.id).flatMap { registry.regions[$0]?.level } == level }
            .flatMap { try search.evaluations(of: $0, latest: 1) }
        return IndexList(period: period, level: level, regions: regions)
    }
}

struct IndexList: JSONWritable, Sendable {
    let period: EvaluationPeriod
    let level: Level
    let regions: [EvaluationAnswer]

    func write(to json: inout JSONWriter) {
        let known = regions.compactMap { region in region.evaluation.index.map { (region, $0) } }
        let ranking = WaterQualityIndex.ranking(known.map(\.1))
        json.object { json in
            json.field("period", period.description)
            json.field("level", level)
            json.field(
                "ranked",
                ranking.map { Ranked(rank: $0.rank, region: known[$0.place].0, index: known[$0.place].1) })
            json.field(
                "notComparable",
                known.filter { !$0.1.isComparable }.map { Missing(region: $0.0, index: $0.1) })
        }
    }

    private struct Ranked: JSONWritable {
        let rank: Int
        let region: EvaluationAnswer
        let index: WaterQualityIndex

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("rank", rank)
                json.field("id", region.subject.reference.id)
                json.field("name", region.subject.reference.name)
                // With four decimals, as it is printed.
                json.field("index", (index.value * 10_000).rounded() / 10_000)
                // In percent, since the period before and the year before; negative is better.
                json.field("sincePrevious", orNull: change(since: region.former.previous))
                json.field("sinceYearBefore", orNull: change(since: region.former.yearBefore))
            }
        }

        private func change(since former: Evaluation?) -> Double? {
            former?.index.flatMap { index.change(since: $0) }.map { ($0 * 10_000).rounded() / 100 }
        }
    }

    private struct Missing: JSONWritable {
        let region: EvaluationAnswer
        let index: WaterQualityIndex

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", region.subject.reference.id)
                json.field("name", region.subject.reference.name)
                json.field("missing", index.missing)
            }
        }
    }
}
