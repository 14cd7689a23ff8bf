import Models
import Testing

@testable import Routing

@Suite("What an office corrects, extends and refuses, and how one reminds")
struct OfficeTests {
    private static let office = Actor(role: .office, id: "district")

    private func begun() throws -> Story {
        var story = Story()
        try story.submit()
        return story
    }

    @Test("a corrected place is routed again, and forgets the water that was picked for the old one")
    func place() throws {
        var story = Story()
        try story.submit(Story.submission(reach: "canal-2"))
        story.now = story.now + .hours(1)
        let correction = Correction(place: City.besideBrook)
        #expect(
            try story.act(.edit(correction), by: Self.office).kinds
                == [.edited, .assigned])
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.reach == City.id("brook-1") && assigned.why == .edited)
        #expect(assigned.due.accept == story.now + .hours(4))
        #expect(story.complaint?.matter.place == City.besideBrook)
        #expect(story.complaint?.matter.reach == nil)
    }

    @Test("a corrected category brings its own deadlines and its own department")
    func category() throws {
        var story = try begun()
        let correction = Correction(category: City.id("outfall"))
        try story.act(.edit(correction), by: Self.office)
        #expect(story.complaint?.assignment?.assignee.id == "enforcement")
        #expect(story.complaint?.matter.category == City.id("outfall"))
    }

    @Test("no correction leads out of the city or to a category that is none")
    func nowhere() throws {
        var story = try begun()
        let away = Correction(place: City.inSea)
        #expect(try story.act(.edit(away), by: Self.office) == .declined(.target))
        let alarm = Correction(category: .stationAlarm)
        #expect(try story.act(.edit(alarm), by: Self.office) == .declined(.target))
        let unknown = Correction(category: City.id("unheard-of"))
        #expect(try story.act(.edit(unknown), by: Self.office) == .declined(.target))
        #expect(story.facts.count == 2)
    }

    @Test("more time to resolve, with a reason; the warning moves with it")
    func extend() throws {
        var story = try begun()
        try story.act(.accept)
        let until = Story.start + .days(10)
        #expect(try story.act(.extend(until: until), by: Self.office).kinds == [.extended])
        #expect(story.complaint?.running.map(\.at) == [until])
        #expect(story.alarm == Story.start + .days(8))
        #expect(try story.wait(.days(8)).kinds == [.warned])
        #expect(try story.wait(.days(2)).kinds == [.escalated, .assigned])
    }

    @Test("an extension is later than what it extends, and has an end", arguments: [-1, 47, 24 * 366])
    func wrongExtension(_ hours: Int) throws {
        var story = try begun()
        let verb = ComplaintAction.Verb.extend(until: Story.start + .hours(hours))
        #expect(try story.act(verb, by: Self.office) == .declined(.target))
    }

    @Test(
        "rejected by an officer alone, for a reason that has a name",
        arguments: [
            ComplaintEvent.Rejected.Reason.notWater, .handledElsewhere, .insufficient, .abuse,
        ])
    func reject(_ reason: ComplaintEvent.Rejected.Reason) throws {
        var story = try begun()
        let verb = ComplaintAction.Verb.reject(reason)
        #expect(try story.act(verb) == .declined(.role))
        #expect(try story.act(verb, by: .citizen) == .declined(.role))
        #expect(try story.act(verb, by: Self.office).kinds == [.rejected])
        #expect(story.complaint?.status == .rejected && story.alarm == nil)
    }

    @Test("a citizen reminds once a day and three times; an office as often as it wants")
    func urge() throws {
        var story = try begun()
        #expect(try story.act(.urge, by: .citizen).kinds == [.urged])
        #expect(try story.act(.urge, by: .citizen) == .declined(.often), "within the day")
        for _ in 0..<3 { #expect(try story.act(.urge, by: Self.office).kinds == [.urged]) }
        for day in 1...3 {
            story.now = Story.start + .days(day)
            let heard = try story.act(.urge, by: .citizen)
            #expect(day < 3 ? heard.kinds == [.urged] : heard == .declined(.often))
        }
    }
}
