import Models

/// An action as it was posted.
struct ActionForm: Equatable {
    let action: ComplaintAction
    /// What makes the same request again the same action.
    let idempotencyKey: String?

    /// - Parameter holder: who acts by a link; without one the form says who acts.
    /// - Throws: every fault of every field.
    init(
        _ form: Form, on complaint: ComplaintID, holder: Actor? = nil, idempotencyKey header: String?
    ) throws(Malformed) {
        var form = form
        let name = form.choice("action", of: ComplaintAction.Name.self)
        let by = holder ?? Self.actor(&form)
        if holder != nil, form.names.contains("by") { form.add("by", "is said by the link alone") }
        let text = form.text("text")
        let media = form.texts("media")
        let grade = form.choice("grade", of: Grade.self)
        let isPublic = form.flag("public")
        let asked = form.require("action", name)
        switch asked {
        case .note, .resolve, .reopen: _ = form.require("text", text)
        case .rate: _ = form.require("grade", grade)
        case .accept, .close, nil: break
        }
        idempotencyKey = form.idempotencyKey(orHeader: header)
        let verb: ComplaintAction.Verb =
            switch asked {
            case .accept: .accept
            // Without a verb the texts are checked as a note's.
            case nil: .note(text: text ?? "-", media: media, isPublic: true)
            case .note: .note(text: text ?? "", media: media, isPublic: isPublic ?? true)
            case .resolve: .resolve(text: text ?? "", media: media)
            case .rate: .rate(grade ?? .neutral, remark: text)
            case .reopen: .reopen(reason: text ?? "")
            case .close: .close(reason: text)
            }
        action = ComplaintAction(complaint: complaint, by: by ?? .citizen, verb: verb)
        let named = Set(form.faults.map(\.field))
        form.add(action.faults.filter { !named.contains($0.field) })
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
    }

    private static func actor(_ form: inout Form) -> Actor? {
        guard var within = form.form("by") else {
            _ = form.require("by", Actor?.none)
            return nil
        }
        let role = within.choice("role", of: Role.self)
        let given = within.require("role", role)
        if role == .system { within.add("role", "is not one that a caller can have") }
        let id = within.text("id")
        if let id, EntityID<Never>(id) == nil { within.add("id", "is not an identifier") }
        if role == .chief { _ = within.require("id", id) }
        form.add(within.faults)
        return given.map { Actor(role: $0, id: id) }
    }
}
