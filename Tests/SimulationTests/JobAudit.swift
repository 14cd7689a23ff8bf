import Models
import Processing
import Text

@testable import Notification

/// What each number and the gateway were given: within the limits, each attempt once, and another attempt
/// only where nobody could know of the one before.
struct JobAudit {
    let auditor: Auditor
    let cluster: SimulatedCluster
    let gateway: SimulatedGateway
    let options: Options
    let marks: Marks

    func run() {
        auditLimits()
        auditReceived(auditJobs())
    }

    // MARK: Limits

    private struct Sent {
        let at: Instant
        let isUrgent: Bool
    }

    /// What each number was first written of, in the order of its log.
    private func auditLimits() {
        struct Number {
            var official: [Sent] = []
            var complainant: [Sent] = []
            var isConfirmed = false
        }
        var numbers: [[UInt8]: Number] = [:]
        let requests = cluster.committedRecords(.noticeRequests)
            .compactMap { cluster.value(NoticeRequest.self, of: $0) }
        let urgent = Set(requests.lazy.filter(\.isUrgent).map(\.reference))
        for record in cluster.committedRecords(.noticeEvents) {
            guard let key = record.key, let event = cluster.event(record) else { continue }
            if event.type == NumberConfirmed.type.description {
                marks.hit(.numberConfirmed)
                auditor.expect(
                    numbers[key]?.isConfirmed != true, "a number is confirmed twice on the own log")
                numbers[key, default: Number()].isConfirmed = true
            } else if case .attempted(let attempted)? = cluster.notice(record), attempted.attempt == 1 {
                let sent = Sent(at: event.time, isUrgent: urgent.contains(attempted.reference))
                guard attempted.recipient?.isCitizen == true else {
                    numbers[key, default: Number()].official.append(sent)
                    continue
                }
                let number = numbers[key, default: Number()]
                let last = number.complainant.map(\.at).max()
                auditor.expect(
                    number.isConfirmed || last.map { event.time - $0 >= Dispatch.unconfirmedPause } ?? true,
                    "\(attempted.reference) went to a number that nobody has confirmed")
                numbers[key, default: Number()].complainant.append(sent)
            }
        }
        for number in numbers.values {
            audit(number.official, options.limits.official)
            audit(number.complainant, options.limits.complainant)
        }
    }

    /// No window holds more than the limit when a message goes, and twice as many when an urgent one goes.
    private func audit(_ sent: [Sent], _ limit: SendLimit) {
        for window in limit.windows {
            for (index, message) in sent.enumerated() {
                let before = sent[..<index].count { message.at - $0.at < window.span }
                auditor.expect(
                    before < window.count * (message.isUrgent ? NumberLimits.urgentFactor : 1),
                    "\(before + 1) messages to one number within \(window.span)")
            }
        }
    }

    // MARK: What the gateway is given

    /// A message repeats under its own reference alone, and only what is on the log is ever sent.
    private func auditJobs() -> Set<SimulatedGateway.Message> {
        var jobs: Set<SimulatedGateway.Message> = []
        for record in cluster.committedRecords(.jobs) + cluster.committedRecords(.urgentJobs) {
            guard let job = cluster.value(SMSJob.self, of: record) else { continue }
            if job.isUrgent { marks.hit(.urgent) }
            auditor.expect(job.isUrgent == (record.topic == .urgentJobs), "\(job) is on the wrong topic")
            let message = SimulatedGateway.Message(attempt: .init(job), phone: job.phone)
            auditor.expect(jobs.insert(message).inserted, "job \(message.attempt) was written twice")
        }
        return jobs
    }

    /// The gateway receives no attempt twice, whatever happens. It receives another attempt of the same
    /// message only where a fault kept the answer to the one before from the log.
    private func auditReceived(_ jobs: Set<SimulatedGateway.Message>) {
        let receipts = cluster.told(without: auditor.malformed)
        var attempts: Set<SimulatedGateway.Attempt> = []
        for message in gateway.received {
            let attempt = message.attempt
            auditor.expect(jobs.contains(message), "\(attempt) had no job")
            auditor.expect(attempts.insert(attempt).inserted, "the gateway received \(attempt) twice")
            let taken = receipts[attempt]?.count { $0.outcome == .taken } ?? 0
            auditor.expect(taken == 1, "\(attempt) was taken \(taken) times")
        }
        for (attempt, told) in receipts where told.contains(where: { $0.outcome == .unsent }) {
            auditor.expect(!attempts.contains(attempt), "\(attempt) was not sent, and arrived all the same")
        }
        for (attempt, told) in receipts where told.contains(where: { $0.outcome == .withdrawn }) {
            marks.hit(.jobWithdrawn)
            auditor.expect(!attempts.contains(attempt), "\(attempt) was withdrawn, and sent all the same")
        }
        for (reference, all) in Dictionary(grouping: attempts, by: \.reference) {
            for attempt in all.sorted(by: { $0.number < $1.number }).dropLast() {
                auditor.expect(
                    isAnswerLost(attempt, receipts[attempt] ?? []),
                    "the gateway received \(reference) again after attempt \(attempt.number), without a fault"
                )
            }
        }
        for job in jobs where job.attempt.number > 1 {
            let former = SimulatedGateway.Attempt(
                reference: job.attempt.reference, number: job.attempt.number - 1)
            auditor.expect(
                // In quiet hours a pusher gives a job back that it has not taken.
                receipts[former]?.contains { [.taken, .withdrawn, .unsent].contains($0.outcome) } == true,
                "\(job.attempt) was queued while the attempt before it was waiting")
        }
    }

    /// Whether Dispatch could not know that the gateway has it: the first that was told was that nobody
    /// knows, or that the time to answer, which begins when the job is taken, was over.
    private func isAnswerLost(_ attempt: SimulatedGateway.Attempt, _ told: [SimulatedCluster.Told]) -> Bool {
        guard let first = told.first(where: { $0.outcome != .taken }) else { return false }
        switch first.outcome {
        case .deferred: return gateway.silenced.contains(attempt)
        case .unanswered:
            guard let taken = told.first, taken.outcome == .taken else { return false }
            return options.jumpsClocks || first.at - taken.at >= Dispatch.answerWithin
        case .taken, .withdrawn, .unsent, .accepted, .refused, .delivered, .undelivered, .returned, .unknown:
            return false
        }
    }
}

extension SimulatedCluster {
    typealias Told = (outcome: SMSReceipt.Outcome, at: Instant)

    /// What was told of each attempt, in the order of the log.
    func told(without malformed: [Record]) -> [SimulatedGateway.Attempt: [Told]] {
        var receipts: [SimulatedGateway.Attempt: [Told]] = [:]
        for record in committedRecords(.receipts) where !malformed.contains(record) {
            guard let receipt = value(SMSReceipt.self, of: record) else { continue }
            receipts[.init(receipt), default: []].append((receipt.outcome, record.timestamp))
        }
        return receipts
    }
}
