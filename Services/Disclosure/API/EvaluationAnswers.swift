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
}

struct EvaluationAnswer: JSONWritable, Sendable {
    let subject: EvaluationSubject
    let evaluation: Evaluation
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
            json.field("items", evaluation.items.mapValues(ItemAnswer.init))
            json.field("sections", evaluation.sections.map { Result(result: $0, gazetteer: gazetteer) })
        }
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
                json.field("percentUpToIII", rounded(shares.percent(shares.upToIII)))
                json.field("percentWorseThanV", rounded(shares.percent(shares.worseThanV)))
                json.field("withTarget", evaluation.sections.count { $0.meetsTarget != nil })
                json.field("meetTarget", evaluation.sections.count { $0.meetsTarget == true })
            }
        }

        /// With one decimal, as bulletins print them.
        private func rounded(_ percent: Double) -> Double { (percent * 10).rounded() / 10 }
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
            json.field("percent", orNull: pollutant.share.map { ($0 * 1000).rounded() / 10 })
        }
    }
}

private struct ItemAnswer: JSONWritable {
    let item: ItemMean

    init(_ item: ItemMean) { self.item = item }

    func write(to json: inout JSONWriter) {
        json.object { json in
            // As it is judged.
            json.field("mean", item.mean)
            // As it is printed: `0.01L` if every value is below a limit of detection.
            json.field("text", item.text)
            json.field("unrounded", (item.unrounded * 1e9).rounded() / 1e9)
            json.field("class", orNull: item.waterClass)
            json.field("values", item.values)
            json.field("flagged", item.flagged)
            json.field("validShare", orNull: item.validShare)
            json.field("provisional", item.provisional)
            json.field("origin", orNull: item.origin)
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
