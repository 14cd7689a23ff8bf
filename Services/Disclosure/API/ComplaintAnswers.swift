import Models

/// Where the words stand that were said; null where nothing was said.
enum WordsState: String, CaseIterable, Encodable, Sendable {
    case shown, withheld, erased
}

extension Said {
    var words: Words? { if case .words(let words) = self { words } else { nil } }

    var state: WordsState? {
        switch self {
        case .nothing: nil
        case .words: .shown
        case .withheld: .withheld
        case .erased: .erased
        }
    }
}

struct ComplaintSummary: Encodable, Sendable {
    /// What stands beside a status and never hides it; most pressing first.
    enum Mark: String, CaseIterable, Encodable, Sendable {
        case supervised, overdue
        case atRisk = "at-risk"
        case urged
    }

    struct CategoryReference: Encodable, Sendable {
        let code: CategoryCode
        let name: Name

        init(_ code: CategoryCode, _ gazetteer: Gazetteer) {
            self.code = code
            name =
                gazetteer.registry.categories[code]?.name ?? Name(zh: code.rawValue, en: code.rawValue)
        }
    }

    let trackingCode: String
    let status: ComplaintStatus
    let marks: [Mark]
    let category: CategoryReference
    @OrNull var words: WordsState?
    /// What the public does not see of them.
    let withheld: [Hidden]
    /// Redacted.
    @OrNull var text: String?
    /// Null where the citizen named a water, or only described the place.
    @OrNull var place: Coordinate?
    @OrNull var address: String?
    @OrNull var river: Reference?
    @OrNull var reach: Reference?
    let receivedAt: Instant
    let updatedAt: Instant
    @OrNull var assignee: Assignee?
    @OrNull var grade: Grade?

    init(_ found: WithWords<PublicComplaint>, _ gazetteer: Gazetteer) {
        let complaint = found.value
        trackingCode = complaint.code.description
        status = complaint.status
        marks = complaint.marks
        category = CategoryReference(complaint.category, gazetteer)
        words = found.said.state
        withheld = found.hidden
        text = found.said.words?.text
        place = complaint.place
        address = found.said.words?.address
        river = complaint.river.map(gazetteer.reference)
        reach = complaint.reach.map(gazetteer.reference)
        receivedAt = complaint.receivedAt
        updatedAt = complaint.updatedAt
        assignee = complaint.assignee
        grade = complaint.grade
    }
}

extension PublicComplaint {
    /// They say what is wrong while it is open; what has ended keeps them in its timeline.
    fileprivate var marks: [ComplaintSummary.Mark] {
        guard status.isOpen else { return [] }
        let marks: [(ComplaintSummary.Mark, Bool)] = [
            (.supervised, order > 0), (.overdue, isOverdue), (.atRisk, !atRisk.isEmpty), (.urged, isUrged),
        ]
        return marks.filter(\.1).map(\.0)
    }
}

struct ComplaintList: Encodable, Sendable {
    let complaints: [ComplaintSummary]
    @OrNull var next: String?

    /// `found` holds one more than was asked for where there is more.
    init(_ found: [WithWords<PublicComplaint>], limit: Int, _ gazetteer: Gazetteer) {
        complaints = found.prefix(limit).map { ComplaintSummary($0, gazetteer) }
        let last = found.count > limit ? found.prefix(limit).last : nil
        next = last.map { Cursor(after: $0.value).description }
    }
}

struct ComplaintAnswer: Encodable, Sendable {
    struct DueDates: Encodable, Sendable {
        @OrNull var accept: Instant?
        @OrNull var resolve: Instant?
        @OrNull var verify: Instant?
    }

    let summary: ComplaintSummary
    let media: [String]
    let due: DueDates
    @OrNull var checker: Assignee?
    /// The tracking codes of the complaint that goes on in place of this one, and of those that are part of
    /// it.
    @OrNull var into: String?
    let followers: [String]
    let timeline: [TimelineAnswer]

    private enum CodingKeys: CodingKey { case media, due, checker, into, followers, timeline }

    init(
        _ found: WithWords<PublicComplaint>, _ timeline: [WithWords<TimelineEntry>], _ gazetteer: Gazetteer
    ) {
        let complaint = found.value
        summary = ComplaintSummary(found, gazetteer)
        media = found.said.words?.media ?? []
        due = DueDates(
            accept: complaint.due?.accept, resolve: complaint.due?.resolve, verify: complaint.verifyBy)
        checker = complaint.checker
        into = complaint.into?.description
        followers = complaint.followers.map(\.description)
        let known = timeline.flatMap { [$0.value.to, $0.value.from].compactMap { $0 } }
            .reduce(into: [:]) { $0["\($1.kind.rawValue)/\($1.id)"] = $1 }
        self.timeline = timeline.map { TimelineAnswer($0, gazetteer, known) }
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(media, forKey: .media)
        try container.encode(due, forKey: .due)
        try container.encode(_checker, forKey: .checker)
        try container.encode(_into, forKey: .into)
        try container.encode(followers, forKey: .followers)
        try container.encode(timeline, forKey: .timeline)
    }
}

struct TimelineAnswer: Encodable, Sendable {
    /// An official by name, everybody else by role: a citizen is nobody in particular.
    struct By: Encodable, Sendable {
        let role: Role
        @OrNull var name: Name? = nil
        @OrNull var title: String? = nil
        @OrNull var level: Level? = nil
    }

    let at: Instant
    let version: Int
    let type: ComplaintEvent.Kind
    @OrNull var words: WordsState?
    /// What the public does not see of them.
    let withheld: [Hidden]
    /// Redacted.
    @OrNull var text: String?
    @OrNull var by: By?
    /// To whom it went, or who is to do something about it.
    @OrNull var to: Assignee?
    /// Whose it was, or who let it lie.
    @OrNull var from: Assignee?
    let media: [String]
    @OrNull var grade: Grade?
    @OrNull var reason: String?
    /// What a checker found.
    @OrNull var passed: Bool?
    @OrNull var deadline: Deadline?
    @OrNull var due: Instant?
    @OrNull var order: Int?
    @OrNull var category: ComplaintSummary.CategoryReference?
    /// The tracking code of the complaint that goes on in place of this one.
    @OrNull var into: String?
    /// The tracking code of the complaint that goes on as part of this one.
    @OrNull var follower: String?
    /// What happened to the complaint that this one is part of.
    @OrNull var about: ComplaintEvent.Kind?
    /// What an office withheld or released.
    @OrNull var passage: Passage?

    /// - Parameter known: whoever the complaint was assigned to, for those who have left the registry since.
    init(_ found: WithWords<TimelineEntry>, _ gazetteer: Gazetteer, _ known: [String: Assignee]) {
        let entry = found.value
        at = entry.at
        version = entry.version
        type = entry.type
        words = found.said.state
        withheld = found.hidden
        text = found.said.words?.text
        by = entry.by.map { Self.by($0, gazetteer.registry, known) }
        to = entry.to
        from = entry.from
        media = found.said.words?.media ?? []
        grade = entry.grade
        reason = entry.reason
        passed = entry.passed
        deadline = entry.deadline
        due = entry.due
        order = entry.order
        category = entry.category.map { ComplaintSummary.CategoryReference($0, gazetteer) }
        into = entry.into?.description
        follower = entry.follower?.description
        about = entry.about
        passage = entry.passage
    }

    private static func by(_ actor: Actor, _ registry: Registry, _ known: [String: Assignee]) -> By {
        guard let id = actor.id else { return By(role: actor.role) }
        // A checker is a department in another part.
        let kind = actor.role == .checker ? Role.department : actor.role
        let former = known["\(kind.rawValue)/\(id)"]
        switch actor.role {
        case .citizen, .system: return By(role: actor.role)
        case .chief:
            if let chief = ChiefID(id).flatMap({ registry.chiefs[$0] }) {
                return By(role: .chief, name: chief.name, title: chief.title, level: chief.level)
            }
            return By(role: .chief, name: former?.name, title: former?.title, level: former?.level)
        case .office:
            guard let region = RegionID(id).flatMap({ registry.regions[$0] }) else {
                return By(role: .office, name: former?.name, level: former?.level)
            }
            return By(role: .office, name: region.name, title: region.dutyOffice, level: region.level)
        case .department, .checker:
            let department = DepartmentID(id).flatMap { registry.departments[$0] }
            return By(role: actor.role, name: department?.name ?? former?.name)
        }
    }
}

/// The categories in their groups, both in the order of their identifiers.
struct CategoryList: Encodable, Sendable {
    struct Group: Encodable, Sendable {
        let name: Name
        let categories: [Entry]
    }

    struct Entry: Encodable, Sendable {
        let code: CategoryCode
        let name: Name
        let urgency: Urgency
        /// Whether a report that it is resolved must show it.
        let requiresPhoto: Bool
    }

    let groups: [Group]

    init(_ gazetteer: Gazetteer) {
        let sorted = gazetteer.registry.categories.values.sorted { $0.code < $1.code }
        groups = Dictionary(grouping: sorted, by: \.group).sorted { $0.key.en < $1.key.en }.map {
            name, members in
            Group(
                name: name,
                categories: members.map {
                    Entry(
                        code: $0.code, name: $0.name, urgency: $0.urgency, requiresPhoto: $0.requiresPhoto)
                })
        }
    }
}
