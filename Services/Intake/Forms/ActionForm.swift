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
        let name = form.require(
            "action", form.choice("action", of: ComplaintAction.Name.self, except: Self.internalNames))
        let by = holder ?? Self.actor(&form)
        if holder != nil, form.names.contains("by") { form.add("by", "is said by the link alone") }
        idempotencyKey = form.idempotencyKey(orHeader: header)
        // Where the verb is not known, what there is of text and media is checked as a note's.
        let verb = name.flatMap { Self.verb($0, &form) } ?? Self.note(&form, isRequired: false)
        action = ComplaintAction(complaint: complaint, by: by ?? .citizen, verb: verb)
        let named = Set(form.faults.map(\.field))
        form.add(action.faults.filter { !named.contains($0.field) })
        guard form.faults.isEmpty else { throw Malformed(form.faults) }
    }

    /// What complaints ask of each other.
    private static let internalNames: [ComplaintAction.Name] = [.join, .part, .inform]

    /// Nil where a field that the verb needs is missing or wrong; the form knows which.
    private static func verb(_ name: ComplaintAction.Name, _ form: inout Form) -> ComplaintAction.Verb? {
        switch name {
        case .accept: return .accept
        case .note: return note(&form, isRequired: true)
        case .urge: return .urge(text: form.text("text"))
        case .transfer: return .transfer(to: destination(&form), reason: requiredText(&form))
        case .resolve: return .resolve(text: requiredText(&form), media: form.texts("media"))
        case .verify:
            let passed = form.require("passed", form.flag("passed"))
            let (text, media) = (requiredText(&form), form.texts("media"))
            return passed.map { .verify(passed: $0, text: text, media: media) }
        case .rate:
            let grade = form.require("grade", form.choice("grade", of: Grade.self))
            let remark = form.text("text")
            return grade.map { .rate($0, remark: remark) }
        case .reopen: return .reopen(reason: requiredText(&form))
        case .reject:
            let reason = form.choice("reason", of: ComplaintEvent.Rejected.Reason.self)
            let text = requiredText(&form)
            return form.require("reason", reason).map { .reject($0, text: text) }
        case .merge:
            let into = form.text("into")
            let target = into.flatMap(ComplaintID.init)
            if into != nil, target == nil { form.add("into", "is not the id of a complaint") }
            _ = form.require("into", into)
            return target.map { .merge(into: $0) }
        case .edit: return .edit(correction(&form), reason: requiredText(&form))
        case .extend:
            let until = form.moment("until")
            let reason = requiredText(&form)
            return form.require("until", until).map { .extend(until: $0, reason: reason) }
        case .close: return .close(reason: form.text("text"))
        case .join, .part, .inform: return nil
        }
    }

    private static func note(_ form: inout Form, isRequired: Bool) -> ComplaintAction.Verb {
        let text = isRequired ? requiredText(&form) : form.text("text") ?? "-"
        return .note(text: text, media: form.texts("media"), isPublic: form.flag("public") ?? true)
    }

    private static func requiredText(_ form: inout Form) -> String {
        form.require("text", form.text("text")) ?? ""
    }

    /// `"to": {"reach": "…"}`, or `office` or `department`.
    private static func destination(_ form: inout Form) -> Destination? {
        guard var within = form.form("to") else { return nil }
        let named: [Destination] = [
            within.id("reach", of: Reach.self).map(Destination.reach),
            within.id("office", of: Region.self).map(Destination.office),
            within.id("department", of: Department.self).map(Destination.department),
        ].compactMap(\.self)
        if named.count != 1, within.faults.isEmpty {
            form.add("to", "names one of reach, office, department")
        }
        form.add(within.faults)
        return named.first
    }

    private static func correction(_ form: inout Form) -> Correction {
        Correction(
            category: form.id("category", of: Category.self), place: form.place("place"),
            river: form.id("river", of: River.self), reach: form.id("reach", of: Reach.self))
    }

    private static func actor(_ form: inout Form) -> Actor? {
        guard var within = form.form("by") else {
            _ = form.require("by", Actor?.none)
            return nil
        }
        let role = within.choice("role", of: Role.self, except: [.system])
        let given = within.require("role", role)
        let id = within.text("id")
        if let id, EntityID<Never>(id) == nil { within.add("id", "is not an identifier") }
        switch role {
        case .chief, .office, .department, .checker: _ = within.require("id", id)
        case .citizen, .system, nil: break
        }
        form.add(within.faults)
        return given.map { Actor(role: $0, id: id) }
    }
}
