public import Text

/// How a water is rated (环办〔2011〕22号, tables 1 and 2), best first.
public enum Rating: String, CaseIterable, Sendable, Codable, Comparable {
    /// 优
    case excellent
    /// 良好
    case good
    /// 轻度污染
    case lightlyPolluted = "lightly-polluted"
    /// 中度污染
    case moderatelyPolluted = "moderately-polluted"
    /// 重度污染
    case heavilyPolluted = "heavily-polluted"

    /// Table 1: the rating of a section, or of what is judged like one.
    public init(_ waterClass: WaterClass) {
        self =
            switch waterClass {
            case .I, .II: .excellent
            case .III: .good
            case .IV: .lightlyPolluted
            case .V: .moderatelyPolluted
            case .worseThanV: .heavilyPolluted
            }
    }

    /// Table 2: the rating by the shares of the sections' classes; nil without sections.
    ///
    /// The last line of the table says in some wordings that less than 60 % must be I to III, in others less
    /// than 75 %. They differ only at exactly 60 % and 40 %, where the first leaves a gap. This is the
    /// second.
    ///
    /// The fractions are judged, not the printed percentages.
    public init?(_ shares: ClassShares) {
        let (all, good, worst) = (shares.sections, shares.upToIII, shares.worseThanV)
        guard all > 0 else { return nil }
        if good * 100 >= 90 * all {
            self = .excellent
        } else if good * 100 >= 75 * all {
            self = .good
        } else if worst * 100 < 20 * all {
            self = .lightlyPolluted
        } else if worst * 100 < 40 * all {
            self = .moderatelyPolluted
        } else {
            self = .heavilyPolluted
        }
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    var number: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    public var name: Name {
        switch self {
        case .excellent: Name(zh: "优", en: "excellent")
        case .good: Name(zh: "良好", en: "good")
        case .lightlyPolluted: Name(zh: "轻度污染", en: "lightly polluted")
        case .moderatelyPolluted: Name(zh: "中度污染", en: "moderately polluted")
        case .heavilyPolluted: Name(zh: "重度污染", en: "heavily polluted")
        }
    }
}

extension Rating: JSONCoded {}

/// How many sections have which class.
public struct ClassShares: Hashable, Sendable {
    public private(set) var counts: [WaterClass: Int]

    public init(_ classes: some Sequence<WaterClass>) {
        counts = classes.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    public var sections: Int { counts.values.reduce(0, +) }
    public var upToIII: Int { count(.I) + count(.II) + count(.III) }
    public var worseThanV: Int { count(.worseThanV) }

    public func count(_ waterClass: WaterClass) -> Int { counts[waterClass] ?? 0 }

    /// A share in percent.
    public func percent(_ count: Int) -> Double { sections == 0 ? 0 : Double(count) * 100 / Double(sections) }
}
