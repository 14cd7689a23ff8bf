import Models

/// What a changed registry, or the day on which somebody goes on leave, means for a complaint that is open.
extension Decider {
    /// Whoever has taken the place of the one who has it takes it over, once.
    func review(_ complaint: Complaint, _ decision: inout Decision) {
        guard complaint.status == .assigned || complaint.status == .accepted,
            let last = complaint.assignment, let successor = successor(of: last)
        else { return }
        hand(
            complaint, to: successor.assignee, why: successor.why, due: kept(complaint, last),
            chief: successor.chief, &decision)
    }

    struct Successor: Equatable {
        let assignee: Assignee
        let why: Why
        let chief: ChiefID?
    }

    /// Who has it in place of the one it was assigned to; nil where it is rightly his.
    func successor(of last: ComplaintEvent.Assigned) -> Successor? {
        if let chief = last.chief { return successor(of: chief, last) }
        guard let current = current(last.assignee) else {
            // He is gone, and he was none of the reach's own: whoever stands above the reach's chief.
            let assignee = hierarchy.office(from: last.region)
            return assignee.map { Successor(assignee: $0, why: .replaced, chief: nil) }
        }
        return current == last.assignee ? nil : Successor(assignee: current, why: .replaced, chief: nil)
    }

    /// 1. The reach has another chief now: he, or whoever stands in for him.
    /// 2. The same chief, under another name: himself.
    /// 3. He is away, or can't be told: his deputy, or his superior.
    /// 4. He is back: whoever stood in for him has begun, and goes on.
    private func successor(of chief: ChiefID, _ last: ComplaintEvent.Assigned) -> Successor? {
        guard let reach = last.reach.flatMap({ registry.reaches[$0] }),
            let answering = hierarchy.answering(for: reach)
        else {
            // Nobody answers for the reach any more. The one who has it goes on; one who is gone can't.
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

    /// The same assignee as the registry has him now; nil where it has him no more.
    private func current(_ assignee: Assignee) -> Assignee? {
        switch assignee.kind {
        case .chief: ChiefID(assignee.id).flatMap { registry.chiefs[$0] }.map { Assignee($0) }
        case .department:
            DepartmentID(assignee.id).flatMap { registry.departments[$0] }.map(hierarchy.assignee)
        case .office: RegionID(assignee.id).flatMap { registry.regions[$0] }.map(Assignee.init(officeOf:))
        }
    }
}
