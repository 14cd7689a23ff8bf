import Models

/// What a changed registry, or the day on which somebody goes on leave, means for a complaint that is open.
extension Decider {
    /// If somebody else now answers in the assignee's place, the complaint goes to him, once.
    func review(_ complaint: Complaint, _ decision: inout Decision) {
        guard complaint.status == .assigned || complaint.status == .accepted,
            let last = complaint.assignment, let successor = successor(of: last)
        else { return }
        hand(
            complaint, to: successor.assignee, why: successor.why, due: kept(complaint, last),
            chief: successor.chief, superior: successor.superior, &decision)
    }

    struct Successor: Equatable {
        let assignee: Assignee
        let why: Why
        let chief: ChiefID?
        /// As in `Assigned`.
        var superior: ChiefID?
    }

    /// Who takes it over from the assignee; nil where the assignee keeps it.
    func successor(of last: ComplaintEvent.Assigned) -> Successor? {
        if let chief = last.chief { return successor(of: chief, last) }
        guard let current = current(last.assignee) else {
            // The registry no longer has the assignee. He stood in for a superior, who is still there.
            if let superior = last.superior, let standIn = hierarchy.standIn(for: superior) {
                return Successor(
                    assignee: Assignee(standIn), why: .replaced, chief: nil, superior: superior)
            }
            // Otherwise the office of the region takes over.
            let assignee = hierarchy.office(from: last.region)
            return assignee.map { Successor(assignee: $0, why: .replaced, chief: nil) }
        }
        return current == last.assignee
            ? nil : Successor(assignee: current, why: .replaced, chief: nil, superior: last.superior)
    }

    /// 1. The reach has another chief now: that chief, or whoever stands in for him.
    /// 2. The chief is the same and his entry has changed: the chief as he is now.
    /// 3. The chief is away or has no phone: his deputy, or his superior.
    /// 4. The chief is back: whoever stood in for him has begun and keeps the complaint.
    private func successor(of chief: ChiefID, _ last: ComplaintEvent.Assigned) -> Successor? {
        guard let reach = last.reach.flatMap({ registry.reaches[$0] }),
            let answering = hierarchy.answering(for: reach)
        else {
            // Nobody answers for the reach any more. The assignee keeps it, unless the registry no longer has
            // him.
            guard current(last.assignee) == nil else { return nil }
            return hierarchy.office(from: last.region)
                .map { Successor(assignee: $0, why: .replaced, chief: nil) }
        }
        let next = answering.assignee
        if answering.chief != chief {
            return Successor(assignee: next, why: .replaced, chief: answering.chief)
        }
        guard next != last.assignee else { return nil }
        if next.id == last.assignee.id {
            return Successor(assignee: next, why: .replaced, chief: chief)
        }
        let isBack = next.id == chief.rawValue
        if isBack, current(last.assignee) == last.assignee { return nil }
        return Successor(assignee: next, why: isBack ? .replaced : .deputy, chief: chief)
    }

    /// The assignee as the registry has him now; nil where it no longer has him.
    private func current(_ assignee: Assignee) -> Assignee? {
        switch assignee.kind {
        case .chief: ChiefID(assignee.id).flatMap { registry.chiefs[$0] }.map { Assignee($0) }
        case .department:
            DepartmentID(assignee.id).flatMap { registry.departments[$0] }.map(hierarchy.assignee)
        case .office: RegionID(assignee.id).flatMap { registry.regions[$0] }.map(Assignee.init(officeOf:))
        }
    }
}
