import Models

/// What a changed registry, or the day on which somebody goes on leave, means for a complaint that is open.
extension Decider {
    /// If somebody else now answers in the assignee's place, the complaint goes to him, once.
    func review(_ complaint: Complaint, _ decision: inout Decision) {
        guard complaint.status == .assigned || complaint.status == .accepted,
            let last = complaint.assignment, let successor = successor(of: last, complaint.ladder)
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
    func successor(of last: ComplaintEvent.Assigned, _ ladder: [ChiefID]) -> Successor? {
        if let chief = last.chief { return successor(of: chief, last, ladder) }
        guard let current = current(last.assignee) else { return heir(of: last, ladder) }
        return current == last.assignee
            ? nil : Successor(assignee: current, why: .replaced, chief: nil, superior: last.superior)
    }

    /// 1. The reach has another chief now: that chief, or whoever stands in for him.
    /// 2. The chief is the same and his entry has changed: the chief as he is now.
    /// 3. The chief is away or has no phone: his deputy, or his superior.
    /// 4. The chief is back: whoever stood in for him has begun and keeps the complaint.
    private func successor(
        of chief: ChiefID, _ last: ComplaintEvent.Assigned, _ ladder: [ChiefID]
    ) -> Successor? {
        guard let reach = last.reach.flatMap({ registry.reaches[$0] }),
            let answering = hierarchy.answering(for: reach)
        else {
            // Nobody answers for the reach any more. The assignee keeps it, unless the registry no longer has
            // him.
            return current(last.assignee) == nil ? heir(of: last, ladder) : nil
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

    /// Who takes it over from an assignee whom the registry no longer has.
    ///
    /// 1. The chief whose turn it is can still be told: he, or whoever stands in for him.
    /// 2. Otherwise whoever comes next: no superior is skipped, and the office of the region comes after
    ///    them.
    private func heir(of last: ComplaintEvent.Assigned, _ ladder: [ChiefID]) -> Successor? {
        if let turn = last.superior ?? last.chief, let standIn = hierarchy.standIn(for: turn) {
            return Successor(
                assignee: Assignee(standIn), why: .replaced, chief: last.superior == nil ? turn : nil,
                superior: last.superior)
        }
        let step =
            last.assignee.kind == .chief
            ? hierarchy.step(above: last.assignee, ladder: ladder, in: last.region, on: last.reach) : nil
        let next = step?.assignee ?? hierarchy.office(from: last.region)
        return next.map {
            Successor(assignee: $0, why: .replaced, chief: nil, superior: step?.superior)
        }
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
