import Models

/// The rules of a complaint's life, over the registry as it is at one moment. Nothing here reads a clock or
/// writes a record.
///
/// This file says to whom a complaint goes. `Acting` says what people do to it, `Elapsing` what follows where
/// nobody acts in time, `Merging` what complaints tell each other, `Reviewing` what a changed registry means.
struct Decider {
    let whereabouts: Whereabouts
    let rules: Rules
    let now: Instant
    let hierarchy: Hierarchy

    init(whereabouts: Whereabouts, rules: Rules, now: Instant) {
        self.whereabouts = whereabouts
        self.rules = rules
        self.now = now
        hierarchy = Hierarchy(registry: whereabouts.registry, now: now)
    }

    var registry: Registry { hierarchy.registry }

    /// A submission is received and goes to whoever answers for the water. One from outside the city is
    /// rejected, and that is an event like any other: no submission is lost or silently refused.
    func submitted(_ submission: Submission, _ decision: inout Decision) {
        decision.record(.received(.init(submission: submission)))
        if let assigned = assignment(of: Matter(submission)) {
            decision.record(.assigned(assigned))
        } else {
            decision.record(.rejected(.init(by: .system, reason: .outsideJurisdiction)))
        }
    }

    // MARK: Whose it is

    typealias Why = ComplaintEvent.Assigned.Why

    /// Where a complaint goes: to the department that it or its category names, to the chief of the reach, or
    /// to the office of the region. Nil outside all regions.
    ///
    /// - Parameter why: replaces the reason that was found; nil keeps that reason.
    func assignment(of matter: Matter, why: Why? = nil) -> ComplaintEvent.Assigned? {
        let found: Placement.Found?
        let region: RegionID
        let others: [Candidate]
        switch whereabouts.placement(of: matter) {
        case .atReach(let reach): (found, region, others) = (reach, reach.reach.region, reach.runnersUp)
        case .inRegion(let whole, let near): (found, region, others) = (nil, whole.id, near)
        case .outside:
            // An enterprise's outfall belongs to its region wherever it is.
            guard matter.responsible != nil, let named = matter.region, registry.regions[named] != nil else {
                return nil
            }
            (found, region, others) = (nil, named, [])
        }
        let category = registry.categories[matter.category]
        let department =
            hierarchy.department(matter.responsible) ?? hierarchy.department(category?.responsible)
        let answering = department == nil ? found.flatMap { hierarchy.answering(for: $0.reach) } : nil
        let reason: Why =
            if department != nil { .responsible } else if let found {
                answering == nil ? .noChief : .init(found.why)
            } else { .noReach }
        return ComplaintEvent.Assigned(
            assignee: department ?? answering?.assignee ?? hierarchy.office(from: region)
                ?? Assignee(nobodyIn: region),
            river: found?.reach.river, reach: found?.reach.id, region: region, why: why ?? reason,
            distanceMetres: found?.chosen?.distanceMetres, due: due(matter, in: region),
            chief: answering?.chief, chosen: found?.chosen, runnersUp: others)
    }

    /// What a complaint of this category is promised from now on.
    func due(_ matter: Matter, in region: RegionID) -> Due {
        rules.due(for: matter.category, in: region, of: registry, from: now)
    }

    // MARK: Handing on

    /// The complaint goes to somebody else. Its water and its region stay.
    func hand(
        _ complaint: Complaint, to assignee: Assignee, why: Why, due: Due, chief: ChiefID? = nil,
        superior: ChiefID? = nil, _ decision: inout Decision
    ) {
        guard let last = complaint.assignment else { return }
        decision.record(
            .assigned(
                .init(
                    assignee: assignee, river: last.river, reach: last.reach, region: last.region, why: why,
                    distanceMetres: last.distanceMetres, due: due, chief: chief, superior: superior)))
    }

    /// A complaint keeps its deadlines when it changes hands. The next assignee gets a new time to accept
    /// only where the one before had accepted already, or had let that time pass.
    func kept(_ complaint: Complaint, _ last: ComplaintEvent.Assigned) -> Due {
        let fresh = due(complaint.matter, in: last.region)
        let due = last.due
        let mustRenew = complaint.status != .assigned || complaint.missed.contains(.accept)
        let isLate = complaint.missed.contains(.resolve)
        return Due(
            accept: mustRenew ? fresh.accept : due.accept, resolve: isLate ? fresh.resolve : due.resolve,
            acceptAtRisk: mustRenew ? fresh.acceptAtRisk : due.acceptAtRisk,
            resolveAtRisk: isLate ? fresh.resolveAtRisk : due.resolveAtRisk)
    }

    /// The complaint goes back to its assignee, or to whoever took his place, with new deadlines. The
    /// assignee's superior is told (追加处理).
    func reopen(
        _ complaint: Complaint, _ action: ComplaintAction, why: ComplaintEvent.Reopened.Why,
        _ decision: inout Decision
    ) {
        let last = complaint.assignment
        let step = last.flatMap {
            hierarchy.step(above: $0.assignee, ladder: complaint.ladder, in: $0.region, on: $0.reach)
        }
        // The words of a grade are kept with the `rated` event, not with this one.
        let words = why == .rated ? nil : action.words
        decision.record(.reopened(.init(by: action.by, why: why, superior: step?.assignee, words: words)))
        begin(complaint, why: .reopened, &decision)
        inform(complaint, of: .reopened, action.words, &decision)
    }

    /// Assigns a complaint that came back. It goes to whoever had it last or took his place. If nobody had
    /// it, its place decides.
    func begin(_ complaint: Complaint, why: Why, _ decision: inout Decision) {
        guard let last = complaint.assignment else {
            if let assigned = assignment(of: complaint.matter, why: why) {
                decision.record(.assigned(assigned))
            }
            return
        }
        let due = due(complaint.matter, in: last.region)
        let successor = successor(of: last, complaint.ladder)
        hand(
            complaint, to: successor?.assignee ?? last.assignee, why: why, due: due,
            chief: successor == nil ? last.chief : successor?.chief,
            superior: successor == nil ? last.superior : successor?.superior, &decision)
    }
}

extension ComplaintEvent.Assigned.Why {
    fileprivate init(_ reason: Candidate.Reason) {
        self =
            switch reason {
            case .picked: .picked
            case .named: .named
            case .outfall: .outfall
            case .lowerLevel: .lowerLevel
            case .nearest: .nearest
            }
    }
}
