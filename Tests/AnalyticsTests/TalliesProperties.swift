import Host
import Models
import Processing
import Store
import Support
import Testing
import Text

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
        var road = try Road(life, SplitMix64(seed: random.next()))
        for _ in 0..<Int.random(in: 0...9, using: &random) {
            guard try road.step() else { break }
        }
        return road.life
    }

    /// A life and where it stands.
    private struct Road {
        enum Stage {
            case open, verifying, resolved
        }

        var life: Life
        var random: SplitMix64
        var stage = Stage.open
        var assignee: Assignee
        var region: RegionID
        var reach: ReachID?

        init(_ life: Life, _ random: SplitMix64) throws {
            self.life = life
            self.random = random
            assignee = .sewers
            region = try id("town-1")
            try move()
            assign(to: TalliesProperties.assignee(&self.random), why: .nearest)
        }

        private mutating func move() throws {
            region = try id(random.one(of: ["town-1", "town-2", "town-3", "district-9"]))
            reach = random.once(in: 4) ? nil : try id(random.one(of: ["reach-1", "reach-2"]))
        }

        private mutating func delay() -> Duration {
            .seconds(random.once(in: 20) ? -7200 : Int64.random(in: 0...90_000, using: &random))
        }

        private mutating func actor() -> Actor { TalliesProperties.actor(assignee, &random) }

        private mutating func assign(to next: Assignee, why: ComplaintEvent.Assigned.Why) {
            assignee = next
            stage = .open
            life.assign(next, region: region, reach: reach, why: why, after: delay())
        }

        private mutating func reopen() {
            life.reopen(random.one(of: [.rated, .asked]), after: delay())
            assign(to: assignee, why: .reopened)
        }

        /// False: it has ended.
        mutating func step() throws -> Bool {
            if random.once(in: 6) {
                aside()
                return true
            }
            if random.once(in: 9) {
                life.close(random.one(of: [.office, .elapsed]), after: delay())
                return false
            }
            return switch stage {
            case .open: try work()
            case .verifying: check()
            case .resolved: judge()
            }
        }

        /// What counts for nothing.
        private mutating func aside() {
            let events: [ComplaintEvent] = [
                .noted(.init(by: .citizen, isPublic: true, words: nil)),
                .urged(.init(by: .citizen)),
                .warned(.init(deadline: .accept, due: life.clock, assignee: assignee)),
                .extended(.init(by: .office("city"), until: life.clock)),
                .joined(.init(follower: .named("other"))),
            ]
            life.add(random.one(of: events), after: delay())
        }

        private mutating func work() throws -> Bool {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...1: life.accept(actor(), after: delay())
            case 2...4:
                let checker: Assignee? = random.once(in: 2) ? .sewers : nil
                life.resolve(actor(), checker: checker, after: delay())
                stage = checker == nil ? .resolved : .verifying
            case 5:
                let next = TalliesProperties.assignee(&random)
                life.escalate(assignee, to: next, after: delay())
                let late = assignee
                assign(to: next, why: .escalated)
                if random.once(in: 2) { life.supervise(late) }
            case 6:
                life.lapse(assignee, deadline: .resolve, after: delay())
                life.supervise(assignee, order: 2)
            case 7:
                life.add(
                    .transferred(.init(by: actor(), from: assignee, to: nil)),
                    after: delay())
                assign(to: TalliesProperties.assignee(&random), why: .transferred)
            case 8:
                life.add(
                    .edited(.init(by: .office("city"), correction: .init())),
                    after: delay())
                try move()
                assign(to: TalliesProperties.assignee(&random), why: .edited)
            default:
                life.merge(after: delay())
                guard random.once(in: 2) else { return false }
                life.add(.parted(.init(why: .closed)), after: delay())
                assign(to: assignee, why: .parted)
            }
            return true
        }

        private mutating func check() -> Bool {
            switch Int.random(in: 0..<3, using: &random) {
            case 0: life.verify(passed: true, after: delay())
            case 1: life.leaveUnchecked(after: delay())
            default:
                life.verify(passed: false, after: delay())
                assign(to: assignee, why: .unverified)
                return true
            }
            stage = .resolved
            return true
        }

        private mutating func judge() -> Bool {
            switch Int.random(in: 0..<6, using: &random) {
            case 0...1:
                life.rate(random.one(of: [.verySatisfied, .satisfied, .neutral]), after: delay())
                life.close(.rated, after: delay())
                return false
            case 2...4:
                life.rate(.dissatisfied, after: delay())
                reopen()
            default: reopen()
            }
            return true
        }
    }

    private static func assignee(_ random: inout SplitMix64) -> Assignee {
        if random.once(in: 8) { return .sewers }
        return random.once(in: 5) ? .office("town-1") : .chief(random.one(of: chiefs))
    }

    /// Mostly whoever has it, else an office or a superior.
    private static func actor(_ assignee: Assignee, _ random: inout SplitMix64) -> Actor {
        if random.once(in: 6) { return .office("district-1") }
        if random.once(in: 6) || assignee.kind != .chief { return .chief("c-9") }
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
        fact.complaint.compact.utf8.reduce(0) { $0 + Int32($1) } % partitions
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

    @Test("what is stored of a complaint is byte for byte what Codable writes, after every fact")
    func coding() throws {
        func byCodable(_ value: some Encodable) -> [UInt8] { JSON.encodeByCodable(value) }
        for seed in UInt64(0)..<200 {
            var random = SplitMix64(seed: seed)
            var complaint: CountedComplaint?
            for fact in try Self.life(1, &random).facts {
                complaint = try CountedComplaint.evolve(complaint, fact, in: Place.city)
                let now = try #require(complaint)
                let bytes = JSON.encode(now)
                #expect(
                    String(decoding: bytes, as: UTF8.self)
                        == String(decoding: byCodable(now), as: UTF8.self), "seed \(seed)")
                #expect(try JSON.decode(CountedComplaint.self, from: bytes) == now, "seed \(seed)")
            }
        }
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
        tally.escalated = facts.count { lateHolder($0) != nil }
        tally.supervised = facts.count { $0.event.kind == .supervised }
        tally.reopened = facts.count { $0.event.kind == .reopened }
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
        tally.escalated = facts.count { lateHolder($0).map { $0.kind == .chief && $0.id == chief } ?? false }
        tally.supervised = facts.count { fact in
            guard case .supervised(let supervised) = fact.event else { return false }
            return supervised.over.kind == .chief && supervised.over.id == chief
        }
        tally.reopened = facts.count { fact in
            fact.event.kind == .reopened
                && standingResolution(Array(facts.prefix { $0.version < fact.version })).flatMap(doer)
                    == chief
        }
        return tally
    }

    // MARK: Questions to the facts

    private static func isOpen(_ facts: [ComplaintFact]) -> Bool {
        for fact in facts.reversed() {
            switch fact.event {
            case .received, .assigned, .accepted, .reopened, .parted: return true
            case .rejected, .merged, .closed, .unchecked: return false
            case .resolved(let resolved): return resolved.checker != nil
            case .verified(let verified): return !verified.passed
            default: continue
            }
        }
        return false
    }

    /// Who let an acceptance or a resolution lie.
    private static func lateHolder(_ fact: ComplaintFact) -> Assignee? {
        switch fact.event {
        case .escalated(let escalated): escalated.from
        case .lapsed(let lapsed): lapsed.assignee
        default: nil
        }
    }

    private static func hasMissedADeadline(_ facts: [ComplaintFact]) -> Bool {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        return facts.contains { lateHolder($0) != nil && $0.version > reopened }
    }

    /// The last report since it was reopened, where nobody had to check it, or somebody did or could have.
    private static func standingResolution(_ facts: [ComplaintFact]) -> ComplaintFact? {
        let reopened = facts.last { $0.event.kind == .reopened }?.version ?? 0
        guard let last = facts.last(where: { $0.event.kind == .resolved && $0.version > reopened }),
            case .resolved(let resolved) = last.event
        else { return nil }
        let isFound = facts.contains { fact in
            guard fact.version > last.version else { return false }
            return switch fact.event {
            case .verified(let verified): verified.passed
            case .unchecked: true
            default: false
            }
        }
        return resolved.checker == nil || isFound ? last : nil
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
