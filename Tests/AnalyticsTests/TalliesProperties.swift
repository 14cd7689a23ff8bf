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
