/// When the offices of a region work, and so when the time is over that they were given.
///
/// How an allowance is counted:
/// 1. Hours run round the clock, from the very moment on (Civil Code 民法典, art. 201).
/// 2. Working hours run while the office works. What comes at night or on a holiday starts at the next
///    opening.
/// 3. Working days leave out holidays (Administrative Licensing Law 行政许可法, art. 82). The day on which
///    something comes is not counted, worked or not, and the last one ends when the office closes (民法典,
///    art. 201 and 203). A part of a day is that part of its hours: of one working day 80 % are over when
///    80 % of the next working day's hours are.
///
/// The Civil Code is followed because no rule of the field says otherwise; by its art. 204 such a rule would
/// go before.
public struct WorkingCalendar: Sendable {
    public let zone: Zone
    public let hours: WorkingHours
    private let registry: Registry

    /// Ten years: longer than anything is given, and an end where an amount is absurd or nobody ever works.
    public static let horizonDays = 3653

    init(zone: Zone, hours: WorkingHours, registry: Registry) {
        self.zone = zone
        self.hours = hours
        self.registry = registry
    }

    /// When the time is over that starts to run at `start`.
    ///
    /// Never before `start`, and never later for less of the same unit or for an earlier start. In working
    /// units it is a moment at which the office works or closes, unless it lies beyond the horizon, which
    /// then stands for it.
    public func moment(_ allowance: Allowance, after start: Instant) -> Instant {
        guard start < .latest else { return start }
        let horizon = min(start + .seconds(86_400 * Self.horizonDays), .latest)
        let begin = max(start, .earliest)
        // An amount that came through JSON can be any number.
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

    /// None is on a holiday, nor one on which clocks were put over all the hours.
    private func isWorked(_ day: Day) -> Bool {
        guard registry.isWorkingDay(day) else { return false }
        let dial = zone.dial(of: day)
        return hours.spans.contains { !dial.moments(of: $0).isEmpty }
    }

    /// When the office works on a day.
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
    /// When this part of all their time is over.
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
    /// The clocks of a region; those of Beijing where the registry names a zone that is none.
    public func zone(in region: RegionID) -> Zone { Zone(timeZone(in: region)) ?? .beijing }

    public func workingCalendar(in region: RegionID) -> WorkingCalendar {
        WorkingCalendar(zone: zone(in: region), hours: workingHours(in: region), registry: self)
    }

    /// How soon a complaint must be accepted and resolved: by its service level, or else in its category's
    /// own hours.
    ///
    /// - Parameter urgency: where the complaint is more or less urgent than its category.
    public func allowances(
        of category: Category, _ urgency: Urgency? = nil
    ) -> (accept: Allowance, resolve: Allowance) {
        guard let level = serviceLevel(of: category.code, urgency ?? category.urgency) else {
            return (Allowance(category.acceptHours, .hours), Allowance(category.resolveHours, .hours))
        }
        return (level.accept, level.resolve)
    }
}
