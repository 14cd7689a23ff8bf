/// The judgement of a water over a period: a section, a river, a lake, a region.
public struct Evaluation: Hashable, Sendable {
    /// How it was judged.
    public enum Method: String, Sendable, CaseIterable {
        /// One section, by the means of its items.
        case section
        /// Fewer than five sections, or a lake: by the means of the items over the sections.
        case means
        /// Five sections or more, or rivers with lakes: by the shares of the sections' classes.
        case shares
    }

    public let period: EvaluationPeriod
    public let method: Method
    /// Which limits apply to the means; nil by shares.
    public let body: WaterBody?
    /// The means of all items; empty by shares.
    public let items: [Parameter: ItemMean]
    /// Items that were measured without a single value that counts, with the number of the flagged ones: they
    /// have no mean. Empty by shares.
    public let flaggedOnly: [Parameter: Int]
    /// The worst item decides (GB 3838-2002 §5.1). Nil by shares, and if nothing that decides was measured.
    public let waterClass: WaterClass?
    public let rating: Rating?
    /// How many sections have which class.
    public let shares: ClassShares
    /// At most three, the most important first.
    public let mainPollutants: [Pollutant]
    /// The class that is to be reached; nil by shares, where each section has its own.
    public let target: WaterClass?
    /// Items that are worse than the target, with their multiples against it.
    public let beyondTarget: [Pollutant]
    /// Total nitrogen and faecal coliforms, judged by themselves: they never decide the class.
    public let beside: [Parameter: WaterClass]
    public let sections: [SectionResult]
    /// Values that are not valid yet. With them, or before its end, a period is provisional.
    public let provisionalValues: Int
    /// False if a quarter or year has too few months.
    public let isComplete: Bool
    /// Of a lake: how rich in nutrients it is, from the unrounded means.
    public let trophic: TrophicState?
    /// The index by which cities are compared, from the unrounded means over the river sections and over the
    /// points of lakes.
    public let index: WaterQualityIndex?
    /// Whether it is black and smelly, from the unrounded means over all sections, also by shares: the rule
    /// (2015) judges a water by its four items, and knows no shares of classes. It means something only for
    /// small waters in cities.
    public let foul: FoulWater?

    /// Nil without a target or a class.
    public var meetsTarget: Bool? {
        guard let target, let waterClass else { return nil }
        return waterClass <= target
    }
}

/// One of the sections of an evaluation.
public struct SectionResult: Hashable, Sendable {
    public let section: SectionID
    public let waterClass: WaterClass?
    public let target: WaterClass?

    public var meetsTarget: Bool? {
        guard let target, let waterClass else { return nil }
        return waterClass <= target
    }
}

/// A section and what was added up there, by month. Only the part of a month that belongs to the period is in
/// a summary.
public struct SectionSummaries: Sendable {
    public let section: SectionID
    public let body: WaterBody
    public let target: WaterClass?
    public let months: [Month: Summary]

    public init(_ section: Section, _ months: [Month: Summary]) {
        self.init(
            section.id, section.body, target: section.targetClass ?? section.functionClass, months)
    }

    public init(_ id: SectionID, _ body: WaterBody, target: WaterClass? = nil, _ months: [Month: Summary]) {
        section = id
        self.body = body
        self.target = target
        self.months = months
    }
}

extension Evaluation {
    /// What is judged together.
    public enum Grouping: Sendable {
        /// One section.
        case section
        /// A river, a region or a city, with its target if it has one of its own.
        case waters(target: WaterClass?)
    }

    /// Judges the sections together. Nil if none of them has a value in the period.
    public init?(
        _ sections: [SectionSummaries], as grouping: Grouping, in period: EvaluationPeriod,
        by rules: EvaluationRules
    ) {
        let all = sections.sorted { $0.section < $1.section }
            .map { JudgedSection($0, in: period, by: rules) }
        let judged = all.filter { !$0.items.isEmpty }
        guard let first = judged.first else { return nil }
        let bodies = Set(judged.map(\.summaries.body))
        let shares = ClassShares(judged.compactMap(\.waterClass))
        let results = judged.map(\.result)
        let isComplete = judged.allSatisfy(\.isComplete)
        let provisional = judged.flatMap(\.items.values).reduce(0) { $0 + $1.provisional }

        let index = judged.index
        // Flagged values of sections without any other ones are told, too.
        let raw = JudgedSection.raw(over: all)
        let foul = FoulWater(raw.figures)

        let together: (method: Method, items: [Parameter: ItemMean], target: WaterClass?)
        switch grouping {
        case .section:
            together = (.section, first.items, first.summaries.target)
        // A lake is judged once, over all its points. A river that has both limits has no common ones.
        case .waters(let target)
        where bodies.count == 1
            && (bodies == [.lake] || judged.count < EvaluationRules.fewestForShares):
            together = (.means, JudgedSection.judged(raw, first.summaries.body, rules), target)
        case .waters:
            self.init(
                period: period, method: .shares, body: nil, items: [:], flaggedOnly: [:], waterClass: nil,
                rating: Rating(shares), shares: shares, mainPollutants: judged.mainPollutants, target: nil,
                beyondTarget: [], beside: [:], sections: results, provisionalValues: provisional,
                isComplete: isComplete, trophic: nil, index: index, foul: foul)
            return
        }
        let (body, items) = (first.summaries.body, together.items)
        let deciding = items.filter { Standard.decides($0.key) }.compactMapValues(\.waterClass)
        let waterClass = deciding.values.max()
        self.init(
            period: period, method: together.method, body: body, items: items,
            flaggedOnly: raw.filter { !$0.value.isKnown }.mapValues(\.flagged), waterClass: waterClass,
            rating: waterClass.map { Rating($0) }, shares: shares,
            mainPollutants: items.mainPollutants(in: body), target: together.target,
            beyondTarget: together.target.map { items.worse(than: $0, in: body) } ?? [],
            beside: items.filter { !Standard.decides($0.key) }.compactMapValues(\.waterClass),
            sections: results, provisionalValues: provisional, isComplete: isComplete,
            trophic: body == .lake ? TrophicState(items.mapValues(\.unrounded)) : nil, index: index,
            foul: foul)
    }
}

/// A section's own judgement, with the means from which those of several sections are made.
private struct JudgedSection {
    let summaries: SectionSummaries
    /// Also of items whose values are all flagged.
    let raw: [Parameter: RawMean]
    let items: [Parameter: ItemMean]
    let isComplete: Bool

    init(_ summaries: SectionSummaries, in period: EvaluationPeriod, by rules: EvaluationRules) {
        self.summaries = summaries
        // In the order of the months, so that a mean of months has one result.
        let months = summaries.months.sorted { $0.key < $1.key }.map(\.value).filter { !$0.isEmpty }
        raw = Parameter.allCases.reduce(into: [:]) { raw, parameter in
            raw[parameter] = RawMean(of: months.compactMap { RawMean(parameter, $0, rules) })
        }
        items = Self.judged(raw, summaries.body, rules)
        isComplete = months.count(where: \.hasValues) >= EvaluationRules.leastMonths[period.kind] ?? 1
    }

    var waterClass: WaterClass? {
        items.filter { Standard.decides($0.key) }.compactMap(\.value.waterClass).max()
    }

    var result: SectionResult {
        SectionResult(section: summaries.section, waterClass: waterClass, target: summaries.target)
    }

    /// The mean of each item over the sections that have it.
    static func raw(over sections: [JudgedSection]) -> [Parameter: RawMean] {
        Parameter.allCases.reduce(into: [:]) { raw, parameter in
            raw[parameter] = RawMean(of: sections.compactMap { $0.raw[parameter] })
        }
    }

    /// Rounded and judged once.
    static func judged(
        _ raw: [Parameter: RawMean], _ body: WaterBody, _ rules: EvaluationRules
    ) -> [Parameter: ItemMean] {
        Dictionary(
            uniqueKeysWithValues: raw.filter(\.value.isKnown)
                .map { ($0.key, $0.value.judged($0.key, in: body, rules)) })
    }
}

extension [Parameter: RawMean] {
    /// The means, not rounded.
    fileprivate var figures: [Parameter: Double] {
        reduce(into: [:]) { figures, item in
            if item.value.isKnown { figures[item.key] = item.key.figure(item.value.basis) }
        }
    }
}

extension [JudgedSection] {
    /// Rivers and lakes by themselves first, then together by the numbers of their sections.
    fileprivate var index: WaterQualityIndex? {
        func part(_ body: WaterBody) -> (index: WaterQualityIndex?, count: Int) {
            let sections = filter { $0.summaries.body == body }
            return (WaterQualityIndex(JudgedSection.raw(over: sections).figures, in: body), sections.count)
        }
        let (rivers, lakes) = (part(.river), part(.lake))
        return WaterQualityIndex(
            rivers: rivers.index, sections: rivers.count, lakes: lakes.index, points: lakes.count)
    }

    /// The main pollutants of a water with many sections: those that are worse than III at the largest shares
    /// of the sections (断面超标率).
    fileprivate var mainPollutants: [Pollutant] {
        let judged = filter { $0.waterClass != nil }
        let shares = Parameter.allCases.compactMap { parameter -> Pollutant? in
            guard Standard.decides(parameter) else { return nil }
            let exceeding = judged.filter { ($0.items[parameter]?.waterClass ?? .I) > .III }.count
            guard exceeding > 0 else { return nil }
            return Pollutant(
                parameter: parameter, waterClass: nil, multiple: nil,
                share: Double(exceeding) / Double(judged.count))
        }
        let ordered = shares.enumerated().sorted {
            ($1.element.share ?? 0, $0.offset) < ($0.element.share ?? 0, $1.offset)
        }
        return ordered.prefix(EvaluationRules.mainPollutants).map(\.element)
    }
}
