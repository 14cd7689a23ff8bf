import Geo
import Models
import Testing

@testable import Routing

@Suite("Silence has a consequence")
struct EscalationTests {
    private func begun(_ registry: Registry = City.registry(), category: String = "odour") throws -> Story {
        var story = Story(registry)
        try story.submit(Story.submission(category: category))
        return story
    }

    @Test("a missed accept deadline takes it up, chief by chief, then to the city's office, which orders it")
    func ladder() throws {
        var story = try begun()
        // The town's chief has no phone and is passed over.
        for superior in ["district", "city"] {
            let before = try #require(story.complaint?.assignment)
            #expect(try story.wait(.hours(4)).kinds == [.escalated, .assigned])
            let events = story.facts.suffix(2).map(\.event)
            #expect(events.escalated?.deadline == .accept && events.escalated?.due == before.due.accept)
            #expect(events.escalated?.from == before.assignee && events.escalated?.to.id == superior)
            #expect(events.assigned?.assignee.id == superior && events.assigned?.why == .escalated)
            #expect(events.assigned?.reach == before.reach && events.assigned?.region == before.region)
            #expect(events.assigned?.due.accept == story.now + .hours(4))
        }
        // Above the city's chief there is the city's office, and above that nobody.
        #expect(try story.wait(.hours(4)).kinds == [.escalated, .assigned, .supervised])
        let order = try #require(story.facts.map(\.event).supervised)
        #expect(
            order.order == 1 && order.by.kind == .office && order.by.id == "city" && order.over.id == "city")
        #expect(story.complaint?.assignment?.assignee == order.by && story.complaint?.status == .assigned)
    }

    @Test("at the top it stays, and each deadline that passes there brings another order")
    func orders() throws {
        var story = try begun()
        for _ in 0..<3 { try story.wait(.hours(4)) }
        for order in 2...5 {
            let latest = story.alarm
            let due = try #require(latest)
            #expect(due - story.now >= .hours(24) * 0.8, "orders in a storm")
            #expect(try story.wait(.days(30)).kinds == [.lapsed, .supervised])
            #expect(story.facts.map(\.event).lapsed?.deadline == .accept)
            #expect(story.facts.map(\.event).lapsed?.assignee == story.complaint?.assignment?.assignee)
            #expect(story.facts.map(\.event).supervised?.order == order)
            #expect(story.complaint?.status == .assigned && story.complaint?.missed == [])
        }
        #expect(try story.act(.accept, by: Actor(role: .office, id: "city")).kinds == [.accepted])
        #expect(try story.wait(.days(30)).kinds == [.lapsed, .supervised])
        #expect(story.complaint?.status == .accepted, "an order is a mark and hides no state")
    }

    @Test("whoever lets four fifths of his time pass is warned, once, and not after it has passed")
    func warned() throws {
        var story = try begun()
        #expect(story.alarm == Story.start + .hours(4) * 0.8)
        #expect(try story.wait(.hours(4) * 0.8).kinds == [.warned])
        guard case .warned(let warned) = story.facts.last?.event else { return }
        #expect(warned.deadline == .accept && warned.due == Story.start + .hours(4))
        #expect(warned.assignee.id == "village" && story.alarm == warned.due)
        try story.act(.accept)
        #expect(story.alarm == Story.start + .hours(48) * 0.8)
        #expect(try story.wait(.days(3)).kinds == [.escalated, .assigned])
        #expect(story.facts.count { $0.event.kind == .warned } == 1)
    }

    @Test("however long we were away: deadline after deadline in their order, one step each")
    func order() throws {
        var story = try begun()
        story.now = story.now + .days(100)
        var moments: [Instant] = []
        while let alarm = story.alarm, alarm <= story.now {
            #expect(try story.wait(.seconds(0)).kinds.first == .escalated)
            moments.append(try #require(story.facts.map(\.event).escalated?.due))
        }
        #expect(moments == [Story.start + .hours(4)], "the next one has his own time from now on")
    }

    @Test("an office passes it to the office above")
    func offices() throws {
        var story = Story(City.registry(), rules: Rules(reachDistance: Distance(metres: 100)))
        try story.submit(Story.submission(at: City.inTown))
        #expect(story.complaint?.assignment?.assignee.id == "district")
        #expect(try story.wait(.hours(4)).kinds == [.escalated, .assigned, .supervised])
        #expect(story.complaint?.assignment?.assignee.id == "city")
    }

    @Test(
        "accepted in time but not resolved: the resolve deadline takes it up, and it is to be accepted anew")
    func resolveDeadline() throws {
        var story = try begun()
        try story.act(.accept)
        #expect(try story.wait(.hours(47)).kinds == [.warned])
        #expect(try story.wait(.hours(1)).kinds == [.escalated, .assigned])
        #expect(story.facts.map(\.event).escalated?.deadline == .resolve)
        #expect(
            story.complaint?.status == .assigned && story.complaint?.assignment?.assignee.id == "district")
        let due = try #require(story.complaint?.assignment?.due)
        #expect(due.is(accept: story.now + .hours(4), resolve: story.now + .hours(48)))
    }

    @Test("an escalation does not stretch the time to resolve, as long as there is time to accept")
    func keepsResolve() throws {
        var story = try begun()
        try story.wait(.hours(4))
        #expect(story.complaint?.assignment?.due.resolve == Story.start + .hours(48))
    }

    @Test("nobody looked for a year: one escalation, and the next one gets his time")
    func year() throws {
        var story = try begun()
        #expect(try story.wait(.days(365)).kinds == [.escalated, .assigned])
        let due = try #require(story.complaint?.assignment?.due)
        #expect(due.accept == story.now + .hours(4) && due.resolve > due.accept)
        #expect(try story.wait(.seconds(0)).kinds == [])
        #expect(story.complaint?.assignment?.assignee.id == "district")
    }

    @Test("the chief answers in the very moment of the deadline: what is decided first counts, and only once")
    func race() throws {
        var story = try begun()
        story.now = story.now + .hours(4)
        #expect(try story.act(.accept).kinds == [.accepted])
        #expect(try story.wait(.seconds(0)).kinds == [])

        var late = try begun()
        #expect(try late.wait(.hours(4)).kinds == [.escalated, .assigned])
        #expect(try late.act(.accept).kinds == [], "he is not in charge any more")
        #expect(try late.act(.accept, by: Actor(role: .chief, id: "district")).kinds == [.accepted])
    }

    @Test("categories without any time climb to the top and rest there")
    func noTime() throws {
        var story = try begun(category: "spill")
        var turns = 0
        while let alarm = story.alarm, alarm <= story.now, turns < 50 {
            try story.wait(.seconds(0))
            turns += 1
        }
        #expect(turns < 10, "orders in a storm")
        #expect(story.complaint?.assignment?.assignee.kind == .office && story.complaint?.orders == 1)
    }

    @Test(
        "chiefs who stand above each other in a circle do not send it round for ever",
        arguments: ["odour", "spill"])
    func circle(_ category: String) throws {
        let registry = City.registry(with: [
            City.chief("district", .district, above: "city", phone: "+86 000 0000 0103"),
            City.chief("city", .city, above: "district", phone: "+86 000 0000 0104"),
        ])
        var story = try begun(registry, category: category)
        var turns = 0
        while let alarm = story.alarm, story.complaint?.orders == 0, turns < 100 {
            try story.wait(max(.zero, alarm - story.now))
            turns += 1
        }
        #expect(turns < 100, "it goes round for ever")
        #expect(story.complaint?.assignment?.assignee.kind == .office)
    }

    @Test("the registry lost the chief and the region: whoever else answers for the reach gets it")
    func lostChief() throws {
        var story = try begun()
        var registry = City.registry()
        registry.remove(RegistryKey(kind: .chief, id: "village"))
        registry.remove(RegistryKey(kind: .region, id: "district"))
        story.routing.adopt(registry)
        #expect(try story.wait(.hours(4)).kinds == [.escalated, .assigned])
        // The town's chief has no phone.
        #expect(story.complaint?.assignment?.assignee.id == "district")
    }

    @Test("the registry lost everybody, or everything: it stays where it is, and is ordered there")
    func lostRegistry() throws {
        let everybody = City.registry().entities.map(\.key).filter { $0.kind == .chief }
        for gone in [everybody + [RegistryKey(kind: .region, id: "district")], nil] {
            var story = try begun()
            var registry = City.registry()
            for key in gone ?? registry.entities.map(\.key) { registry.remove(key) }
            story.routing.adopt(registry)
            #expect(try story.wait(.hours(4)).kinds == [.lapsed, .supervised])
            #expect(story.complaint?.assignment?.assignee.id == "village" && story.alarm != nil)
            let lapsed = try #require(story.facts.map(\.event).lapsed)
            #expect(lapsed.assignee.id == "village" && lapsed.due == Story.start + .hours(4))
        }
    }
}
