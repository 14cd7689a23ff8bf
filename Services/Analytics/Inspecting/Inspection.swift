import Models

/// One look at an outfall: what its latest days call for, item by item.
struct Inspection {
    /// An event to tell, and the order to Routing that goes with it.
    struct Told {
        let event: BreachEvent
        let order: SystemOrder
    }

    private struct Found {
        let breach: Breach
        let end: Instant
    }

    /// So many valid hours in a row must keep the permit before a case ends: a day.
    static let goodHours = 24
    /// After this a new complaint begins, even if the breaches go on: the first one may be closed by then.
    static let renewAfter = Duration.seconds(7 * 86_400)

    private(set) var told: [Told] = []
    private var state: Inspecting.State
    private let outfall: Outfall
    private let enterprise: Enterprise
    private let registry: Registry
    private let rules: AlarmRules
    private let now: Instant
    private let text: BreachText
    /// The breaches of each item, by when they ended.
    private let found: [Parameter: [Found]]

    init(
        _ state: Inspecting.State, of outfall: Outfall, of enterprise: Enterprise, in registry: Registry,
        by rules: AlarmRules, at now: Instant
    ) {
        self.state = state
        self.outfall = outfall
        self.enterprise = enterprise
        self.registry = registry
        self.rules = rules
        self.now = now
        text = BreachText(
            enterprise: enterprise.name.zh, outfall: outfall.name.zh, zone: registry.zone(of: outfall))
        found = Self.found(in: state, by: registry.permits(of: outfall.id), at: now)
    }

    private static func found(
        in state: Inspecting.State, by permits: [Permit], at now: Instant
    ) -> [Parameter: [Found]] {
        let all = state.days.flatMap { kept in
            DischargeJudgement(
                kept.discharge, from: kept.start, by: permits.inForce(on: kept.day),
                isOver: kept.end <= now
            ).breaches.map { breach in
                Found(breach: breach, end: breach.period == .day ? kept.end : breach.at + .seconds(3600))
            }
        }
        return Dictionary(grouping: all.sorted { $0.end < $1.end }, by: \.breach.parameter)
    }

    /// Raises a case, or notes or ends the open one: at most one step.
    mutating func look(at parameter: Parameter) {
        if let open = state.open[parameter] { follow(open, parameter) } else { raise(parameter) }
    }

    private mutating func raise(_ parameter: Parameter) {
        let first = found[parameter, default: []].first { found in
            found.breach.at >= (state.through[parameter] ?? .earliest)
                // Old readings, as an importer brings them, raise no complaint.
                && now - found.end <= rules.recentWithin
        }
        guard let first = first?.breach else { return }
        let new = BreachCase(
            outfall: outfall.id, parameter: parameter, period: first.period, since: first.at)
        let words = Words(text: text.raised(first), address: text.address)
        let event = BreachEvent.raised(
            .init(breachCase: new, complaint: new.complaint, enterprise: enterprise.id, first: first))
        let submission = Submission(
            complaint: new.complaint, category: rules.category, place: outfall.place, river: outfall.river,
            reach: outfall.reach, region: registry.region(of: outfall),
            responsible: enterprise.responsible, channel: .station, words: words.outline, submittedAt: now)
        record(event, .submission(submission, words))
    }

    private mutating func follow(_ open: Inspecting.Open, _ parameter: Parameter) {
        let known = BreachCase(
            outfall: outfall.id, parameter: parameter, period: open.period, since: open.since)
        let breaches = found[parameter, default: []].filter { $0.end > open.since }
        let count = Self.count(breaches.map(\.breach))
        guard let last = breaches.last else {
            // Days that are no longer known say nothing about it.
            guard state.days.contains(where: { $0.start <= open.since && open.since < $0.end }) else {
                return
            }
            end(known, .corrected, through: open.since, count, text.corrected())
            return
        }
        if goodHours(of: parameter, after: last.end) >= Self.goodHours {
            end(known, .within, through: last.end, count, text.within(open.since, count))
        } else if last.end - open.since >= Self.renewAfter {
            end(known, .renewed, through: last.end, count, text.renewed(open.since, count))
        } else if last.end > open.toldAt, now >= open.toldAt + rules.noteAfter(notes: open.notes) {
            let event = BreachEvent.noted(
                .init(
                    breachCase: known, complaint: known.complaint, number: open.notes + 1, count: count))
            record(event, known.note(text.lasting(open.since, count)))
        }
    }

    /// A note for each open case whose item fails to come. Silence does not count as keeping the permit. The
    /// outfall may have left the registry.
    static func silence(
        in state: Inspecting.State, of outfall: OutfallID, in registry: Registry, by rules: AlarmRules,
        at now: Instant
    ) -> [Told] {
        let zone = registry.outfalls[outfall].map { registry.zone(of: $0) } ?? registry.cityZone
        let found = found(in: state, by: registry.permits(of: outfall), at: now)
        return Parameter.allCases.compactMap { parameter in
            guard let open = state.open[parameter],
                let due = state.silent(parameter, after: rules.silentAfter), due <= now
            else { return nil }
            let known = BreachCase(
                outfall: outfall, parameter: parameter, period: open.period, since: open.since)
            let latest = state.latest(of: parameter, since: open.since)
            let breaches = found[parameter, default: []].filter { $0.end > open.since }.map(\.breach)
            let event = BreachEvent.noted(
                .init(
                    breachCase: known, complaint: known.complaint, number: open.notes + 1,
                    count: count(breaches), silentAfter: latest))
            let text = BreachText.silent(parameter, after: latest, zone)
            return Told(event: event, order: known.note(text))
        }
    }

    private mutating func end(
        _ known: BreachCase, _ why: BreachEvent.Ended.Why, through: Instant, _ count: BreachEvent.Count,
        _ note: String
    ) {
        let event = BreachEvent.ended(
            .init(breachCase: known, complaint: known.complaint, why: why, through: through, count: count))
        record(event, known.note(note))
    }

    private mutating func record(_ event: BreachEvent, _ order: SystemOrder) {
        state.take(event, at: now)
        told.append(Told(event: event, order: order))
    }

    /// The valid hours of an item since a moment. None of them is a breach, because the last one came before.
    private func goodHours(of parameter: Parameter, after moment: Instant) -> Int {
        state.days.reduce(0) { sum, kept in
            sum + kept.discharge.hours.count { $0.at >= moment && $0.figures[parameter] != nil }
        }
    }

    private static func count(_ breaches: [Breach]) -> BreachEvent.Count {
        BreachEvent.Count(
            hours: breaches.count { $0.period == .hour }, days: breaches.count { $0.period == .day },
            worst: breaches.max { excess($0) < excess($1) })
    }

    /// How far a value is beyond its limit, to compare those of one item.
    private static func excess(_ breach: Breach) -> Double {
        switch breach.limit {
        case .atMost(let most): breach.value - most
        case .within(let range): max(range.lowerBound - breach.value, breach.value - range.upperBound)
        }
    }
}

extension BreachCase {
    /// A public note on the case's complaint. The department resolves it, never the system: the breach has
    /// happened.
    fileprivate func note(_ text: String) -> SystemOrder {
        let words = Words(text: text)
        return .action(
            ComplaintAction(
                complaint: complaint, by: .system, verb: .note(isPublic: true), words: words.outline), words)
    }
}
