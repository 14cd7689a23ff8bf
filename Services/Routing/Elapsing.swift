import Models

/// What follows when nobody acts in time.
extension Decider {
    /// Takes one step, for the earliest deadline that has passed, however long ago that was. If none has
    /// passed, it warns of each deadline whose warning is due.
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

    /// The complaint goes one level up. Where nobody stands above, the deadline lapses and the complaint
    /// stays. At the top the city's office orders it to be done (督办), and orders it again with each further
    /// deadline that passes.
    private func escalate(
        _ complaint: Complaint, _ deadline: Deadline, due: Instant, _ decision: inout Decision
    ) {
        guard let last = complaint.assignment else { return }
        let step = hierarchy.step(
            above: last.assignee, ladder: complaint.ladder, in: last.region, on: last.reach)
        let fresh = self.due(complaint.matter, in: last.region)
        if let step {
            decision.record(
                .escalated(.init(deadline: deadline, due: due, from: last.assignee, to: step.assignee)))
            let next = deadline == .accept ? renewed(last.due, fresh) : fresh
            hand(
                complaint, to: step.assignee, why: .escalated, due: next, superior: step.superior, &decision)
        } else {
            decision.record(.lapsed(.init(deadline: deadline, due: due, assignee: last.assignee)))
        }
        let holder = step?.assignee ?? last.assignee
        let ladder = decision.complaint?.ladder ?? []
        guard hierarchy.step(above: holder, ladder: ladder, in: last.region, on: last.reach) == nil
        else { return }
        decision.record(
            .supervised(
                .init(
                    order: complaint.orders + 1, by: holder, over: last.assignee,
                    due: rules.ordered(fresh, from: now))))
    }

    /// The next one gets the whole time to accept. The time to resolve stays where enough of it is left.
    private func renewed(_ due: Due, _ fresh: Due) -> Due {
        guard due.resolve > fresh.accept else { return fresh }
        return Due(
            accept: fresh.accept, resolve: due.resolve, acceptAtRisk: fresh.acceptAtRisk,
            resolveAtRisk: due.resolveAtRisk)
    }

    /// A checker who does not answer does not hold up the complaint. The event names whoever stands above
    /// him, and the citizen is asked to judge for himself.
    private func passOverChecker(_ complaint: Complaint, due: Instant, _ decision: inout Decision) {
        guard let checker = complaint.checker else { return }
        let step = complaint.assignment.flatMap { hierarchy.step(above: checker, ladder: [], in: $0.region) }
        decision.record(
            .unchecked(
                .init(checker: checker, due: due, superior: step?.assignee, closesAt: now + rules.closeAfter))
        )
        inform(complaint, of: .resolved, nil, &decision)
    }

    // MARK: Nobody can be reached

    /// Whether it waits for this official, and is not known yet to wait in vain.
    func isWaiting(_ complaint: Complaint, for official: Actor) -> Bool {
        guard !complaint.isUnreached else { return false }
        return switch complaint.status {
        case .assigned, .accepted: complaint.assignment?.assignee.isActor(official) ?? false
        case .verifying: complaint.checker?.isActor(official) ?? false
        case .received, .resolved, .returned, .closed, .rejected, .merged: false
        }
    }

    /// No message reaches the assignee, so the complaint goes one level up at once. At the top it stays, and
    /// the public sees why nothing happens. A check goes on without the checker when its time is over.
    func raise(_ complaint: Complaint, _ decision: inout Decision) {
        guard let last = complaint.assignment else { return }
        if complaint.status == .verifying {
            if let checker = complaint.checker {
                decision.record(.unreached(.init(official: checker, to: nil)))
            }
            return
        }
        let step = hierarchy.step(
            above: last.assignee, ladder: complaint.ladder, in: last.region, on: last.reach)
        decision.record(.unreached(.init(official: last.assignee, to: step?.assignee)))
        guard let step else { return }
        let fresh = due(complaint.matter, in: last.region)
        hand(
            complaint, to: step.assignee, why: .unreached, due: renewed(last.due, fresh),
            superior: step.superior, &decision)
    }
}
