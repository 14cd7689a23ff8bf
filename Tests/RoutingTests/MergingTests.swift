import Models
import Processing
import Testing
import Text

@testable import Routing

/// Several complaints that talk to each other: what one asks of another is delivered as an action.
private struct Company {
    private let routing = Routing(registry: City.registry())
    private var partition = Partition<Routing> { _ in nil }
    private var waiting: [Outgoing] = []
    private var number = 0
    /// Everything that complaints asked of each other.
    private(set) var asked: [Outgoing] = []
    private(set) var facts: [TrackingCode: [ComplaintFact]] = [:]

    static func id(_ name: String) -> TrackingCode { .named(name) }

    private mutating func take(_ record: Record) throws {
        guard
            case .done(let outgoing, _) = try partition.take(
                record, with: routing, at: Story.start, caughtUp: true)
        else { return }
        for record in outgoing {
            switch record.topic {
            case .events:
                let fact = try ComplaintFact(record.event)
                facts[fact.complaint, default: []].append(fact)
            case .actions:
                waiting.append(record)
                asked.append(record)
            default: break
            }
        }
    }

    mutating func submit(_ name: String) throws {
        let submission = Submission(
            complaint: Self.id(name), category: City.id("odour"), place: City.atCanal, channel: .web,
            submittedAt: Story.start)
        let key = Self.id(name).compact
        try take(Story.record(JSON.encode(submission), topic: .submissions, cause: "s-\(name)", key: key))
    }

    mutating func act(
        _ name: String, _ verb: ComplaintAction.Verb, by role: Role = .office, cause: String? = nil,
        words: Outline? = nil
    ) throws {
        number += 1
        let action = ComplaintAction(
            complaint: Self.id(name), by: Actor(role: role, id: role == .citizen ? nil : "district"),
            verb: verb, words: words)
        let key = Self.id(name).compact
        try take(
            Story.record(JSON.encode(action), topic: .actions, cause: cause ?? "a-\(number)", key: key))
    }

    /// Everything asked is done, twice: the log may deliver it again.
    mutating func settle() throws {
        var rounds = 0
        while !waiting.isEmpty {
            rounds += 1
            try #require(rounds < 100, "they talk without end")
            let asked = waiting
            waiting = []
            for outgoing in asked + asked { try take(Record(outgoing, offset: 0)) }
        }
    }

    mutating func state(_ name: String) throws -> Complaint {
        try #require(try partition.state(of: Self.id(name).compact))
    }

    func kinds(_ name: String) -> [ComplaintEvent.Kind] { (facts[Self.id(name)] ?? []).map(\.event.kind) }
}

@Suite("Complaints about the same matter become one")
struct MergingTests {
    private func company(_ names: String...) throws -> Company {
        var company = Company()
        for name in names { try company.submit(name) }
        return company
    }

    @Test("the one ends in the other, and is told what becomes of it")
    func follows() throws {
        var company = try company("a", "b")
        try company.act("a", .merge(into: Company.id("b")))
        try company.settle()
        #expect(company.kinds("a") == [.received, .assigned, .merged])
        #expect(company.kinds("b") == [.received, .assigned, .joined])
        let words = Outline(text: true, pictures: 1)
        try company.act("b", .resolve, cause: "done", words: words)
        try company.settle()
        let told = try #require(company.facts[Company.id("a")]?.last)
        let resolved = try #require(company.facts[Company.id("b")]?.last)
        guard case .informed(let informed) = told.event else {
            Issue.record("not informed")
            return
        }
        #expect(informed.of == Company.id("b") && informed.event == .resolved && informed.words == words)
        #expect(informed.cause == "dayu-intake/done" && told.cause != informed.cause)
        #expect(told.words == resolved.words && told.words?.complaint == Company.id("b"))
        try company.act("b", .reopen, by: .citizen)
        try company.settle()
        #expect(company.kinds("a").count { $0 == .informed } == 2)
    }

    @Test("followers of a merged one follow on")
    func chain() throws {
        var company = try company("a", "b", "c")
        try company.act("a", .merge(into: Company.id("b")))
        try company.settle()
        try company.act("b", .merge(into: Company.id("c")))
        try company.settle()
        #expect(try Set(company.state("c").followers) == [Company.id("a"), Company.id("b")])
        try company.act("c", .resolve)
        try company.settle()
        for name in ["a", "b"] {
            let told = try #require(company.facts[Company.id(name)]?.last)
            #expect(told.event.kind == .informed)
            guard case .informed(let informed) = told.event else { continue }
            #expect(informed.of == Company.id("c"), "whose words they are, though a was merged into b")
        }
    }

    @Test("what is asked is the same action each time, and its name is short however long the cause")
    func bounded() throws {
        var company = try company("a", "b", "c")
        try company.act("a", .merge(into: Company.id("b")))
        try company.settle()
        let long = String(repeating: "x", count: Limit.headerBytes - "dayu-intake/".count)
        try company.act("b", .merge(into: Company.id("c")), cause: long)
        try company.settle()
        try company.act("c", .resolve, cause: long)
        try company.settle()
        #expect(company.kinds("a").last == .informed && company.kinds("b").last == .informed)
        #expect(company.asked.allSatisfy { $0.event.id.utf8.count == 32 && $0.key.utf8.count == 13 })
        #expect(Set(company.asked.map(\.event.id)).count == company.asked.count)
        #expect(company.asked.contains { $0.event.trail.cause == "dayu-intake/\(long)" })
        for fact in company.facts.values.joined() {
            #expect(fact.cause.utf8.count <= Limit.headerBytes)
        }
        var again = try self.company("a", "b", "c")
        try again.act("a", .merge(into: Company.id("b")))
        #expect(again.asked.map(\.event.id) == company.asked.prefix(1).map(\.event.id))
    }

    @Test("merged into one that was merged itself: it follows that one")
    func forwarded() throws {
        var company = try company("a", "b", "c")
        try company.act("b", .merge(into: Company.id("c")))
        try company.settle()
        try company.act("a", .merge(into: Company.id("b")))
        try company.settle()
        #expect(try Set(company.state("c").followers) == [Company.id("a"), Company.id("b")])
    }

    @Test("into one that is over, or that there is not: it stands by itself again and is assigned anew")
    func parted() throws {
        var company = try company("a", "b")
        try company.act("b", .close)
        for (target, why) in [("b", ComplaintEvent.Parted.Why.closed), ("nobody", .unknown)] {
            try company.act("a", .merge(into: Company.id(target)))
            try company.settle()
            #expect(company.kinds("a").suffix(3) == [.merged, .parted, .assigned])
            let parted = company.facts[Company.id("a")]?.dropLast().last?.event
            #expect(parted == .parted(.init(why: why)))
            #expect(try company.state("a").status == .assigned)
        }
    }

    @Test("two that are merged into each other at the same moment both stand again")
    func circle() throws {
        var company = try company("a", "b")
        try company.act("a", .merge(into: Company.id("b")))
        try company.act("b", .merge(into: Company.id("a")))
        try company.settle()
        for name in ["a", "b"] {
            #expect(try company.state(name).status == .assigned)
            #expect(company.kinds(name).contains(.parted))
        }
    }

    @Test("into itself it is not merged")
    func itself() throws {
        var company = try company("a")
        try company.act("a", .merge(into: Company.id("a")))
        #expect(company.kinds("a") == [.received, .assigned])
    }
}
