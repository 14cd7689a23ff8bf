package import Models

/// The request: a city's past that ends at a moment.
package struct CityPlan: Equatable, Sendable {
    package var seed: UInt64
    package var complaints: Int
    package var days: Int
    /// Nothing happens after this moment. Deadlines may lie after it.
    package var until: Instant

    package init(seed: UInt64 = 1, complaints: Int = 2000, days: Int = 365, until: Instant) {
        self.seed = seed
        self.complaints = complaints
        self.days = days
        self.until = until
    }

    package var from: Instant { until - .days(Double(days)) }
}

/// The moments at which complaints come, in order: more in summer than in winter, more on weekends, and more
/// by daylight.
struct Arrivals: Sequence, IteratorProtocol {
    private let plan: CityPlan
    private let zone: Zone
    /// The sum of the weights up to each day; the last one is the sum of all.
    private let weights: [Double]
    private var day = 0
    /// The moments of the day that are left, the latest first.
    private var left: [Instant] = []

    init(_ plan: CityPlan, in zone: Zone) {
        self.plan = plan
        self.zone = zone
        var sum = 0.0
        weights = (0..<plan.days).map { day in
            let date = zone.day(at: plan.from + .days(Double(day)))
            sum += Season(date).complaints * (date.isWeekend ? 1.3 : 1)
            return sum
        }
    }

    mutating func next() -> Instant? {
        while left.isEmpty {
            guard day < plan.days else { return nil }
            left = moments(of: day).sorted(by: >)
            day += 1
        }
        return left.popLast()
    }

    private func moments(of day: Int) -> [Instant] {
        var chance = Chance(seed: plan.seed, "arrivals", "\(day)")
        let start = plan.from + .days(Double(day))
        let local = zone.offset(at: start)
        return (count(before: day)..<count(before: day + 1)).map { _ in
            // A day of the plan may begin at any hour. The drawn hour is the next time at which the clock
            // shows it.
            let hour = chance.one(weighing: Self.hours) + chance.share()
            let shown = Instant(millisecondsSince1970: start.millisecondsSince1970) + local
            let begun = Double(shown.millisecondsSince1970 % 86_400_000) / 3_600_000
            return start + .hours((hour - begun + 24).truncatingRemainder(dividingBy: 24))
        }
    }

    /// The number of complaints before a day. All days together have as many as the plan asks for.
    private func count(before day: Int) -> Int {
        guard day > 0, let all = weights.last else { return 0 }
        return Int((Double(plan.complaints) * weights[day - 1] / all).rounded())
    }

    private static let hours: [(Double, weight: Double)] = (0..<24).map { hour in
        let weight: Double
        switch hour {
        case ..<6: weight = 0.1
        case ..<8: weight = 0.8
        case ..<21: weight = 1.4
        default: weight = 0.5
        }
        return (Double(hour), weight: weight)
    }
}

/// How the time of the year affects waters and people.
struct Season {
    /// 0 in midwinter, 1 in midsummer; between the tropics and the poles of the northern half of the Earth.
    let warmth: Double

    init(_ day: Day) {
        warmth = Season.warmth(dayOfYear: Double(day.daysSince1970 - Day.first(of: day.year).daysSince1970))
    }

    var complaints: Double { 0.6 + warmth }

    /// Problems of warm water are mostly reported in summer.
    func weight(of category: CategoryCode) -> Double {
        Self.warm.contains(category.rawValue) ? 0.2 + 2.5 * warmth : 1
    }

    private static let warm: Set = ["odour", "black-water", "algal-bloom", "dead-fish", "water-plants"]
}

extension Day {
    static func first(of year: Int) -> Day {
        guard let day = Day(year: year, month: 1, day: 1) else {
            preconditionFailure("\(year) has no first day")
        }
        return day
    }
}
