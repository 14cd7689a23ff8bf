import Models
import Testing

@testable import Routing

@Suite("Not mine: a complaint is passed on")
struct TransferTests {
    private func begun() throws -> Story {
        var story = Story()
        try story.submit()
        return story
    }

    private func transfer(_ to: Destination?) -> ComplaintAction.Verb {
        .transfer(to: to)
    }

    private static let brook = Destination.reach(City.id("brook-1"))
    private static let district = Actor(role: .chief, id: "district")
    private static let office = Actor(role: .office, id: "district")

    @Test("to the chief of the reach that is proposed; the deadlines stay")
    func reach() throws {
        var story = try begun()
        let due = story.complaint?.assignment?.due
        story.now = story.now + .hours(1)
        #expect(try story.act(transfer(Self.brook)).kinds == [.transferred, .assigned])
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.assignee.id == "district" && assigned.why == .transferred)
        #expect(assigned.reach == City.id("brook-1") && assigned.river == City.id("brook"))
        #expect(assigned.due == due && assigned.distanceMetres.map { $0 > 400 && $0 < 600 } == true)
        #expect(try story.act(.accept) == .declined(.notInCharge), "it is his no more")
        #expect(try story.act(.accept, by: Self.district).kinds == [.accepted])
    }

    @Test("to a reach without a place to measure from: no distance")
    func placeless() throws {
        var story = Story()
        try story.submit(Story.submission(at: nil, reach: "canal-1"))
        #expect(try story.act(transfer(Self.brook)).kinds == [.transferred, .assigned])
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.reach == City.id("brook-1") && assigned.assignee.id == "district")
        #expect(assigned.distanceMetres == nil && assigned.chosen == nil)
    }

    @Test("to an office, or to a department, which then has it")
    func others() throws {
        var story = try begun()
        #expect(try story.act(transfer(.office(City.id("city")))).kinds == [.transferred, .assigned])
        #expect(story.complaint?.assignment?.assignee.kind == .office)

        var second = try begun()
        #expect(
            try second.act(transfer(.department(City.id("monitors")))).kinds == [.transferred, .assigned])
        let department = Actor(role: .department, id: "monitors")
        #expect(try second.act(.accept, by: department).kinds == [.accepted])
        #expect(try second.wait(.days(3)).kinds == [.escalated, .assigned, .supervised])
        #expect(second.complaint?.assignment?.assignee.id == "city", "the office above the department")
    }

    @Test("not to a department that nobody can tell, as a category's is passed over")
    func mute() throws {
        let monitors = Department(
            id: City.id("monitors"), name: City.name("monitors"), region: City.id("city"))
        var story = Story(City.registry(with: [.department(monitors)]))
        try story.submit()
        #expect(try story.act(transfer(.department(monitors.id))) == .declined(.target))
        #expect(story.complaint?.assignment?.assignee.kind == .chief)
    }

    @Test("a second hand-back goes up, whatever is proposed: it does not go back and forth")
    func pingPong() throws {
        var story = try begun()
        try story.act(transfer(Self.brook))
        let back = Destination.reach(City.id("canal-1"))
        #expect(try story.act(transfer(back), by: Self.district).kinds == [.transferred, .assigned])
        #expect(
            story.complaint?.assignment?.assignee.id == "city", "the superior of the one who handed it back")
        #expect(story.complaint?.handBacks == 2)
    }

    @Test("without a proposal the one above decides")
    func nobody() throws {
        var story = try begun()
        #expect(try story.act(transfer(nil)).kinds == [.transferred, .assigned])
        #expect(story.complaint?.assignment?.assignee.id == "district")
    }

    @Test("within 24 hours of the assignment, and then it is his; an office may whenever it wants")
    func late() throws {
        var story = Story()
        try story.submit(Story.submission(category: "unheard-of"))
        try story.act(.accept)
        story.now = story.now + .hours(24) + .milliseconds(1)
        #expect(try story.act(transfer(Self.brook)) == .declined(.late))
        #expect(try story.act(transfer(Self.brook), by: Self.office).kinds == [.transferred, .assigned])
        #expect(story.complaint?.handBacks == 0, "an office hands nothing back")
        let due = try #require(story.facts.map(\.event).assigned?.due)
        #expect(due.resolve == Story.start + .hours(120), "what was promised to the citizen stays")
        #expect(due.accept == story.now + .hours(24), "who had accepted it hands it to one who has yet to")
    }

    @Test(
        "nowhere, to nobody, or to the one who has it already",
        arguments: [
            Destination.reach(City.id("ghost")), .office(City.id("ghost")), .department(City.id("ghost")),
            .reach(City.id("canal-1")),
        ])
    func nowhere(_ destination: Destination) throws {
        var story = try begun()
        #expect(try story.act(transfer(destination)) == .declined(.target))
        #expect(story.complaint?.handBacks == 0 && story.facts.count == 2)
    }

    @Test("at the top there is nobody above")
    func top() throws {
        var story = try begun()
        let office = Actor(role: .office, id: "city")
        try story.act(transfer(.office(City.id("city"))), by: office)
        #expect(try story.act(transfer(nil), by: office) == .declined(.target))
        #expect(try story.act(transfer(Self.brook), by: office).kinds == [.transferred, .assigned])
    }
}
