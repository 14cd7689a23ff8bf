import Models
import Text

/// What an evaluation is about.
enum EvaluationScope: String, CaseIterable, Sendable {
    case section, river, lake, region, city
}

/// One water, or one group of waters, and its sections.
struct EvaluationSubject: Sendable {
    let scope: EvaluationScope
    let reference: Reference
    let sections: [Section]
    let grouping: Evaluation.Grouping
    /// Small waters in cities are also judged as black and smelly ones (黑臭水体).
    var maybeFoul = false
}

/// An evaluation beside a former one of the same water.
struct EvaluationChange: JSONWritable, Sendable {
    let former: Evaluation
    let evaluation: Evaluation

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("period", former.period.description)
            json.field("class", orNull: former.waterClass)
            json.field("rating", orNull: former.rating)
            json.field("trend", orNull: trend?.rawValue)
            // ΔG − ΔD in percentage points, if both were judged by shares.
            json.field("points", orNull: points.map(Rounding.toTenth))
            // Of the index by which cities are compared, in percent; null if one of them can't be compared.
            json.field("indexPercent", orNull: indexChange.map { ($0 * 10_000).rounded() / 100 })
        }
    }

    private var byShares: Bool { former.method == .shares && evaluation.method == .shares }

    var trend: Trend? {
        if byShares { return Trend(from: former.shares, to: evaluation.shares) }
        guard let before = former.rating, let now = evaluation.rating else { return nil }
        return Trend(from: before, to: now)
    }

    private var points: Double? {
        byShares ? Trend.difference(from: former.shares, to: evaluation.shares) : nil
    }

    private var indexChange: Double? {
        guard let before = former.index, let now = evaluation.index else { return nil }
        return now.change(since: before)
    }
}

struct EvaluationAnswer: JSONWritable, Sendable {
    let subject: EvaluationSubject
    let evaluation: Evaluation
    /// The period before, and the same period of the year before.
    let former: (previous: Evaluation?, yearBefore: Evaluation?)
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("scope", subject.scope.rawValue)
            json.field("id", subject.reference.id)
            json.field("name", subject.reference.name)
            EvaluationHead(evaluation: evaluation, registry: gazetteer.registry).writeFields(to: &json)
            json.field("first", evaluation.period.first.description)
            json.field("last", evaluation.period.end.adding(days: -1).description)
            json.field("target", orNull: evaluation.target)
            json.field("beyondTarget", evaluation.beyondTarget.map(PollutantAnswer.init))
            // Judged by themselves, and never part of the class.
            json.field("beside", evaluation.beside)
            json.field("items", items)
            json.field("previous", orNull: change(since: former.previous))
            json.field("yearBefore", orNull: change(since: former.yearBefore))
            json.field("trophic", orNull: evaluation.trophic.map(TrophicAnswer.init))
            json.field("index", orNull: evaluation.index.map(IndexAnswer.init))
            if subject.maybeFoul {
                json.field("foul", orNull: evaluation.foul?.rawValue)
            }
            json.field("sections", evaluation.sections.map { Result(result: $0, gazetteer: gazetteer) })
        }
    }

    /// With those whose values are all flagged: who left them out would not say that anything was measured.
    private var items: [Parameter: ItemAnswer] {
        let known = evaluation.items.map {
            ($0.key, ItemAnswer(parameter: $0.key, item: $0.value, flagged: 0))
        }
        let flagged = evaluation.flaggedOnly.map {
            ($0.key, ItemAnswer(parameter: $0.key, item: nil, flagged: $0.value))
        }
        return Dictionary(uniqueKeysWithValues: known + flagged)
    }

    private func change(since former: Evaluation?) -> EvaluationChange? {
        former.map { EvaluationChange(former: $0, evaluation: evaluation) }
    }

    private struct Result: JSONWritable {
        let result: SectionResult
        let gazetteer: Gazetteer

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", result.section)
                json.field("name", gazetteer.reference(result.section).name)
                json.field("class", orNull: result.waterClass)
                json.field("target", orNull: result.target)
                json.field("meetsTarget", orNull: result.meetsTarget)
            }
        }
    }
}

/// What fits into one line: the class or the rating of a period, and how sure it is.
struct EvaluationHead: JSONWritable, Sendable {
    let evaluation: Evaluation
    let registry: Registry

    func write(to json: inout JSONWriter) { json.object(writeFields) }

    func writeFields(to json: inout JSONWriter) {
        let evaluation = evaluation
        json.field("period", evaluation.period.description)
        json.field("kind", evaluation.period.kind.rawValue)
        // Provisional until this moment, and as long as values are. It is a moment, because an answer stays
        // the same for everybody until the model changes.
        json.field("provisionalUntil", registry.cityZone.start(of: evaluation.period.end))
        json.field("provisionalValues", evaluation.provisionalValues)
        json.field("complete", evaluation.isComplete)
        json.field("method", evaluation.method.rawValue)
        json.field("class", orNull: evaluation.waterClass)
        json.field("rating", orNull: evaluation.rating)
        json.field("meetsTarget", orNull: evaluation.meetsTarget)
        json.field("mainPollutants", evaluation.mainPollutants.map(PollutantAnswer.init))
        json.field("shares", Shares(evaluation: evaluation))
    }

    private struct Shares: JSONWritable {
        let evaluation: Evaluation

        func write(to json: inout JSONWriter) {
            let shares = evaluation.shares
            json.object { json in
                json.field("sections", shares.sections)
                json.field("byClass", Classes(shares: shares))
                // With one decimal, rounded as the sentences of bulletins are.
                json.field("percentUpToIII", Rounding.toTenth(shares.percent(shares.upToIII)))
                json.field("percentWorseThanV", Rounding.toTenth(shares.percent(shares.worseThanV)))
                json.field("withTarget", evaluation.sections.count { $0.meetsTarget != nil })
                json.field("meetTarget", evaluation.sections.count { $0.meetsTarget == true })
            }
        }
    }

    private struct Classes: JSONWritable {
        let shares: ClassShares

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("I", shares.count(.I))
                json.field("II", shares.count(.II))
                json.field("III", shares.count(.III))
                json.field("IV", shares.count(.IV))
                json.field("V", shares.count(.V))
                json.field("worseThanV", shares.count(.worseThanV))
            }
        }
    }
}

private struct PollutantAnswer: JSONWritable {
    let pollutant: Pollutant

    init(_ pollutant: Pollutant) { self.pollutant = pollutant }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("parameter", pollutant.parameter)
            json.field("name", pollutant.parameter.name)
            json.field("class", orNull: pollutant.waterClass)
            // With one decimal; null for an item that is named without one.
            json.field("multiple", orNull: pollutant.multiple.map(Pollutant.printed))
            // Of the sections, in percent; only by shares.
            json.field("percent", orNull: pollutant.share.map { Rounding.toTenth($0 * 100) })
        }
    }
}

private struct ItemAnswer: JSONWritable {
    let parameter: Parameter
    /// Nil: no value counts, because all are flagged.
    let item: ItemMean?
    /// How many, if no value counts.
    let flagged: Int

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("unit", parameter.unit)
            // As it is judged.
            json.field("mean", orNull: item.map { parameter.shown($0.mean) })
            // As it is printed: `0.01L` if every value is below a limit of detection.
            json.field("text", orNull: item?.text(of: parameter))
            json.field(
                "unrounded", orNull: item.map { (parameter.shown($0.unrounded) * 1e9).rounded() / 1e9 })
            json.field("class", orNull: item?.waterClass)
            json.field("values", item?.values ?? 0)
            json.field("flagged", item?.flagged ?? flagged)
            json.field("validShare", orNull: item.map(\.validShare) ?? 0)
            json.field("provisional", item?.provisional ?? 0)
            json.field("origin", orNull: item?.origin)
        }
    }
}

private struct TrophicAnswer: JSONWritable {
    let state: TrophicState

    init(_ state: TrophicState) { self.state = state }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("index", (state.index * 1000).rounded() / 1000)
            // With one decimal, as it is printed. Who rounds `index` once more may get another one.
            json.field("text", Pollutant.printed(state.index))
            json.field("grade", state.grade.rawValue)
            // The index of each item; the grade is only as good as the items that were measured.
            json.field("items", state.items.mapValues { ($0 * 1000).rounded() / 1000 })
            json.field("complete", state.isComplete)
        }
    }
}

private struct IndexAnswer: JSONWritable {
    let index: WaterQualityIndex

    init(_ index: WaterQualityIndex) { self.index = index }

    func write(to json: inout JSONWriter) {
        json.object { json in
            // With four decimals, as it is printed; null if it can't be compared.
            json.field("value", orNull: index.isComparable ? (index.value * 10_000).rounded() / 10_000 : nil)
            json.field("comparable", index.isComparable)
            json.field("missing", index.missing)
        }
    }
}

struct EvaluationList: JSONWritable, Sendable {
    let evaluations: [EvaluationAnswer]
    let rules: EvaluationRules

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("rules", Rules(rules: rules))
            json.field("evaluations", evaluations)
        }
    }

    private struct Rules: JSONWritable {
        let rules: EvaluationRules

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("rounding", rules.rounding.rawValue)
                json.field("means", rules.means.rawValue)
                json.field("leastValues", rules.leastValues)
            }
        }
    }
}
