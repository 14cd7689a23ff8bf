import Models
import Text

/// What became of the words that were said; null if nothing was said.
enum WordsState: String, CaseIterable, JSONWritable, Sendable {
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

struct ComplaintSummary: JSONWritable, Sendable {
    let found: WithWords<ListedComplaint>
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) { json.object(writeFields) }

    func writeFields(to json: inout JSONWriter) {
        let complaint = found.value
        json.fields(written: complaint.fields)
        json.field("category", CategoryReference(complaint.category, gazetteer))
        json.field("river", orNull: complaint.river.map(gazetteer.reference))
        json.field("reach", orNull: complaint.reach.map(gazetteer.reference))
        json.field("region", orNull: complaint.region.map(gazetteer.reference))
        json.field("words", orNull: found.said.state)
        // The parts of them that the public does not see.
        json.field("withheld", found.hidden)
        // The text after redaction.
        json.field("text", orNull: found.said.words?.text)
        json.field("address", orNull: found.said.words?.address)
        // Addresses of pictures; those that were uploaded have a thumbnail at `…/small`.
        json.field("media", found.said.words?.addresses() ?? [])
    }
}

struct CategoryReference: JSONWritable {
    let code: CategoryCode
    let name: Name

    init(_ code: CategoryCode, _ gazetteer: Gazetteer) {
        self.code = code
        name = gazetteer.registry.categories[code]?.name ?? Name(zh: code.rawValue, en: code.rawValue)
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("code", code)
            json.field("name", name)
        }
    }
}

struct ComplaintList: JSONWritable, Sendable {
    let complaints: [ComplaintSummary]
    let next: Cursor?

    /// If there are more than `limit` complaints, `found` holds one more than that.
    init(_ found: [WithWords<ListedComplaint>], limit: Int, _ gazetteer: Gazetteer) {
        complaints = found.prefix(limit).map { ComplaintSummary(found: $0, gazetteer: gazetteer) }
        next = found.count > limit ? found.prefix(limit).last.map { Cursor(after: $0.value) } : nil
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complaints", complaints)
            json.field("next", orNull: next?.description)
        }
    }
}

struct ComplaintAnswer: JSONWritable, Sendable {
    let found: WithWords<PublicComplaint>
    let timeline: [WithWords<TimelineEntry>]
    /// How many numbers follow it.
    let follows: Int
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) { json.object(writeFields) }

    func writeFields(to json: inout JSONWriter) {
        let complaint = found.value
        ComplaintSummary(found: found.map(ListedComplaint.init), gazetteer: gazetteer).writeFields(to: &json)
        json.field("due", DueDates(complaint: complaint))
        json.field("checker", orNull: complaint.checker)
        // The tracking codes of the complaint that continues this one, and of those that were merged into
        // this one.
        json.field("into", orNull: complaint.into?.description)
        json.field("followers", complaint.followers.map(\.description))
        // How many people wish to hear of it.
        json.field("follows", follows)
        json.field("timeline", entries)
    }

    private var entries: [TimelineAnswer] {
        let known = timeline.flatMap { [$0.value.to, $0.value.from].compactMap { $0 } }
            .reduce(into: [:]) { $0["\($1.kind.rawValue)/\($1.id)"] = $1 }
        return timeline.map { TimelineAnswer(found: $0, gazetteer: gazetteer, known: known) }
    }

    private struct DueDates: JSONWritable {
        let complaint: PublicComplaint

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("accept", orNull: complaint.due?.accept)
                json.field("resolve", orNull: complaint.due?.resolve)
                json.field("verify", orNull: complaint.verifyBy)
            }
        }
    }
}

struct TimelineAnswer: JSONWritable, Sendable {
    let found: WithWords<TimelineEntry>
    let gazetteer: Gazetteer
    /// The former assignees of the complaint, for those who have left the registry since.
    let known: [String: Assignee]

    func write(to json: inout JSONWriter) {
        let entry = found.value
        json.object { json in
            json.field("at", entry.at)
            json.field("version", entry.version)
            json.field("type", entry.type)
            json.field("words", orNull: found.said.state)
            // The parts of them that the public does not see.
            json.field("withheld", found.hidden)
            // The text after redaction.
            json.field("text", orNull: found.said.words?.text)
            json.field("by", orNull: entry.by.map { Self.by($0, gazetteer.registry, known) })
            // Who got the complaint, or who must act on it.
            json.field("to", orNull: entry.to)
            // Who had it before, or who missed the deadline.
            json.field("from", orNull: entry.from)
            json.field("media", found.said.words?.addresses() ?? [])
            json.field("grade", orNull: entry.grade)
            json.field("reason", orNull: entry.reason)
            // What a checker found.
            json.field("passed", orNull: entry.passed)
            json.field("deadline", orNull: entry.deadline)
            json.field("due", orNull: entry.due)
            json.field("order", orNull: entry.order)
            json.field("category", orNull: entry.category.map { CategoryReference($0, gazetteer) })
            // The tracking code of the complaint that continues this one.
            json.field("into", orNull: entry.into?.description)
            // The tracking code of the complaint that was merged into this one.
            json.field("follower", orNull: entry.follower?.description)
            // What happened to the complaint that this one was merged into.
            json.field("about", orNull: entry.about)
            // The passage that an office withheld or released.
            json.field("passage", orNull: entry.passage)
            // True for a note between offices; the public has none.
            json.field("internal", entry.isInternal)
            // The reaches among which Routing chose, the chosen one first; the public is not told.
            json.field("candidates", entry.candidates.map { $0.map { CandidateAnswer($0, gazetteer) } })
        }
    }

    private struct CandidateAnswer: JSONWritable {
        let reach: Reference
        let metres: Double

        init(_ candidate: Candidate, _ gazetteer: Gazetteer) {
            reach = gazetteer.reference(candidate.reach)
            metres = candidate.distanceMetres
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("reach", reach)
                json.field("metres", metres.rounded())
            }
        }
    }

    /// An official by name, everybody else by role: a citizen is never identified.
    private struct By: JSONWritable {
        let role: Role
        var name: Name? = nil
        var title: String? = nil
        var level: Level? = nil
        /// Which person of an office it was; only officials are told.
        var clerk: Name? = nil

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("clerk", clerk)
                json.field("role", role)
                json.field("name", orNull: name)
                json.field("title", orNull: title)
                json.field("level", orNull: level)
            }
        }
    }

    private static func by(_ actor: Actor, _ registry: Registry, _ known: [String: Assignee]) -> By {
        guard let id = actor.id else { return By(role: actor.role) }
        // A checker is a department in another role.
        let kind = actor.role == .checker ? Role.department : actor.role
        let former = known["\(kind.rawValue)/\(id)"]
        switch actor.role {
        case .citizen, .follower, .system: return By(role: actor.role)
        case .chief:
            if let chief = ChiefID(id).flatMap({ registry.chiefs[$0] }) {
                return By(role: .chief, name: chief.name, title: chief.title, level: chief.level)
            }
            return By(role: .chief, name: former?.name, title: former?.title, level: former?.level)
        case .office:
            guard let region = RegionID(id).flatMap({ registry.regions[$0] }) else {
                return By(role: .office, name: former?.name, level: former?.level)
            }
            let clerk = actor.clerk.map {
                registry.clerks[$0]?.name ?? Name(zh: $0.rawValue, en: $0.rawValue)
            }
            return By(
                role: .office, name: region.name, title: region.dutyOffice, level: region.level, clerk: clerk)
        case .department, .checker:
            let department = DepartmentID(id).flatMap { registry.departments[$0] }
            return By(role: actor.role, name: department?.name ?? former?.name)
        }
    }
}

/// The categories in their groups; groups and categories are in the order of their identifiers.
struct CategoryList: JSONWritable {
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        let sorted = gazetteer.registry.categories.values.sorted { $0.code < $1.code }
        let groups = Dictionary(grouping: sorted, by: \.group).sorted { $0.key.en < $1.key.en }
        json.object { $0.field("groups", groups.map { Group(name: $0.key, categories: $0.value) }) }
    }

    private struct Group: JSONWritable {
        let name: Name
        let categories: [Category]

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("name", name)
                json.field("categories", categories.map(Entry.init))
            }
        }
    }

    private struct Entry: JSONWritable {
        let category: Category

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("code", category.code)
                json.field("name", category.name)
                json.field("urgency", category.urgency.rawValue)
                // Whether a report that a complaint is resolved needs a photo.
                json.field("requiresPhoto", category.requiresPhoto)
            }
        }
    }
}
