import Models
import Processing

/// Whether everybody was told what concerns him, once.
struct NoticeAudit {
    private let auditor: Auditor
    private let cluster: SimulatedCluster
    private let gateway: SimulatedGateway
    private let marks: Marks

    init(_ auditor: Auditor, _ cluster: SimulatedCluster, _ gateway: SimulatedGateway, _ marks: Marks) {
        self.auditor = auditor
        self.cluster = cluster
        self.gateway = gateway
        self.marks = marks
    }

    func run(_ lives: [String: [ComplaintFact]]) {
        let requested = auditRequests(lives)
        auditOutcomes(requested)
        auditJobs()
    }

    // MARK: Requests

    private func auditRequests(_ lives: [String: [ComplaintFact]]) -> Set<String> {
        var must: Set<String> = []
        /// Facts of which somebody who stands above may be told.
        var may: Set<String> = []
        for life in lives.values {
            var holder: Assignee?
            for fact in life {
                let code = TrackingCode(fact.complaint).compact
                let step = "\(code).\(fact.version)/"
                if case .urged(let urged) = fact.event, urged.by.role == .office { may.insert(step) }
                let isErased = auditor.erased.contains(fact.complaint.description)
                for recipient in recipients(of: fact, code, holder) {
                    let isCertain = !(recipient.hasPrefix("complainant/") && isErased)
                    if isCertain { must.insert(step + recipient) } else { may.insert(step) }
                }
                if case .assigned(let assigned) = fact.event { holder = assigned.assignee }
            }
        }
        var counts: [String: Int] = [:]
        for record in cluster.committedRecords(.noticeRequests) {
            guard let value = record.value, let request = try? JSON.decode(NoticeRequest.self, from: value)
            else {
                auditor.expect(false, "a request can't be read")
                continue
            }
            counts[request.reference, default: 0] += 1
        }
        let mirrored = marks.counts[.mirroredTwice] != nil
        for reference in must { auditor.expect(counts[reference] != nil, "nobody was told \(reference)") }
        for (reference, count) in counts {
            auditor.expect(
                must.contains(reference) || may.contains { reference.hasPrefix($0) },
                "\(reference) was told for no reason")
            auditor.expect(count == 1 || mirrored, "\(reference) was requested \(count) times")
        }
        return Set(counts.keys)
    }

    /// - Parameter holder: whose the complaint was before the fact.
    private func recipients(of fact: ComplaintFact, _ code: String, _ holder: Assignee?) -> [String] {
        func official(_ assignee: Assignee) -> String { "\(assignee.kind.rawValue)/\(assignee.id)" }
        func unless(_ actor: Actor, _ assignee: Assignee?) -> [String] {
            assignee.map(official).map { $0 == "\(actor.role.rawValue)/\(actor.id ?? "")" ? [] : [$0] } ?? []
        }
        let complainant =
            auditor.contacts.contains(fact.complaint.description) ? ["complainant/\(code)"] : []
        return switch fact.event {
        case .received, .accepted, .parted, .informed: complainant
        case .assigned(let assigned):
            [official(assigned.assignee)]
                + (assigned.why == .edited && holder != assigned.assignee ? unless(.system, holder) : [])
        case .warned(let warned): [official(warned.assignee)]
        case .urged: unless(.citizen, holder)
        case .transferred(let transferred): unless(transferred.by, transferred.from)
        case .escalated(let escalated) where escalated.deadline == .verify:
            [official(escalated.from)] + (escalated.to.map { [official($0)] } ?? [])
        case .escalated(let escalated): [official(escalated.from)]
        case .supervised(let supervised): [official(supervised.by), official(supervised.over)]
        case .extended(let extended): complainant + unless(extended.by, holder)
        case .resolved(let resolved): resolved.checker.map { [official($0)] } ?? complainant
        case .verified(let verified): verified.outcome == .failed ? [] : complainant
        case .reopened(let reopened): reopened.superior.map { [official($0)] } ?? []
        case .rejected(let rejected): complainant + unless(rejected.by, holder)
        case .merged(let merged): complainant + unless(merged.by, holder)
        case .closed(let closed):
            closed.reason == .office ? complainant + unless(closed.by, holder) : []
        case .noted, .rated, .edited, .joined: []
        }
    }

    // MARK: Outcomes

    private func auditOutcomes(_ requested: Set<String>) {
        var attempts: [String: Int] = [:]
        var ended: [String: NoticeEvent.Kind] = [:]
        for record in cluster.committedRecords(.noticeEvents) {
            guard let event = try? record.cloudEvent(), let type = try? EventType(event.type),
                let kind = NoticeEvent.Kind(rawValue: type.name), let data = event.data,
                let happened = try? NoticeEvent(kind: kind, data: data)
            else {
                auditor.expect(false, "a notice's event can't be read")
                continue
            }
            let reference = happened.reference
            auditor.expect(requested.contains(reference), "\(reference) was never requested")
            auditor.expect(ended[reference] == nil, "\(kind) after \(reference) had ended")
            switch happened {
            case .attempted(let attempted):
                attempts[reference, default: 0] += 1
                if attempted.attempt > 1 { marks.hit(.attemptedAgain) }
                auditor.expect(
                    attempted.attempt == attempts[reference],
                    "attempt \(attempted.attempt) of \(reference) is its \(attempts[reference] ?? 0)th")
            case .accepted:
                ended[reference] = kind
                auditor.expect(
                    gateway.taken.contains { $0.reference == reference },
                    "\(reference) was not taken by the gateway")
            case .failed:
                marks.hit(.noticeFailed)
                ended[reference] = kind
            case .deferred: break
            }
        }
        for reference in requested {
            auditor.expect(ended[reference] != nil, "\(reference) is left without an end")
        }
    }

    /// A message repeats under its own reference alone, and only what is on the log is ever sent.
    private func auditJobs() {
        var jobs: Set<SimulatedGateway.Message> = []
        for record in cluster.committedRecords(.jobs) {
            guard let value = record.value, let job = try? JSON.decode(SMSJob.self, from: value) else {
                continue
            }
            let message = SimulatedGateway.Message(
                reference: job.reference, attempt: job.attempt, phone: job.phone)
            auditor.expect(
                jobs.insert(message).inserted, "job \(job.reference)/\(job.attempt) was written twice")
        }
        for message in gateway.taken {
            auditor.expect(jobs.contains(message), "\(message.reference) had no job")
        }
    }
}
