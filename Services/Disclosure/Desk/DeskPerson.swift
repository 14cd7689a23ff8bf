import Models

/// An official at his desk: what is his, what lies below him, and what he may see.
struct DeskPerson: Sendable {
    let actor: Actor
    let registry: Registry
    let now: Instant

    /// Which complaints his list shows.
    enum Scope: Equatable, Sendable {
        case everything
        /// Complaints in these regions, or that these officials have.
        case part(regions: Set<RegionID>, owners: Set<String>)
    }

    /// What he must do himself: what he has, and what those have for whom he stands in today.
    var own: Set<String> {
        switch Official(actor) {
        case .chief(let id):
            // Somebody who is away without a deputy has his own complaints all the same.
            Set(
                registry.chiefs.keys.filter { $0 == id || registry.standIn(for: $0, at: now)?.id == id }
                    .map { Official.chief($0).description })
        case let official?: [official.description]
        case nil: []
        }
    }

    /// His own, and what lies below him: for an office its region and those in it, for a chief the chiefs
    /// below him.
    var scope: Scope {
        switch Official(actor) {
        case .office(let id):
            id == registry.topRegion
                ? .everything : .part(regions: registry.regions(within: id), owners: own)
        case .chief(let id):
            .part(
                regions: [],
                owners: own.union(
                    registry.chiefs.keys.filter { registry.superiors(of: $0).contains(id) }
                        .map { Official.chief($0).description }))
        case .department, nil: .part(regions: [], owners: own)
        }
    }

    /// In which roles he may act on this complaint; empty if it is none of his. Routing decides in the end
    /// (`Rights`), by the same rules.
    func roles(on complaint: PublicComplaint) -> [Role] {
        switch Official(actor) {
        case .chief(let id): return isInCharge(id, of: complaint) ? [.chief] : []
        case .office(let id): return isOffice(id, over: complaint) ? [.office] : []
        case .department(let id):
            let isHolder = isOf(complaint.assignee, .department, id.rawValue)
            let isChecker = isOf(complaint.checker, .department, id.rawValue)
            return (isHolder ? [.department] : []) + (isChecker ? [.checker] : [])
        case nil: return []
        }
    }

    /// Whoever may act may call the complainant back. If he wished to stay anonymous, only an office learns
    /// who he is.
    func maySeeContact(of complaint: PublicComplaint, isAnonymous: Bool) -> Bool {
        let roles = roles(on: complaint)
        return isAnonymous ? roles.contains(.office) : !roles.isEmpty
    }

    /// The assigned chief, whoever stands in for him today, and all his superiors.
    private func isInCharge(_ id: ChiefID, of complaint: PublicComplaint) -> Bool {
        guard let assignee = complaint.assignee, assignee.kind == .chief else { return false }
        if assignee.id == id.rawValue { return true }
        guard let assigned = ChiefID(assignee.id) else { return false }
        return registry.standIn(for: assigned, at: now)?.id == id
            || registry.superiors(of: assigned).contains(id)
    }

    /// The office of the region, and those of the regions above it.
    private func isOffice(_ id: RegionID, over complaint: PublicComplaint) -> Bool {
        if isOf(complaint.assignee, .office, id.rawValue) { return true }
        guard let region = complaint.region else { return false }
        return registry.regionChain(from: region).contains { $0.id == id }
    }

    private func isOf(_ assignee: Assignee?, _ kind: Assignee.Kind, _ id: String) -> Bool {
        assignee.map { $0.kind == kind && $0.id == id } ?? false
    }
}
