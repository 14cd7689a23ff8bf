/// What is counted of one item, or of an outfall as a whole. Tallies can be added: days give months and
/// years, outfalls an enterprise.
public struct DischargeTally: Hashable, Sendable {
    /// Hours with a value, also with one that does not count.
    public var hoursReported = 0
    /// Those of them whose value does not count, because of its flag.
    public var hoursFlagged = 0
    /// Hours that a limit was held against, and those above it.
    public var hoursJudged = 0
    public var hoursAbove = 0
    /// Days with a value, with an hour's or with their own.
    public var daysReported = 0
    /// Days whose mean a limit was held against, and those above it.
    public var daysJudged = 0
    public var daysAbove = 0

    public init() {}

    public static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.hoursReported += right.hoursReported
        sum.hoursFlagged += right.hoursFlagged
        sum.hoursJudged += right.hoursJudged
        sum.hoursAbove += right.hoursAbove
        sum.daysReported += right.daysReported
        sum.daysJudged += right.daysJudged
        sum.daysAbove += right.daysAbove
        return sum
    }

    /// Nil if no hour was judged.
    public var shareAbove: Double? {
        hoursJudged == 0 ? nil : Double(hoursAbove) / Double(hoursJudged)
    }
}

/// A valid value beyond the limit of its permit (超标).
public struct Breach: Hashable, Sendable, Codable {
    public let parameter: Parameter
    /// An hour's mean, or a day's.
    public let period: Period
    /// When the hour or the day begins.
    public let at: Instant
    public let value: Double
    public let limit: PermitLimit

    public init(parameter: Parameter, period: Period, at: Instant, value: Double, limit: PermitLimit) {
        self.parameter = parameter
        self.period = period
        self.at = at
        self.value = value
        self.limit = limit
    }

    public var multiple: Double? { limit.multiple(of: value) }
}

/// One day of an outfall, judged by the permits that are in force on it.
///
/// 1. The mean of an hour is held against the hourly limit. A value that is not flagged valid is not judged.
/// 2. The mean of the day is that of its valid hours, if there are at least `leastHours`. It is weighted with
///    the flow if every one of these hours has its flow, as HJ 356-2019 forms daily means (from memory);
///    otherwise it is arithmetic. For pH it is the pH of the mean of the hydrogen ions, as in all means of
///    this suite.
/// 3. Where there are too few hours, the daily mean that was reported counts.
/// 4. A day is judged when it is over.
///
/// That hours come before the reported mean, and how many of them make a day, is our choice: so a correction
/// of an hour is a correction of its day, and a day of a few hours is no day.
public struct DischargeJudgement: Hashable, Sendable {
    /// Three quarters of a day.
    public static let leastHours = 18

    public struct Item: Hashable, Sendable {
        public var tally = DischargeTally()
        /// Of the valid hours: the value that is farthest beyond its limit, or for an item without a limit
        /// the highest.
        public var worst: DischargeDay.Part?
        /// Nil: too few valid hours, and no daily mean was reported.
        public var mean: Double?
        public var hourlyLimit: PermitLimit?
        public var dailyLimit: PermitLimit?
        /// The hours, then the day.
        public var breaches: [Breach] = []
    }

    public private(set) var items: [Parameter: Item] = [:]
    /// Of the outfall: an hour or day counts once, however many items it has. It is above if one of them is.
    public private(set) var overall = DischargeTally()

    /// - Parameters:
    ///   - start: when the day begins.
    ///   - isOver: whether all its hours have passed.
    public init(_ day: DischargeDay, from start: Instant, by permits: [Parameter: Permit], isOver: Bool) {
        for parameter in Parameter.allCases {
            let permit = permits[parameter]
            let item = Self.item(parameter, day, start, permit, isOver: isOver)
            if item.tally.daysReported > 0 { items[parameter] = item }
        }
        overall = overall(of: day)
    }

    private static func item(
        _ parameter: Parameter, _ day: DischargeDay, _ start: Instant, _ permit: Permit?, isOver: Bool
    ) -> Item {
        var item = Item()
        item.hourlyLimit = permit?.hourly
        item.dailyLimit = permit?.daily
        for hour in day.hours where hour.isReported(parameter) {
            item.tally.hoursReported += 1
            guard let value = hour.figures[parameter] else {
                item.tally.hoursFlagged += 1
                continue
            }
            if item.isWorse(value, parameter) { item.worst = hour }
            guard let limit = permit?.hourly else { continue }
            item.tally.hoursJudged += 1
            if !limit.allows(value) {
                item.tally.hoursAbove += 1
                item.breaches.append(
                    Breach(parameter: parameter, period: .hour, at: hour.at, value: value, limit: limit))
            }
        }
        let isReported = day.whole?.isReported(parameter) ?? false
        item.tally.daysReported = item.tally.hoursReported > 0 || isReported ? 1 : 0
        item.mean = mean(of: parameter, day)
        if isOver, let mean = item.mean, let limit = permit?.daily {
            item.tally.daysJudged = 1
            if !limit.allows(mean) {
                item.tally.daysAbove = 1
                item.breaches.append(
                    Breach(parameter: parameter, period: .day, at: start, value: mean, limit: limit))
            }
        }
        return item
    }

    /// The mean of a day; nil if it has too few valid hours and none was reported.
    static func mean(of parameter: Parameter, _ day: DischargeDay) -> Double? {
        let valid = day.hours.filter { $0.figures[parameter] != nil }
        guard valid.count >= leastHours else { return day.whole?.figures[parameter] }
        // The flow itself is not weighted with itself.
        let flows = parameter == .flow ? [] : valid.compactMap { $0.figures[.flow] }
        let isWeighted = flows.count == valid.count && flows.contains { $0 > 0 }
        var (sum, weight) = (0.0, 0.0)
        for (place, hour) in valid.enumerated() {
            let share = isWeighted ? flows[place] : 1
            sum += share * parameter.basis(hour.figures[parameter] ?? 0)
            weight += share
        }
        return parameter.figure(sum / weight).withoutNoise
    }

    private func overall(of day: DischargeDay) -> DischargeTally {
        var tally = DischargeTally()
        guard !items.isEmpty else { return tally }
        let above = Set(items.values.flatMap(\.breaches).filter { $0.period == .hour }.map(\.at))
        for hour in day.hours {
            tally.hoursReported += 1
            if hour.figures.isEmpty { tally.hoursFlagged += 1 }
            let isJudged = hour.figures.keys.contains { items[$0]?.hourlyLimit != nil }
            if isJudged { tally.hoursJudged += 1 }
            if above.contains(hour.at) { tally.hoursAbove += 1 }
        }
        tally.daysReported = 1
        tally.daysJudged = items.values.contains { $0.tally.daysJudged > 0 } ? 1 : 0
        tally.daysAbove = items.values.contains { $0.tally.daysAbove > 0 } ? 1 : 0
        return tally
    }

    /// By time; at one time an hour before a day.
    public var breaches: [Breach] {
        Parameter.allCases.flatMap { items[$0]?.breaches ?? [] }
            .sorted { ($0.at, $0.period == .day ? 1 : 0) < ($1.at, $1.period == .day ? 1 : 0) }
    }
}

extension DischargeJudgement.Item {
    fileprivate func isWorse(_ value: Double, _ parameter: Parameter) -> Bool {
        guard let known = worst?.figures[parameter] else { return true }
        guard case .within(let range)? = hourlyLimit ?? dailyLimit else { return value > known }
        func distance(_ value: Double) -> Double {
            max(range.lowerBound - value, value - range.upperBound)
        }
        return distance(value) > distance(known)
    }
}

extension Double {
    /// A mean of values that are all 50 may come out a little beside 50, and 50 keeps a limit of 50. So a
    /// mean is rounded to twelve significant digits.
    fileprivate var withoutNoise: Double {
        guard self != 0, isFinite else { return self }
        let digits = 11 - Int(logarithm10(abs(self)).rounded(.down))
        guard (-300...300).contains(digits) else { return self }
        let scale = power(10, Double(abs(digits)))
        return digits >= 0 ? (self * scale).rounded() / scale : (self / scale).rounded() * scale
    }
}
