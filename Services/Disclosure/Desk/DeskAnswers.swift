import HTTP
import Links
import Models
import Text

/// A question of an official, and the data to answer it from.
struct DeskAsked {
    let request: Request
    let reader: Reader
    let gazetteer: Gazetteer
    let session: DeskProof
    let person: DeskPerson

    private static let searchCharacters = 100

    // MARK: Who asks

    func me() throws -> DeskMe {
        DeskMe(
            session: session, person: person, registry: gazetteer.registry, regions: try regions(),
            today: today)
    }

    /// Which regions he is offered: those that are his, and those where something open lies that he sees.
    func regions() throws -> Set<RegionID> {
        let known = gazetteer.registry.regions
        return person.regions.union(
            try reader.deskRegions(person.scope, isOpen: true).filter { known[$0] != nil })
    }

    /// The day of the person's region.
    private var today: Range<Instant> {
        let zone = zone
        let day = zone.day(at: person.now)
        return zone.start(of: day)..<zone.start(of: day.adding(days: 1))
    }

    /// The clocks of the person's region.
    var zone: Zone {
        let registry = gazetteer.registry
        let region = Official(person.actor).flatMap { registry.region(of: $0) } ?? registry.topRegion
        return region.map { registry.zone(in: $0) } ?? .beijing
    }

    // MARK: The list

    func list(most: Int, preset: Int) throws -> DeskList {
        var question = Question(request)
        let limit = question.limit(preset: preset, most: most)
        let places = try reader.desk(try filter(&question, limit: limit + 1))
        let found = try places.prefix(limit).compactMap { place in
            try reader.complaint(place.code).map { found in
                try entry(found, due: place.due == DeskTable.never ? nil : found.value.nextDue)
            }
        }
        var counts = try reader.deskCounts(
            person.scope, own: person.own, person: person.key, today: today, gazetteer.registry)
        let regions = try regions()
        counts.regions = counts.regions.filter { id, _ in RegionID(id).map(regions.contains) ?? false }
        return DeskList(
            complaints: found, next: places.count > limit ? places[limit - 1] : nil,
            counts: counts, news: try reader.arrivals().id)
    }

    /// Where all that the list would show stands in it, for a table that is written bit by bit.
    func places() throws -> [DeskCursor] {
        var question = Question(request)
        let limit = question.number("limit", in: 1...Int.max) ?? .max
        return try reader.desk(try filter(&question, limit: limit))
    }

    /// The rows of these places, without complaints that are not there any more.
    func rows(_ places: some Sequence<DeskCursor>) throws -> [[String]] {
        try places.compactMap { place in
            try reader.complaint(place.code).map { DeskRows.row($0, gazetteer) }
        }
    }

    /// What the address asks for; faults of `question` are among those that are thrown.
    private func filter(_ question: inout Question, limit: Int) throws -> DeskFilter {
        let registry = gazetteer.registry
        var filter = DeskFilter(scope: person.scope, limit: limit)
        let whose: Whose? = question.choice("whose")
        if whose == .mine { filter.owners = person.own }
        filter.statuses = Set(question.choices("status"))
        filter.categories = Set(
            question.list("category", "a category of the registry") { text in
                CategoryCode(text).flatMap { registry.categories[$0]?.code }
            })
        filter.river = question.value("river", "a river of the registry") { text in
            RiverID(text).flatMap { registry.rivers[$0]?.id }
        }
        filter.isOverdue = question.flag("overdue")
        filter.isSupervised = question.flag("supervised")
        if question.flag("today") { filter.due = today }
        if question.flag("unread") { (filter.unreadBy, filter.owners) = (person.key, person.own) }
        let region = question.region(of: registry)
        if let region { filter.regions = registry.regions(within: region) }
        filter.text = question.value("q", "a text of at most \(Self.searchCharacters) characters") { text in
            text.unicodeScalars.count <= Self.searchCharacters ? text : nil
        }
        filter.after = question.value("after", "a cursor that we gave") { DeskCursor($0) }
        try question.check()
        try refuseUnknown(Self.parameters)
        if let region { try refuseForeign(region) }
        return filter
    }

    private func entry(_ found: WithWords<PublicComplaint>, due: Instant?) throws -> DeskEntry {
        DeskEntry(
            found: found, due: due, roles: person.roles(on: found.value), isUnread: try isUnread(found.value),
            gazetteer: gazetteer)
    }

    /// What is somebody else's to do is no news to him.
    private func isUnread(_ complaint: PublicComplaint) throws -> Bool {
        guard let owner = complaint.owner, person.own.contains(owner.description) else { return false }
        return try reader.isUnread(complaint.code, by: person.key)
    }

    enum Whose: String, CaseIterable {
        case mine
        /// His own, and what lies below him.
        case all
    }

    private static let parameters: Set<String> = [
        "whose", "status", "category", "river", "overdue", "supervised", "today", "unread", "region", "q",
        "after", "limit",
    ]

    /// Who misspells a filter must not get everything.
    func refuseUnknown(_ known: Set<String>) throws(Problem) {
        let unknown = request.query.keys.filter { !known.contains($0) && $0 != DeskGate.parameter }.sorted()
        guard unknown.isEmpty else {
            throw Problem(
                status: 400, detail: "A parameter is unknown.",
                errors: unknown.map { Problem.FieldFault($0, "is unknown") })
        }
    }

    /// Nobody must take what he may not see for what did not happen. Where he has seen something, he may ask
    /// even when all of it is closed: a bookmark must not break then, and figures count what is closed.
    func refuseForeign(_ region: RegionID) throws {
        let isHis = person.regions.contains(region)
        guard try isHis || reader.deskRegions(person.scope, isOpen: false).contains(region) else {
            throw Problem(
                status: 403, detail: "This region is not yours, nor does anything lie there that you see.",
                type: "urn:dayu:foreign-region")
        }
    }

    // MARK: One complaint

    private func known() throws -> (WithWords<PublicComplaint>, roles: [Role]) {
        let code = try Question(request).trackingCode()
        guard let complaint = try reader.complaint(code) else { throw Problem.unknown("complaint") }
        let roles = person.roles(on: complaint.value)
        guard !roles.isEmpty else {
            throw Problem(status: 403, detail: "This complaint is not yours, nor of anybody below you.")
        }
        return (complaint, roles)
    }

    func complaint() throws -> DeskComplaint {
        let (found, roles) = try known()
        let code = found.value.code
        let isAnonymous = try reader.isAnonymous(code)
        let contact: DeskComplaint.ContactState =
            !(try reader.hasContact(code))
            ? .none : person.maySeeContact(of: found.value, isAnonymous: isAnonymous) ? .given : .hidden
        return DeskComplaint(
            answer: ComplaintAnswer(
                found: found, timeline: try reader.timeline(of: code), follows: try reader.follows(of: code),
                gazetteer: gazetteer),
            roles: roles, contact: contact, isAnonymous: isAnonymous,
            isUnread: try isUnread(found.value),
            messages: try reader.messages(about: code))
    }

    /// The complaints of a number, among those whose contact he may see. Whoever finds one knows its contact,
    /// so it counts as a view.
    func find(_ number: CallableNumber) throws -> (list: DeskFound, views: [ContactViewed]) {
        var found: [WithWords<PublicComplaint>] = []
        for code in try reader.complaints(of: number) where found.count <= Self.foundAtMost {
            guard let one = try reader.complaint(code),
                try person.maySeeContact(of: one.value, isAnonymous: reader.isAnonymous(code))
            else { continue }
            found.append(one)
        }
        let hasMore = found.count > Self.foundAtMost
        found = Array(found.prefix(Self.foundAtMost))
        let entries = try found.map { try entry($0, due: $0.value.nextDue) }
        let views = found.map { ContactViewed(complaint: $0.value.code, by: person.actor) }
        return (DeskFound(complaints: entries, hasMore: hasMore), views)
    }

    /// The newest ones; each of them is a view on the log.
    private static let foundAtMost = 100

    /// Nil if he has seen all that happened to it: then nothing needs to be written down.
    func opened() throws -> ComplaintOpened? {
        let (found, _) = try known()
        return try isUnread(found.value)
            ? ComplaintOpened(complaint: found.value.code, by: person.actor) : nil
    }

    func contact() throws -> (contact: Contact, view: ContactViewed) {
        let (found, _) = try known()
        let code = found.value.code
        guard person.maySeeContact(of: found.value, isAnonymous: try reader.isAnonymous(code)) else {
            throw Problem(status: 403, detail: "Who complained wished to stay anonymous before you.")
        }
        guard let contact = try reader.contact(of: code) else { throw Problem.unknown("contact") }
        return (contact, ContactViewed(complaint: code, by: person.actor))
    }
}

struct DeskMe: JSONWritable {
    let session: DeskProof
    let person: DeskPerson
    let registry: Registry
    let regions: Set<RegionID>
    let today: Range<Instant>

    func write(to json: inout JSONWriter) {
        let actor = session.person
        json.object { json in
            json.field("role", actor.role)
            json.field("id", actor.id)
            // What a page says in `Dayu-Desk`, so that it acts for nobody else.
            json.field("key", actor.deskPerson ?? "")
            switch Official(actor) {
            case .chief(let id):
                writeAbsences(of: id, to: &json)
                json.field("name", registry.chiefs[id]?.name)
                json.field("title", registry.chiefs[id]?.title)
                json.field("level", registry.chiefs[id]?.level)
            case .office(let id):
                json.field("name", registry.regions[id]?.name)
                json.field("title", registry.regions[id]?.dutyOffice)
                json.field("clerk", actor.clerk.flatMap { registry.clerks[$0]?.name })
            case .department(let id): json.field("name", registry.departments[id]?.name)
            case nil: break
            }
            // Of which he may ask.
            json.field("regions", regions.map(\.rawValue).sorted())
            json.field("expiresAt", session.expiresAt)
            json.field("dayEndsAt", today.upperBound)
        }
    }

    /// His leaves from today on, and those for whom he stands in today.
    private func writeAbsences(of id: ChiefID, to json: inout JSONWriter) {
        guard let chief = registry.chiefs[id] else { return }
        let day = registry.zone(in: chief.region).day(at: today.lowerBound)
        json.field(
            "absences",
            chief.absences.filter { $0.to >= day }.sorted { $0.from < $1.from }
                .map { AbsenceAnswer(absence: $0, registry: registry) })
        json.field(
            "standsInFor",
            registry.chiefs.values.filter {
                $0.id != id && registry.standIn(for: $0.id, at: today.lowerBound)?.id == id
            }.sorted { $0.id < $1.id }.map { Reference($0.id.rawValue, $0.name) })
    }
}

private struct AbsenceAnswer: JSONWritable {
    let absence: Absence
    let registry: Registry

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("from", absence.from.description)
            json.field("to", absence.to.description)
            json.field(
                "deputy", orNull: absence.deputy.map { Reference($0.rawValue, registry.chiefs[$0]?.name) })
        }
    }
}

/// A complaint in the list of a desk.
struct DeskEntry: JSONWritable, Sendable {
    let found: WithWords<PublicComplaint>
    let due: Instant?
    let roles: [Role]
    let isUnread: Bool
    let gazetteer: Gazetteer

    func write(to json: inout JSONWriter) {
        json.object { json in
            ComplaintSummary(found: found.map(ListedComplaint.init), gazetteer: gazetteer).writeFields(
                to: &json)
            // When the next step is due, and in which roles he may act on it.
            json.field("nextDue", orNull: due)
            json.field("roles", roles)
            // Whether it has news that he has not seen.
            json.field("unread", isUnread)
        }
    }
}

struct DeskList: JSONWritable, Sendable {
    let complaints: [DeskEntry]
    let next: DeskCursor?
    let counts: DeskCounts
    /// From where on news are not in this list (`DeskArrivals`).
    let news: String

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complaints", complaints)
            json.field("next", orNull: next?.description)
            json.field("counts", Counts(counts: counts))
            json.field("news", news)
        }
    }

    private struct Counts: JSONWritable {
        let counts: DeskCounts

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("all", counts.all)
                json.field("mine", counts.mine)
                json.field("unread", counts.unread)
                json.field("today", counts.dueToday)
                json.field("overdue", counts.overdue)
                json.field("supervised", counts.supervised)
                json.field("statuses", Entry.all(counts.statuses))
                json.field("categories", Entry.all(counts.categories))
                json.field("rivers", Entry.all(counts.rivers))
                json.field("regions", Entry.all(counts.regions))
            }
        }
    }

    private struct Entry: JSONWritable {
        let name: String
        let count: Int

        static func all(_ counts: [String: Int]) -> [Entry] {
            counts.sorted { $0.key < $1.key }.map { Entry(name: $0.key, count: $0.value) }
        }

        func write(to json: inout JSONWriter) {
            json.object { json in
                json.field("id", name)
                json.field("count", count)
            }
        }
    }
}

struct DeskFound: JSONWritable, Sendable {
    let complaints: [DeskEntry]
    /// Whether the number has older ones, which are left out.
    let hasMore: Bool

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("complaints", complaints)
            json.field("more", hasMore)
        }
    }
}

struct DeskComplaint: JSONWritable, Sendable {
    enum ContactState: String, JSONWritable, Sendable {
        /// He may look at it, and that is written down.
        case given
        /// Who complained wished to stay anonymous before him.
        case hidden
        case none
    }

    let answer: ComplaintAnswer
    let roles: [Role]
    let contact: ContactState
    let isAnonymous: Bool
    let isUnread: Bool
    /// Who was told of it by SMS, and what became of that.
    let messages: [DeskMessage]

    func write(to json: inout JSONWriter) {
        json.object { json in
            answer.writeFields(to: &json)
            json.field("roles", roles)
            json.field("contact", contact)
            json.field("anonymous", isAnonymous)
            json.field("unread", isUnread)
            json.field("messages", messages)
        }
    }
}

/// The list of a desk as a table for a spreadsheet. It has no contact.
enum DeskRows {
    static let head = [
        "code", "status", "category", "river", "reach", "region", "assignee", "received", "due", "overdue",
        "supervised", "text", "address",
    ]

    static func row(_ found: WithWords<PublicComplaint>, _ gazetteer: Gazetteer) -> [String] {
        let complaint = found.value
        let words = found.said.words
        return [
            complaint.code.description, complaint.status.rawValue,
            gazetteer.registry.categories[complaint.category]?.name.zh ?? complaint.category.rawValue,
            complaint.river.map { gazetteer.reference($0).name.zh } ?? "",
            complaint.reach.map { gazetteer.reference($0).name.zh } ?? "",
            complaint.region.map { gazetteer.reference($0).name.zh } ?? "",
            complaint.assignee?.name.zh ?? "", complaint.receivedAt.description,
            complaint.nextDue?.description ?? "", complaint.isLate ? "yes" : "",
            complaint.order > 0 ? "yes" : "", words?.text ?? "", words?.address ?? "",
        ]
    }
}
