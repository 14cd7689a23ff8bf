import Models
import Testing

@testable import Routing

@Suite("The registry changes under an open complaint")
struct ReviewTests {
    private func begun() throws -> Story {
        var story = Story()
        try story.submit()
        return story
    }

    private static let heir = City.chief("heir", .village, above: "town", phone: "+86 000 0000 0109")
    private static let inherited = City.registry(with: [
        heir, City.reach("canal-1", of: "canal", at: 30.250, chiefs: ["heir", "town"]),
    ])

    @Test("the new chief of the reach takes over what is open, once, with the deadlines of the old one")
    func replaced() throws {
        var story = try begun()
        let due = story.complaint?.assignment?.due
        story.now = story.now + .hours(1)
        #expect(try story.review(Self.inherited).kinds == [.assigned])
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.assignee.id == "heir" && assigned.why == .replaced && assigned.due == due)
        #expect(try story.review().kinds == [], "an event each, once")
        #expect(try story.act(.accept) == .declined(.notInCharge))
        #expect(try story.act(.accept, by: Actor(role: .chief, id: "heir")).kinds == [.accepted])
    }

    @Test("the same office under a new name: he takes over as well")
    func renamed() throws {
        var story = try begun()
        let successor = Chief(
            id: City.id("village"), name: City.name("successor"), title: "河长", level: .village,
            region: City.id("district"), superior: City.id("town"), phone: "+86 000 0000 0101")
        #expect(try story.review(City.registry(with: [.chief(successor)])).kinds == [.assigned])
        #expect(story.complaint?.assignment?.assignee.name == City.name("successor"))
        #expect(try story.review().kinds == [])
    }

    @Test("what has gone up stays up; a superior who is gone is replaced by the office")
    func escalated() throws {
        var story = try begun()
        try story.wait(.hours(4))
        #expect(story.complaint?.assignment?.assignee.id == "district")
        #expect(try story.review(Self.inherited).kinds == [])
        var registry = City.registry()
        registry.remove(.init(kind: .chief, id: "district"))
        #expect(try story.review(registry).kinds == [.assigned])
        #expect(story.complaint?.assignment?.assignee.kind == .office)
    }

    @Test("what is resolved or over is left alone")
    func over() throws {
        var story = try begun()
        try story.act(.resolve)
        #expect(try story.review(Self.inherited).kinds == [])
        try story.act(.rate(.satisfied), by: .citizen)
        #expect(try story.review(Self.inherited).kinds == [])
    }

    @Test("reopened, it goes to the chief of today")
    func reopened() throws {
        var story = try begun()
        try story.act(.resolve)
        story.routing.adopt(Self.inherited)
        try story.act(.reopen, by: .citizen)
        #expect(story.complaint?.assignment?.assignee.id == "heir")
    }

    // MARK: On leave

    /// The day of the story's start and the next two, in the city's zone.
    private static func leave(deputy: String?) -> Registry {
        let today = City.registry().zone(in: City.id("district")).day(at: Story.start)
        let absence = Absence(
            from: today.adding(days: 1), to: today.adding(days: 2), deputy: deputy.map { City.id($0) })
        return City.registry(with: [
            .chief(
                Chief(
                    id: City.id("village"), name: City.name("village"), title: "河长", level: .village,
                    region: City.id("district"), superior: City.id("town"), phone: "+86 000 0000 0101",
                    absences: [absence])),
            City.chief("deputy", .village, above: "town", phone: "+86 000 0000 0110"),
        ])
    }

    @Test("his deputy has it from the first day on, and goes on with it when he is back")
    func deputy() throws {
        var story = Story(Self.leave(deputy: "deputy"))
        try story.submit(Story.submission(category: "unheard-of"))
        #expect(story.complaint?.assignment?.assignee.id == "village", "today he is here")
        let leaves = try #require(story.routing.nextReview(after: story.now))
        #expect(leaves > story.now && leaves <= story.now + .days(1))
        story.now = leaves
        #expect(try story.review().kinds == [.assigned])
        #expect(story.facts.map(\.event).assigned?.why == .deputy)
        #expect(story.complaint?.assignment?.assignee.id == "deputy")
        let back = try #require(story.routing.nextReview(after: story.now))
        #expect(back == leaves + .days(2))
        story.now = back
        #expect(try story.review().kinds == [])
        #expect(story.routing.nextReview(after: back) == nil)
        #expect(try story.act(.accept, by: Actor(role: .chief, id: "deputy")).kinds == [.accepted])
    }

    @Test("what comes while he is away goes to his deputy at once, or to the one above where he has none")
    func arrives() throws {
        for (deputy, expected) in [("deputy", "deputy"), (nil, "district"), ("ghost", "district")] {
            var story = Story(Self.leave(deputy: deputy))
            story.now = story.now + .days(2)
            try story.submit()
            #expect(story.complaint?.assignment?.assignee.id == expected)
            #expect(story.complaint?.assignment?.chief == City.id("village"), "in his place")
        }
    }

    @Test("a deputy may act for him on what was his before he left")
    func acts() throws {
        var story = Story(Self.leave(deputy: "deputy"))
        try story.submit(Story.submission(category: "unheard-of"))
        let deputy = Actor(role: .chief, id: "deputy")
        #expect(try story.act(.accept, by: deputy) == .declined(.notInCharge), "he is still here")
        story.now = story.now + .hours(23)
        if story.complaint?.assignment?.assignee.id == "village" {
            let isAway = story.now >= (story.routing.nextReview(after: Story.start) ?? story.now)
            #expect((try story.act(.accept, by: deputy).kinds == [.accepted]) == isAway)
        }
    }
}
