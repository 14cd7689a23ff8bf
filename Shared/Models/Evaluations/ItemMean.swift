/// What is known of one item in a period, at one section or over several.
public struct ItemMean: Hashable, Sendable {
    /// The mean as it is judged, in `Parameter.unitOnLog`.
    public let mean: Double
    public let unrounded: Double
    /// How many values the mean is made of, and how many more did not count because of their flags.
    public let values: Int
    public let flagged: Int
    public let provisional: Int
    /// Every value is below a limit of detection. The mean is then half of the (mean) limit.
    public let isBelow: Bool
    /// Who measured; nil if not all sections agree.
    public let origin: Origin?
    /// The class of the mean. Nil: the item has no limits here, or too few values to be judged.
    public internal(set) var waterClass: WaterClass?

    /// What is printed, in the parameter's unit: below detection the limit, as laboratories write it.
    public func text(of parameter: Parameter) -> String {
        // A `Double` of less than 0.0001 describes itself as 1e-05, which no laboratory writes.
        let shown = ExactSum(figure: parameter.shown(isBelow ? unrounded * 2 : mean)).description
        return isBelow ? shown + "L" : shown
    }

    /// The share of the values that count, of all that were sent; nil if there are none.
    public var validShare: Double? {
        values + flagged == 0 ? nil : Double(values) / Double(values + flagged)
    }
}

/// A mean on its way: not rounded yet, and for pH in hydrogen ions.
struct RawMean {
    var basis: Double
    var values: Int
    var flagged: Int
    var provisional: Int
    var below: Int
    var origin: Origin?

    /// The mean of one item in one month, or in a part of it. Of several series the first that has values
    /// counts; without any, nothing is known but how many values their flags took out.
    init?(_ parameter: Parameter, _ summary: Summary, _ rules: EvaluationRules) {
        let order = EvaluationRules.series(for: parameter)
        let figures = order.compactMap { series in
            summary.series[series]?[parameter].map { (series: series, figures: $0) }
        }
        guard let chosen = figures.first(where: { $0.figures.count > 0 }) ?? figures.first else { return nil }
        let counted = chosen.figures
        basis =
            switch rules.means {
            case .values: counted.sum.value / Double(max(1, counted.count))
            case .days: counted.dayMeans.value / Double(max(1, counted.days))
            }
        values = counted.count
        flagged = counted.flagged
        provisional = counted.provisional
        below = counted.below
        origin = chosen.series.origin
    }

    /// Whether there is a mean at all: not if every value is flagged.
    var isKnown: Bool { values > 0 }

    /// The mean of means: each counts once, however many values it is made of. Those without a value that
    /// counts only add to the flagged ones.
    init?(of all: [RawMean]) {
        let means = all.filter(\.isKnown)
        guard let first = means.first ?? all.first else { return nil }
        basis = means.reduce(0) { $0 + $1.basis } / Double(max(1, means.count))
        values = means.reduce(0) { $0 + $1.values }
        flagged = all.reduce(0) { $0 + $1.flagged }
        provisional = means.reduce(0) { $0 + $1.provisional }
        below = means.reduce(0) { $0 + $1.below }
        origin = means.allSatisfy { $0.origin == first.origin } ? first.origin : nil
    }

    /// Rounded and judged by the limits for such a water.
    func judged(_ parameter: Parameter, in body: WaterBody, _ rules: EvaluationRules) -> ItemMean {
        let unrounded = parameter.figure(basis)
        let mean = rules.rounding.apply(to: unrounded, of: parameter)
        let isEnough = values >= rules.leastValues
        return ItemMean(
            mean: mean, unrounded: unrounded, values: values, flagged: flagged, provisional: provisional,
            isBelow: below == values, origin: origin,
            waterClass: isEnough ? Standard.demand(on: parameter, in: body)?.waterClass(of: mean) : nil)
    }
}
