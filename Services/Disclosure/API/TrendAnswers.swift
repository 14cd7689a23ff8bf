import HTTP
import Models
import Text

extension API {
    static let ofTrends = ["scope", "id"]

    /// The trend of each item of one water over its years.
    static func trends(_ asked: Asked) throws -> TrendList {
        var question = Question(asked.request)
        let scope: EvaluationScope = question.choice("scope") ?? .section
        let id = question.value("id", "an identifier") { SectionID($0)?.rawValue }
        try question.check()
        let subjects = asked.gazetteer.subjects(of: scope, city: asked.city)
        // Without an id there is nothing to tell of; the answer names the waters that have sections.
        guard let id else { return TrendList(waters: subjects.map(\.reference), of: nil, asked.gazetteer) }
        guard let subject = subjects.first(where: { $0.reference.id == id }) else {
            throw Problem.unknown(scope.rawValue)
        }
        return TrendList(
            waters: [subject.reference], of: try WaterTrends(of: subject, asked), asked.gazetteer)
    }
}

/// The months and years of one water.
private struct WaterTrends {
    /// As many years are looked at.
    private static let years = 30

    private let months: [EvaluationPeriod: Evaluation]
    private let years: [EvaluationPeriod: Evaluation]
    private let firstYear: Int
    private let lastYear: Int

    init(of subject: EvaluationSubject, _ asked: API.Asked) throws {
        guard let days = try asked.reader.summarisedDays(of: subject.sections) else {
            (months, years, firstYear, lastYear) = ([:], [:], 0, -1)
            return
        }
        lastYear = days.upperBound.year
        firstYear = max(days.lowerBound.year, lastYear - Self.years + 1)
        let begin = EvaluationPeriod(.year, of: days.upperBound).first
        let first = Day(year: firstYear, month: 1, day: 1) ?? begin
        var found: [EvaluationPeriod: [SectionSummaries]] = [:]
        for section in subject.sections {
            let stored = try asked.reader.summaries(
                of: section.id, from: first, before: days.upperBound.adding(days: 1), byMonth: true)
            for part in stored {
                found[EvaluationPeriod(.month, of: part.first), default: []].append(
                    SectionSummaries(section, [Month(of: part.first): part.summary]))
            }
            for (year, parts) in Dictionary(grouping: stored, by: { EvaluationPeriod(.year, of: $0.first) }) {
                let months = parts.map { (Month(of: $0.first), $0.summary) }
                found[year, default: []].append(
                    SectionSummaries(section, Dictionary(uniqueKeysWithValues: months)))
            }
        }
        let judged = found.reduce(into: [EvaluationPeriod: Evaluation]()) { judged, part in
            judged[part.key] = Evaluation(
                part.value, as: subject.grouping, in: part.key, by: asked.facts.rules)
        }
        // What is not over yet has no mean: the rest of a year may be dry or wet.
        let over = judged.filter { $0.key.end <= asked.today }
        months = over.filter { $0.key.kind == .month }
        years = over.filter { $0.key.kind == .year && $0.value.isComplete }
    }

    /// Why no item has a trend.
    enum Reason: String {
        /// It is judged by the shares of its sections, which have no common means.
        case shares
        /// There are too few years.
        case years
    }

    var reason: Reason? {
        guard trends.isEmpty else { return nil }
        let newest = months.max { $0.key < $1.key }?.value
        return newest?.method == .shares ? .shares : .years
    }

    /// The years that are over and have enough months, oldest first, each beside the one before it.
    var ratings: [(year: Evaluation, since: EvaluationChange?)] {
        years.sorted { $0.key < $1.key }.map { year, evaluation in
            (
                evaluation,
                years[year.previous].map { EvaluationChange(former: $0, evaluation: evaluation) }
            )
        }
    }

    var trends: [ItemTrend] {
        Parameter.allCases.compactMap { parameter in
            let means = years.sorted { $0.key < $1.key }.compactMap { $0.value.items[parameter]?.unrounded }
            let trend = ItemTrend(
                parameter: parameter, years: means.count, ranks: RankTrend(means),
                seasonal: SeasonalKendall(seasons: seasons(of: parameter)))
            return trend.ranks == nil && trend.seasonal == nil ? nil : trend
        }
    }

    /// The mean of each month of each year. Means below the highest limit of detection count as equal: of two
    /// such values nobody knows which is larger.
    private func seasons(of parameter: Parameter) -> [[Double?]] {
        guard firstYear <= lastYear else { return [] }
        let items = months.compactMapValues { $0.items[parameter] }
        let limit = items.values.filter(\.isBelow).map { $0.unrounded * 2 }.max() ?? -.infinity
        return (1...12).map { month in
            (firstYear...lastYear).map { year in
                let first = Day(year: year, month: month, day: 1)
                guard let item = first.flatMap({ items[EvaluationPeriod(.month, of: $0)] }) else {
                    return nil
                }
                return item.unrounded < limit ? limit / 2 : item.unrounded
            }
        }
    }
}

struct ItemTrend: JSONWritable, Sendable {
    let parameter: Parameter
    /// How many years are over and have enough months.
    let years: Int
    let ranks: RankTrend?
    let seasonal: SeasonalKendall?

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("parameter", parameter)
            json.field("name", parameter.name)
            json.field("years", years)
            // Spearman's correlation of the years' means with time; significant at 0.05, one-sided. Only
            // Student's method has a probability.
            json.field("correlation", orNull: ranks?.correlation)
            json.field("significant", orNull: ranks?.isSignificant)
            json.field("rankMethod", orNull: ranks?.method.rawValue)
            json.field("rankProbability", orNull: ranks?.probability)
            // The seasonal Kendall test over the months.
            json.field("score", orNull: seasonal?.score)
            json.field("probability", orNull: seasonal?.probability)
            json.field("slope", orNull: (seasonal?.slope).map(parameter.shown))
            json.field("unit", parameter.unit)
        }
    }
}

struct TrendList: JSONWritable, Sendable {
    let waters: [Reference]
    private let trends: [ItemTrend]
    private let reason: String?
    private let ratings: [Year]

    /// - Parameter found: nil if nobody asked for a certain water.
    fileprivate init(waters: [Reference], of found: WaterTrends?, _ gazetteer: Gazetteer) {
        self.waters = waters
        trends = found?.trends ?? []
        reason = found?.reason?.rawValue
        ratings = (found?.ratings ?? []).map {
            Year(evaluation: $0.year, since: $0.since, gazetteer: gazetteer)
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("waters", waters)
            json.field("trends", trends)
            // Why there are none.
            json.field("reason", orNull: reason)
            json.field("ratings", ratings)
        }
    }

    /// A year's class or rating, and how it changed since the year before.
    private struct Year: JSONWritable, Sendable {
        let evaluation: Evaluation
        let since: EvaluationChange?
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                EvaluationHead(evaluation: evaluation, registry: gazetteer.registry).writeFields(to: &json)
                json.field("previous", orNull: since)
            }
        }
    }
}
