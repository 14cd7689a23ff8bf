/// How a water changed from one period to another.
public enum Trend: String, CaseIterable, Sendable {
    /// 明显好转
    case muchBetter = "much-better"
    /// 有所好转
    case better
    /// 无明显变化
    case unchanged
    /// 有所变差
    case worse
    /// 明显变差
    case muchWorse = "much-worse"

    /// By the rating (环办〔2011〕22号): one level is a change, two or more are a marked one.
    public init(from former: Rating, to rating: Rating) {
        switch rating.number - former.number {
        case ...(-2): self = .muchBetter
        case -1: self = .better
        case 0: self = .unchanged
        case 1: self = .worse
        default: self = .muchWorse
        }
    }

    /// By the shares of the sections: ΔG is the change of the share up to III, ΔD that of the
    /// share worse than V,
    /// in percentage points. ΔG − ΔD up to 10 is no marked change, more than 20 is a marked one. Nil without
    /// sections.
    public init?(from former: ClassShares, to shares: ClassShares) {
        guard former.sections > 0, shares.sections > 0 else { return nil }
        let difference = Self.difference(from: former, to: shares)
        // Compared as fractions of whole numbers: ten points are ten points.
        switch difference {
        case let much where much > 20: self = .muchBetter
        case let some where some > 10: self = .better
        case let much where much < -20: self = .muchWorse
        case let some where some < -10: self = .worse
        default: self = .unchanged
        }
    }

    /// ΔG − ΔD in percentage points, to 10⁻⁹.
    public static func difference(from former: ClassShares, to shares: ClassShares) -> Double {
        let good = shares.percent(shares.upToIII) - former.percent(former.upToIII)
        let bad = shares.percent(shares.worseThanV) - former.percent(former.worseThanV)
        return ((good - bad) * 1e9).rounded() / 1e9
    }
}

/// Daniel's test: Spearman's rank correlation of values with time (秩相关系数法).
public struct RankTrend: Hashable, Sendable {
    public let correlation: Double
    public let count: Int

    /// Nil for fewer than four values, for which no correlation is significant, and for values
    /// that are all the same.
    public init?(_ values: [Double]) {
        guard values.count >= Self.fewest else { return nil }
        let ranks = Self.ranks(values)
        let times = Self.ranks(values.indices.map(Double.init))
        let mean = Double(values.count + 1) / 2
        var (common, one, other) = (0.0, 0.0, 0.0)
        // With ties 1 − 6Σd²/(N³−N) does not hold; this always does (Pearson's over the ranks).
        for (rank, time) in zip(ranks, times) {
            common += (rank - mean) * (time - mean)
            one += (rank - mean) * (rank - mean)
            other += (time - mean) * (time - mean)
        }
        guard one > 0 else { return nil }
        correlation = common / (one * other).squareRoot()
        count = values.count
    }

    /// How it is decided whether a correlation is significant.
    public enum Method: String, Sendable {
        /// The table of all orders of so many values. With ties it is nearly exact.
        case exact
        /// Student's distribution.
        case student
    }

    public var method: Method { Self.mostSquares[count] == nil ? .student : .exact }

    /// Whether it is significant at 0.05, one-sided: by the exact table for up to twenty values, by
    /// `probability` for more.
    public var isSignificant: Bool {
        if let least = Self.critical(of: count) { return abs(correlation) >= least - 1e-9 }
        return probability.map { $0 <= Self.significant } ?? false
    }

    /// One-sided, for more than twenty values: t = r √((N − 2)/(1 − r²)) has nearly Student's distribution
    /// with N − 2 degrees of freedom. Nil for fewer values, which have the exact table.
    public var probability: Double? {
        guard method == .student else { return nil }
        let r = abs(correlation)
        guard r < 1 else { return 0 }
        let t = r * (Double(count - 2) / (1 - r * r)).squareRoot()
        return studentTail(t, degreesOfFreedom: count - 2)
    }

    static let significant = 0.05

    /// The least |r| whose one-sided probability is at most 0.05: 0.829 for 6 values, 0.643 for 8, 0.564 for
    /// 10, as in the handbooks' table. Nil for more than twenty.
    static func critical(of count: Int) -> Double? {
        mostSquares[count].map { 1 - 6 * Double($0) / Double(count * (count * count - 1)) }
    }

    /// The greatest Σd² that at most one in twenty of all orders of so many values stays within. Counted by
    /// going through the sets of ranks that the first values can have.
    private static let mostSquares: [Int: Int] = [
        4: 0, 5: 2, 6: 6, 7: 16, 8: 30, 9: 48, 10: 72, 11: 102, 12: 142, 13: 188, 14: 244, 15: 310, 16: 388,
        17: 478, 18: 580, 19: 694, 20: 824,
    ]
    static let fewest = 4

    /// Equal values get the mean of their ranks.
    static func ranks(_ values: [Double]) -> [Double] {
        values.map { value in
            let smaller = values.count { $0 < value }
            let same = values.count { $0 == value }
            return Double(smaller) + Double(same + 1) / 2
        }
    }
}

/// The seasonal Kendall test (Hirsch, Slack and Smith 1982, Water Resources Research 18(1), 107–121): whether
/// values of the same seasons rise or fall over the years.
public struct SeasonalKendall: Hashable, Sendable {
    /// How many pairs rise, less those that fall.
    public let score: Int
    public let variance: Double
    /// With the correction for continuity.
    public let z: Double
    /// Two-sided.
    public let probability: Double
    /// The median change in a year.
    public let slope: Double

    /// Nil if no season has two values, or all values are the same.
    ///
    /// - Parameter seasons: of each season the value of each year; nil where there is none. Values below the
    ///   highest limit of detection are given as equal.
    public init?(seasons: [[Double?]]) {
        var (score, variance, slopes) = (0, 0.0, [Double]())
        for season in seasons {
            let known = season.enumerated().compactMap { year, value in value.map { (year: year, value: $0) }
            }
            for (index, later) in known.enumerated() {
                for earlier in known[..<index] {
                    score += later.value > earlier.value ? 1 : later.value < earlier.value ? -1 : 0
                    slopes.append((later.value - earlier.value) / Double(later.year - earlier.year))
                }
            }
            variance += Self.variance(known.map(\.value))
        }
        guard variance > 0 else { return nil }
        slopes.sort()
        let middle = slopes.count / 2
        slope = slopes.count % 2 == 1 ? slopes[middle] : (slopes[middle - 1] + slopes[middle]) / 2
        self.score = score
        self.variance = variance
        z = Double(score - score.signum()) / variance.squareRoot()
        probability = complementaryError(abs(z) / 2.0.squareRoot())
    }

    /// Of one season; equal values make it smaller.
    private static func variance(_ values: [Double]) -> Double {
        func term(_ count: Int) -> Int { count * (count - 1) * (2 * count + 5) }
        let ties = Dictionary(grouping: values, by: \.self).values.reduce(0) { $0 + term($1.count) }
        return Double(term(values.count) - ties) / 18
    }
}
