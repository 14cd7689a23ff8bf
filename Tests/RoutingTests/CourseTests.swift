import Models
import Processing
import Support
import Testing

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
        let category = random.one(of: ["odour", "spill", "unknown"])
        let place = random.one(of: [City.atCanal, City.besideBrook, City.inTown, City.inCity, City.inSea])
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
            case 4: story.routing.adopt(random.once(in: 2) ? Registry() : City.registry())
            case 5: try story.submit(Story.submission(at: place, category: category))
            default:
                let cause = random.once(in: 4) && !causes.isEmpty ? random.one(of: causes) : "step/\(step)"
                causes.append(cause)
                try story.act(verb(&random), by: actor(&random), cause: cause)
            }
            states.append(story.complaint)
        }
        return (story, states)
    }

    private func verb(_ random: inout SplitMix64) -> ComplaintAction.Verb {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1: .accept
        case 2: .note(text: "n", media: [], isPublic: random.once(in: 2))
        case 3, 4: .resolve(text: "r", media: [])
        case 5: .rate(random.one(of: Grade.allCases), remark: nil)
        case 6: .reopen(reason: "o")
        default: random.once(in: 5) ? .close(reason: nil) : .accept
        }
    }

    private func actor(_ random: inout SplitMix64) -> Actor {
        switch Int.random(in: 0..<7, using: &random) {
        case 0...2: Actor(role: .chief, id: random.one(of: ["village", "district", "city", "stranger"]))
        case 3: Actor(role: .office, id: "city")
        case 4, 5: .citizen
        default: .system
        }
    }

    @Test("versions are 1, 2, 3 … and while it is open somebody has it", arguments: seeds)
    func invariants(seed: UInt64) throws {
        let (story, states) = try live(seed)
        #expect(story.facts.map(\.version) == Array(1...story.facts.count), Self.again(seed))
        #expect(story.facts.first?.event.kind == .received, Self.again(seed))
        for state in states.compactMap({ $0 }) where state.status.isOpen {
            #expect(state.assignment != nil && state.status != .received, Self.again(seed))
        }
        // Nothing follows an end, and only one end is possible.
        let ends = story.facts.indices.filter {
            [.closed, .rejected, .merged].contains(story.facts[$0].event.kind)
        }
        #expect(ends.isEmpty || ends == [story.facts.count - 1], Self.again(seed))
    }

    @Test(
        "it changes hands only by an escalation or a reopening, and each deadline escalates once",
        arguments: seeds)
    func hands(seed: UInt64) throws {
        let (story, _) = try live(seed)
        var missed: Set<Deadline> = []
        var last: ComplaintEvent?
        var assignee: Assignee?
        for event in story.facts.map(\.event) {
            switch event {
            case .assigned(let assigned):
                let mayChange = last.map { [.received, .escalated, .reopened].contains($0.kind) } ?? false
                #expect(mayChange, Self.again(seed))
                if case .escalated(let escalated) = last {
                    #expect(escalated.to == assigned.assignee, Self.again(seed))
                }
                if case .reopened = last { #expect(assignee == assigned.assignee, Self.again(seed)) }
                #expect(assigned.due.accept <= assigned.due.resolve, Self.again(seed))
                assignee = assigned.assignee
                missed = []
            case .escalated(let escalated):
                #expect(missed.insert(escalated.deadline).inserted, "twice for one deadline; seed \(seed)")
                #expect(escalated.from == assignee && escalated.to != assignee, Self.again(seed))
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
        let state = try restored.state(of: Story.id.description)
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
        let file = try behind.state(of: Story.id.description).map(JSON.encode)
        var restored = Partition<Routing>(load: { _ in
            try file.map { try JSON.decode(Complaint.self, from: $0) }
        })
        for record in story.log[from...] { try restored.recall(record, with: story.routing) }
        #expect(try restored.state(of: Story.id.description) == story.complaint, Self.again(seed))
        // And no single old record is news any more.
        try restored.recall(random.one(of: story.log), with: story.routing)
        #expect(try restored.state(of: Story.id.description) == story.complaint, Self.again(seed))
    }

    @Test("it comes to rest: left alone, the alarms end after a few steps", arguments: seeds)
    func rest(seed: UInt64) throws {
        var (story, _) = try live(seed)
        story.routing.adopt(City.registry())
        var turns = 0
        while let alarm = story.alarm, turns < 40 {
            try story.wait(max(.zero, alarm - story.now))
            turns += 1
        }
        #expect(story.alarm == nil, Self.again(seed))
    }
}
