import Geo
import Models
import Testing

@testable import Routing

@Suite("An official whom no message reaches")
struct UnreachedTests {
    private func begun() throws -> Story {
        var story = Story(City.registry())
        try story.submit()
        return story
    }

    private func raise(_ role: Role, _ id: String) -> ComplaintAction.Verb {
        .raise(over: Actor(role: role, id: id))
    }

    @Test("the complaint goes one level up at once, with a whole time to accept")
    func up() throws {
        var story = try begun()
        try story.wait(.hours(3))
        let before = try #require(story.complaint?.assignment)
        #expect(try story.act(raise(.chief, "village"), by: .system).kinds == [.unreached, .assigned])
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.assignee.id == "district" && assigned.why == .unreached)
        #expect(assigned.due.accept == story.now + .hours(4) && assigned.due.resolve == before.due.resolve)
        guard case .unreached(let unreached) = story.facts[story.facts.count - 2].event else {
            Issue.record("not told")
            return
        }
        #expect(unreached.official == before.assignee && unreached.to == assigned.assignee)
    }

    @Test("also after he accepted it; and again for whoever gets it then, up to the office at the top")
    func ladder() throws {
        var story = try begun()
        try story.act(.accept)
        for id in ["village", "district"] {
            #expect(try story.act(raise(.chief, id), by: .system).kinds == [.unreached, .assigned])
        }
        #expect(try story.act(raise(.chief, "city"), by: .system).kinds == [.unreached, .assigned])
        #expect(story.complaint?.assignment?.assignee.kind == .office)
        // Nobody stands above: it stays, that is said once, and its deadlines run.
        #expect(try story.act(raise(.office, "city"), by: .system).kinds == [.unreached])
        #expect(try story.act(raise(.office, "city"), by: .system).kinds == [])
        #expect(story.alarm != nil)
    }

    @Test("a receipt that comes when somebody else has it, or nobody any more, changes nothing")
    func late() throws {
        var story = try begun()
        try story.wait(.hours(4))
        #expect(story.complaint?.assignment?.assignee.id == "district")
        #expect(try story.act(raise(.chief, "village"), by: .system).kinds == [])
        try story.act(.close, by: Actor(role: .office, id: "city"))
        #expect(try story.act(raise(.chief, "district"), by: .system).kinds == [])
    }

    @Test("nobody but the system says so")
    func others() throws {
        for actor in [Actor.citizen, Actor(role: .chief, id: "district"), Actor(role: .office, id: "city")] {
            var story = try begun()
            #expect(try story.act(raise(.chief, "village"), by: actor) == .declined(.role))
        }
    }
}
