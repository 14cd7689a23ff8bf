import Models

/// Who is to be told of a fact. A person without a phone is passed over for the one above him, who answers
/// for him.
struct Audience {
    let registry: Registry
    let contact: Contact?

    func recipients(of fact: ComplaintFact) -> [Recipient] {
        switch fact.event {
        case .assigned(let assigned): official(assigned.assignee).map { [$0] } ?? []
        // The one who let it lie is told that it went up; the one above learns it from his assignment.
        case .escalated(let escalated): official(escalated.from).map { [$0] } ?? []
        case .resolved(let resolved):
            // The citizen is told once a checker has seen it.
            resolved.checker == nil
                ? complainant(of: fact.complaint).map { [$0] } ?? []
                : resolved.checker.flatMap(official).map { [$0] } ?? []
        case .verified(let verified):
            verified.outcome == .failed ? [] : complainant(of: fact.complaint).map { [$0] } ?? []
        case .supervised(let supervised):
            [supervised.by, supervised.over].compactMap(official)
        case .warned(let warned): official(warned.assignee).map { [$0] } ?? []
        case .reopened(let reopened): reopened.superior.flatMap(official).map { [$0] } ?? []
        case .received, .accepted, .rejected, .merged, .parted, .informed:
            complainant(of: fact.complaint).map { [$0] } ?? []
        case .noted, .urged, .transferred, .extended, .rated, .edited, .joined, .closed: []
        }
    }

    private func complainant(of complaint: ComplaintID) -> Recipient? {
        contact?.phone.map {
            Recipient(kind: .complainant, id: TrackingCode(complaint).compact, phone: $0)
        }
    }

    private func official(_ assignee: Assignee) -> Recipient? {
        switch assignee.kind {
        case .chief: ChiefID(assignee.id).flatMap(chief)
        case .office: RegionID(assignee.id).flatMap(office)
        case .department:
            DepartmentID(assignee.id).flatMap { registry.departments[$0] }.flatMap { department in
                department.phone.map {
                    Recipient(kind: .department, id: department.id.rawValue, phone: $0)
                } ?? office(department.region)
            }
        }
    }

    private func chief(_ id: ChiefID) -> Recipient? {
        var seen: Set<ChiefID> = []
        var next: ChiefID? = id
        while let id = next, seen.insert(id).inserted, let chief = registry.chiefs[id] {
            if let phone = chief.phone { return Recipient(kind: .chief, id: id.rawValue, phone: phone) }
            next = chief.superior
        }
        return registry.chiefs[id].flatMap { office($0.region) }
    }

    private func office(_ id: RegionID) -> Recipient? {
        registry.regionChain(from: id).lazy.compactMap { region in
            region.dutyPhone.map { Recipient(kind: .office, id: region.id.rawValue, phone: $0) }
        }.first
    }
}
