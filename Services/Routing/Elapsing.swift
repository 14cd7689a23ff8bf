import Models

/// What silence leads to.
extension Decider {
    /// Works off what is due: one step for each deadline, however long nobody looked. A deadline that has
    /// passed is acted upon and not warned of any more.
    func elapsed(on complaint: Complaint, _ decision: inout Decision) {
        let passed = complaint.running.filter { $0.at <= now }.min { $0.at < $1.at }
        if let passed { return miss(complaint, passed.deadline, due: passed.at, &decision) }
        for warning in complaint.warnings where warning.at <= now {
            guard let last = complaint.assignment else { continue }
            let due = warning.deadline == .accept ? last.due.accept : last.due.resolve
            decision.record(.warned(.init(deadline: warning.deadline, due: due, assignee: last.assignee)))
        }
    }

    private func miss(_ complaint: Complaint, _ deadline: Deadline, due: Instant, _ decision: inout Decision)
    {
        switch deadline {
        case .close: close(complaint, .init(by: .system, reason: .elapsed), &decision)
        case .verify: passOverChecker(complaint, due: due, &decision)
        case .accept, .resolve: escalate(complaint, deadline, due: due, &decision)
        }
    }

    /// Silence has a consequence: the complaint goes one level up, and at the top the city's office orders it
    /// to be done (督办), again with each deadline that passes.
    private func escalate(
        _ complaint: Complaint, _ deadline: Deadline, due: Instant, _ decision: inout Decision
    ) {
        guard let last = complaint.assignment else { return }
        let superior = hierarchy.superior(of: last.assignee, in: last.region)
        decision.record(.escalated(.init(deadline: deadline, due: due, from: last.assignee, to: superior)))
        let fresh = self.due(complaint.matter, in: last.region)
        if let superior {
            let keepsResolve = deadline == .accept && last.due.resolve > fresh.accept
            let next =
                keepsResolve
                ? Due(
                    accept: fresh.accept, resolve: last.due.resolve, acceptAtRisk: fresh.acceptAtRisk,
                    resolveAtRisk: last.due.resolveAtRisk)
                : fresh
            hand(complaint, to: superior, why: .escalated, due: next, &decision)
        }
        let holder = superior ?? last.assignee
        guard hierarchy.isTop(holder, in: last.region) else { return }
        decision.record(
            .supervised(
                .init(
                    order: complaint.orders + 1, by: holder, over: last.assignee,
                    due: rules.ordered(fresh, from: now))))
    }

    /// A checker who says nothing holds up nobody: an office is told, and the citizen is asked what he sees.
    private func passOverChecker(_ complaint: Complaint, due: Instant, _ decision: inout Decision) {
        if let checker = complaint.checker, let region = complaint.assignment?.region {
            let superior = hierarchy.superior(of: checker, in: region)
            decision.record(.escalated(.init(deadline: .verify, due: due, from: checker, to: superior)))
        }
        verify(complaint, .system, .unchecked, nil, [], &decision)
    }
}
