import Crypto
import HTTP
import Models
import Text

/// The monthly bulletin of a city's waters (水质月报): made of evaluations and of the figures of complaints, and
/// of nothing that is kept beside them.
struct Bulletin: Sendable {
    let month: Month
    let city: EvaluationAnswer?
    let regions: [EvaluationAnswer]
    let rivers: [EvaluationAnswer]
    let lakes: [EvaluationAnswer]
    let sections: [EvaluationAnswer]
    /// The complaints of the city, and of the regions of one level.
    let handled: Accountability
    let handledByRegion: [Accountability]

    init(of month: Month, _ asked: API.Asked) throws {
        self.month = month
        let period = EvaluationPeriod(.month, of: month.first)
        // One search for each scope: its limit is for what somebody asks for, and a bulletin asks for all.
        func judged(
            _ scope: EvaluationScope, where isWanted: (EvaluationSubject) -> Bool = { _ in true }
        ) throws -> [EvaluationAnswer] {
            var search = EvaluationSearch(
                kind: .month, from: period.first, before: period.end, asked: asked, limits: .ofBulletin)
            return try asked.gazetteer.subjects(of: scope, city: asked.city).filter(isWanted)
                .flatMap { try search.evaluations(of: $0, latest: 1) }
        }
        let registry = asked.gazetteer.registry
        func isDistrict(_ id: String) -> Bool {
            RegionID(id).flatMap { registry.regions[$0]?.level } == .district
        }
        city = try judged(.city).first
        regions = try judged(.region) { isDistrict($0.reference.id) }
        rivers = try judged(.river)
        lakes = try judged(.lake)
        sections = try judged(.section)
        func handled(_ kind: Scope.Kind) throws -> [Accountability] {
            try asked.accountability(of: kind, in: period).entries
        }
        self.handled =
            try handled(.city).first
            ?? Accountability(scope: .city, level: nil, tally: Tally(), backlog: Backlog(on: period.first))
        handledByRegion = try handled(.region).filter { isDistrict($0.scope.id) }
    }

    /// A district with an index that can be compared.
    struct Place: Sendable {
        let name: Name
        let rank: Int
        let printed: String
    }

    /// The districts whose index can be compared, the best first.
    var places: [Place] {
        let indices = regions.compactMap { one in
            one.evaluation.index.map { (one.subject.reference.name, $0) }
        }
        return WaterQualityIndex.ranking(indices.map(\.1)).map {
            Place(name: indices[$0.place].0, rank: $0.rank, printed: indices[$0.place].1.printed)
        }
    }

    /// Changes with every figure about the waters, as it is printed, and with nothing else: not with a name,
    /// not when a value is reviewed and stays what it was, and not with another field of an answer. So a
    /// change after a release is a correction. Complaints are not in it: they change every day, and the page
    /// tells as of when they are.
    func fingerprint() -> String {
        let waters = [city].compactMap(\.self) + regions + rivers + lakes + sections
        return SHA256.hash(JSON.encode(waters.map(PrintedFigures.init))).prefix(16).hexadecimal
    }
}

/// What a bulletin prints of one water.
private struct PrintedFigures: JSONWritable {
    let answer: EvaluationAnswer

    init(_ answer: EvaluationAnswer) { self.answer = answer }

    func write(to json: inout JSONWriter) {
        let one = answer.evaluation
        json.object { json in
            json.field("scope", answer.subject.scope.rawValue)
            json.field("id", answer.subject.reference.id)
            Self.write(one, to: &json)
            json.field("target", orNull: one.target)
            json.field("sections", one.sections.map(\.section))
            json.field("withTarget", one.sections.count { $0.meetsTarget != nil })
            json.field("meetTarget", one.sections.count { $0.meetsTarget == true })
            json.field("mainPollutants", one.mainPollutants.map(Self.printed))
            json.field(
                "items",
                one.items.reduce(into: [Parameter: String]()) { $0[$1.key] = $1.value.text(of: $1.key) })
            json.field(
                "trophic", orNull: one.trophic.map { "\($0.grade.rawValue) \(Pollutant.printed($0.index))" })
            json.field("index", orNull: one.index.flatMap { $0.isComparable ? $0.printed : nil })
            json.field("previous", orNull: answer.former.previous.map(Former.init))
            json.field("yearBefore", orNull: answer.former.yearBefore.map(Former.init))
        }
    }

    /// What a month is compared with.
    private struct Former: JSONWritable {
        let evaluation: Evaluation

        init(_ evaluation: Evaluation) { self.evaluation = evaluation }

        func write(to json: inout JSONWriter) {
            json.object { PrintedFigures.write(evaluation, to: &$0) }
        }
    }

    private static func write(_ one: Evaluation, to json: inout JSONWriter) {
        json.field("method", one.method.rawValue)
        json.field("class", orNull: one.waterClass)
        json.field("rating", orNull: one.rating)
        json.field("byClass", WaterClass.allCases.map(one.shares.count))
    }

    private static func printed(_ one: Pollutant) -> String {
        let share = one.share.map { Pollutant.printed($0 * 100) } ?? ""
        return "\(one.parameter.rawValue) \(one.multiple.map(Pollutant.printed) ?? "") \(share)"
    }
}

extension WaterQualityIndex {
    /// With four decimals, as CWQI is printed.
    var printed: String {
        let units = Int((value * 10_000).rounded())
        let rest = String(units % 10_000)
        return "\(units / 10_000).\(String(repeating: "0", count: 4 - rest.count))\(rest)"
    }
}
