import FoundationEssentials
// FoundationEssentials alone knows no zone by its name; with this module it does.
import FoundationInternationalization

/// The clocks of a place, summer time included, known by a name of the IANA database (RFC 6557).
///
/// Where clocks are put back they show the same time twice. What counts here is the first time: an office
/// that opens at half past two opens when its clock shows that first, and a day has begun once its midnight
/// was shown.
public struct Zone: Hashable, Sendable {
    private let rules: TimeZone

    /// Nil for a name that is none.
    public init?(_ name: String) {
        guard let rules = TimeZone(identifier: name) else { return nil }
        self.rules = rules
    }

    public static let beijing: Zone = {
        guard let zone = Zone(Region.usualTimeZone) else {
            preconditionFailure("\(Region.usualTimeZone) is not in the database of zones")
        }
        return zone
    }()

    /// How far the clocks are ahead of UTC.
    public func offset(at instant: Instant) -> Duration {
        .seconds(
            rules.secondsFromGMT(
                for: Date(timeIntervalSince1970: Double(instant.millisecondsSince1970) / 1000)))
    }

    /// The last day that has begun.
    public func day(at instant: Instant) -> Day {
        let shown = Day(of: instant, offset: offset(at: instant))
        let next = shown.adding(days: 1)
        return start(of: next) <= instant ? next : shown
    }

    public func start(of day: Day) -> Instant { first(minute: 0, of: day) }

    /// The first moment at which the clocks show so many minutes after midnight, or are put beyond that.
    public func first(minute: Int, of day: Day) -> Instant {
        let shown = Instant(
            millisecondsSince1970: Int64(day.daysSince1970) * 86_400_000 + Int64(minute) * 60_000)
        // No zone is as much as a day from UTC, and none changes its clocks twice within two days. So one of
        // these two offsets holds, and the older one holds until the change.
        let before = offset(at: shown - .seconds(86_400))
        let after = offset(at: shown + .seconds(86_400))
        if before == after || offset(at: shown - before) == before { return shown - before }
        if offset(at: shown - after) == after { return shown - after }
        return change(between: shown - after, and: shown - before, from: before)
    }

    /// When clocks were put forward over a time that they never showed.
    private func change(between early: Instant, and late: Instant, from before: Duration) -> Instant {
        var (early, late) = (early, late)
        while late - early > .milliseconds(1) {
            let middle = early + (late - early) / 2
            if offset(at: middle) == before { early = middle } else { late = middle }
        }
        return late
    }
}
