import Models

/// Whether the facts of one complaint are a life that may be led.
struct LifeAudit {
    let complaint: String
    let life: [ComplaintFact]
    let auditor: Auditor
    let marks: Marks

    private struct Standing {
        var status: ComplaintStatus?
        var assigned: ComplaintEvent.Assigned?
        var missed: Set<Deadline> = []
        var closesAt: Instant?
        /// What must follow at once: the rest of the same decision.
        var owed: Set<ComplaintEvent.Kind> = []
    }

    func run() {
        var standing = Standing()
        var heads: [String: Int] = [:]
        for (index, fact) in life.enumerated() {
            expect(fact.version == index + 1, "version \(fact.version) stands at place \(index + 1)")
            let isConsequence = standing.owed.contains(fact.event.kind)
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
            standing.owed = []
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
        let open: Set<ComplaintStatus?> = [.received, .assigned, .accepted, .resolved]
        switch fact.event {
        case .received:
            may = [nil]
            standing.status = .received
            standing.owed = [.assigned, .rejected]
        case .assigned(let assigned):
            may = [.received, .assigned, .accepted]
            standing.status = .assigned
            standing.assigned = assigned
            standing.missed = []
        case .accepted:
            may = [.assigned]
            standing.status = .accepted
        case .noted: may = open
        case .escalated(let escalated):
            may = [.assigned, .accepted]
            auditEscalation(escalated, fact, &standing)
        case .resolved(let resolved):
            may = [.assigned, .accepted]
            standing.status = .resolved
            standing.closesAt = resolved.closesAt
        case .rated:
            may = [.resolved]
            standing.owed = [.closed, .reopened]
        case .reopened:
            may = [.resolved]
            marks.hit(.reopened)
            standing.status = .received
            standing.owed = [.assigned]
        case .rejected:
            may = [.received]
            standing.status = .rejected
        case .merged:
            may = open
            standing.status = .merged
        case .closed(let closed):
            may = open
            if closed.reason == .elapsed {
                marks.hit(.closedByItself)
                expect(fact.at >= standing.closesAt ?? fact.at, "closed before its time")
            }
            standing.status = .closed
        }
        expect(may.contains(before), "\(fact.event.kind) while \(before?.rawValue ?? "unknown")")
    }

    private func auditEscalation(
        _ escalated: ComplaintEvent.Escalated, _ fact: ComplaintFact, _ standing: inout Standing
    ) {
        marks.hit(.escalated)
        let due =
            escalated.deadline == .accept ? standing.assigned?.due.accept : standing.assigned?.due.resolve
        expect(standing.missed.insert(escalated.deadline).inserted, "\(escalated.deadline) was missed twice")
        expect(escalated.due == due, "escalated for a deadline that is not the assignment's")
        expect(fact.at >= escalated.due, "escalated before the deadline")
        if escalated.to != nil { standing.owed = [.assigned] }
    }

    /// When everything has come to rest, time has brought every open complaint to its end or to the top.
    private func auditEnd(_ standing: Standing) {
        expect(standing.owed.isEmpty, "\(standing.owed) never followed")
        switch standing.status {
        case .closed, .rejected, .merged: break
        case .assigned: expect(standing.missed == [.accept, .resolve], "it waits, and nobody was told")
        case .accepted: expect(standing.missed.contains(.resolve), "it waits, and nobody was told")
        case .received, .resolved, nil: expect(false, "it is left \(standing.status?.rawValue ?? "nowhere")")
        }
    }
}
