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
        /// Of these, only what lies in some regions.
        indirect case within(Set<RegionID>, of: Scope)

        func within(_ regions: Set<RegionID>) -> Scope { .within(regions, of: self) }
    }

    /// He himself, in `desk_opened`.
    var key: String { actor.deskPerson ?? "" }

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

    /// Of which regions he may ask: the region of each whose complaints he sees, and those below it; and the
    /// regions of the reaches that these keep, wherever they lie.
    ///
    /// Somebody may have complaints elsewhere, too (`DeskAsked.regions`).
    var regions: Set<RegionID> {
        switch scope {
        case .everything: return Set(registry.regions.keys)
        case .part(let regions, let owners):
            let officials = Set(owners.compactMap { Official($0) })
            let kept = registry.reaches.values.filter { reach in
                reach.chiefs.contains { officials.contains(.chief($0)) }
            }
            return officials.compactMap { registry.region(of: $0) }
                .reduce(into: regions.union(kept.map(\.region))) {
                    $0.formUnion(registry.regions(within: $1))
                }
        case .within(let regions, _): return regions
        }
    }

    /// In which roles he may act on this complaint; empty if it is none of his. Routing decides in the end,
    /// by the same rule.
    func roles(on complaint: PublicComplaint) -> [Role] {
        Official(actor).map { registry.roles(of: $0, in: complaint.charge, at: now) } ?? []
    }

    /// Whoever may act may call the complainant back. If he wished to stay anonymous, only an office learns
    /// who he is.
    func maySeeContact(of complaint: PublicComplaint, isAnonymous: Bool) -> Bool {
        let roles = roles(on: complaint)
        return isAnonymous ? roles.contains(.office) : !roles.isEmpty
    }
}

extension PublicComplaint {
    fileprivate var charge: Charge { Charge(assignee: assignee, checker: checker, region: region) }
}
