import Models

/// What an operator can set about alarms.
struct AlarmRules: Equatable, Sendable {
    /// The category of the complaints; the registry says how soon they must be answered.
    var category = CategoryCode.stationAlarm
    /// How many readings in a row worse than the target class raise an alarm, how many beyond a limit raise
    /// one, and how many good readings in a row clear it.
    ///
    /// A station's readings are automatic and not validated: a single bad reading may be a fault of the
    /// instrument. Oxygen and pH follow the daylight, so a value that is bad by night may be good at noon.
    /// Over the sample's 553 real readings, an hour or two apart, one bad reading and one good one would have
    /// raised 25 alarms in four days; three and six raise 7.
    var targetReadings = 3
    var limitReadings = 2
    var goodReadings = 6

    /// The limits beyond which a water is worse than class V and fit for no use (GB 3838-2002 table 1, items
    /// 2, 3 and 7; a water with at most 2 mg/L of oxygen also counts as black and odorous, 黑臭水体).
    var pH = 6.0...9.0
    var dissolvedOxygen = 2.0
    var ammoniaNitrogen = 2.0
    /// A value is good again only if it is inside the limit by this part of the limit; for a range, by this
    /// part of half its width.
    var margin = 0.1

    /// A value that may be the fault of an instrument raises no alarm before it is confirmed (`Spike`).
    var spikes = true
    /// An alarm is about the present: readings older than this are history and raise no alarm.
    var recentWithin: Duration = .seconds(48 * 3600)
    /// Readings farther apart are not in a row; a sample a week still is.
    var gap: Duration = .seconds(8 * 86_400)
    /// An alarm that lasts is noted after this, and each time again after twice as long.
    var noteAfter: Duration = .seconds(86_400)
    /// A station that has said nothing for this long under an open alarm is noted, once.
    var silentAfter: Duration = .seconds(86_400)

    /// The offset of the city's time, which the texts use.
    var utcOffset: Duration = .seconds(8 * 3600)

    /// How many readings of a section are kept: more than any count above, with room for readings that lack a
    /// value.
    static let samplesLimit = 64
    /// What a count may be set to.
    static let countRange = 1...24

    func readingsToRaise(_ item: AlarmItem) -> Int {
        item == .waterClass ? targetReadings : limitReadings
    }

    /// The time after which the next note is due. It doubles with each note, so that an alarm that lasts for
    /// years has few notes.
    func noteAfter(notes: Int) -> Duration { noteAfter * (1 << min(notes, Self.doublings)) }

    private static let doublings = 12
}

/// What one reading says about one item.
enum Finding: Equatable, Sendable {
    case beyond
    /// Neither beyond the limit nor well inside it: it ends a row of good readings and a row of bad ones.
    case between
    case good
}

/// What the readings of one section are judged by: the registry and the rules as they are now.
struct Yardstick {
    let section: Section
    let rules: AlarmRules

    /// Nil for the class where the registry names no class for the section.
    func limit(of item: AlarmItem) -> AlarmLimit? {
        switch item {
        case .pH: .within(rules.pH)
        case .dissolvedOxygen: .atLeast(rules.dissolvedOxygen)
        case .ammoniaNitrogen: .atMost(rules.ammoniaNitrogen)
        // The class that the city aims at, or else the class that the water's use demands.
        case .waterClass: (section.targetClass ?? section.functionClass).map(AlarmLimit.target)
        }
    }

    /// Nil where the reading lacks the values that are needed.
    ///
    /// - Parameter open: items that already have an alarm. If only their parameters make the class bad, the
    ///   bad class is told already.
    func finding(of sample: Sample, on item: AlarmItem, beside open: Set<AlarmItem>) -> Finding? {
        guard let parameter = item.parameter else { return findingOfClass(sample, beside: open) }
        guard let value = sample.values[parameter], let limit = limit(of: item) else { return nil }
        return limit.finding(of: value, margin: rules.margin)
    }

    /// When the sample was taken on which a finding rests. For a bad class, it is the time of the newest
    /// value that makes it bad. For a good class, it is the time of the oldest value, because all values must
    /// be good.
    func sampledAt(_ sample: Sample, on item: AlarmItem) -> Instant {
        if let parameter = item.parameter { return sample.sampledAt(parameter) }
        let worse = exceeded(by: sample, on: item).map { sample.sampledAt($0.parameter) }
        return worse.max() ?? sample.values.keys.map(sample.sampledAt).min() ?? sample.at
    }

    private func findingOfClass(_ sample: Sample, beside open: Set<AlarmItem>) -> Finding? {
        guard Standard.grade(sample.values, of: section.body).waterClass != nil else { return nil }
        let worse = exceeded(by: sample, on: .waterClass).map(\.parameter)
        if worse.isEmpty { return .good }
        let isTold = worse.allSatisfy { AlarmItem($0).map(open.contains) ?? false }
        return isTold ? .between : .beyond
    }

    /// The values beyond the limit, the worst first: by class, within a class by their multiple, as the
    /// national bulletins rank them.
    func exceeded(by sample: Sample, on item: AlarmItem) -> [Exceedance] {
        switch limit(of: item) {
        case nil: return []
        case .target(let target):
            let judgement = Standard.grade(sample.values, of: section.body)
            let worse = judgement.classes.filter { $0.value > target }
            return Parameter.allCases.compactMap { parameter in
                guard worse[parameter] != nil, let value = sample.values[parameter] else { return nil }
                return exceedance(parameter, value, limit: limit(of: target, parameter))
            }.sorted { left, right in
                rank(left, worse) != rank(right, worse)
                    ? rank(left, worse) > rank(right, worse)
                    : left.parameter.rawValue < right.parameter.rawValue
            }
        case .atMost(let most): return exceedance(of: item, sample, limit: most)
        case .atLeast, .within: return exceedance(of: item, sample, limit: nil)
        }
    }

    private func rank(_ one: Exceedance, _ classes: [Parameter: WaterClass]) -> (Int, Double) {
        (classes[one.parameter]?.number ?? 0, one.ratio ?? 0)
    }

    private func exceedance(of item: AlarmItem, _ sample: Sample, limit: Double?) -> [Exceedance] {
        guard let parameter = item.parameter, let value = sample.values[parameter] else { return [] }
        return [exceedance(parameter, value, limit: limit)]
    }

    /// The multiple of the limit that was exceeded, and beside it the one of class III: that is the one that
    /// bulletins print, whatever the target is (环办〔2011〕22号).
    private func exceedance(_ parameter: Parameter, _ value: Double, limit: Double?) -> Exceedance {
        let ofIII = self.limit(of: .III, parameter).map { value / $0 - 1 }
        return Exceedance(
            parameter: parameter, value: value, ratio: limit.map { value / $0 - 1 }, limit: limit,
            overIII: limit == nil ? nil : ofIII.flatMap { $0 > 0 ? $0 : nil })
    }

    private func limit(of waterClass: WaterClass, _ parameter: Parameter) -> Double? {
        Standard.demand(on: parameter, in: section.body)?.atMost(waterClass)
    }
}

extension Standard.Demand {
    /// The highest value that a class allows; nil where the parameter has another kind of limit.
    fileprivate func atMost(_ target: WaterClass) -> Double? {
        guard case .atMost(let limits) = self, limits.indices.contains(target.number - 1) else { return nil }
        return limits[target.number - 1]
    }
}

extension AlarmLimit {
    /// A value equal to the limit is within it, as in GB 3838-2002 table 1.
    ///
    /// Nil for a class: it needs no margin, because its steps keep it from changing to and fro.
    func finding(of value: Double, margin: Double) -> Finding? {
        switch self {
        case .atLeast(let least): value < least ? .beyond : value >= least * (1 + margin) ? .good : .between
        case .atMost(let most): value > most ? .beyond : value <= most * (1 - margin) ? .good : .between
        case .within(let range):
            inside(range, value, by: margin * (range.upperBound - range.lowerBound) / 2)
        case .target: nil
        }
    }

    private func inside(_ range: ClosedRange<Double>, _ value: Double, by distance: Double) -> Finding {
        guard range.contains(value) else { return .beyond }
        return value - range.lowerBound >= distance && range.upperBound - value >= distance ? .good : .between
    }
}
