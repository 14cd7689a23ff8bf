import Crypto
import Models
import Processing
import Text

/// The records that Dispatch writes.
extension Dispatch {
    func records(of fact: Fact) -> [Outgoing] {
        if case .confirmed(let handle, let trail) = fact {
            return [
                Outgoing(
                    .noticeEvents, key: handle.text, id: "\(handle.text)/confirmed", source: name,
                    type: NumberConfirmed.type, trail: trail,
                    data: JSON.encode(NumberConfirmed(handle: handle)))
            ]
        }
        if case .answered(let answer, let trail, let deed) = fact { return records(of: answer, trail, deed) }
        if case .replied(let request, let trail) = fact {
            return [
                Outgoing(
                    .noticeRequests, key: request.recipient.handle.text, id: request.reference, source: name,
                    type: EventType("notice", "requested"), trail: trail, data: JSON.encode(request))
            ]
        }
        if case .sent(let job, let trail) = fact {
            return [
                Outgoing(
                    .urgentJobs, key: job.handle.text, id: "\(job.reference)/\(job.attempt)", source: name,
                    type: EventType("sms", "job"), trail: trail, data: JSON.encode(job))
            ]
        }
        if case .withdrawn(_, let trail?, let job?) = fact {
            return [
                Outgoing(
                    .jobWithdrawals, key: job.handle.text, id: "\(job.reference)/\(job.attempt)/withdrawn",
                    source: name, type: JobWithdrawal.type, trail: trail, data: JSON.encode(job))
            ]
        }
        guard case .happened(let event, let handle, let trail, let message) = fact else { return [] }
        func outgoing(_ topic: Topic, _ id: String, _ type: EventType, _ data: [UInt8]) -> Outgoing {
            Outgoing(
                topic, key: handle.text, id: id, source: name, type: type, trail: trail, data: data)
        }
        let told = outgoing(
            .noticeEvents, "\(event.reference)/\(event.attempt)/\(event.step)",
            EventType("notice", event.kind.rawValue), event.data)
        switch message {
        case nil: return [told]
        // One for each notice, however often it is reported to have failed.
        case .raise(let action):
            return [
                told,
                Outgoing(
                    .actions, key: action.complaint.compact, id: "unreached/\(event.reference)",
                    source: name, type: EventType("action", action.verb.name.rawValue), trail: trail,
                    data: JSON.encode(action)),
            ]
        case .job(let job):
            return [
                told,
                outgoing(
                    job.isUrgent ? .urgentJobs : .jobs, "\(job.reference)/\(job.attempt)",
                    EventType("sms", "job"), JSON.encode(job)),
            ]
        case .receipt(let receipt):
            return [
                told,
                outgoing(
                    .receipts, receipt.recordID, EventType("sms", "receipt"), JSON.encode(receipt)),
            ]
        }
    }
}

extension NoticeEvent {
    /// A part of the event's id: an attempt of a notice goes through each step only once.
    fileprivate var step: String {
        switch self {
        case .failed(let failed): "\(kind.rawValue).\(failed.why.rawValue)"
        case .deferred(let deferred) where deferred.attempt == 0: "\(kind.rawValue).\(deferred.until)"
        default: kind.rawValue
        }
    }
}

extension SMSReceipt {
    /// The id of the record that holds this receipt.
    /// The gateway's own name can hold anything, so only its digest goes into the record's headers.
    var recordID: String {
        guard reference.isEmpty, let name = gatewayReference else {
            return "\(reference)/\(attempt)/\(outcome.rawValue)"
        }
        let digest = SHA256.hash(name).prefix(16).hexadecimal
        return "report/\(gateway ?? "")/\(digest)/\(outcome.rawValue)"
    }
}
