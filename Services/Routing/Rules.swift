import Geo
import Models

/// What an operator can set about routing, and what is fixed.
struct Rules: Equatable, Sendable {
    /// The farthest that a place may lie from a reach if the complaint is to count as about that reach.
    var reachDistance = Distance(metres: 2000)
    /// The farthest that a place may lie from the water if the citizen named the river or picked the reach
    /// himself.
    var pickedDistance = Distance(metres: 20_000)
    /// Replaces every category's own time to accept, for trying things out.
    var acceptWithin: Duration?
    /// A resolved complaint closes by itself after this, and can be reopened until then.
    var closeAfter: Duration = .seconds(7 * 86_400)
    /// How long after the assignment somebody may still say "not mine" (责任退回).
    var transferWithin: Duration = .seconds(24 * 3600)
    /// How long a checker has for his check.
    var verifyWithin = Allowance.forCheck

    /// For a category that the registry does not have.
    static let acceptByDefault = Allowance(24, .hours)
    static let resolveByDefault = Allowance(120, .hours)
    /// The assignee is warned after this share of his time.
    static let riskShare = 0.8
    /// How often a citizen may urge a complaint before it is resolved, and how long he must wait in between.
    static let urgesPerRound = 3
    static let urgePause: Duration = .seconds(24 * 3600)
    /// An order from the top gives at least this much time. With less, urgent categories would bring order
    /// after order.
    static let orderAtLeast: Duration = .seconds(24 * 3600)
    static let extensionDays = 365
    static let extensionAtMost: Duration = .seconds(extensionDays * 86_400)

    /// The deadlines of a new assignment: by the service level of the category and its urgency, or else by
    /// the category's own hours.
    func due(for code: CategoryCode, in region: RegionID, of registry: Registry, from now: Instant) -> Due {
        let (accept, resolve) =
            registry.categories[code].map { registry.allowances(of: $0) }
            ?? (Self.acceptByDefault, Self.resolveByDefault)
        let calendar = registry.workingCalendar(in: region)
        func moments(_ allowance: Allowance) -> (due: Instant, atRisk: Instant) {
            (
                calendar.moment(allowance, after: now),
                calendar.moment(allowance.scaled(by: Self.riskShare), after: now)
            )
        }
        let accepting =
            acceptWithin.map { (due: now + $0, atRisk: now + $0 * Self.riskShare) } ?? moments(accept)
        let resolving = moments(resolve)
        // If accept falls due after resolve, both fall due then.
        let isTight = resolving.due < accepting.due
        return Due(
            accept: accepting.due, resolve: max(accepting.due, resolving.due), acceptAtRisk: accepting.atRisk,
            resolveAtRisk: isTight ? nil : resolving.atRisk)
    }

    func verifyBy(in region: RegionID, of registry: Registry, from now: Instant) -> Instant {
        registry.workingCalendar(in: region).moment(verifyWithin, after: now)
    }

    /// The deadlines of an order from the top.
    func ordered(_ due: Due, from now: Instant) -> Due {
        let least = now + Self.orderAtLeast
        guard due.accept < least else { return due }
        return Due(
            accept: least, resolve: max(least, due.resolve), acceptAtRisk: nil,
            resolveAtRisk: due.resolve > least ? due.resolveAtRisk : nil)
    }
}
