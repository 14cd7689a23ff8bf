import Models
import Processing
import Testing

@testable import Routing

@Suite("The life of a complaint")
struct LifeTests {
    private let chief = Actor(role: .chief, id: "village")
    private let resolve = ComplaintAction.Verb.resolve(
        text: "Cleaned.", media: ["https://example.org/after.jpg"])

    private func begun() throws -> Story {
        var story = Story()
        try story.submit()
        return story
    }

    @Test("accepted, noted, resolved, rated with content, closed")
    func content() throws {
        var story = try begun()
        #expect(try story.act(.accept).kinds == [.accepted])
        #expect(try story.act(.note(text: "On my way", media: [], isPublic: true)).kinds == [.noted])
        #expect(try story.act(resolve).kinds == [.resolved])
        let ended = try story.act(.rate(.satisfied, remark: "thanks"), by: .citizen)
        #expect(
            ended
                == .facts([
                    .rated(.init(grade: .satisfied, remark: "thanks")),
                    .closed(.init(by: .system, reason: .rated, reopensUntil: Story.start + .days(7))),
                ]))
        #expect(story.complaint?.status == .closed && story.alarm == nil)
        #expect(story.facts.map(\.version) == Array(1...story.facts.count))
    }

    @Test("a middling grade closes as well", arguments: [Grade.verySatisfied, .neutral])
    func grades(_ grade: Grade) throws {
        var story = try begun()
        try story.act(resolve)
        #expect(try story.act(.rate(grade, remark: nil), by: .citizen).kinds == [.rated, .closed])
    }

    @Test("rated without content: again at the same chief, with new deadlines")
    func discontent() throws {
        var story = try begun()
        try story.act(.accept)
        try story.act(resolve)
        story.now = story.now + .days(2)

        let heard = try story.act(.rate(.dissatisfied, remark: "Still smells"), by: .citizen)

        #expect(heard.kinds == [.rated, .reopened, .assigned])
        guard case .facts(let events) = heard, let assigned = events.assigned else { return }
        #expect(assigned.assignee.id == "village" && assigned.why == .reopened)
        #expect(assigned.due.is(accept: story.now + .hours(4), resolve: story.now + .hours(48)))
        let reopened = events.compactMap { if case .reopened(let value) = $0 { value } else { nil } }
        #expect(reopened.map(\.reason) == ["Still smells"])
        #expect(reopened.map { $0.superior?.id } == ["district"], "his superior is told")
        #expect(story.complaint?.status == .assigned && story.complaint?.closesAt == nil)
        #expect(try story.act(.accept).kinds == [.accepted])
    }

    @Test("reopened by the citizen before it closes by itself, and closed for good after")
    func reopen() throws {
        var story = try begun()
        try story.act(resolve)
        #expect(try story.act(.reopen(reason: "Not solved"), by: .citizen).kinds == [.reopened, .assigned])
        try story.act(resolve)
        try story.wait(.days(8))
        #expect(story.complaint?.status == .closed)
        #expect(try story.act(.reopen(reason: "Not solved"), by: .citizen) == .declined(.late))
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
        try story.act(.rate(.dissatisfied, remark: nil), by: .citizen, cause: "grade")
        #expect(try story.act(.rate(.dissatisfied, remark: nil), by: .citizen, cause: "grade") == .facts([]))
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
        let note = ComplaintAction.Verb.note(text: "a", media: [], isPublic: true)
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
            let heard = try story.act(.note(text: "me again", media: [], isPublic: true), by: .citizen)
            if heard == .declined(.often) { refused += 1 }
        }
        #expect(refused >= 50)
        #expect(try story.act(.accept).kinds == [.accepted])
        #expect(try story.act(resolve).kinds == [.resolved])
        #expect(try story.act(.rate(.satisfied, remark: nil), by: .citizen).kinds == [.rated, .closed])
    }

    @Test("the store keeps what is decided by, and none of the citizen's words")
    func kept() throws {
        var story = Story()
        try story.submit(Story.submission(reach: "canal-1"))
        let held = story.complaint
        let complaint = try #require(held)
        let stored = String(decoding: complaint.stored, as: UTF8.self)
        #expect(stored.contains("canal-1") && stored.contains("odour"))
        #expect(!stored.contains("The water smells."))
        #expect(complaint.assignment?.chosen == nil)
        #expect(try Complaint(stored: complaint.stored) == complaint)
    }
}
