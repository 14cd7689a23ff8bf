import HTTP
import Models

extension API {
    static let ofEvaluations = ["scope", "id", "period", "from", "to"]

    static func evaluations(_ asked: Asked) throws -> EvaluationList {
        var question = Question(asked.request)
        let scope: EvaluationScope = question.choice("scope") ?? .river
        let kind: EvaluationPeriod.Kind = question.choice("period") ?? .month
        let form = "a period: 2026, 2026-Q3, 2026-07, 2026-07-T1 (to T3), or a day such as 2026-07-09"
        let from = question.value("from", form) { EvaluationPeriod($0) }
        let to = question.value("to", form) { EvaluationPeriod($0) }
        let id = question.value("id", "an identifier") { SectionID($0)?.rawValue }
        if let from, let to, from.first >= to.end { question.refuse("from", "is after to") }
        try question.check()
        let subjects = asked.gazetteer.subjects(of: scope, city: asked.city)
            .filter { subject in id.map { $0 == subject.reference.id } ?? true }
        if id != nil, subjects.isEmpty { throw Problem.unknown(scope.rawValue) }
        var search = EvaluationSearch(kind: kind, from: from?.first, before: to?.end, asked: asked)
        let periods = id == nil ? 1 : EvaluationSearch.shownPeriods
        let found = try subjects.flatMap { try search.evaluations(of: $0, latest: periods) }
        return EvaluationList(evaluations: found, rules: asked.facts.rules)
    }
}

/// Finds the evaluations that one request asks for.
struct EvaluationSearch {
    /// How many periods of one water are told, if the request names no time.
    static let shownPeriods = 12

    /// The most evaluations of one answer, and the most summaries that are read for it.
    struct Limits {
        let evaluations: Int
        let summaries: Int

        static let ofAnswer = Limits(evaluations: 500, summaries: 20_000)
        /// One month and the two it is compared with, of all waters of a city.
        static let ofBulletin = Limits(evaluations: 10_000, summaries: 200_000)
    }

    let kind: EvaluationPeriod.Kind
    let from: Day?
    let before: Day?
    let asked: API.Asked
    private let limits: Limits
    private var count = (evaluations: 0, summaries: 0)

    init(
        kind: EvaluationPeriod.Kind, from: Day?, before: Day?, asked: API.Asked, limits: Limits = .ofAnswer
    ) {
        self.limits = limits
        self.kind = kind
        self.from = from
        self.before = before
        self.asked = asked
    }

    /// The newest first.
    ///
    /// - Parameter latest: how many periods, if the request names no time.
    mutating func evaluations(of subject: EvaluationSubject, latest: Int) throws -> [EvaluationAnswer] {
        guard let days = try asked.reader.summarisedDays(of: subject.sections) else { return [] }
        let end = min(before ?? .distantFuture, days.upperBound.adding(days: 1))
        var first = max(from ?? .distantPast, days.lowerBound)
        guard first < end else { return [] }
        let last = EvaluationPeriod(kind, of: end.adding(days: -1))
        if from == nil, before == nil {
            var oldest = last
            for _ in 1..<latest where oldest.first > first { oldest = oldest.previous }
            first = max(first, oldest.first)
        }
        let begin = EvaluationPeriod(kind, of: first)
        // Each is compared with the period before and the year before, so these are read, too.
        let earliest = min(begin.previous.first, begin.yearBefore?.first ?? begin.first)
        let judged = try summaries(of: subject, from: earliest, before: last.end)
            .reduce(into: [EvaluationPeriod: Evaluation]()) { judged, part in
                judged[part.key] = Evaluation(
                    part.value, as: subject.grouping, in: part.key, by: asked.facts.rules)
            }
        let found = judged.filter { $0.key >= begin }.sorted { $0.key > $1.key }.map { period, evaluation in
            EvaluationAnswer(
                subject: subject, evaluation: evaluation,
                former: (judged[period.previous], period.yearBefore.flatMap { judged[$0] }),
                gazetteer: asked.gazetteer)
        }
        count.evaluations += found.count
        try check(count.evaluations, limits.evaluations)
        return found
    }

    private mutating func summaries(
        of subject: EvaluationSubject, from first: Day, before end: Day
    ) throws -> [EvaluationPeriod: [SectionSummaries]] {
        let byMonth = kind == .month || kind == .quarter || kind == .year
        var byPeriod: [EvaluationPeriod: [SectionSummaries]] = [:]
        for section in subject.sections {
            let stored = try asked.reader.summaries(
                of: section.id, from: first, before: end, byMonth: byMonth)
            count.summaries += stored.count
            try check(count.summaries, limits.summaries)
            for (period, parts) in Dictionary(grouping: stored, by: { EvaluationPeriod(kind, of: $0.first) })
            {
                let months = parts.reduce(into: [Month: Summary]()) { months, part in
                    months[Month(of: part.first), default: Summary()] =
                        (months[Month(of: part.first)] ?? Summary()) + part.summary
                }
                byPeriod[period, default: []].append(SectionSummaries(section, months))
            }
        }
        return byPeriod
    }

    private func check(_ number: Int, _ limit: Int) throws(Problem) {
        guard number <= limit else {
            throw Problem(
                status: 400,
                detail: "There are too many evaluations in this answer: choose less with id, from or to.")
        }
    }
}

extension Day {
    fileprivate static let distantPast = Day(daysSince1970: -1_000_000)
    fileprivate static let distantFuture = Day(daysSince1970: 10_000_000)
}

extension Gazetteer {
    /// Everything that is judged at this scope and has sections, by identifier.
    func subjects(of scope: EvaluationScope, city: Name) -> [EvaluationSubject] {
        let sections = registry.sections.values.sorted { $0.id < $1.id }
        func subject(
            _ id: some CustomStringConvertible, _ name: Name, _ sections: [Section],
            _ grouping: Evaluation.Grouping = .waters(target: nil)
        ) -> EvaluationSubject {
            EvaluationSubject(
                scope: scope, reference: Reference("\(id)", name), sections: sections, grouping: grouping)
        }
        let all: [EvaluationSubject] =
            switch scope {
            case .section: sections.map { subject($0.id, $0.name, [$0], .section) }
            case .river, .lake:
                registry.rivers.values.filter { registry.likeness(of: $0).isStanding == (scope == .lake) }
                    .sorted { $0.id < $1.id }
                    .map {
                        var water = subject(
                            $0.id, $0.name, sectionsByRiver[$0.id] ?? [], .waters(target: $0.targetClass))
                        water.maybeFoul = [.ditch, .canal, .pond].contains(registry.likeness(of: $0))
                        return water
                    }
            case .region:
                registry.regions.values.sorted { $0.id < $1.id }.map { region in
                    let within = registry.regions(within: region.id).union([region.id])
                    return subject(
                        region.id, region.name,
                        sections.filter { section in
                            (section.region ?? registry.rivers[section.river]?.region)
                                .map(within.contains) ?? false
                        })
                }
            case .city: [subject("all", city, sections)]
            }
        return all.filter { !$0.sections.isEmpty }
    }
}
