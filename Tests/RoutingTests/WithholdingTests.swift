import Models
import Processing
import Testing
import Text

@testable import Routing

@Suite("What an office withholds, and what the operator erases")
struct WithholdingTests {
    private static let office = Actor(role: .office, id: "district")

    private func withhold(_ version: Int, _ part: Passage.Part = .text) -> ComplaintAction.Verb {
        .withhold(Passage(version: version, part: part), .personalData)
    }

    @Test("an event each; the status, the deadlines and whoever has it stay")
    func events() throws {
        var story = Story()
        try story.submit()
        let before = story.complaint
        #expect(try story.act(withhold(1), by: Self.office).kinds == [.withheld])
        #expect(
            try story.act(.release(Passage(version: 1, part: .all)), by: Self.office).kinds == [.released])
        #expect(try story.act(.erase(until: story.now), by: .system).kinds == [.erased])
        let after = story.complaint
        #expect(after?.status == before?.status && after?.assignment == before?.assignment)
        #expect(after?.nextMoment == before?.nextMoment)
    }

    @Test("a request that comes again after its words were erased has them erased again, and nothing else")
    func again() throws {
        var story = Story()
        try story.submit(cause: "first")
        try story.act(.note(isPublic: true), cause: "note", words: Outline(text: true))
        #expect(try story.outgoing { try $0.submit(cause: "first") } == [])
        try story.act(.erase(until: story.now), by: .system)
        let submitted = try story.outgoing { try $0.submit(cause: "first") }
        #expect(
            submitted.map(\.topic) == [.words, .contacts] && submitted.allSatisfy { $0.event.data == nil })
        #expect(
            submitted.map(\.key) == ["\(Story.id.compact)/dayu-intake/first", Story.id.compact])
        let noted = try story.outgoing {
            try $0.act(.note(isPublic: true), cause: "note", words: Outline(text: true))
        }
        #expect(noted.map(\.key) == ["\(Story.id.compact)/dayu-intake/note"])
        #expect(noted.first?.event.data == nil)
        // What is said later stays, also when it comes twice.
        try story.act(.note(isPublic: true), cause: "later", words: Outline(text: true))
        #expect(
            try story.outgoing {
                try $0.act(.note(isPublic: true), cause: "later", words: Outline(text: true))
            } == [])
    }

    @Test("after an erasure nobody acts as the citizen: who complained was erased, his id with him")
    func nobodysID() throws {
        var story = Story()
        try story.submit()
        try story.act(.note(isPublic: true), by: .citizen)
        try story.act(.erase(until: story.now), by: .system)
        let before = story.complaint
        for verb in [.note(isPublic: true), .urge] as [ComplaintAction.Verb] {
            #expect(try story.act(verb, by: .citizen) == .declined(.role))
        }
        #expect(story.complaint == before)
        #expect(try story.act(.note(isPublic: true), by: Self.office).kinds == [.noted])
        try story.act(.close, by: Self.office)
        #expect(try story.act(.reopen, by: .citizen) == .declined(.role))
        #expect(try story.act(.reopen, by: Self.office).kinds.first == .reopened)
    }

    @Test("another complaint under the same code is set aside and changes nothing")
    func collision() throws {
        var story = Story()
        try story.submit(Story.submission(fingerprint: "1"), cause: "first")
        let before = story.complaint
        #expect(try story.submit(Story.submission(fingerprint: "1"), cause: "first") == .facts([]))
        let other = try story.submit(Story.submission(fingerprint: "2"), cause: "other")
        #expect(other == .refused("another complaint has this tracking code"))
        #expect(story.complaint == before)
    }

    @Test("whoever has found another id with the same code acts on nothing")
    func otherIdentity() throws {
        var story = Story()
        try story.submit(Story.submission(fingerprint: "1"))
        #expect(try story.act(.urge, by: .citizen, fingerprint: "2") == .declined(.unknown))
        #expect(story.complaint?.urges == [])
        try story.act(.urge, by: .citizen, fingerprint: "1")
        #expect(story.complaint?.urges.count == 1)
        var alarm = Story()
        try alarm.submit(Story.submission(fingerprint: nil))
        #expect(try alarm.act(.urge, by: .citizen, fingerprint: "1") == .declined(.unknown))
    }

    @Test("by an office of the place alone; nobody but the operator's command erases")
    func rights() throws {
        var story = Story()
        try story.submit()
        #expect(try story.act(withhold(1)) == .declined(.role))
        #expect(try story.act(withhold(1), by: .citizen) == .declined(.role))
        #expect(try story.act(withhold(1), by: Actor(role: .office, id: "town")) == .declined(.notInCharge))
        #expect(try story.act(.erase(until: story.now), by: Self.office) == .declined(.role))
    }

    @Test("what was said with an event, and no picture that is not there")
    func passages() throws {
        var story = Story()
        try story.submit()
        try story.act(.resolve, words: Story.shown)
        let version = story.facts.count
        #expect(try story.act(withhold(version, .picture(1)), by: Self.office).kinds == [.withheld])
        #expect(try story.act(withhold(version, .picture(2)), by: Self.office) == .declined(.target))
        #expect(try story.act(withhold(1, .picture(1)), by: Self.office) == .declined(.target))
        // Nothing is said with an assignment, and the last event is not there yet.
        for version in [2, 99] {
            #expect(try story.act(withhold(version), by: Self.office) == .declined(.target), "\(version)")
        }
    }

    @Test("an internal note is nobody's to withhold: the public never saw it")
    func note() throws {
        var story = Story()
        try story.submit()
        try story.act(.note(isPublic: false), words: Outline(text: true))
        #expect(try story.act(withhold(story.facts.count), by: Self.office) == .declined(.target))
        try story.act(.note(isPublic: true), words: Outline(text: true))
        #expect(try story.act(withhold(story.facts.count), by: Self.office).kinds == [.withheld])
    }

    @Test("also when the complaint takes nothing else any more")
    func always() throws {
        var story = Story()
        try story.submit()
        for _ in 0..<Limit.actionsPerComplaint {
            try story.act(.note(isPublic: true), words: Outline(text: true))
        }
        #expect(try story.act(.note(isPublic: true)) == .declined(.often))
        #expect(try story.act(withhold(1), by: Self.office).kinds == [.withheld])
        #expect(try story.act(.erase(until: story.now), by: .system).kinds == [.erased])
    }
}
