import Geo
import Models
import Open311
import Text

/// The language of names and notes.
enum Language: String, CaseIterable, Sendable {
    case zh, en
}

extension Name {
    fileprivate func text(in language: Language) -> String { language == .zh ? zh : en }
}

/// Where this server is found, and what it can (GeoReport v2, "Service Discovery").
struct DiscoveryAnswer {
    let city: Name
    let facts: API.Facts

    /// When these endpoints last changed.
    private static let changeset = "2026-11-30T00:00:00Z"

    var document: Document {
        let types = Format.allCases.map { format in
            Document.Content.text(String(format.mediaType.prefix { $0 != ";" }))
        }
        let endpoint: Document.Content = .fields([
            .init("specification", "http://wiki.open311.org/GeoReport_v2"),
            .init("url", facts.site + GeoReport.base), .init("changeset", Self.changeset),
            // Invented data announce themselves with a notice.
            .init("type", facts.notice == nil ? "production" : "test"),
            .init("formats", .list(of: "format", types)),
        ])
        return Document(
            "discovery",
            .fields([
                .init("changeset", Self.changeset),
                .init("contact", "\(city.zh) \(city.en): \(facts.site)/about"),
                .init("key_service", "Ask the office for a gateway's key: \(facts.site)/about"),
                .init("endpoints", .list(of: "endpoint", [endpoint])),
            ]))
    }
}

struct ServiceAnswer {
    let category: Category
    let language: Language

    var content: Document.Content {
        .fields([
            .init("service_code", category.code.rawValue),
            .init("service_name", category.name.text(in: language)),
            .init("description", "\(category.group.text(in: language)): \(category.name.text(in: language))"),
            .init("metadata", true), .init("type", "realtime"),
            .init("keywords", "\(category.name.zh),\(category.name.en)"),
            .init("group", category.group.text(in: language)),
        ])
    }
}

/// What one may say about a request besides the standard's own fields.
struct DefinitionAnswer {
    let category: Category
    let registry: Registry
    let language: Language

    var document: Document {
        let rivers = registry.rivers.values.sorted { $0.id < $1.id }.map { river -> Document.Content in
            .fields([.init("key", river.id.rawValue), .init("name", river.name.text(in: language))])
        }
        let asset = registry.said(.asset)
        let question = Name(zh: "哪条\(asset.zh)（不确定可不填）", en: "Which \(asset.en) (if you know)")
        let hint = Name(zh: "从列表中选择", en: "Choose from the list")
        let attribute: Document.Content = .fields([
            .init("variable", true), .init("code", "river"), .init("datatype", "singlevaluelist"),
            .init("required", false), .init("datatype_description", hint.text(in: language)),
            .init("order", 1.0), .init("description", question.text(in: language)),
            .init("values", .list(of: "value", rivers)),
        ])
        return Document(
            "service_definition",
            .fields([
                .init("service_code", category.code.rawValue),
                .init("attributes", .list(of: "attribute", [attribute])),
            ]))
    }
}

struct RequestAnswer {
    let found: WithWords<PublicComplaint>
    /// Nil if it was not asked for.
    let timeline: [WithWords<TimelineEntry>]?
    let gazetteer: Gazetteer
    let language: Language
    /// The site's address, below which our pictures are found.
    let site: String

    var content: Document.Content {
        let complaint = found.value
        let category = gazetteer.registry.categories[complaint.category]
        let fields: [Document.Field] = [
            .init("service_request_id", complaint.code.description),
            .init("status", (complaint.status.isOpen ? RequestStatus.open : .closed).rawValue),
            .init("status_notes", complaint.status.name.text(in: language)),
            .init("service_name", category?.name.text(in: language) ?? complaint.category.rawValue),
            .init("service_code", complaint.category.rawValue),
            .init("description", found.said.words?.text),
            .init("agency_responsible", complaint.assignee.map(name)),
            .init("service_notice", nil as String?),
            .init("requested_datetime", complaint.receivedAt.description),
            .init("updated_datetime", complaint.updatedAt.description),
            .init(
                "expected_datetime", complaint.status.isOpen ? complaint.due?.resolve.description : nil),
            .init("address", found.said.words?.address ?? water),
            .init("address_id", nil as String?), .init("zipcode", nil as String?),
            .init("lat", complaint.place?.latitude), .init("long", complaint.place?.longitude),
            .init("media_url", found.said.words?.addresses(at: site).first),
        ]
        return .fields(fields + (timeline.map(extensions) ?? []))
    }

    /// The registry has titles in Chinese only.
    private func name(of assignee: Assignee) -> String {
        let title = language == .zh ? assignee.title : nil
        return [title, assignee.name.text(in: language)].compactMap(\.self).joined(separator: " ")
    }

    /// Where there is no other address, the water is one.
    private var water: String? {
        (found.value.reach.map(gazetteer.reference) ?? found.value.river.map(gazetteer.reference))?
            .name.text(in: language)
    }

    /// What the standard has no field for: the status among our own, the marks, the place in the city, and
    /// what happened.
    private func extensions(_ timeline: [WithWords<TimelineEntry>]) -> [Document.Field] {
        let complaint = found.value
        let addresses = found.said.words?.addresses(at: site) ?? []
        let attributes: [Document.Field] = [
            .init("state", complaint.status.rawValue),
            .init("marks", .list(of: "mark", complaint.marks.map { .text($0.rawValue) })),
            .init("river", complaint.river?.rawValue), .init("reach", complaint.reach?.rawValue),
            .init("region", complaint.region?.rawValue), .init("grade", complaint.grade?.rawValue),
            .init("media_urls", .list(of: "media_url", addresses.map { .text($0) })),
        ]
        let notes = timeline.map { entry -> Document.Content in
            .fields([
                .init("datetime", entry.value.at.description),
                .init("description", entry.said.words?.text), .init("type", entry.value.type.rawValue),
            ])
        }
        return [
            .init("extended_attributes", .fields(attributes)), .init("notes", .list(of: "note", notes)),
        ]
    }
}

/// A step of a request (mySociety's extension "servicerequestupdates").
struct UpdateAnswer {
    let update: Reader.Update
    let language: Language
    let site: String

    /// The action that Intake took, as it told its sender (`Open311API` in Intake). A client that posted the
    /// update so knows it again.
    private var action: String? {
        let prefix = "dayu-intake/action/"
        guard let words = update.words, let cause = try? WordsKey(words).cause, cause.hasPrefix(prefix) else {
            return nil
        }
        return String(cause.dropFirst(prefix.count))
    }

    var content: Document.Content {
        let (code, entry) = (update.code.description, update.entry.value)
        return .fields([
            .init("update_id", action ?? "\(code).\(entry.version)"), .init("service_request_id", code),
            .init("status", update.status.updateStatus), .init("updated_datetime", entry.at.description),
            .init("description", update.entry.said.words?.text ?? update.status.name.text(in: language)),
            .init("media_url", update.entry.said.words?.addresses(at: site).first),
            .init("external_status_code", update.status.rawValue),
        ])
    }
}

extension ComplaintStatus {
    /// The status as mySociety's clients know it.
    fileprivate var updateStatus: String {
        switch self {
        case .received, .returned: "OPEN"
        case .assigned: "ACTION_SCHEDULED"
        case .accepted: "IN_PROGRESS"
        case .verifying: "INVESTIGATING"
        case .resolved: "FIXED"
        case .closed: "CLOSED"
        case .rejected: "NO_FURTHER_ACTION"
        case .merged: "DUPLICATE"
        }
    }

    fileprivate var name: Name {
        switch self {
        case .received: Name(zh: "已收到", en: "Received")
        case .assigned: Name(zh: "已派单，待受理", en: "Assigned, not yet accepted")
        case .accepted: Name(zh: "办理中", en: "Being handled")
        case .verifying: Name(zh: "待查验", en: "Resolved, to be checked")
        case .resolved: Name(zh: "已办结，待评价", en: "Resolved, to be rated")
        case .returned: Name(zh: "退回，待重新派单", en: "Came back, to be assigned again")
        case .closed: Name(zh: "已结案", en: "Closed")
        case .rejected: Name(zh: "不予受理", en: "Rejected")
        case .merged: Name(zh: "已并入另一件投诉", en: "Continued as another complaint")
        }
    }
}
