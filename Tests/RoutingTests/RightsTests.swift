import Models
import Processing
import Testing

@testable import Routing

@Suite("Who may do what, and when")
struct RightsTests {
    /// One row for each status and role, one column for each verb: `x` is allowed.
    private static let table = """
        status   role     accept note resolve rate reopen close
        received citizen  -      x    -       -    -      -
        received chief    -      -    -       -    -      -
        received office   -      x    -       -    -      x
        received system   -      x    -       -    -      -
        assigned citizen  -      x    -       -    -      -
        assigned chief    x      x    x       -    -      -
        assigned office   x      x    x       -    -      x
        assigned system   -      x    -       -    -      -
        accepted citizen  -      x    -       -    -      -
        accepted chief    -      x    x       -    -      -
        accepted office   -      x    x       -    -      x
        accepted system   -      x    -       -    -      -
        resolved citizen  -      x    -       x    x      -
        resolved chief    -      x    -       -    -      -
        resolved office   -      x    -       -    -      x
        resolved system   -      x    -       -    -      -
        closed   citizen  -      -    -       -    -      -
        closed   chief    -      -    -       -    -      -
        closed   office   -      -    -       -    -      -
        closed   system   -      -    -       -    -      -
        rejected citizen  -      -    -       -    -      -
        rejected chief    -      -    -       -    -      -
        rejected office   -      -    -       -    -      -
        rejected system   -      -    -       -    -      -
        merged   citizen  -      -    -       -    -      -
        merged   chief    -      -    -       -    -      -
        merged   office   -      -    -       -    -      -
        merged   system   -      -    -       -    -      -
        """

    struct Cell: Sendable, CustomTestStringConvertible {
        let status: ComplaintStatus
        let role: Role
        let verb: ComplaintAction.Name
        let isAllowed: Bool

        var testDescription: String { "\(role) \(verb) \(status)" }
    }

    static let cells: [Cell] = {
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let verbs = lines[0].dropFirst(2).compactMap(ComplaintAction.Name.init(rawValue:))
        return lines.dropFirst().flatMap { line in
            zip(verbs, line.dropFirst(2)).compactMap { verb, mark in
                guard let status = ComplaintStatus(rawValue: line[0]), let role = Role(rawValue: line[1])
                else {
                    return nil
                }
                return Cell(status: status, role: role, verb: verb, isAllowed: mark == "x")
            }
        }
    }()

    @Test("the table has a cell for every status, role and verb there is")
    func complete() {
        let names = Set(Self.cells.map(\.testDescription))
        #expect(
            names.count == ComplaintStatus.allCases.count * Role.allCases.count
                * ComplaintAction.Name.allCases.count)
        #expect(Self.cells.count == names.count)
    }

    @Test("every cell of it is what the core decides", arguments: cells)
    func cell(_ cell: Cell) throws {
        let complaint = try complaint(cell.status)
        let id: String? =
            switch cell.role {
            case .chief: "village"
            case .office: "district"
            case .citizen, .system: nil
            }
        let heard = decide(complaint, Actor(role: cell.role, id: id), verb(cell.verb))
        #expect(heard.isAllowed == cell.isAllowed, "\(cell.testDescription): \(heard)")
        #expect(heard.versions == Array(complaint.version + 1..<complaint.version + 1 + heard.versions.count))
    }

    @Test("the chiefs above the assigned one may act for him; others and the nameless may not")
    func chiefs() throws {
        let complaint = try complaint(.assigned)
        for id in ["village", "town", "district", "city"] {
            #expect(decide(complaint, Actor(role: .chief, id: id), .accept).isAllowed, "\(id)")
        }
        for id in ["stranger", "", nil] {
            #expect(!decide(complaint, Actor(role: .chief, id: id), .accept).isAllowed, "\(id ?? "nobody")")
        }
    }

    @Test("the one below may not act once it went up")
    func below() throws {
        var story = Story()
        try story.submit()
        try story.wait(.hours(4))
        guard case .refused(let reason) = try story.act(.resolve(text: "done", media: [])) else {
            Issue.record("the chief it was taken from resolved it")
            return
        }
        #expect(reason.contains("chief") && reason.contains("resolve"))
    }

    // MARK: In the making

    struct Heard: CustomStringConvertible {
        let isAllowed: Bool
        let versions: [Int]
        let description: String
    }

    private func decide(_ complaint: Complaint, _ by: Actor, _ verb: ComplaintAction.Verb) -> Heard {
        let routing = Routing(registry: City.registry())
        let action = ComplaintAction(complaint: complaint.id, by: by, verb: verb)
        do throws(Refusal) {
            let facts = try routing.decide(
                complaint, .acted(action, cause: "now", traceparent: nil), at: Story.start + .hours(1),
                caughtUp: false)
            return Heard(
                isAllowed: !facts.isEmpty, versions: facts.map(\.version),
                description: "\(facts.map(\.event.kind))")
        } catch {
            return Heard(isAllowed: false, versions: [], description: "\(error)")
        }
    }

    private func verb(_ name: ComplaintAction.Name) -> ComplaintAction.Verb {
        switch name {
        case .accept: .accept
        case .note: .note(text: "a", media: [], isPublic: false)
        case .resolve: .resolve(text: "a", media: [])
        case .rate: .rate(.dissatisfied, remark: nil)
        case .reopen: .reopen(reason: "a")
        case .close: .close(reason: nil)
        }
    }

    private func complaint(_ status: ComplaintStatus) throws -> Complaint {
        var story = Story()
        try story.submit()
        let assigned = story.facts.map(\.event)
        let later: [ComplaintEvent] =
            switch status {
            case .received, .assigned: []
            case .accepted: [.accepted(.init(by: .system))]
            case .resolved:
                [.resolved(.init(by: .system, text: "a", media: [], closesAt: Story.start + .days(7)))]
            case .closed: [.closed(.init(by: .system, reason: .office))]
            case .rejected: [.rejected(.init(by: .system, reason: .abuse))]
            case .merged: [.merged(.init(by: .system, into: TrackingCode(Story.id)))]
            }
        let events = (status == .received ? Array(assigned.prefix(1)) : assigned) + later
        let facts = events.enumerated().map { index, event in
            ComplaintFact(
                complaint: Story.id, version: index + 1, at: Story.start, cause: "before/\(index)",
                event: event)
        }
        let complaint = try #require(facts.reduce(nil, Complaint.evolve))
        #expect(complaint.status == status)
        return complaint
    }
}
