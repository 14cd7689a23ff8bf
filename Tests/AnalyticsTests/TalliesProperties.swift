import Models
import Processing
import Store
import Support
import Testing

@testable import Analytics

@Suite struct TalliesProperties {
    // MARK: Lives

    private static let chiefs = ["c-1", "c-2", "c-3", "c-4"]

    /// One of the ways that Routing allows; the clock jumps, and now and then back.
    private static func life(_ number: Int, _ random: inout SplitMix64) throws -> Life {
        let start = Instant(
            millisecondsSince1970: 1_783_602_000_000 + Int64.random(in: 0...5_184_000_000, using: &random))
        var life = try Life(number, receivedAt: start)
        if random.once(in: 12) {
            life.add(.rejected(.init(by: .system, reason: .outsideJurisdiction)))
            return life
        }
        let region: RegionID = try id(random.one(of: ["town-1", "town-2", "town-3", "district-9"]))
        let reach: ReachID? = random.once(in: 4) ? nil : try id(random.one(of: ["reach-1", "reach-2"]))
        var assignee = assignee(&random)
        func delay() -> Duration {
            .seconds(random.once(in: 20) ? -7200 : Int64.random(in: 0...90_000, using: &random))
        }
        func assign(to next: Assignee, why: ComplaintEvent.Assigned.Why) {
            assignee = next
            life.assign(next, region: region, reach: reach, why: why, after: delay())
        }
        func reopen() {
            life.add(.reopened(.init(by: .citizen, reason: "still there")), after: delay())
            assign(to: assignee, why: .reopened)
        }
        assign(to: assignee, why: .nearest)
        var isResolved = false
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            switch (isResolved, Int.random(in: 0..<8, using: &random)) {
            case (false, 0...1): life.accept(actor(assignee, &random), after: delay())
            case (false, 2...3):
                life.resolve(actor(assignee, &random), after: delay())
                isResolved = true
            case (false, 4):
                let next = Self.assignee(&random)
                life.escalate(assignee, to: next, after: delay())
                assign(to: next, why: .escalated)
            case (false, 5): life.escalate(assignee, to: nil, after: delay())
            case (true, 0...1):
                life.rate(random.one(of: [.verySatisfied, .satisfied, .neutral]), after: delay())
                life.close(.rated, after: delay())
                return life
            case (true, 2...4):
                life.rate(.dissatisfied, after: delay())
                reopen()
                isResolved = false
            case (true, 5):
                reopen()
                isResolved = false
            case (_, 6):
                life.close(random.one(of: [.office, .elapsed]), after: delay())
                return life
            default:
                life.add(.noted(.init(by: .citizen, text: "…", media: [], isPublic: true)), after: delay())
            }
        }
        return life
    }

    private static func assignee(_ random: inout SplitMix64) -> Assignee {
        random.once(in: 5) ? .office("town-1") : .chief(random.one(of: chiefs))
    }

    /// Mostly whoever has it, else an office or a superior.
    private static func actor(_ assignee: Assignee, _ random: inout SplitMix64) -> Actor {
        if random.once(in: 6) { return .office("district-1") }
        if random.once(in: 6) || assignee.kind == .office { return .chief("c-9") }
        return .chief(assignee.id)
    }

    /// Each life in its order, the lives mixed.
    private static func mixed(_ lives: [Life], _ random: inout SplitMix64) -> [ComplaintFact] {
        var waiting = lives.map { ArraySlice($0.facts) }
        var facts: [ComplaintFact] = []
        while !waiting.isEmpty {
            let index = Int.random(in: waiting.indices, using: &random)
            facts.append(waiting[index].removeFirst())
            if waiting[index].isEmpty { waiting.remove(at: index) }
        }
        return facts
    }

    // MARK: Counting

    /// What a reader of the compacted topic holds in the end, added up over partitions.
    ///
    /// Snapshots are taken and confirmed at random moments, and facts are delivered again at random.
    private static func published(
        _ facts: [ComplaintFact], partitions: Int32, _ random: inout SplitMix64
    ) throws -> [String: Tally] {
        var compacted: [String: Indicator] = [:]
        for partition in 0..<partitions {
            let database = try Database(path: ":memory:")
            try database.migrate(Tallies.steps)
            let tallies = try Tallies(database, city: Place.city)
            func publish(confirm: Bool) throws {
                for outgoing in try tallies.pending() {
                    compacted[outgoing.key] = try JSON.decode(Indicator.self, from: outgoing.event.data ?? [])
                }
                if confirm { try tallies.published() }
            }
            let own = facts.filter { Self.partition(of: $0, partitions) == partition }
            for (index, fact) in own.enumerated() {
                try tallies.apply(Record(fact, partition: partition))
                if random.once(in: 8) { try tallies.apply(Record(own[index / 2], partition: partition)) }
                if random.once(in: 10) { try publish(confirm: Bool.random(using: &random)) }
            }
            try publish(confirm: true)
        }
        var sums: [String: Tally] = [:]
        for indicator in compacted.values {
            sums["\(indicator.scope)/\(indicator.period)", default: Tally()] =
                sums["\(indicator.scope)/\(indicator.period)", default: Tally()] + indicator.tally
        }
        return sums
    }

    private static func partition(of fact: ComplaintFact, _ partitions: Int32) -> Int32 {
        fact.complaint.description.utf8.reduce(0) { $0 + Int32($1) } % partitions
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func talliesEqualARecountInWhateverOrder(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let lives = try (0..<Int.random(in: 1...25, using: &random)).map { try Self.life($0, &random) }
        let recount = Recount(lives).tallies
        let partitions = Int32.random(in: 1...3, using: &random)
        let first = try Self.published(Self.mixed(lives, &random), partitions: partitions, &random)
        let second = try Self.published(Self.mixed(lives, &random), partitions: partitions, &random)
        #expect(first == second, "seed \(seed)")
        #expect(first.filter { $0.value != Tally() } == recount, "seed \(seed)")
    }
}

/// The figures counted anew from the bare facts, scope by scope, with nothing of the service's own.
private struct Recount {
    private(set) var tallies: [String: Tally] = [:]

    init(_ lives: [Life]) {
        for life in lives {
            let facts = life.facts
            let last = Self.lastAssignment(facts)
            var scopes = ["city/all"]
            if let last {
                let region = last.region.rawValue
                scopes.append("region/\(region)")
                if let district = Place.above[region] { scopes += ["region/\(district)", "region/city"] }
                if let reach = last.reach { scopes.append("reach/\(reach)") }
            }
            for scope in scopes { add(Self.whole(facts), scope, facts) }
            for chief in ["c-1", "c-2", "c-3", "c-4", "c-9"] {
                add(Self.own(facts, chief), "chief/\(chief)", facts)
            }
        }
    }

    private mutating func add(_ tally: Tally, _ scope: String, _ facts: [ComplaintFact]) {
        guard tally != Tally() else { return }
        let month = facts[0].at.month(offset: .seconds(8 * 3600))
        tallies["\(scope)/\(month)", default: Tally()] =
            tallies["\(scope)/\(month)", default: Tally()] + tally
    }

    private static func whole(_ facts: [ComplaintFact]) -> Tally {
        var tally = Tally()
        tally.received = 1
        tally.open = isOpen(facts) ? 1 : 0
        tally.overdue = isOpen(facts) && hasMissedADeadline(facts) ? 1 : 0
        if let accepted = facts.first(where: { $0.event.kind == .accepted }) {
            tally.accepted = 1
            tally.secondsToAccept = seconds(from: facts[0], to: accepted)
        }
        if let resolved = standingResolution(facts) {
            tally.resolved = 1
            tally.secondsToResolve = seconds(from: facts[0], to: resolved)
        }
        if let grade = lastGrade(facts) {
            tally.rated = 1
            tally.satisfied = grade == .satisfied || grade == .verySatisfied ? 1 : 0
        }
        return tally
    }

    private static func own(_ facts: [ComplaintFact], _ chief: String) -> Tally {
        var tally = Tally()
        let assignees = facts.compactMap { fact in
            if case .assigned(let assigned) = fact.event { assigned.assignee } else { nil }
        }
        tally.received = assignees.contains { $0.kind == .chief && $0.id == chief } ? 1 : 0
        if let now = assignees.last, now.kind == .chief, now.id == chief {
            tally.open = whole(facts).open
            tally.overdue = whole(facts).overdue
        }
        if let accepted = facts.first(where: { $0.event.kind == .accepted && doer($0) == chief }) {
            tally.accepted = 1
            tally.secondsToAccept = seconds(from: assignment(before: accepted, facts), to: accepted)
        }
        if let resolved = standingResolution(facts), doer(resolved) == chief {
            tally.resolved = 1
            tally.secondsToResolve = seconds(from: assignment(before: resolved, facts), to: resolved)
        }
        if let rated = facts.last(where: { $0.event.kind == .rated }),
            let judged = facts.last(where: { $0.event.kind == .resolved && $0.version < rated.version }),
            doer(judged) == chief
        {
            tally.rated = 1
            tally.satisfied = whole(facts).satisfied
        }
        return tally
    }

    // MARK: Questions to the facts

    private static func isOpen(_ facts: [ComplaintFact]) -> Bool {
        let steps = facts.filter { ![.noted, .escalated, .rated].contains($0.event.kind) }
        return [.received, .assigned, .accepted, .reopened].contains(steps.last?.event.kind)
    }

    private static func hasMissedADeadline(_ facts: [ComplaintFact]) -> Bool {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        return facts.contains { $0.event.kind == .escalated && $0.version > reopened }
    }

    private static func standingResolution(_ facts: [ComplaintFact]) -> ComplaintFact? {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        return facts.last { $0.event.kind == .resolved && $0.version > reopened }
    }

    private static func lastGrade(_ facts: [ComplaintFact]) -> Grade? {
        facts.compactMap { fact in if case .rated(let rated) = fact.event { rated.grade } else { nil } }.last
    }

    private static func lastAssignment(_ facts: [ComplaintFact]) -> ComplaintEvent.Assigned? {
        facts.compactMap { fact in if case .assigned(let assigned) = fact.event { assigned } else { nil } }
            .last
    }

    private static func assignment(before fact: ComplaintFact, _ facts: [ComplaintFact]) -> ComplaintFact {
        facts.last { $0.event.kind == .assigned && $0.version < fact.version } ?? facts[0]
    }

    private static func doer(_ fact: ComplaintFact) -> String? {
        switch fact.event {
        case .accepted(let accepted): accepted.by.role == .chief ? accepted.by.id : nil
        case .resolved(let resolved): resolved.by.role == .chief ? resolved.by.id : nil
        default: nil
        }
    }

    private static func seconds(from start: ComplaintFact, to end: ComplaintFact) -> Int64 {
        max(0, (end.at.millisecondsSince1970 - start.at.millisecondsSince1970) / 1000)
    }
}
