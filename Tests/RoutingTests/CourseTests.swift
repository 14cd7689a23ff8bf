import Geo
import Models
import Processing
import Support
import Testing
import Text

@testable import Routing

/// Random lives, with clocks that jump forward and back and a registry that changes under way.
@Suite("Whatever happens to a complaint")
struct CourseTests {
    private static let seeds = 0..<80 as Range<UInt64>

    private static func again(_ seed: UInt64) -> Comment {
        "seed \(seed); repeat with: swift test --filter CourseTests"
    }

    /// A life drawn from a seed: its story, and the states that were in between.
    private func live(_ seed: UInt64) throws -> (story: Story, states: [Complaint?]) {
        var random = SplitMix64(seed: seed)
        let category = random.one(of: ["odour", "spill", "unknown", "outfall"])
        let place = random.one(of: [
            nil, City.atCanal, City.besideBrook, City.inTown, City.inCity, City.inSea,
        ])
        var story = Story(City.registry(), rules: Rules(reachDistance: Distance(metres: 500)))
        if random.once(in: 5) { try story.act(.accept, caughtUp: true) }
        try story.submit(Story.submission(at: place, category: category))
        var states: [Complaint?] = [story.complaint]
        var causes: [String] = []
        for step in 0..<30 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                try story.wait(random.one(of: [.seconds(1), .hours(3), .hours(30), .days(10), .days(365)]))
            case 3: story.now = story.now + .hours(-Int.random(in: 1...48, using: &random))
            case 4: try story.review(Self.registry(&random))
            case 5: try story.submit(Story.submission(at: place, category: category))
            default:
                let cause = random.once(in: 4) && !causes.isEmpty ? random.one(of: causes) : "step/\(step)"
                causes.append(cause)
                try story.act(
                    verb(&random), by: actor(&random), cause: cause,
                    words: random.one(of: [nil, Outline(text: true), Story.shown, Story.shown]))
            }
            states.append(story.complaint)
        }
        return (story, states)
    }

    /// Whole, empty, with another chief, or with one who is away.
    private static func registry(_ random: inout SplitMix64) -> Registry {
        let phone = "+86 000 0000 0109"
        return switch Int.random(in: 0..<5, using: &random) {
        case 0: Registry()
        case 1:
            City.registry(with: [
                City.chief("heir", .village, above: "town", phone: phone),
                City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["heir"]),
            ])
        case 2: City.registry(with: [City.chief("village", .village, above: "district", phone: nil)])
        default: City.registry()
        }
    }

    private func verb(_ random: inout SplitMix64) -> ComplaintAction.Verb {
        switch Int.random(in: 0..<18, using: &random) {
        case 0, 1: .accept
        case 2: .note(isPublic: random.once(in: 2))
        case 3, 4: .resolve
        case 5: .rate(random.one(of: Grade.allCases))
        case 6: .reopen
        case 7, 8:
            .transfer(
                to: random.one(of: [
                    .reach(City.id("brook-1")), .reach(City.id("ghost")), .office(City.id("city")),
                    .department(City.id("monitors")), nil,
                ]))
        case 9: .urge
        case 10, 11: .verify(passed: random.once(in: 2))
        case 12:
            .edit(
                Correction(
                    category: City.id(random.one(of: ["odour", "outfall"])),
                    place: random.one(of: [nil, City.inCity, City.inSea, City.atCanal])))
        case 13: .extend(until: Story.start + .days(Int.random(in: 1...60, using: &random)))
        case 14: random.once(in: 4) ? .merge(into: Self.other) : .join(follower: Self.other)
        case 15: .part(.full)
        case 16:
            random.once(in: 4) ? .reject(.notWater) : .inform(of: Self.other, event: .resolved, cause: "c")
        default:
            random.once(in: 5)
                ? .close
                : random.once(in: 2)
                    ? .accept
                    : .raise(over: Actor(role: .chief, id: random.one(of: ["village", "district", "city"])))
        }
    }

    private static let other = TrackingCode.named("other")

    private func actor(_ random: inout SplitMix64) -> Actor {
        switch Int.random(in: 0..<11, using: &random) {
        case 0...2:
            Actor(role: .chief, id: random.one(of: ["village", "district", "city", "heir", "stranger"]))
        case 3, 4: Actor(role: .office, id: random.one(of: ["city", "district"]))
        case 5, 6: .citizen
        case 7: Actor(role: .department, id: random.one(of: ["enforcement", "monitors"]))
        case 8: Actor(role: .checker, id: "monitors")
        default: .system
        }
    }

    @Test("it never vanishes: versions are 1, 2, 3 …, and while it is open somebody has it", arguments: seeds)
    func invariants(seed: UInt64) throws {
        let (story, states) = try live(seed)
        #expect(story.facts.map(\.version) == Array(1...story.facts.count), Self.again(seed))
        #expect(story.facts.first?.event.kind == .received, Self.again(seed))
        for state in states.compactMap({ $0 }) where state.status.isOpen {
            #expect(
                state.assignment != nil && ![.received, .returned].contains(state.status), Self.again(seed))
        }
        #expect(states.drop { $0 == nil }.allSatisfy { $0 != nil }, Self.again(seed))
    }

    @Test("what is open has a next deadline, whatever was done to it", arguments: seeds)
    func deadlines(seed: UInt64) throws {
        let (story, states) = try live(seed)
        for state in states.compactMap({ $0 }) {
            let waits = state.status.isOpen || state.status == .resolved
            #expect((story.routing.wakeUp(of: state) != nil) == waits, Self.again(seed))
        }
    }

    @Test("nothing follows an end but what an end may be followed by", arguments: seeds)
    func ends(seed: UInt64) throws {
        let (story, _) = try live(seed)
        for (before, after) in zip(story.facts, story.facts.dropFirst()).map({
            ($0.event.kind, $1.event.kind)
        }) {
            switch before {
            case .closed: #expect([.reopened].contains(after), Self.again(seed))
            case .rejected: Issue.record("\(after) after it was rejected; \(Self.again(seed))")
            case .merged: #expect([.parted, .informed].contains(after), Self.again(seed))
            default: break
            }
        }
    }

    @Test(
        "it changes hands for a reason that is told, to one at a time, and each deadline escalates once",
        arguments: seeds)
    func hands(seed: UInt64) throws {
        let (story, _) = try live(seed)
        let reasons: Set<ComplaintEvent.Kind> = [
            .received, .escalated, .unreached, .reopened, .transferred, .edited, .verified, .parted,
        ]
        var missed: Set<Deadline> = []
        var last: ComplaintEvent?
        var assignee: Assignee?
        for event in story.facts.map(\.event) {
            switch event {
            case .assigned(let assigned):
                let isReview = [.replaced, .deputy].contains(assigned.why)
                #expect(isReview || last.map { reasons.contains($0.kind) } ?? false, Self.again(seed))
                if case .escalated(let escalated) = last {
                    #expect(escalated.to == assigned.assignee, Self.again(seed))
                }
                if case .unreached(let unreached) = last {
                    #expect(unreached.to == assigned.assignee, Self.again(seed))
                }
                if case .transferred = last { #expect(assignee != assigned.assignee, Self.again(seed)) }
                if isReview { #expect(assignee != assigned.assignee, Self.again(seed)) }
                #expect(assigned.due.accept <= assigned.due.resolve, Self.again(seed))
                assignee = assigned.assignee
                missed = []
            case .escalated(let escalated):
                #expect(missed.insert(escalated.deadline).inserted, "twice for one deadline; seed \(seed)")
                #expect(escalated.from == assignee && escalated.to != assignee, Self.again(seed))
            case .lapsed(let lapsed):
                #expect(missed.insert(lapsed.deadline).inserted, "twice for one deadline; seed \(seed)")
                #expect(lapsed.assignee == assignee, Self.again(seed))
            case .supervised: missed = []
            case .extended: missed.remove(.resolve)
            default: break
            }
            last = event
        }
    }

    @Test(
        "its own log, read back from bytes, gives the same state; also after a visit to the store",
        arguments: seeds)
    func replay(seed: UInt64) throws {
        var (story, _) = try live(seed)
        var restored = Partition<Routing>(load: { _ in nil })
        for record in story.log { try restored.recall(record, with: story.routing) }
        let state = try restored.state(of: Story.id.compact)
        #expect(state == story.complaint, Self.again(seed))
        let complaint = try #require(state)
        #expect(try JSON.decode(Complaint.self, from: JSON.encode(complaint)) == complaint, Self.again(seed))
    }

    @Test("a store that is behind reads on from any earlier position and comes to the same", arguments: seeds)
    func overlap(seed: UInt64) throws {
        var (story, _) = try live(seed)
        var random = SplitMix64(seed: seed &+ 1_000_000)
        let stored = Int.random(in: 0...story.log.count, using: &random)
        let from = Int.random(in: 0...stored, using: &random)
        var behind = Partition<Routing>(load: { _ in nil })
        for record in story.log[..<stored] { try behind.recall(record, with: story.routing) }
        let file = try behind.state(of: Story.id.compact).map(JSON.encode)
        var restored = Partition<Routing>(load: { _ in
            try file.map { try JSON.decode(Complaint.self, from: $0) }
        })
        for record in story.log[from...] { try restored.recall(record, with: story.routing) }
        #expect(try restored.state(of: Story.id.compact) == story.complaint, Self.again(seed))
        // And no single old record is news any more.
        try restored.recall(random.one(of: story.log), with: story.routing)
        #expect(try restored.state(of: Story.id.compact) == story.complaint, Self.again(seed))
    }

    @Test("left alone, it closes or reaches the top in bounded time", arguments: seeds)
    func rest(seed: UInt64) throws {
        var (story, _) = try live(seed)
        try story.review(City.registry())
        let orders = story.complaint?.orders ?? 0
        var turns = 0
        while let alarm = story.alarm, story.complaint?.orders == orders, turns < 40 {
            try story.wait(max(.zero, alarm - story.now))
            turns += 1
        }
        #expect(turns < 40, Self.again(seed))
        let latest = story.complaint
        let complaint = try #require(latest)
        if complaint.status.isOpen {
            let assignment = try #require(complaint.assignment)
            let hierarchy = Hierarchy(registry: City.registry(), now: story.now)
            let step = hierarchy.step(
                above: assignment.assignee, ladder: complaint.ladder, in: assignment.region)
            #expect(step == nil, Self.again(seed))
        }
    }
}
