/// The choices that the rules leave open, or that only secondary sources tell. Each is named here and
/// nowhere else.
public struct EvaluationRules: Hashable, Sendable {
    /// How a period's mean is made of many values. 环办监测函〔2020〕82号 says that automatic data make a month, and
    /// not how.
    public enum Means: String, CaseIterable, Sendable {
        /// The mean of all values.
        case values
        /// The mean of the days' means.
        case days
    }

    public var rounding = Rounding.official
    public var means = Means.values
    /// A mean of fewer values is shown and not judged. One sampling makes a month (环办〔2011〕22号).
    public var leastValues = 1

    public init() {}

    /// Fewer sections are judged by the means of their items, others by the shares of their classes
    /// (环办〔2011〕22号).
    public static let fewestForShares = 5
    /// A year needs this many months, a quarter this many. A mean of fewer is marked as incomplete.
    static let leastMonths: [EvaluationPeriod.Kind: Int] = [.quarter: 2, .year: 8]
    /// At most this many main pollutants are named.
    static let mainPollutants = 3

    /// Automatic values take precedence for these items (环办监测函〔2020〕82号). For all others, what people
    /// analysed takes precedence.
    static let automaticFirst: Set<Parameter> = [
        .pH, .dissolvedOxygen, .permanganateIndex, .ammoniaNitrogen, .totalPhosphorus, .totalNitrogen,
    ]

    /// If they exceed their limits, they are named first: cyanide, and heavy metals with arsenic
    /// (环办〔2011〕22号 names cyanide, lead and chromium "and others").
    static let namedFirst: Set<Parameter> = [
        .cyanide, .copper, .zinc, .arsenic, .mercury, .cadmium, .hexavalentChromium, .lead,
    ]

    /// Of several series of one origin: an hour's mean is more reliable than a moment's value; a day's mean
    /// repeats its hours.
    static func series(for parameter: Parameter) -> [Series] {
        let origins: [Origin] =
            automaticFirst.contains(parameter) ? [.automatic, .manual] : [.manual, .automatic]
        return origins.flatMap { origin in
            [Period.hour, .instant, .day].map { Series(origin: origin, period: $0) }
        }
    }
}
