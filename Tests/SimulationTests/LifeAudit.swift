import Models

/// Whether the facts of one complaint are a life that may be led.
struct LifeAudit {
    let complaint: String
    let life: [ComplaintFact]
    let auditor: Auditor
    let marks: Marks

    private struct Standing {
        var status: ComplaintStatus?
        var due: Due?
        var missed: Set<Deadline> = []
        var verifyBy: Instant?
        var closesAt: Instant?
        var reopensUntil: Instant?
        var orders = 0
        /// The chiefs who have had their turn since one of them became responsible.
        var climbed: [ChiefID] = []
        var holder: Assignee?
        var checker: Assignee?
        /// Whether it is known that no message reaches whoever it waits for.
        var isUnreached = false
        /// What must follow at once: the rest of the same decision.
        var owed: Set<ComplaintEvent.Kind> = []
        /// What may follow as part of the same decision.
        var mayFollow: Set<ComplaintEvent.Kind> = []
    }

    func run() {
        var standing = Standing()
        var heads: [String: Int] = [:]
        for (index, fact) in life.enumerated() {
            expect(fact.version == index + 1, "version \(fact.version) stands at place \(index + 1)")
            let isSameCause = index > 0 && fact.cause == life[index - 1].cause
            let isConsequence =
                standing.owed.contains(fact.event.kind)
                || isSameCause && standing.mayFollow.contains(fact.event.kind)
            expect(
                standing.owed.isEmpty || isConsequence,
                "\(fact.event.kind) where \(standing.owed) had to follow")
            if isConsequence, index > 0 {
                expect(
                    fact.cause == life[index - 1].cause,
                    "version \(fact.version) has another cause than its reason")
            } else {
                heads[fact.cause, default: 0] += 1
            }
            (standing.owed, standing.mayFollow) = ([], [])
            follow(fact, &standing)
        }
        for (cause, count) in heads { expect(count == 1, "\(cause) led to \(count) decisions") }
        auditEnd(standing)
    }

    private func expect(_ condition: Bool, _ text: @autoclosure () -> String) {
        auditor.expect(
            condition, "complaint \(complaint): \(text()) in \(life.map { "\($0.version) \($0.event.kind)" })"
        )
    }

    private func follow(_ fact: ComplaintFact, _ standing: inout Standing) {
        let before = standing.status
        let may: Set<ComplaintStatus?>
        let working: Set<ComplaintStatus?> = [.assigned, .accepted]
        let unsettled: Set<ComplaintStatus?> = [.received, .assigned, .accepted, .verifying, .resolved]
        switch fact.event {
        case .received:
            may = [nil]
            standing.status = .received
            standing.owed = [.assigned, .rejected]
        case .assigned(let assigned):
            may = [.received, .returned, .assigned, .accepted]
            standing.status = .assigned
            standing.due = assigned.due
            standing.missed = []
            standing.isUnreached = false
            if assigned.why == .escalated { standing.mayFollow = [.supervised] }
            climb(assigned, &standing)
        case .accepted:
            may = [.assigned]
            standing.status = .accepted
        case .noted: may = unsettled
        case .withheld, .released, .erased: may = Set(ComplaintStatus.allCases)
        case .urged, .warned: may = working
        case .transferred, .edited:
            may = working
            standing.owed = [.assigned]
        case .lapsed(let lapsed):
            may = working
            marks.hit(.lapsed)
            auditMissed(lapsed.deadline, lapsed.due, fact, &standing)
            standing.owed = [.supervised]
        case .escalated(let escalated):
            may = working
            marks.hit(.escalated)
            auditMissed(escalated.deadline, escalated.due, fact, &standing)
            expect(escalated.to != escalated.from, "escalated to the one who let it lie")
            standing.owed = [.assigned]
        case .unreached(let unreached):
            may = working.union([.verifying])
            marks.hit(.unreached)
            expect(
                unreached.official == (before == .verifying ? standing.checker : standing.holder),
                "\(unreached.official.id) can't be reached, and it does not wait for him")
            expect(!standing.isUnreached, "it was known already that nobody can be reached")
            expect(unreached.to != unreached.official, "passed up to the one who can't be reached")
            standing.isUnreached = true
            if unreached.to != nil { standing.owed = [.assigned] }
        case .supervised(let supervised):
            may = working
            marks.hit(.supervised)
            expect(supervised.order == standing.orders + 1, "order \(supervised.order)")
            standing.orders = supervised.order
            standing.due = supervised.due
            standing.missed = []
        case .extended(let extended):
            may = working
            standing.due = standing.due.map { Due(accept: $0.accept, resolve: extended.until) }
            standing.missed.remove(.resolve)
        case .resolved(let resolved):
            may = working
            standing.status = resolved.checker == nil ? .resolved : .verifying
            standing.verifyBy = resolved.verifyBy
            (standing.checker, standing.isUnreached) = (resolved.checker, false)
            standing.closesAt = resolved.closesAt
        case .verified(let verified):
            may = [.verifying]
            marks.hit(.verified)
            standing.status = verified.passed ? .resolved : .returned
            standing.closesAt = verified.closesAt
            if !verified.passed { standing.owed = [.assigned] }
        case .unchecked(let unchecked):
            may = [.verifying]
            marks.hit(.unchecked)
            expect(unchecked.due == standing.verifyBy, "unchecked at a date that is not the check's")
            expect(fact.at >= unchecked.due, "unchecked before the time was over")
            standing.status = .resolved
            standing.closesAt = unchecked.closesAt
        case .rated:
            may = [.resolved]
            standing.owed = [.closed, .reopened]
        case .reopened(let reopened):
            may = [.resolved, .closed]
            if before == .closed, reopened.by.role == .citizen {
                expect(fact.at <= standing.reopensUntil ?? fact.at, "reopened after its time")
            }
            expect(
                (reopened.why == .rated) == (previous(to: fact)?.event.kind == .rated),
                "reopened as \(reopened.why)")
            marks.hit(.reopened)
            standing.status = .returned
            standing.orders = 0
            standing.owed = [.assigned]
        case .rejected:
            may = [.received, .assigned, .accepted]
            standing.status = .rejected
        case .merged:
            may = working
            marks.hit(.merged)
            standing.status = .merged
        case .joined: may = unsettled
        case .parted:
            may = [.merged]
            marks.hit(.parted)
            standing.status = .returned
            standing.owed = [.assigned]
        case .informed:
            may = [.merged]
            marks.hit(.informed)
        case .closed(let closed):
            may = unsettled
            if closed.reason == .elapsed {
                marks.hit(.closedByItself)
                expect(fact.at >= standing.closesAt ?? fact.at, "closed before its time")
            }
            standing.reopensUntil = closed.reopensUntil
            standing.status = .closed
        }
        expect(may.contains(before), "\(fact.event.kind) while \(before?.rawValue ?? "unknown")")
        if let before {
            expect(before.after(fact.event) == standing.status, "\(fact.event.kind) leads elsewhere")
        }
    }

    /// Each superior of the responsible chief has his turn, in order, and before any office. One without a
    /// phone can't be told, and who has it already has it for the next one, too.
    private func climb(_ assigned: ComplaintEvent.Assigned, _ standing: inout Standing) {
        defer { standing.holder = assigned.assignee }
        if let chief = assigned.chief { return standing.climbed = [chief] }
        guard let last = standing.climbed.last else { return }
        var next = Town.registry.chiefs[last]?.superior
        while let id = next, let chief = Town.registry.chiefs[id],
            chief.phone == nil || id.rawValue == standing.holder?.id
        {
            next = chief.superior
        }
        if let superior = assigned.superior {
            expect(
                superior == next || superior == last,
                "\(superior) has it, and it is \(next?.rawValue ?? "no")'s turn")
            standing.climbed.append(superior)
        } else {
            if assigned.why == .escalated || assigned.why == .unreached {
                expect(
                    next == nil, "\(assigned.assignee.id) has it, and it is \(next?.rawValue ?? "")'s turn")
            }
            standing.climbed = []
        }
    }

    /// The fact before it, where both have the same cause.
    private func previous(to fact: ComplaintFact) -> ComplaintFact? {
        life.first { $0.version == fact.version - 1 && $0.cause == fact.cause }
    }

    private func auditMissed(
        _ deadline: Deadline, _ missed: Instant, _ fact: ComplaintFact, _ standing: inout Standing
    ) {
        let due: Instant? =
            switch deadline {
            case .accept: standing.due?.accept
            case .resolve: standing.due?.resolve
            case .verify, .close: nil
            }
        expect(standing.missed.insert(deadline).inserted, "\(deadline) was missed twice")
        expect(missed == due, "\(fact.event.kind) for a deadline that is not the assignment's")
        expect(fact.at >= missed, "\(fact.event.kind) before the deadline")
    }

    /// When everything has come to rest, time has brought every complaint to its end, or to the top, where
    /// order follows order.
    private func auditEnd(_ standing: Standing) {
        expect(standing.owed.isEmpty, "\(standing.owed) never followed")
        switch standing.status {
        case .closed, .rejected, .merged: break
        case .assigned, .accepted: expect(standing.orders > 0, "it waits, and nobody was told")
        case .received, .returned, .verifying, .resolved, nil:
            expect(false, "it is left \(standing.status?.rawValue ?? "nowhere")")
        }
    }
}
