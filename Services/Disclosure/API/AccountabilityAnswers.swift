import HTTP
import Models
import Text

extension API {
    static let ofAccountability = ["scope", "period"]

    static func accountability(_ asked: Asked) throws -> AccountabilityList {
        var question = Question(asked.request)
        let kind: Scope.Kind = question.choice("scope") ?? .region
        let form = "a period: 2026, 2026-Q3, 2026-07, 2026-07-T1 (to T3), or a day such as 2026-07-09"
        let named = question.value("period", form) { EvaluationPeriod($0) }
        try question.check()
        return try asked.accountability(of: kind, in: named ?? EvaluationPeriod(.month, of: asked.today))
    }
}

extension API.Asked {
    /// The newest day that is known stands for today: an answer stays the same until the model changes.
    var today: Day {
        let zone = gazetteer.registry.cityZone
        return state.updatedAt.map { zone.day(at: $0) } ?? Day(daysSince1970: 0)
    }

    func accountability(of kind: Scope.Kind, in period: EvaluationPeriod) throws -> AccountabilityList {
        let tallies = try reader.tallies(of: kind, in: period)
        let open = try reader.openByDay(of: kind, before: period.end)
        let all = Set(tallies.keys).union(open.keys).sorted().map { id in
            let scope = Scope(kind: kind, id: id)
            return Accountability(
                scope: scope, level: gazetteer.level(of: scope), tally: tallies[id] ?? Tally(),
                backlog: Backlog(open[id] ?? [:], on: today))
        }
        return AccountabilityList(
            period: period, today: today, entries: Accountability.ranking(all), gazetteer: gazetteer,
            city: city)
    }
}

struct AccountabilityList: JSONWritable, Sendable {
    let period: EvaluationPeriod
    let today: Day
    let entries: [Accountability]
    let gazetteer: Gazetteer
    let city: Name

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("period", period.description)
            json.field("kind", period.kind.rawValue)
            json.field("first", period.first.description)
            json.field("last", period.end.adding(days: -1).description)
            // The ages of open complaints are counted to this day.
            json.field("today", today.description)
            json.field("formula", Formula())
            json.field("entries", entries.map { Entry(one: $0, gazetteer: gazetteer, city: city) })
        }
    }

    /// What the score is made of: whoever is ranked must be able to calculate it again.
    private struct Formula: JSONWritable {
        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("leastReceived", Accountability.leastReceived)
                json.field("percentileError", DurationSketch.relativeError)
                json.field("weights", Weights())
            }
        }
    }

    private struct Weights: JSONWritable {
        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("onTimeToAccept", Accountability.Part.onTimeToAccept.weight)
                json.field("onTimeToResolve", Accountability.Part.onTimeToResolve.weight)
                json.field("satisfaction", Accountability.Part.satisfaction.weight)
                json.field("lasting", Accountability.Part.lasting.weight)
            }
        }
    }

    struct Entry: JSONWritable {
        let one: Accountability
        let gazetteer: Gazetteer
        let city: Name

        func write(to json: inout JSONWriter) {
            let tally = one.tally
            json.object { json in
                json.field(
                    "scope",
                    ScopeReference(
                        scope: one.scope, name: gazetteer.name(of: one.scope, city: city), level: one.level))
                json.field("rank", orNull: one.rank)
                json.field("ranked", one.ranked)
                json.field("score", orNull: one.score.map { ($0 * 100).rounded() / 100 })
                json.field("received", tally.received)
                json.field("open", tally.open)
                json.field("overdue", tally.overdue)
                json.field("backlog", BacklogAnswer(backlog: one.backlog))
                json.field("accepted", tally.accepted)
                json.field("acceptedOnTime", tally.acceptedOnTime)
                json.field("onTimeToAccept", orNull: one.onTimeToAccept.map(rate))
                json.field("unanswered", tally.unanswered)
                json.field("toAccept", Times(sketch: tally.timesToAccept))
                json.field("resolved", tally.resolved)
                json.field("resolvedOnTime", tally.resolvedOnTime)
                json.field("onTimeToResolve", orNull: one.onTimeToResolve.map(rate))
                json.field("toResolve", Times(sketch: tally.timesToResolve))
                json.field("escalated", tally.escalated)
                json.field("supervised", tally.supervised)
                json.field("reopened", tally.reopened)
                json.field("lasting", orNull: one.lasting.map(rate))
                json.field("grades", Grades(tally: tally))
                json.field("satisfaction", orNull: one.satisfaction.map(rate))
            }
        }

        private func rate(_ rate: Double) -> Double { (rate * 10_000).rounded() / 10_000 }
    }

    private struct BacklogAnswer: JSONWritable {
        let backlog: Backlog

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("open", backlog.all)
                json.field("over30Days", backlog.count(.older))
                json.field("upTo30Days", backlog.count(.days30))
                json.field("upTo3Days", backlog.count(.days3))
                json.field("upTo7Days", backlog.count(.days7))
            }
        }
    }

    /// In seconds; null without any.
    private struct Times: JSONWritable {
        let sketch: DurationSketch

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("p50", orNull: sketch.percentile(0.5)?.rounded())
                json.field("p90", orNull: sketch.percentile(0.9)?.rounded())
            }
        }
    }

    private struct Grades: JSONWritable {
        let tally: Tally

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("rated", tally.rated)
                json.field("verySatisfied", tally.verySatisfied)
                json.field("satisfied", tally.satisfied - tally.verySatisfied)
                json.field("neutral", tally.neutral)
                json.field("dissatisfied", tally.dissatisfied)
            }
        }
    }
}

extension AccountabilityList {
    /// A row for each official or region, the ranked first within their level.
    func csv() -> [UInt8] {
        let head = [
            "period", "kind", "id", "name", "nameEn", "level", "rank", "score", "received", "open", "overdue",
            "backlog", "backlogUpTo3Days", "backlogUpTo7Days", "backlogUpTo30Days", "backlogOver30Days",
            "accepted", "acceptedOnTime", "unanswered", "p50SecondsToAccept", "p90SecondsToAccept",
            "resolved", "resolvedOnTime", "p50SecondsToResolve", "p90SecondsToResolve", "escalated",
            "supervised", "reopened", "rated", "verySatisfied", "satisfied", "neutral", "dissatisfied",
        ]
        return Spreadsheet.csv([head] + entries.map(row))
    }

    private func row(_ one: Accountability) -> [String] {
        let (tally, name) = (one.tally, gazetteer.name(of: one.scope, city: city))
        func seconds(_ sketch: DurationSketch, _ fraction: Double) -> String {
            sketch.percentile(fraction).map { "\(Int64($0.rounded()))" } ?? ""
        }
        func score(_ score: Double) -> String { "\((score * 100).rounded() / 100)" }
        let who = [
            period.description, one.scope.kind.rawValue, one.scope.id, name.zh, name.en,
            one.level?.rawValue ?? "", one.rank.map(String.init) ?? "", one.score.map(score) ?? "",
        ]
        let open =
            [tally.received, tally.open, tally.overdue, one.backlog.all]
            + Backlog.Age.allCases.map(one.backlog.count)
        let accepted = [tally.accepted, tally.acceptedOnTime, tally.unanswered]
        let ends = [
            tally.escalated, tally.supervised, tally.reopened, tally.rated, tally.verySatisfied,
            tally.satisfied - tally.verySatisfied, tally.neutral, tally.dissatisfied,
        ]
        return who + (open + accepted).map(String.init)
            + [seconds(tally.timesToAccept, 0.5), seconds(tally.timesToAccept, 0.9)]
            + [tally.resolved, tally.resolvedOnTime].map(String.init)
            + [seconds(tally.timesToResolve, 0.5), seconds(tally.timesToResolve, 0.9)]
            + ends.map(String.init)
    }
}
