import Models
import Processing
import Testing
import Text

@testable import Routing

@Suite("The life of a complaint")
struct LifeTests {
    private let chief = Actor(role: .chief, id: "village")
    private let resolve = ComplaintAction.Verb.resolve

    private func begun() throws -> Story {
        var story = Story()
        try story.submit()
        return story
    }

    @Test("accepted, noted, resolved, rated with content, closed")
    func content() throws {
        var story = try begun()
        #expect(try story.act(.accept).kinds == [.accepted])
        #expect(try story.act(.note(isPublic: true)).kinds == [.noted])
        #expect(try story.act(resolve).kinds == [.resolved])
        let thanks = Outline(text: true)
        let ended = try story.act(.rate(.satisfied), by: .citizen, words: thanks)
        #expect(
            ended
                == .facts([
                    .rated(.init(grade: .satisfied, words: thanks)),
                    .closed(.init(by: .system, reason: .rated, reopensUntil: Story.start + .days(7))),
                ]))
        #expect(story.complaint?.status == .closed && story.alarm == nil)
        #expect(story.facts.map(\.version) == Array(1...story.facts.count))
    }

    @Test("a middling grade closes as well", arguments: [Grade.verySatisfied, .neutral])
    func grades(_ grade: Grade) throws {
        var story = try begun()
        try story.act(resolve)
        #expect(try story.act(.rate(grade), by: .citizen).kinds == [.rated, .closed])
    }

    @Test("rated without content: again at the same chief, with new deadlines")
    func discontent() throws {
        var story = try begun()
        try story.act(.accept)
        try story.act(resolve)
        story.now = story.now + .days(2)

        let words = Outline(text: true)
        let heard = try story.act(.rate(.dissatisfied), by: .citizen, words: words)

        #expect(heard.kinds == [.rated, .reopened, .assigned])
        guard case .facts(let events) = heard, let assigned = events.assigned else { return }
        #expect(assigned.assignee.id == "village" && assigned.why == .reopened)
        #expect(assigned.due.is(accept: story.now + .hours(4), resolve: story.now + .hours(48)))
        let reopened = try #require(events.reopened)
        #expect(reopened.why == .rated && reopened.words == nil, "the words stand with the grade")
        #expect(events.first == .rated(.init(grade: .dissatisfied, words: words)))
        #expect(reopened.superior?.id == "district", "his superior is told")
        #expect(story.complaint?.status == .assigned && story.complaint?.closesAt == nil)
        #expect(try story.act(.accept).kinds == [.accepted])
    }

    @Test("reopened by the citizen before it closes by itself, and closed for good after")
    func reopen() throws {
        var story = try begun()
        try story.act(resolve)
        let words = Outline(text: true, pictures: 2)
        #expect(try story.act(.reopen, by: .citizen, words: words).kinds == [.reopened, .assigned])
        let reopened = try #require(story.facts.map(\.event).reopened)
        #expect(reopened.why == .asked && reopened.words == words && reopened.by == .citizen)
        try story.act(resolve)
        try story.wait(.days(8))
        #expect(story.complaint?.status == .closed)
        #expect(try story.act(.reopen, by: .citizen) == .declined(.late))
    }

    @Test("a resolved complaint closes by itself after a week, once, however late anyone looks")
    func closes() throws {
        var story = try begun()
        try story.act(resolve)
        #expect(story.alarm == story.now + .days(7))
        #expect(try story.wait(.days(6)).kinds == [])
        #expect(try story.wait(.days(400)) == .facts([.closed(.init(by: .system, reason: .elapsed))]))
        #expect(try story.wait(.days(400)).kinds == [])
    }

    @Test("the same submission or action again decides nothing, in any later state")
    func duplicates() throws {
        var story = try begun()
        #expect(try story.submit().kinds == [])
        #expect(try story.submit(Story.submission(at: City.inSea), cause: "another").kinds == [])
        #expect(try story.act(.accept, cause: "tap").kinds == [.accepted])
        #expect(try story.act(.accept, cause: "tap") == .facts([]), "a duplicate is no refusal")
        try story.act(resolve, cause: "done")
        #expect(try story.act(.accept, cause: "tap") == .facts([]))
        try story.act(.rate(.dissatisfied), by: .citizen, cause: "grade")
        #expect(try story.act(.rate(.dissatisfied), by: .citizen, cause: "grade") == .facts([]))
        #expect(
            try story.act(resolve, cause: "done") == .facts([]),
            "an old report must not resolve the new round")
        #expect(story.complaint?.status == .assigned)
        #expect(story.facts.map(\.version) == Array(1...story.facts.count))
    }

    @Test(
        "two gateways may number their events alike: an id is unique within its source (CloudEvents 3.1.1)"
    )
    func sources() throws {
        var story = try begun()
        let note = ComplaintAction.Verb.note(isPublic: true)
        #expect(try story.act(note, cause: "1", source: "gateway-a").kinds == [.noted])
        #expect(try story.act(.accept, cause: "1", source: "gateway-b").kinds == [.accepted])
        #expect(try story.act(.accept, cause: "1", source: "gateway-b").kinds == [])
    }

    @Test("an id and a source as long as headers may be still lead to events that can be read")
    func longNames() throws {
        var story = try begun()
        let long = String(repeating: "g", count: Limit.headerBytes)
        #expect(try story.act(.accept, cause: long, source: long).kinds == [.accepted])
        #expect(try story.act(.accept, cause: long, source: long).kinds == [])
        #expect(story.facts.allSatisfy { $0.cause.utf8.count <= Limit.headerBytes })
    }

    @Test("an action that overtakes its submission waits for it; if it never comes, it is set aside")
    func overtakes() throws {
        var story = Story()
        #expect(try story.act(.accept, cause: "early") == .awaits(.submissions))
        try story.submit()
        #expect(try story.act(.accept, cause: "early").kinds == [.accepted])

        var lost = Story()
        #expect(try lost.act(.accept, caughtUp: true) == .refused("there is no such complaint"))
    }

    @Test("a complaint takes a bounded number of notes, and can still be brought to its end")
    func flood() throws {
        var story = try begun()
        var refused = 0
        for _ in 0..<Limit.actionsPerComplaint + 50 {
            let heard = try story.act(.note(isPublic: true), by: .citizen)
            if heard == .declined(.often) { refused += 1 }
        }
        #expect(refused >= 50)
        #expect(try story.act(.accept).kinds == [.accepted])
        #expect(try story.act(resolve).kinds == [.resolved])
        #expect(try story.act(.rate(.satisfied), by: .citizen).kinds == [.rated, .closed])
    }

    @Test("what was said stands in its event in outline, and its words are at the complaint and the cause")
    func outlines() throws {
        var story = try begun()
        let words = Outline(text: true, pictures: 3)
        let office = Actor(role: .office, id: "district")
        let said: [(ComplaintAction.Verb, Actor)] = [
            (.note(isPublic: true), .citizen), (.urge, .citizen), (.transfer(to: nil), chief),
            (.edit(Correction(category: City.id("spill"))), office),
            (.extend(until: Story.start + .days(30)), office), (.resolve, office), (.reopen, .citizen),
            (.close, office),
        ]
        for (number, (verb, actor)) in said.enumerated() {
            let count = story.facts.count
            try story.act(verb, by: actor, cause: "said/\(number)", words: words)
            let facts = story.facts[count...]
            let key = WordsKey(complaint: Story.id, cause: "dayu-intake/said/\(number)")
            #expect(facts.compactMap(\.words) == [key], "\(verb.name): \(facts)")
            #expect(facts.first?.event.outline == words, "\(verb.name)")
            #expect(facts.allSatisfy { $0.cause == key.cause })
        }
        #expect(story.facts[0].event.outline == Outline(text: true))
        #expect(story.facts[0].words?.description == "\(Story.id.compact)/dayu-intake/submission")
    }

    @Test("a complaint that came back is returned until it is assigned again; received it is once")
    func returned() throws {
        var story = try begun()
        try story.act(resolve)
        try story.act(.reopen, by: .citizen)
        var complaint: Complaint?
        var statuses: [ComplaintStatus] = []
        for fact in story.facts {
            complaint = Complaint.evolve(complaint, fact)
            statuses.append(try #require(complaint).status)
        }
        #expect(statuses == [.received, .assigned, .resolved, .returned, .assigned])
    }

    @Test("the store keeps what is decided by, and none of the citizen's words")
    func kept() throws {
        var story = Story()
        try story.submit(Story.submission(reach: "canal-1"))
        let held = story.complaint
        let complaint = try #require(held)
        let stored = String(decoding: complaint.stored, as: UTF8.self)
        #expect(stored.contains("canal-1") && stored.contains("odour"))
        #expect(!stored.contains("words"))
        #expect(complaint.assignment?.chosen == nil)
        #expect(try Complaint(stored: complaint.stored) == complaint)
    }
}
