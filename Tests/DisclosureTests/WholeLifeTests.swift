import Foundation
import Geo
import Models
import Processing
import Testing

@testable import Disclosure

@Suite("Every event is a line that the public reads")
struct WholeLifeTests {
    private static let other = Life(2)
    private static let code = Life(1).code

    private func shown(_ live: (inout Life) -> Void) throws -> Reply {
        var life = Life(1)
        live(&life)
        let world = try World()
        try world.apply(life)
        return try world.ask("/api/complaints/\(life.code)")
    }

    @Test("each kind with who, to whom, why and until when; nothing is left out")
    func lines() throws {
        let life = Life.whole(words: "话", with: Self.other)
        let world = try World()
        try world.apply(life)
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.column("timeline", "type") == life.facts.map(\.event.kind.rawValue))
        func line(_ kind: ComplaintEvent.Kind, _ path: String) -> String? {
            let index = life.facts.firstIndex { $0.event.kind == kind } ?? -1
            return reply.string("timeline.\(index).\(path)")
        }
        let expected: [(ComplaintEvent.Kind, String, String)] = [
            (.assigned, "to.id", "low"), (.assigned, "reason", "nearest"),
            (.assigned, "due", Life.due.accept.description),
            (.warned, "to.id", "low"), (.warned, "deadline", "accept"),
            (.warned, "due", Life.due.accept.description),
            (.escalated, "from.id", "low"), (.escalated, "to.id", "high"), (.escalated, "deadline", "accept"),
            (.unreached, "from.id", "low"), (.unreached, "to.id", "high"),
            (.lapsed, "from.id", "high"), (.lapsed, "deadline", "accept"),
            (.lapsed, "due", Life.due.accept.description),
            (.urged, "by.role", "citizen"), (.urged, "text", "话"), (.urged, "words", "shown"),
            (.supervised, "to.name.zh", "市河长办"), (.supervised, "from.id", "high"),
            (.supervised, "due", Life.later.description),
            (.transferred, "by.name.zh", "低"), (.transferred, "from.id", "low"), (.transferred, "text", "话"),
            (.edited, "by.title", "区河长办"), (.edited, "category.name.zh", "oil"), (.edited, "text", "话"),
            (.extended, "due", Life.later.description), (.extended, "by.role", "office"),
            (.resolved, "to.name.zh", "排水"), (.resolved, "due", Life.later.description),
            (.verified, "by.role", "checker"), (.verified, "by.name.zh", "排水"),
            (.verified, "text", "话"),
            (.unchecked, "from.id", "sewers"), (.unchecked, "to.id", "city"),
            (.unchecked, "due", Life.later.description),
            (.rated, "text", "话"), (.reopened, "to.id", "high"), (.reopened, "reason", "rated"),
            (.parted, "reason", "closed"),
            (.joined, "follower", Self.other.code.description),
            (.merged, "into", Self.other.code.description), (.merged, "text", "话"),
            (.informed, "into", Self.other.code.description), (.informed, "about", "received"),
            (.withheld, "reason", "accusation"), (.withheld, "passage.part", "all"),
            (.withheld, "by.role", "office"), (.withheld, "text", "话"), (.released, "text", "话"),
            (.released, "passage.part", "all"), (.erased, "by.role", "system"),
            (.closed, "due", Life.later.description), (.rejected, "reason", "handled-elsewhere"),
        ]
        for (kind, path, value) in expected { #expect(line(kind, path) == value, "\(kind) \(path)") }
        let supervised = life.facts.firstIndex { $0.event.kind == .supervised } ?? -1
        #expect(reply.number("timeline.\(supervised).order") == 1)
        let verified = life.facts.indices.filter { life.facts[$0].event.kind == .verified }
        #expect(verified.map { reply["timeline.\($0).passed"] as? Bool } == [false, true])
        let reopened = life.facts.indices.filter { life.facts[$0].event.kind == .reopened }
        #expect(reopened.map { reply.string("timeline.\($0).reason") } == ["rated", "asked"])
        #expect(reopened.map { reply.string("timeline.\($0).text") } == [nil, "话"])
    }

    @Test("what is said with a bad grade is shown once, with the grade")
    func once() throws {
        let reply = try shown { life in
            life.assign()
            life.resolve()
            life.rate(.dissatisfied, "还是老样子")
        }
        #expect(reply.string("timeline.3.text") == "还是老样子")
        #expect(reply.string("timeline.4.type") == "reopened")
        #expect(reply.isNull("timeline.4.text") && reply.isNull("timeline.4.words"))
        #expect(reply.text.components(separatedBy: "还是老样子").count == 2)
    }

    @Test("news of the complaint that it is part of bring the words that were said there")
    func informed() throws {
        var (life, target) = (Life(1), Life(2))
        life.assign()
        life.merge(into: target)
        target.assign()
        target.resolve("已截流")
        life.inform(of: target)
        let world = try World()
        try world.apply(life)
        #expect(try world.ask("/api/complaints/\(life.code)").string("timeline.3.words") == "erased")
        try world.apply(target)
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("timeline.3.about") == "resolved")
        #expect(reply.string("timeline.3.text") == "已截流")
        #expect(reply.strings("timeline.3.media") == ["https://example.org/after.jpg"])
    }

    // MARK: Marks

    @Test("marks stand beside the state while it is open, the most pressing first, and hide it never")
    func marks() throws {
        var life = Life(1)
        let world = try World()
        func now() throws -> [String] {
            try world.apply(life)
            let reply = try world.ask("/api/complaints/\(life.code)")
            return (reply.strings("marks") ?? []) + [reply.string("status") ?? "none"]
        }
        life.assign()
        life.warn()
        #expect(try now() == ["at-risk", "assigned"])
        life.accept()
        #expect(try now() == ["accepted"])
        life.warn(.resolve)
        life.urge()
        #expect(try now() == ["at-risk", "urged", "accepted"])
        life.extend("雨")
        #expect(try now() == ["urged", "accepted"])
        life.warn(.resolve)
        life.add(.escalated(.init(deadline: .resolve, due: Life.due.resolve, from: Life.low, to: Life.high)))
        #expect(try now() == ["overdue", "urged", "accepted"])
        life.assign(to: Life.high, why: .escalated)
        life.warn()
        life.supervise()
        #expect(try now() == ["supervised", "overdue", "urged", "assigned"])
        life.resolve(checker: Life.sewers)
        #expect(try now() == ["supervised", "overdue", "urged", "verifying"])
        life.verify(passed: false)
        #expect(try now() == ["supervised", "overdue", "urged", "returned"])
        life.assign(why: .unverified)
        #expect(try now() == ["supervised", "overdue", "urged", "assigned"])
        life.resolve()
        #expect(try now() == ["resolved"])
        life.reopen()
        life.assign(why: .reopened)
        #expect(try now() == ["assigned"])
    }

    @Test("a checker's delay makes no complaint overdue")
    func checkersDelay() throws {
        let reply = try shown { life in
            life.assign()
            life.resolve(checker: Life.sewers)
            life.pass()
            life.reopen()
        }
        #expect(reply.string("status") == "returned" && reply.isNull("checker"))
        #expect(reply.strings("marks") == [])
    }

    // MARK: States

    @Test("what is being checked says by whom and until when, is open, and can be asked for")
    func verifying() throws {
        var life = Life(1)
        life.assign()
        life.resolve(checker: Life.sewers)
        let world = try World()
        try world.apply(life)
        var reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("status") == "verifying" && reply.string("checker.name.zh") == "排水")
        #expect(reply.string("due.verify") == Life.later.description)
        #expect(try world.ask("/api/complaints?status=verifying").count("complaints") == 1)
        #expect(try world.reader.counts(of: .river)["canal"]?.open == 1)
        life.verify(passed: true)
        try world.apply(life)
        reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("status") == "resolved" && reply.isNull("checker") && reply.isNull("due.verify"))
        #expect(try world.ask("/api/complaints?status=verifying").count("complaints") == 0)
        #expect(try world.reader.counts(of: .river)["canal"]?.open == 0)
    }

    @Test("a correction moves it: the category, the place, and the counts of what it is about")
    func edited() throws {
        var life = Life(1)
        life.assign(reach: "canal.east")
        let world = try World()
        try world.apply(life)
        #expect(try world.reader.counts(of: .reach)["canal.east"]?.complaints == 1)
        life.edit(Correction(category: Town.id("oil"), place: Town.at(120.9, 30.9)), "是油")
        life.assign(to: Life.high, reach: "canal.west", why: .edited)
        try world.apply(life)
        let counts = try world.reader.counts(of: .reach)
        #expect(counts["canal.east"]?.complaints == 0 && counts["canal.east"]?.open == 0)
        #expect(counts["canal.west"]?.complaints == 1 && counts["canal.west"]?.open == 1)
        #expect(try world.reader.counts(of: .river)["canal"]?.complaints == 1)
        for (query, count) in [("category=oil", 1), ("category=odour", 0), ("reach=canal.west", 1)] {
            #expect(try world.ask("/api/complaints?\(query)").count("complaints") == count, "\(query)")
        }
        let reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("category.code") == "oil" && reply.number("place.longitude") == 120.9)
    }

    @Test("more time and an order move the dates")
    func dates() throws {
        let extended = try shown { life in
            life.assign()
            life.extend("雨")
        }
        #expect(extended.string("due.accept") == Life.due.accept.description)
        #expect(extended.string("due.resolve") == Life.later.description)
        let ordered = try shown { life in
            life.assign()
            life.supervise()
        }
        #expect(ordered.string("due.accept") == Life.later.description)
    }

    @Test("a merged one points to the other, and the other back; one that parted no more")
    func merged() throws {
        var (life, target) = (Life(1), Life(2))
        life.assign()
        life.merge(into: target)
        target.join(life)
        let world = try World()
        try world.apply(life, target)
        var reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("status") == "merged" && reply.string("into") == target.code.description)
        let back = try world.ask("/api/complaints/\(target.code)")
        #expect(back.strings("followers") == [life.code.description] && back.isNull("into"))
        life.part()
        life.assign(why: .parted)
        try world.apply(life)
        reply = try world.ask("/api/complaints/\(life.code)")
        #expect(reply.string("status") == "assigned" && reply.isNull("into"))
    }

    @Test("a department that has left the registry keeps its name in the timeline")
    func formerDepartment() throws {
        var life = Life(1)
        life.assign(to: Life.sewers)
        life.add(.accepted(.init(by: Actor(role: .department, id: "sewers"))))
        let world = try World()
        try world.apply(life)
        try world.apply([Record(.registry, key: "department/sewers", nil)])
        #expect(try world.ask("/api/complaints/\(life.code)").string("timeline.2.by.name.zh") == "排水")
    }
}
