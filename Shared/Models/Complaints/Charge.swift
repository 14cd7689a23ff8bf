/// What decides which officials are in charge of a complaint: who has it, who checks it, and where it lies.
public struct Charge: Hashable, Sendable {
    public let assignee: Assignee?
    /// Who must check whether it is resolved.
    public let checker: Assignee?
    public let region: RegionID?

    public init(assignee: Assignee?, checker: Assignee?, region: RegionID?) {
        self.assignee = assignee
        self.checker = checker
        self.region = region
    }
}

extension Registry {
    /// In which roles an official is in charge; empty: in none.
    ///
    /// Routing decides by it who may act, and the desk who sees what: the two must never differ.
    public func roles(of official: Official, in charge: Charge, at now: Instant) -> [Role] {
        switch official {
        case .chief(let id): isInCharge(id, charge, at: now) ? [.chief] : []
        case .office(let id): isOffice(id, over: charge) ? [.office] : []
        case .department(let id):
            (charge.assignee.isOfficial(.department, id.rawValue) ? [.department] : [])
                + (charge.checker.isOfficial(.department, id.rawValue) ? [.checker] : [])
        }
    }

    /// The assigned chief, whoever stands in for him today, and all his superiors.
    private func isInCharge(_ id: ChiefID, _ charge: Charge, at now: Instant) -> Bool {
        guard let assignee = charge.assignee, assignee.kind == .chief else { return false }
        if assignee.id == id.rawValue { return true }
        guard let assigned = ChiefID(assignee.id) else { return false }
        return standIn(for: assigned, at: now)?.id == id || superiors(of: assigned).contains(id)
    }

    /// The office of the region, and those of the regions above it.
    private func isOffice(_ id: RegionID, over charge: Charge) -> Bool {
        charge.assignee.isOfficial(.office, id.rawValue)
            || charge.region.map { isRegion($0, within: id) } ?? false
    }
}

extension Assignee? {
    fileprivate func isOfficial(_ kind: Assignee.Kind, _ id: String) -> Bool {
        map { $0.kind == kind && $0.id == id } ?? false
    }
}
