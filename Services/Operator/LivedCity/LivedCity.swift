import Analytics
import Intake
package import Models
package import Processing
import Routing

/// An invented past of a city, made from a seed and a registry.
///
/// People are invented; everything else is the suite's own code. Complaints go through Intake's reception,
/// Routing decides them, and Grading and Alarming judge what stations measure. All share one clock, which
/// jumps from one event to the next. So the records are the ones that the running services would write, in
/// the same order. Nobody is notified: the records of Notification are not written.
///
/// Its use of memory grows with the number of complaints that are open at one time, not with the length of
/// the past.
package final class LivedCity {
    private let plan: CityPlan
    private let registry: Registry
    private let waters: Waters
    private let loops: [any MemoryLoop]
    private let write: (Instant, Outgoing) throws -> Void
    private var arrivals: Arrivals
    private var streets: Streets
    private var cases: [TrackingCode: Case] = [:]
    private var intents = Agenda<(TrackingCode, Intent)>()
    private let people: People
    private let acting: ActingPeople
    private let reception: OpenReception
    package private(set) var tally = Tally()

    /// The result in numbers.
    package struct Tally: Equatable, Sendable {
        package fileprivate(set) var complaints = 0
        package fileprivate(set) var reports = 0
        package fileprivate(set) var records: [Topic: Int] = [:]
        package fileprivate(set) var events: [ComplaintEvent.Kind: Int] = [:]
        package fileprivate(set) var openAtTheEnd = 0
        /// The largest number of complaints that were in memory at one time.
        package fileprivate(set) var remembered = 0
    }

    /// The topics that it writes. It does not touch others.
    package static let topics: [Topic] = [
        .contacts, .words, .submissions, .actions, .events, .refusals, .reports, .assessments, .summaries,
        .alarms, .deadLetters, .restrictedDeadLetters,
    ]

    /// - Parameter write: takes each record at its moment, in the order of the log.
    package init(
        _ plan: CityPlan, _ registry: Registry, write: @escaping (Instant, Outgoing) throws -> Void
    ) throws(Uninhabitable) {
        self.plan = plan
        self.registry = registry
        self.write = write
        let zone = registry.cityZone
        streets = try Streets(registry)
        arrivals = Arrivals(plan, in: zone)
        waters = Waters(plan, registry, in: zone)
        var chance = Chance(seed: plan.seed, "identities")
        reception = OpenReception(
            registry, identityKey: (0..<32).map { _ in UInt8(truncatingIfNeeded: chance.next()) })
        people = People(plan: plan, registry: registry)
        acting = ActingPeople(plan: plan, registry: registry, reception: reception)
        loops = [
            routingInMemory(by: registry), gradingInMemory(by: registry), summarisingInMemory(by: registry),
            alarmingInMemory(by: registry, utcOffset: zone.offset(at: plan.from)),
        ]
    }

    // MARK: The clock

    /// Runs the whole past.
    package func live() throws {
        var nextArrival = arrivals.next()
        var nextReports = waters.next(after: plan.from)
        var clock = plan.from
        var nextReview = loops.compactMap { $0.nextReview(after: plan.from) }.min()
        while true {
            let wakeUp = loops.compactMap(\.nextWakeUp).min()
            let moments = [wakeUp, nextReview, intents.next, nextArrival, nextReports].compactMap(\.self)
            guard let next = moments.min(), next <= plan.until else { break }
            // Something that was due earlier is done now, because a clock does not go back.
            let now = max(clock, next)
            clock = now
            // Wake-ups and reviews come before what people do at the same moment, as in Host's loop.
            if let wakeUp, wakeUp <= now {
                for loop in loops { try carryOn(loop.wake(at: now), at: now) }
            } else if let due = nextReview, due <= now {
                for loop in loops { try carryOn(loop.review(at: now), at: now) }
                nextReview = loops.compactMap { $0.nextReview(after: now) }.min()
            } else if let (_, (code, intent)) = intents.take(until: now) {
                try act(intent, on: code, at: now)
            } else if let arrival = nextArrival, arrival <= now {
                try complain(at: now)
                nextArrival = arrivals.next()
            } else {
                try measure(at: now)
                nextReports = waters.next(after: now)
            }
        }
        tally.openAtTheEnd = cases.values.count { $0.status.isOpen }
    }

    // MARK: What comes from outside

    private func complain(at now: Instant) throws {
        var chance = Chance(seed: plan.seed, "complaint", "\(tally.complaints)")
        let (complaint, gateway) = streets.complaint(on: registry.cityZone.day(at: now), &chance)
        let (taken, records) = try reception.take(complaint, from: gateway, at: now, chance: &chance)
        tally.complaints += 1
        cases[taken.code] = Case(taken: taken, category: complaint.category, chance: chance)
        tally.remembered = max(tally.remembered, cases.count)
        try carryOn(records, at: now)
    }

    private func measure(at now: Instant) throws {
        for (report, gateway) in waters.reports(at: now) {
            var chance = Chance(seed: plan.seed, "report", report.key.description)
            tally.reports += 1
            try carryOn(reception.take([report], from: gateway, at: now, chance: &chance), at: now)
            // No more readings of that day come.
            let gone = registry.cityZone.day(at: now).adding(days: -2)
            for loop in loops { loop.forget(DaySummary.key(report.section, gone)) }
        }
    }

    private func act(_ intent: Intent, on code: TrackingCode, at now: Instant) throws {
        guard var known = cases[code] else { return }
        if case .forget = intent {
            if !known.status.isOpen { forget(code, known) }
            return
        }
        let records = try acting.act(intent, on: code, &known, at: now) {
            streets.twin(of: code, $0, in: cases)
        }
        cases[code] = known
        try carryOn(records, at: now)
    }

    private func forget(_ code: TrackingCode, _ known: Case) {
        for gone in [code] + known.followers {
            cases[gone] = nil
            for loop in loops { loop.forget(gone.compact) }
        }
    }

    // MARK: The consequences

    /// Writes records and gives each to the loops that process it, until nothing follows any more.
    private func carryOn(_ records: [Outgoing], at now: Instant) throws {
        var waiting = records[...]
        while let record = waiting.popFirst() {
            try write(now, record)
            tally.records[record.topic, default: 0] += 1
            if record.topic == .events { try react(to: record) }
            for loop in loops where loop.inputs.contains(record.topic) {
                waiting += try loop.take(record, at: now)
            }
        }
    }

    private func react(to record: Outgoing) throws {
        let fact = try ComplaintFact(record.event)
        let code = fact.complaint
        tally.events[fact.event.kind, default: 0] += 1
        if case .received(let received) = fact.event, cases[code] == nil {
            cases[code] = Case(
                taken: nil, category: received.submission.category,
                chance: Chance(seed: plan.seed, "alarm", code.compact))
        }
        guard var known = cases.removeValue(forKey: code) else { return }
        known.take(fact)
        people.react(to: fact, &known) { intents.put((code, $0), at: $1) }
        streets.note(code, known)
        cases[code] = known
    }
}

extension Registry {
    /// The time zone of the topmost region.
    var cityZone: Zone {
        let top = regions.values.filter { $0.parent == nil }.map(\.id).min()
        return top.map(zone) ?? .beijing
    }
}

/// Why no past can be made from a registry.
package enum Uninhabitable: Error, CustomStringConvertible {
    case noReaches, noCategories

    package var description: String {
        switch self {
        case .noReaches: "the registry has no reaches, so there is no water to complain about"
        case .noCategories: "the registry has no categories, so no complaint is possible"
        }
    }
}
