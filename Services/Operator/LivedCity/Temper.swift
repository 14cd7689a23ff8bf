import Models

/// How an official works: quick or slow, thorough or not. Everybody has a temper of his own and keeps it.
struct Temper {
    /// What share of the time that he is given he takes as a rule; above 1 he is late.
    private let pace: Double
    private let diligence: Double

    init(of assignee: Assignee, seed: UInt64) {
        var chance = Chance(seed: seed, "temper", assignee.kind.rawValue, assignee.id)
        // An office that is told late itself hears of it from above.
        let slowest = assignee.kind == .office ? 0.5 : 0.95
        pace = chance.between(0.12, slowest)
        diligence = chance.between(0.8, 0.98)
    }

    /// When he does what is due by a deadline, perhaps only after it.
    func moment(from now: Instant, due: Instant, _ chance: inout Chance) -> Instant {
        let time = max(0.5, (due - now).hours)
        return now + .hours(time * chance.around(pace * Self.usual, spread: 1))
    }

    private static let usual = 0.6

    /// Whether what he reports as resolved is resolved.
    func isThorough(_ chance: inout Chance) -> Bool { chance.happens(diligence) }
}
