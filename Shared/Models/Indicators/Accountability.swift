/// How complaints were handled by one official, in one region or in the whole city over a period, in figures
/// that can be compared (倒逼: the figures press on those who do nothing).
public struct Accountability: Hashable, Sendable {
    public let scope: Scope
    /// Only what is of one level is ranked together. Nil: it has none, or has left the registry.
    public let level: Level?
    /// What was received in the period.
    public let tally: Tally
    /// What was received before the period's end and is still open.
    public let backlog: Backlog
    /// Among those of the same level; nil with too few complaints (`leastReceived`), or without a score.
    public private(set) var rank: Int?
    /// How many have a rank at this level.
    public private(set) var ranked = 0

    public init(scope: Scope, level: Level?, tally: Tally, backlog: Backlog) {
        self.scope = scope
        self.level = level
        self.tally = tally
        self.backlog = backlog
    }

    /// With fewer complaints a rate says more about chance than about the official, so there is no rank.
    public static let leastReceived = 5

    // MARK: Rates

    /// Of the complaints whose acceptance is decided: those accepted before the deadline. One that nobody
    /// ever accepted counts as late.
    public var onTimeToAccept: Double? {
        Self.share(tally.acceptedOnTime, of: tally.accepted + tally.unanswered)
    }

    /// Of the complaints that were resolved or are overdue: those resolved before the deadline.
    public var onTimeToResolve: Double? {
        Self.share(tally.resolvedOnTime, of: tally.resolved + tally.overdue)
    }

    /// Of the citizens' grades: the two good ones.
    public var satisfaction: Double? { Self.share(tally.satisfied, of: tally.rated) }

    /// Of the resolutions: those that nobody sent back.
    public var lasting: Double? { Self.share(tally.resolved, of: tally.resolved + tally.reopened) }

    private static func share(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }

    // MARK: Score and rank

    /// What the score is made of, and how much each counts, in percent.
    public enum Part: String, CaseIterable, Sendable {
        case onTimeToAccept, onTimeToResolve, satisfaction, lasting

        public var weight: Int {
            switch self {
            case .onTimeToAccept, .onTimeToResolve: 35
            case .satisfaction: 20
            case .lasting: 10
            }
        }
    }

    public func rate(_ part: Part) -> Double? {
        switch part {
        case .onTimeToAccept: onTimeToAccept
        case .onTimeToResolve: onTimeToResolve
        case .satisfaction: satisfaction
        case .lasting: lasting
        }
    }

    /// 0 to 100: the mean of the four rates by their weights. A rate without a case is left out, and the
    /// others weigh accordingly. Nil without any.
    ///
    /// Supervision orders and escalations are shown and not counted: each follows from a deadline that
    /// passed, and that is in the rates already.
    public var score: Double? {
        let known = Part.allCases.compactMap { part in rate(part).map { (rate: $0, weight: part.weight) } }
        guard !known.isEmpty else { return nil }
        let weights = known.reduce(0) { $0 + $1.weight }
        return known.reduce(0) { $0 + $1.rate * Double($1.weight) } * 100 / Double(weights)
    }

    /// With their ranks, level by level, the best first; those without a rank come last in their level. The
    /// same score (to a hundredth, as it is printed) has the same rank.
    public static func ranking(_ all: [Accountability]) -> [Accountability] {
        let byLevel = Dictionary(grouping: all, by: \.level)
        let levels = Level.allCases.sorted(by: >).map(Optional.some) + [nil]
        return levels.flatMap { ofOneLevel(byLevel[$0] ?? [], isRanked: $0 != nil) }
    }

    private static func ofOneLevel(_ all: [Accountability], isRanked: Bool) -> [Accountability] {
        func printed(_ one: Accountability) -> Int? {
            guard isRanked, one.tally.received >= leastReceived else { return nil }
            return one.score.map { Int(($0 * 100).rounded()) }
        }
        let sorted = all.map { (one: $0, score: printed($0)) }.sorted { left, right in
            (left.score ?? -1, left.one.tally.received, right.one.scope.id)
                > (right.score ?? -1, right.one.tally.received, left.one.scope.id)
        }
        let scores = sorted.compactMap(\.score)
        return sorted.map { entry in
            var one = entry.one
            one.ranked = scores.count
            if let score = entry.score { one.rank = 1 + scores.count { $0 > score } }
            return one
        }
    }
}

/// Open complaints by their age.
public struct Backlog: Hashable, Sendable {
    /// How many days ago it was received, by the calendar: what came in today has the age 0. The public's
    /// figures and a supervisor's have the same ages.
    public enum Age: String, CaseIterable, Sendable {
        case days3 = "upTo3Days"
        case days7 = "upTo7Days"
        case days30 = "upTo30Days"
        case older = "over30Days"

        public init(days: Int) {
            self = Self.allCases.first { days <= $0.last ?? .max } ?? .older
        }

        /// Its highest number of days; nil: any more.
        public var last: Int? {
            switch self {
            case .days3: 3
            case .days7: 7
            case .days30: 30
            case .older: nil
            }
        }

        /// Its lowest number of days.
        public var first: Int {
            switch self {
            case .days3: 0
            case .days7: 4
            case .days30: 8
            case .older: 31
            }
        }
    }

    public private(set) var counts: [Age: Int] = [:]

    /// - Parameter open: how many complaints of each day of reception are still open.
    public init(_ open: [Day: Int] = [:], on day: Day) {
        for (received, count) in open where count > 0 {
            counts[Age(days: day.daysSince1970 - received.daysSince1970), default: 0] += count
        }
    }

    public func count(_ age: Age) -> Int { counts[age] ?? 0 }
    public var all: Int { counts.values.reduce(0, +) }
}
