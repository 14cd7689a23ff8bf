import Models

struct ComplaintSummary: Encodable, Sendable {
    /// What stands beside a status and never hides it. Urging (催办) and supervising (督办) have no event yet, so
    /// nothing sets them.
    enum Mark: String, Encodable, Sendable {
        case overdue, urged, supervised
    }

    struct CategoryReference: Encodable, Sendable {
        let code: CategoryCode
        let name: Name
    }

    let trackingCode: String
    let status: ComplaintStatus
    let marks: [Mark]
    let category: CategoryReference
    /// Redacted; null where it is withheld.
    @OrNull var text: String?
    let place: Coordinate
    @OrNull var address: String?
    @OrNull var river: Reference?
    @OrNull var reach: Reference?
    let receivedAt: Instant
    let updatedAt: Instant
    @OrNull var assignee: Assignee?
    @OrNull var grade: Grade?

    init(_ complaint: PublicComplaint, _ gazetteer: Gazetteer) {
        trackingCode = complaint.code.description
        status = complaint.status
        marks = complaint.isOverdue ? [.overdue] : []
        let code = complaint.category
        category = CategoryReference(
            code: code,
            name: gazetteer.registry.categories[code]?.name ?? Name(zh: code.rawValue, en: code.rawValue))
        text = complaint.text
        place = complaint.place
        address = complaint.address
        river = complaint.river.map(gazetteer.reference)
        reach = complaint.reach.map(gazetteer.reference)
        receivedAt = complaint.receivedAt
        updatedAt = complaint.updatedAt
        assignee = complaint.assignee
        grade = complaint.grade
    }
}

struct ComplaintList: Encodable, Sendable {
    let complaints: [ComplaintSummary]
    @OrNull var next: String?

    /// `found` holds one more than was asked for where there is more.
    init(_ found: [PublicComplaint], limit: Int, _ gazetteer: Gazetteer) {
        complaints = found.prefix(limit).map { ComplaintSummary($0, gazetteer) }
        let last = found.count > limit ? found.prefix(limit).last : nil
        next = last.map { Cursor(after: $0).description }
    }
}

struct ComplaintAnswer: Encodable, Sendable {
    struct DueDates: Encodable, Sendable {
        @OrNull var accept: Instant?
        @OrNull var resolve: Instant?
    }

    let summary: ComplaintSummary
    let media: [String]
    let due: DueDates
    let timeline: [TimelineAnswer]

    private enum CodingKeys: CodingKey { case media, due, timeline }

    init(_ complaint: PublicComplaint, _ timeline: [TimelineEntry], _ gazetteer: Gazetteer) {
        summary = ComplaintSummary(complaint, gazetteer)
        media = complaint.media
        due = DueDates(accept: complaint.due?.accept, resolve: complaint.due?.resolve)
        let known = timeline.compactMap(\.to).reduce(into: [:]) { $0[$1.id] = $1 }
        self.timeline = timeline.map { TimelineAnswer($0, gazetteer, known) }
    }

    func encode(to encoder: any Encoder) throws {
        try summary.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(media, forKey: .media)
        try container.encode(due, forKey: .due)
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
    let type: ComplaintEvent.Kind
    @OrNull var text: String?
    @OrNull var by: By?
    @OrNull var to: Assignee?
    let media: [String]
    @OrNull var grade: Grade?
    @OrNull var reason: String?
    @OrNull var deadline: Deadline?
    /// The tracking code of the complaint that goes on in place of this one.
    @OrNull var into: String?

    /// - Parameter known: whoever the complaint was assigned to, for those who have left the registry since.
    init(_ entry: TimelineEntry, _ gazetteer: Gazetteer, _ known: [String: Assignee]) {
        at = entry.at
        type = entry.type
        text = entry.text
        by = entry.by.map { Self.by($0, gazetteer.registry, known) }
        to = entry.to
        media = entry.media
        grade = entry.grade
        reason = entry.reason
        deadline = entry.deadline
        into = entry.into?.description
    }

    private static func by(_ actor: Actor, _ registry: Registry, _ known: [String: Assignee]) -> By {
        guard let id = actor.id else { return By(role: actor.role) }
        switch actor.role {
        case .citizen, .system: return By(role: actor.role)
        case .chief:
            if let chief = ChiefID(id).flatMap({ registry.chiefs[$0] }) {
                return By(role: .chief, name: chief.name, title: chief.title, level: chief.level)
            }
            return By(role: .chief, name: known[id]?.name, title: known[id]?.title, level: known[id]?.level)
        case .office:
            guard let region = RegionID(id).flatMap({ registry.regions[$0] }) else {
                return By(role: .office)
            }
            return By(role: .office, name: region.name, title: region.dutyOffice, level: region.level)
        case .department, .checker:
            return By(role: actor.role, name: DepartmentID(id).flatMap { registry.departments[$0] }?.name)
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
