import Models

/// What people intend to do when something happens to a complaint, and after how long.
///
/// If nobody intends to act, or not in time, Routing's own deadlines take effect: it warns, escalates, orders
/// and closes as it does in a real city.
struct People {
    let plan: CityPlan
    let registry: Registry

    /// - Parameter intend: called with each intent and its moment.
    func react(to fact: ComplaintFact, _ known: inout Case, intend: (Intent, Instant) -> Void) {
        let now = fact.at
        switch fact.event {
        case .received: received(now, &known, intend)
        case .assigned(let assigned): self.assigned(assigned, now, &known, intend)
        case .accepted: accepted(now, &known, intend)
        case .lapsed, .supervised:
            // The assignee was called to account. What he already intended to do may come first.
            if known.isInHand { intend(.resolve(turn: known.turn), now + known.chance.hours(6, 60)) }
        case .resolved(let resolved):
            if resolved.checker == nil {
                answered(now, &known, intend)
            } else if known.chance.happens(0.9) {
                intend(.verify, now + known.chance.hours(4, 60))
            }
        case .verified(let verified): if verified.passed { answered(now, &known, intend) }
        case .unchecked: answered(now, &known, intend)
        case .closed(let closed):
            if let until = closed.reopensUntil, known.taken != nil, known.chance.happens(0.02) {
                intend(.reopen, now + known.chance.hours(1, max(2, (until - now).hours)))
            }
            intend(.forget, now + Self.memory)
        case .rejected: intend(.forget, now + Self.memory)
        case .withheld: if known.chance.happens(0.4) { intend(.release, now + known.chance.hours(20, 200)) }
        default: break
        }
    }

    /// Longer than the time in which a citizen may reopen a closed complaint.
    private static let memory = Duration.days(9)

    private func received(_ now: Instant, _ known: inout Case, _ intend: (Intent, Instant) -> Void) {
        guard known.taken != nil else { return }
        if known.chance.happens(0.12) { intend(.urge, now + known.chance.hours(30, 110)) }
        if known.chance.happens(0.008) { intend(.withhold, now + known.chance.hours(0.5, 8)) }
    }

    private func assigned(
        _ assigned: ComplaintEvent.Assigned, _ now: Instant, _ known: inout Case,
        _ intend: (Intent, Instant) -> Void
    ) {
        let turn = known.turn
        let temper = Temper(of: assigned.assignee, seed: plan.seed)
        let due = assigned.due
        if known.assignments == 1, known.taken != nil {
            let office = now + known.chance.hours(0.5, 5)
            switch known.chance.share() {
            case ..<0.05: return intend(.reject(turn: turn), office)
            case ..<0.07: return intend(.correct(turn: turn), office)
            case ..<0.11:
                if assigned.assignee.kind != .office { return intend(.handBack(turn: turn), office) }
            // If there is no other complaint about the same matter, nothing happens.
            case ..<0.6: intend(.merge(turn: turn), office)
            default: break
            }
        }
        let moment = temper.moment(from: now, due: due.accept, &known.chance)
        intend(.accept(turn: turn), waking(moment, in: assigned.region, &known.chance))
    }

    private func accepted(_ now: Instant, _ known: inout Case, _ intend: (Intent, Instant) -> Void) {
        guard let assignee = known.assignee, let due = known.due, let region = known.region else { return }
        let temper = Temper(of: assignee, seed: plan.seed)
        let turn = known.turn
        let done = waking(
            temper.moment(from: now, due: due.resolve, &known.chance), in: region, &known.chance)
        intend(.resolve(turn: turn), done)
        if known.chance.happens(0.2) { intend(.note(turn: turn), now + (done - now) * 0.5) }
        // An assignee who will be late may ask for more time.
        if due.resolve > now, done > now + (due.resolve - now) * 0.8, known.chance.happens(0.3) {
            intend(.extend(turn: turn), now + (due.resolve - now) * 0.7)
        }
    }

    /// The citizen was told that the complaint is resolved. He reacts, or does nothing.
    private func answered(_ now: Instant, _ known: inout Case, _ intend: (Intent, Instant) -> Void) {
        guard known.taken != nil else { return }
        switch known.chance.share() {
        case ..<0.6: intend(.rate, now + known.chance.hours(1, 70))
        case ..<0.62: intend(.reopen, now + known.chance.hours(5, 90))
        default: break
        }
    }

    /// Nobody works at night. What is late by then goes one level up.
    private func waking(_ moment: Instant, in region: RegionID, _ chance: inout Chance) -> Instant {
        let zone = registry.zone(in: region)
        let local = moment + zone.offset(at: moment)
        let hour = Double(local.millisecondsSince1970 % 86_400_000) / 3_600_000
        if hour >= 7, hour < 22 { return moment }
        return moment + .hours((hour < 7 ? 7 - hour : 31 - hour) + chance.between(0, 2))
    }
}
