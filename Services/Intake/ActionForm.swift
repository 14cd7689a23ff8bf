import Models

/// An action as it was posted.
enum ActionForm {
    /// - Throws: every fault of every field.
    static func read(_ form: Form, on complaint: ComplaintID) throws(Malformed) -> ComplaintAction {
        var form = form
        let name = form.choice("action", of: ComplaintAction.Name.self)
        let by = actor(&form)
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
        guard form.faults.isEmpty, let asked, let by else { throw Malformed(form.faults) }
        let verb: ComplaintAction.Verb =
            switch asked {
            case .accept: .accept
            case .note: .note(text: text ?? "", media: media, isPublic: isPublic ?? true)
            case .resolve: .resolve(text: text ?? "", media: media)
            case .rate: .rate(grade ?? .neutral, remark: text)
            case .reopen: .reopen(reason: text ?? "")
            case .close: .close(reason: text)
            }
        let action = ComplaintAction(complaint: complaint, by: by, verb: verb)
        guard action.faults.isEmpty else { throw Malformed(action.faults) }
        return action
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
