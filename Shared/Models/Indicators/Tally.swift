/// Counts of one scope in one period. They can be added: each instance of Analytics publishes the counts of
/// its partitions by day, and a reader sums them all.
public struct Tally: Hashable, Sendable {
    public var received = 0
    public var open = 0
    public var overdue = 0
    public var accepted = 0
    public var secondsToAccept: Int64 = 0
    public var resolved = 0
    public var secondsToResolve: Int64 = 0
    public var rated = 0
    public var satisfied = 0
    /// Deadlines that passed without the required action.
    public var escalated = 0
    /// Orders from the office at the top (督办).
    public var supervised = 0
    /// Outcomes that were not accepted (追加处理).
    public var reopened = 0

    /// Of those accepted and of those resolved: how many before the deadline.
    public var acceptedOnTime = 0
    public var resolvedOnTime = 0
    /// The time to accept has passed, and nobody has accepted or answered.
    public var unanswered = 0
    /// Of those rated: with the best grade, and with the third of four. `satisfied` has the two good ones.
    public var verySatisfied = 0
    public var neutral = 0
    /// The times that `secondsToAccept` and `secondsToResolve` add up, so that a few long ones can't hide
    /// behind a mean, nor many short ones.
    public var timesToAccept = DurationSketch()
    public var timesToResolve = DurationSketch()

    public init() {}

    public var dissatisfied: Int { rated - satisfied - neutral }

    public static func + (left: Tally, right: Tally) -> Tally { left.merged(right, +, +, +) }
    public static func - (left: Tally, right: Tally) -> Tally { left.merged(right, -, -, -) }

    private func merged(
        _ other: Tally, _ count: (Int, Int) -> Int, _ seconds: (Int64, Int64) -> Int64,
        _ times: (DurationSketch, DurationSketch) -> DurationSketch
    ) -> Tally {
        var all = self
        for path in Self.counts { all[keyPath: path] = count(self[keyPath: path], other[keyPath: path]) }
        all.secondsToAccept = seconds(secondsToAccept, other.secondsToAccept)
        all.secondsToResolve = seconds(secondsToResolve, other.secondsToResolve)
        all.timesToAccept = times(timesToAccept, other.timesToAccept)
        all.timesToResolve = times(timesToResolve, other.timesToResolve)
        return all
    }

    private static var counts: [WritableKeyPath<Tally, Int>] {
        [
            \.received, \.open, \.overdue, \.accepted, \.resolved, \.rated, \.satisfied, \.escalated,
            \.supervised, \.reopened, \.acceptedOnTime, \.resolvedOnTime, \.unanswered, \.verySatisfied,
            \.neutral,
        ]
    }

    /// Whether each figure is one that a sum over complaints can have.
    public var isPlausible: Bool {
        let figures = Self.counts.map { self[keyPath: $0] } + [Int(secondsToAccept), Int(secondsToResolve)]
        let times = Array(timesToAccept.counts.values) + Array(timesToResolve.counts.values)
        return (figures + times).allSatisfy { (0...Self.figureLimit).contains($0) }
    }

    /// More than any city can have in a day, and far below the limit of a sum over partitions and years.
    public static let figureLimit = 1_000_000_000_000
}
