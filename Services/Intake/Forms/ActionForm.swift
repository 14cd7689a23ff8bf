import Models
import Text

/// An action as JSON. The HTTP door and the gateways' topics take the same form.
enum ActionForm {
    /// - Throws: a fault for every field that can't be read.
    static func read(_ form: Form) throws(Malformed) -> (draft: ActionDraft, idempotencyKey: String?) {
        var form = form
        let name = form.require(
            "action", form.choice("action", of: ComplaintAction.Name.self, except: Self.internalNames))
        let complaint = code("complaint", &form)
        let by = actor(&form)
        let key = form.idempotencyKey()
        let words = Words(text: form.text("text"), media: form.media("media"))
        // Even if the verb is not known, the words are checked.
        var verb: ComplaintAction.Verb?
        if let name { verb = Self.verb(name, &form) }
        form.add(words.faults)
        if name?.needsWords == true, !form.faults.contains(where: { $0.field == "text" }) {
            form.add(words.missing)
        }
        guard form.faults.isEmpty, let verb else { throw Malformed(form.faults) }
        return (ActionDraft(complaint: complaint, by: by, verb: verb, words: words), key)
    }

    /// Verbs that complaints send each other, and those that only Notification and the operator's command
    /// write.
    private static let internalNames: [ComplaintAction.Name] = [.join, .part, .inform, .raise, .erase]

    /// Nil if a field that the verb needs is missing or wrong; the form has noted the fault.
    private static func verb(_ name: ComplaintAction.Name, _ form: inout Form) -> ComplaintAction.Verb? {
        switch name {
        case .accept: return .accept
        case .note: return .note(isPublic: form.flag("public") ?? true)
        case .urge: return .urge
        case .transfer: return .transfer(to: destination(&form))
        case .resolve: return .resolve
        case .verify:
            return form.require("passed", form.flag("passed")).map { .verify(passed: $0) }
        case .rate: return form.require("grade", form.choice("grade", of: Grade.self)).map { .rate($0) }
        case .reopen: return .reopen
        case .reject:
            let reason = form.choice("reason", of: ComplaintEvent.Rejected.Reason.self)
            return form.require("reason", reason).map { .reject($0) }
        case .merge: return form.require("into", code("into", &form)).map { .merge(into: $0) }
        case .edit: return .edit(correction(&form))
        case .extend: return form.require("until", form.moment("until")).map { .extend(until: $0) }
        case .close: return .close
        case .withhold:
            let reason = form.require("reason", form.choice("reason", of: Passage.Reason.self))
            guard let passage = passage(&form), let reason else { return nil }
            return .withhold(passage, reason)
        case .release: return passage(&form).map { .release($0) }
        case .join, .part, .inform, .raise, .erase: return nil
        }
    }

    /// `"passage": {"version": 1, "part": "text"}`
    private static func passage(_ form: inout Form) -> Passage? {
        guard var within = form.require("passage", form.form("passage")) else { return nil }
        let version = within.require("version", within.number("version"))
        let name = within.require("part", within.text("part"))
        let part = name.flatMap { Passage.Part(rawValue: $0) }
        if name != nil, part == nil {
            within.add("part", "must be all, text or picture-1 to picture-9", .choiceWrong)
        }
        let whole = version.flatMap { Int(exactly: $0) }
        if version != nil, whole == nil { within.add("version", "is not a whole number", .choiceWrong) }
        form.add(within.faults)
        guard let whole, let part else { return nil }
        return Passage(version: whole, part: part)
    }

    private static func code(_ field: String, _ form: inout Form) -> TrackingCode? {
        guard let text = form.text(field) else { return nil }
        if let code = TrackingCode(text) { return code }
        form.add(field, "is not a tracking code", .unknown)
        return nil
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
            form.add("to", "must name exactly one of reach, office and department", .choiceWrong)
        }
        form.add(within.faults)
        return named.first
    }

    private static func correction(_ form: inout Form) -> Correction {
        Correction(
            category: form.id("category", of: Category.self), place: form.place("place").place,
            river: form.id("river", of: River.self), reach: form.id("reach", of: Reach.self))
    }

    private static func actor(_ form: inout Form) -> Actor? {
        guard var within = form.form("by") else { return nil }
        let role = within.choice("role", of: Role.self, except: [.follower, .system])
        let given = within.require("role", role)
        let id = within.text("id")
        if let id, EntityID<Never>(id) == nil { within.add("id", "is not an identifier", .unknown) }
        switch role {
        case .chief, .office, .department, .checker: _ = within.require("id", id)
        case .citizen, .follower, .system, nil: break
        }
        form.add(within.faults)
        return given.map { Actor(role: $0, id: id) }
    }
}
