import Models
import Testing

@testable import Routing

@Suite("An outcome is shown, checked and judged")
struct OutcomeTests {
    private static let enforcement = Actor(role: .department, id: "enforcement")
    private static let checker = Actor(role: .checker, id: "monitors")
    private let resolve = ComplaintAction.Verb.resolve

    /// An outfall: the enforcement answers for it, and somebody else looks at what it did.
    private func outfall() throws -> Story {
        var story = Story()
        try story.submit(Story.submission(category: "outfall"))
        return story
    }

    @Test("a category's department answers in the chief's place; one that can't be told is passed over")
    func responsible() throws {
        var story = try outfall()
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.assignee.kind == .department && assigned.assignee.id == "enforcement")
        #expect(assigned.why == .responsible && assigned.reach == City.id("canal-1"))
        #expect(try story.act(.accept) == .declined(.notInCharge), "the chief has no part in it")

        let mute = Department(
            id: City.id("enforcement"), name: City.name("enforcement"), region: City.id("district"))
        var other = Story(City.registry(with: [.department(mute)]))
        try other.submit(Story.submission(category: "outfall"))
        #expect(other.complaint?.assignment?.assignee.id == "village")
    }

    @Test("without a photo it is not resolved, where the category wants one")
    func photo() throws {
        var story = try outfall()
        for words in [nil, Outline(text: true)] {
            let heard = try story.act(resolve, by: Self.enforcement, words: words)
            #expect(heard == .declined(.photo))
        }
        #expect(story.complaint?.status == .assigned)
        #expect(try story.act(resolve, by: Self.enforcement, words: Story.shown).kinds == [.resolved])
        var plain = Story()
        try plain.submit()
        #expect(try plain.act(resolve).kinds == [.resolved])
    }

    @Test("a checker who did not do it looks first; then the citizen is asked")
    func verified() throws {
        var story = try outfall()
        try story.act(resolve, by: Self.enforcement, words: Story.shown)
        #expect(story.complaint?.status == .verifying && story.complaint?.checker?.id == "monitors")
        let rate = ComplaintAction.Verb.rate(.satisfied)
        #expect(try story.act(rate, by: .citizen) == .declined(.status), "he is asked after the check")
        let pass = ComplaintAction.Verb.verify(passed: true)
        #expect(try story.act(pass, by: Self.checker).kinds == [.verified])
        #expect(story.complaint?.status == .resolved && story.alarm == story.now + .days(7))
        #expect(try story.act(rate, by: .citizen).kinds == [.rated, .closed])
    }

    @Test("what is not so goes back to the one who said it is")
    func failed() throws {
        var story = try outfall()
        try story.act(resolve, by: Self.enforcement, words: Story.shown)
        story.now = story.now + .hours(3)
        let fail = ComplaintAction.Verb.verify(passed: false)
        #expect(try story.act(fail, by: Self.checker).kinds == [.verified, .assigned])
        guard case .verified(let verified) = story.facts.dropLast().last?.event else { return }
        #expect(!verified.passed && verified.closesAt == nil)
        let assigned = try #require(story.facts.map(\.event).assigned)
        #expect(assigned.why == .unverified && assigned.assignee.id == "enforcement")
        #expect(assigned.due.is(accept: story.now + .hours(4), resolve: story.now + .hours(48)))
        #expect(story.complaint?.checker == nil)
    }

    @Test("a checker who says nothing is told of, and holds nobody up")
    func silent() throws {
        var story = try outfall()
        try story.act(resolve, by: Self.enforcement, words: Story.shown)
        let by = try #require(
            story.facts.last.flatMap { fact -> Instant? in
                if case .resolved(let resolved) = fact.event { resolved.verifyBy } else { nil }
            })
        #expect(by > story.now + .days(2) && story.alarm == by)
        #expect(try story.wait(by - story.now).kinds == [.unchecked])
        let unchecked = try #require(story.facts.map(\.event).unchecked)
        #expect(unchecked.checker.id == "monitors" && unchecked.due == by)
        #expect(unchecked.superior?.id == "city", "the office above the checker is told")
        #expect(unchecked.closesAt == story.now + .days(7))
        #expect(story.complaint?.status == .resolved && story.alarm == story.now + .days(7))
    }

    @Test("the office that did it does not check it; another may")
    func judge() throws {
        var story = try outfall()
        let office = Actor(role: .office, id: "district")
        #expect(try story.act(resolve, by: office, words: Story.shown).kinds == [.resolved])
        let pass = ComplaintAction.Verb.verify(passed: true)
        #expect(try story.act(pass, by: office) == .declined(.notInCharge))
        #expect(try story.act(pass, by: Actor(role: .office, id: "city")).kinds == [.verified])
    }

    @Test("content at first, and a day later it smells again: reopened until the week is over")
    func changedMind() throws {
        var story = Story()
        try story.submit()
        try story.act(resolve)
        try story.act(.rate(.satisfied), by: .citizen)
        #expect(story.complaint?.status == .closed && story.alarm == nil)
        story.now = story.now + .days(6)
        #expect(try story.act(.reopen, by: .citizen).kinds == [.reopened, .assigned])
        try story.act(resolve)
        try story.act(.rate(.satisfied), by: .citizen)
        story.now = story.now + .days(8)
        #expect(try story.act(.reopen, by: .citizen) == .declined(.late))
        let office = Actor(role: .office, id: "city")
        #expect(try story.act(.reopen, by: office).kinds == [.reopened, .assigned])
    }

    @Test("what an office closed unsolved, the citizen reopens")
    func closedByOffice() throws {
        var story = Story()
        try story.submit()
        try story.act(.close, by: Actor(role: .office, id: "district"))
        story.now = story.now + .days(6)
        #expect(try story.act(.reopen, by: .citizen).kinds == [.reopened, .assigned])
    }
}
