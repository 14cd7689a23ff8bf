import Models
import Processing
import Testing

@testable import Routing

@Suite("Who may do what, and when")
struct RightsTests {
    /// One row for each verb, one column for each status; in a cell stands who may: c a citizen, h the chief
    /// who has it, d the department that has it, o the region's office, k its checker, s the system.
    private static let table = """
        verb     received assigned accepted verifying resolved returned closed rejected merged
        accept   -        hdo      -        -         -        -        -      -        -
        note     cos      chdos    chdos    chdoks    chdos    chdos    -      -        -
        urge     -        co       co       -         -        -        -      -        -
        transfer -        hdo      hdo      -         -        -        -      -        -
        resolve  -        hdo      hdo      -         -        -        -      -        -
        verify   -        -        -        ko        -        -        -      -        -
        rate     -        -        -        -         c        -        -      -        -
        reopen   -        -        -        -         co       -        co     -        -
        reject   -        o        o        -         -        -        -      -        -
        merge    -        o        o        -         -        -        -      -        -
        edit     -        o        o        -         -        -        -      -        -
        extend   -        o        o        -         -        -        -      -        -
        close    o        o        o        o         o        o        -      -        -
        withhold o        o        o        o         o        o        o      o        o
        release  o        o        o        o         o        o        o      o        o
        raise    -        s        s        s         -        -        -      -        -
        erase    s        s        s        s         s        s        s      s        s
        join     s        s        s        s         s        s        s      s        s
        part     -        -        -        -         -        -        -      -        s
        inform   -        -        -        -         -        -        -      -        s
        """

    private static let letters: [Character: Role] = [
        "c": .citizen, "h": .chief, "o": .office, "d": .department, "k": .checker, "s": .system,
        // Nobody who follows a complaint may do anything to it.
        "f": .follower,
    ]

    struct Cell: Sendable, CustomTestStringConvertible {
        let status: ComplaintStatus
        let role: Role
        let verb: ComplaintAction.Name
        let isAllowed: Bool

        var testDescription: String { "\(role) \(verb) \(status)" }
    }

    static let cells: [Cell] = {
        let lines = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let statuses = lines[0].dropFirst().compactMap(ComplaintStatus.init(rawValue:))
        return lines.dropFirst().flatMap { line -> [Cell] in
            guard let verb = ComplaintAction.Name(rawValue: line[0]) else { return [] }
            return zip(statuses, line.dropFirst()).flatMap { status, marks in
                letters.map { letter, role in
                    Cell(status: status, role: role, verb: verb, isAllowed: marks.contains(letter))
                }
            }
        }
    }()

    @Test("who follows a complaint may do nothing to it")
    func follower() throws {
        var story = Story()
        try story.submit()
        let follower = Actor(role: .follower, id: "AAECAwQFBgcICQoLDA0ODw")
        #expect(try story.act(.note(isPublic: true), by: follower) == .declined(.role))
    }

    @Test("for the citizen only the gateway speaks that brought the complaint")
    func teller() throws {
        let note = ComplaintAction.Verb.note(isPublic: true)
        for (brought, speaks, isHeard) in [
            ("app", "app", true), ("app", "other", false), (nil, "app", false), ("app", nil, true),
        ] as [(String?, String?, Bool)] {
            var story = Story()
            try story.submit(Story.submission(gateway: brought))
            let heard = try story.act(note, by: .citizen, gateway: speaks.map { City.id($0) })
            #expect(isHeard ? heard.kinds == [.noted] : heard == .declined(.notInCharge))
        }
    }

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
        let complaint = try complaint(cell.status, for: cell.role)
        let id: String? =
            switch cell.role {
            case .chief: "village"
            case .office: "district"
            case .department: "enforcement"
            case .checker: "monitors"
            case .citizen, .follower, .system: nil
            }
        let heard = decide(complaint, Actor(role: cell.role, id: id), verb(cell.verb, on: complaint))
        #expect(heard.isAllowed == cell.isAllowed, "\(cell.testDescription): \(heard)")
        #expect(heard.versions == Array(complaint.version + 1..<complaint.version + 1 + heard.versions.count))
        // Where it ends is what the table in the code says, and where that says nothing it stays.
        let row = try #require(Life.table.first { $0.verb == cell.verb })
        if let status = heard.status {
            #expect(
                row.to.isEmpty ? status == cell.status : row.to.contains(status), "\(cell.testDescription)")
        }
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
        #expect(try story.act(.resolve) == .declined(.notInCharge))
    }

    @Test("an office acts on what lies in its region, and on nothing else")
    func offices() throws {
        let complaint = try complaint(.assigned)
        for id in ["district", "city"] {
            #expect(decide(complaint, Actor(role: .office, id: id), .accept).isAllowed, "\(id)")
        }
        for id in ["town", "elsewhere", nil] {
            #expect(
                !decide(complaint, Actor(role: .office, id: id), .accept).isAllowed, "\(id ?? "nameless")")
        }
    }

    @Test("another department than the one that has it may do nothing; the one that has it is no checker")
    func departments() throws {
        let assigned = try complaint(.assigned, for: .department)
        #expect(!decide(assigned, Actor(role: .department, id: "monitors"), .accept).isAllowed)
        let verifying = try complaint(.verifying, for: .department)
        #expect(!decide(verifying, Actor(role: .checker, id: "enforcement"), verb(.verify)).isAllowed)
    }

    @Test("the system resolves what a station reported, and no citizen's complaint")
    func stations() throws {
        for (channel, may) in [(Channel.station, true), (.web, false)] {
            var story = Story()
            try story.submit(Story.submission(channel: channel))
            let latest = story.complaint
            let complaint = try #require(latest)
            #expect(decide(complaint, .system, .resolve).isAllowed == may)
            #expect(decide(complaint, .citizen, .urge).isAllowed == !may, "it is no citizen's")
        }
    }

    // MARK: In the making

    struct Heard: CustomStringConvertible {
        let isAllowed: Bool
        let versions: [Int]
        /// Where the complaint stands then; nil where it did not move.
        let status: ComplaintStatus?
        let description: String
    }

    private func decide(_ complaint: Complaint, _ by: Actor, _ verb: ComplaintAction.Verb) -> Heard {
        let routing = Routing(registry: City.registry())
        let action = ComplaintAction(complaint: complaint.code, by: by, verb: verb, words: Story.shown)
        do throws(Refusal) {
            let facts = try routing.decide(
                complaint, .acted(action, Trail(at: Story.start, cause: "now")), at: Story.start + .hours(1),
                caughtUp: false)
            let happened = facts.compactMap { if case .happened(let fact) = $0 { fact } else { nil } }
            let isRefused = facts.contains { if case .refused = $0 { true } else { false } }
            return Heard(
                isAllowed: !facts.isEmpty && !isRefused, versions: happened.map(\.version),
                status: happened.isEmpty ? nil : happened.reduce(complaint, Complaint.evolve)?.status,
                description: "\(facts)")
        } catch {
            return Heard(isAllowed: false, versions: [], status: nil, description: "\(error)")
        }
    }

    private func verb(_ name: ComplaintAction.Name, on complaint: Complaint? = nil) -> ComplaintAction.Verb {
        switch name {
        case .raise:
            .raise(
                over: complaint?.checker.map { Actor(role: .department, id: $0.id) }
                    ?? Actor(role: .chief, id: "village"))
        case .accept: .accept
        case .note: .note(isPublic: false)
        case .urge: .urge
        case .transfer: .transfer(to: .office(City.id("city")))
        case .resolve: .resolve
        case .verify: .verify(passed: false)
        case .rate: .rate(.dissatisfied)
        case .reopen: .reopen
        case .reject: .reject(.notWater)
        case .merge: .merge(into: Self.other)
        case .edit: .edit(Correction(category: City.id("spill")))
        case .extend: .extend(until: Story.start + .days(30))
        case .close: .close
        case .withhold: .withhold(Passage(version: 1, part: .text), .personalData)
        case .release: .release(Passage(version: 1, part: .text))
        case .erase: .erase(until: Story.start)
        case .join: .join(follower: Self.other)
        case .part: .part(.full)
        case .inform: .inform(of: Self.other, event: .resolved, cause: "c")
        }
    }

    private static let other = TrackingCode.named("other")

    /// A complaint that stands there; for a department it is the department's.
    private func complaint(_ status: ComplaintStatus, for role: Role = .chief) throws -> Complaint {
        var story = Story()
        try story.submit(Story.submission(category: role == .department ? "outfall" : "odour"))
        let assigned = story.facts.map(\.event)
        let closesAt = Story.start + .days(7)
        let checker = Assignee(
            kind: .department, id: "monitors", name: City.name("monitors"), level: .city)
        let later: [ComplaintEvent] =
            switch status {
            case .received, .assigned: []
            case .accepted: [.accepted(.init(by: .system))]
            case .verifying:
                [
                    .resolved(
                        .init(by: .system, closesAt: closesAt, checker: checker, verifyBy: closesAt))
                ]
            case .resolved: [.resolved(.init(by: .system, closesAt: closesAt))]
            case .returned:
                [
                    .resolved(.init(by: .system, closesAt: closesAt)),
                    .reopened(.init(by: .citizen, why: .asked)),
                ]
            case .closed: [.closed(.init(by: .system, reason: .office, reopensUntil: closesAt))]
            case .rejected: [.rejected(.init(by: .system, reason: .abuse))]
            case .merged: [.merged(.init(by: .system, into: Self.other))]
            }
        let events = (status == .received ? Array(assigned.prefix(1)) : assigned) + later
        let facts = events.enumerated().map { index, event in
            ComplaintFact(
                complaint: Story.id, version: index + 1,
                trail: Trail(at: Story.start, cause: "before/\(index)"), event: event)
        }
        let complaint = try #require(facts.reduce(nil, Complaint.evolve))
        #expect(complaint.status == status)
        return complaint
    }
}
