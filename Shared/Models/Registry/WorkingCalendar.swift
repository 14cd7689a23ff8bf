/// When the offices of a region work, and so when an allowance ends.
///
/// How an allowance is counted:
/// 1. Hours run round the clock, from the moment itself (Civil Code 民法典, art. 201).
/// 2. Working hours run while the office works. For something that arrives at night or on a holiday, they
///    start at the next opening.
/// 3. Working days leave out holidays (Administrative Licensing Law 行政许可法, art. 82). The day of arrival is
///    not counted, even if it is a working day, and the last day ends when the office closes (民法典, art. 201
///    and 203). A part of a day is that part of its hours: 80 % of one working day are over when 80 % of the
///    next working day's hours are over.
///
/// We follow the Civil Code because no rule of this field says otherwise; by its art. 204 such a rule would
/// have priority.
public struct WorkingCalendar: Sendable {
    public let zone: Zone
    public let hours: WorkingHours
    private let registry: Registry

    /// Ten years: longer than any real allowance, and an end for absurd amounts or offices that never work.
    public static let horizonDays = 3653

    init(zone: Zone, hours: WorkingHours, registry: Registry) {
        self.zone = zone
        self.hours = hours
        self.registry = registry
    }

    /// When an allowance ends that starts to run at `start`.
    ///
    /// The result is never before `start`. A smaller amount of the same unit, or an earlier start, never
    /// gives a later result. In working units the result is a moment at which the office works or closes; if
    /// it would lie beyond the horizon, the result is the horizon.
    public func moment(_ allowance: Allowance, after start: Instant) -> Instant {
        guard start < .latest else { return start }
        let horizon = min(start + .seconds(86_400 * Self.horizonDays), .latest)
        let begin = max(start, .earliest)
        // An amount that was read from JSON can be any number.
        let amount = allowance.amount > 0 ? allowance.amount : 0
        let moment: Instant? =
            switch allowance.unit {
            case .hours: begin + Self.duration(hours: amount)
            case .workingHours: moment(Self.duration(hours: amount), after: begin)
            case .workingDays: moment(days: amount, after: zone.day(at: begin))
            }
        return min(horizon, moment ?? horizon)
    }

    private func moment(_ workingTime: Duration, after start: Instant) -> Instant? {
        var left = workingTime
        for day in days(from: zone.day(at: start)) {
            for span in spans(of: day) where span.upperBound > start {
                let opening = max(span.lowerBound, start)
                if left <= span.upperBound - opening { return opening + left }
                left -= span.upperBound - opening
            }
        }
        return nil
    }

    private func moment(days amount: Double, after day: Day) -> Instant? {
        var left = amount
        for day in days(from: day.adding(days: 1)) where isWorked(day) {
            if left <= 1 { return spans(of: day).moment(part: left) }
            left -= 1
        }
        return nil
    }

    private func days(from first: Day) -> some Sequence<Day> {
        (0...Self.horizonDays).lazy.map { first.adding(days: $0) }
    }

    /// False on a holiday, and on a day when clocks were put forward over all working hours.
    private func isWorked(_ day: Day) -> Bool {
        guard registry.isWorkingDay(day) else { return false }
        let dial = zone.dial(of: day)
        return hours.spans.contains { !dial.moments(of: $0).isEmpty }
    }

    /// The working hours of a day.
    private func spans(of day: Day) -> [Range<Instant>] {
        guard registry.isWorkingDay(day) else { return [] }
        let dial = zone.dial(of: day)
        return hours.spans.map(dial.moments).filter { !$0.isEmpty }
    }

    private static func duration(hours: Double) -> Duration {
        .milliseconds(Int64((min(hours, Double(24 * horizonDays)) * 3_600_000).rounded()))
    }
}

extension Zone.Dial {
    fileprivate func moments(of span: WorkingHours.Span) -> Range<Instant> {
        first(minute: span.start)..<first(minute: span.end)
    }
}

extension [Range<Instant>] {
    /// The moment at which this part of their total time is over.
    fileprivate func moment(part: Double) -> Instant? {
        let total = reduce(.zero) { $0 + ($1.upperBound - $1.lowerBound) }
        var left = Duration.milliseconds(Int64((Double(total.wholeMilliseconds) * part).rounded()))
        for span in self {
            if left <= span.upperBound - span.lowerBound { return span.lowerBound + left }
            left -= span.upperBound - span.lowerBound
        }
        return last?.upperBound
    }
}

extension Registry {
    /// The clocks of a region; those of Beijing if the registry names an unknown zone.
    public func zone(in region: RegionID) -> Zone { Zone(timeZone(in: region)) ?? .beijing }

    public func workingCalendar(in region: RegionID) -> WorkingCalendar {
        WorkingCalendar(zone: zone(in: region), hours: workingHours(in: region), registry: self)
    }

    /// How soon a complaint must be accepted and resolved: as its service level says, or else by its
    /// category's own hours.
    ///
    /// - Parameter urgency: set if the complaint is more or less urgent than its category.
    public func allowances(
        of category: Category, _ urgency: Urgency? = nil
    ) -> (accept: Allowance, resolve: Allowance) {
        guard let level = serviceLevel(of: category.code, urgency ?? category.urgency) else {
            return (Allowance(category.acceptHours, .hours), Allowance(category.resolveHours, .hours))
        }
        return (level.accept, level.resolve)
    }
}
