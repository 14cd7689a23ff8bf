import Models

/// What an operator can set about routing.
struct Rules: Equatable, Sendable {
    /// The farthest that a place may lie from the reach it is taken to be about.
    var reachDistance = Distance(metres: 2000)
    /// The farthest where the citizen named the river or picked the reach himself.
    var pickedDistance = Distance(metres: 20_000)
    /// In place of every category's own time, for trying things out.
    var acceptWithin: Duration?
    /// A resolved complaint closes by itself after this.
    var closeAfter: Duration = .seconds(7 * 86_400)

    /// What a category without an entry in the registry is given.
    static let acceptWithinByDefault: Duration = .seconds(24 * 3600)
    static let resolveWithinByDefault: Duration = .seconds(120 * 3600)

    func due(for category: Category?, from now: Instant) -> Due {
        let accept = acceptWithin ?? category.map { .hours($0.acceptHours) } ?? Self.acceptWithinByDefault
        let resolve = category.map { .hours($0.resolveHours) } ?? Self.resolveWithinByDefault
        return Due(accept: now + accept, resolve: now + max(accept, resolve))
    }
}

extension Duration {
    /// The registry says any number; ten years is longer than any deadline and keeps every due date within
    /// the calendar.
    fileprivate static func hours(_ hours: Double) -> Duration {
        .milliseconds(Int64((hours > 0 ? min(hours, 87_660) : 0) * 3_600_000))
    }
}
