import FoundationEssentials
// FoundationEssentials alone does not know zones by name; with this module it does.
import FoundationInternationalization

/// The clocks of a place, summer time included, named by a name of the IANA database (RFC 6557).
///
/// When clocks are put back, they show the same time twice. Here the first time counts: an office that opens
/// at half past two opens when its clock shows that first, and a day begins when its midnight is shown first.
public struct Zone: Hashable, Sendable {
    private let rules: TimeZone

    /// Nil if no zone has this name.
    public init?(_ name: String) {
        guard let rules = TimeZone(identifier: name) else { return nil }
        self.rules = rules
    }

    /// Clocks with a fixed offset from UTC; nil beyond what `TimeZone` accepts, 18 hours.
    public init?(offset: Duration) {
        guard let rules = TimeZone(secondsFromGMT: Int(offset.wholeSeconds)) else { return nil }
        self.rules = rules
    }

    /// The name by which it was made; a zone with a fixed offset has one, too.
    public var name: String { rules.identifier }

    public static let beijing: Zone = {
        guard let zone = Zone(Region.usualTimeZone) else {
            preconditionFailure("\(Region.usualTimeZone) is not in the database of zones")
        }
        return zone
    }()

    /// How far the clocks are ahead of UTC.
    public func offset(at instant: Instant) -> Duration {
        .milliseconds(ahead(at: instant.millisecondsSince1970))
    }

    /// In milliseconds, as are the moments here: computing a deadline asks hundreds of times, and a
    /// `Duration` counts in 128 bits.
    private func ahead(at moment: Int64) -> Int64 {
        Int64(rules.secondsFromGMT(for: Date(timeIntervalSince1970: Double(moment) / 1000))) * 1000
    }

    /// The last day that has begun at this moment.
    public func day(at instant: Instant) -> Day {
        let local = instant.millisecondsSince1970 + ahead(at: instant.millisecondsSince1970)
        let shown = Day(daysSince1970: Int(local.dividedDownward(by: Self.day).quotient))
        let next = shown.adding(days: 1)
        return start(of: next) <= instant ? next : shown
    }

    public func start(of day: Day) -> Instant { first(minute: 0, of: day) }

    /// The first moment at which the clocks show this many minutes after midnight, or jump over that time.
    public func first(minute: Int, of day: Day) -> Instant { dial(of: day).first(minute: minute) }

    private static let day: Int64 = 86_400_000

    public func dial(of day: Day) -> Dial { Dial(self, day) }

    /// When clocks show a given time of a day.
    public enum Showing: Hashable, Sendable {
        case once(Instant)
        /// Clocks were put back, and show the time twice.
        case twice(Instant, Instant)
        /// Clocks were put forward over the time.
        case never
    }

    /// One day as its clocks show it.
    public struct Dial: Sendable {
        private let zone: Zone
        private let midnight: Int64
        private let before: Int64
        private let after: Int64

        fileprivate init(_ zone: Zone, _ day: Day) {
            self.zone = zone
            midnight = Int64(day.daysSince1970) * Zone.day
            // No zone is a full day away from UTC, and none changes its clocks twice within three days. So
            // one of these two offsets applies all day, or the older one until the change and then the newer
            // one.
            before = zone.ahead(at: midnight - Zone.day)
            after = zone.ahead(at: midnight + 2 * Zone.day)
        }

        /// The first moment at which the clocks show this many minutes after midnight, or jump over that
        /// time.
        func first(minute: Int) -> Instant {
            let shown = midnight + Int64(minute) * 60_000
            let moment =
                if before == after || zone.ahead(at: shown - before) == before {
                    shown - before
                } else if zone.ahead(at: shown - after) == after {
                    shown - after
                } else {
                    change(between: shown - after, and: shown - before)
                }
            return Instant(millisecondsSince1970: moment)
        }

        /// - Parameter milliseconds: since midnight, as the clocks show it.
        public func showing(_ milliseconds: Int64) -> Showing {
            let shown = midnight + milliseconds
            func moment(_ ahead: Int64) -> Instant { Instant(millisecondsSince1970: shown - ahead) }
            if before == after { return .once(moment(before)) }
            let (early, late) = (max(before, after), min(before, after))
            return switch (zone.ahead(at: shown - early) == early, zone.ahead(at: shown - late) == late) {
            case (true, true): .twice(moment(early), moment(late))
            case (true, false): .once(moment(early))
            case (false, true): .once(moment(late))
            case (false, false): .never
            }
        }

        /// The moment at which clocks were put forward over a time that they never showed.
        private func change(between early: Int64, and late: Int64) -> Int64 {
            var (early, late) = (early, late)
            while late - early > 1 {
                let middle = early + (late - early) / 2
                if zone.ahead(at: middle) == before { early = middle } else { late = middle }
            }
            return late
        }
    }
}
