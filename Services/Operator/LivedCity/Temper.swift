import Models

/// How an official works: quick or slow, thorough or not. Every official has a temper of his own, which does
/// not change.
struct Temper {
    /// The share of the given time that he usually takes; above 1 he is late.
    private let pace: Double
    private let diligence: Double

    init(of assignee: Assignee, seed: UInt64) {
        var chance = Chance(seed: seed, "temper", assignee.kind.rawValue, assignee.id)
        // Offices are never slow: if an office is late itself, the one above it learns of that.
        let slowest = assignee.kind == .office ? 0.5 : 0.95
        pace = chance.between(0.12, slowest)
        diligence = chance.between(0.8, 0.98)
    }

    /// When he does something that is due by a deadline; perhaps only after the deadline.
    func moment(from now: Instant, due: Instant, _ chance: inout Chance) -> Instant {
        let time = max(0.5, (due - now).hours)
        return now + .hours(time * chance.around(pace * Self.usual, spread: 1))
    }

    private static let usual = 0.6

    /// Whether a complaint that he reports as resolved really is resolved.
    func isThorough(_ chance: inout Chance) -> Bool { chance.happens(diligence) }
}
