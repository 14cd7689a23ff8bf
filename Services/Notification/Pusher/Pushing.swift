import Host
import Models
import Processing

/// Takes jobs to the gateway and writes its word down as a receipt.
struct Pushing {
    static let name = "dayu-notification.pusher"

    let gateway: any Gateway
    let log: Log

    func push(_ record: Record, at now: Instant) -> [Outgoing] {
        let job: SMSJob
        do throws(Malformed) {
            job = try JSON.decode(SMSJob.self, from: record.value ?? [])
        } catch {
            let letter = DeadLetter(record, reason: error.description, refusedBy: Self.name, at: now)
            return [letter.outgoing(traceparent: record.traceparent)]
        }
        let receipt =
            job.expiresAt < now
            ? SMSReceipt(job, .refused, reason: "expired before it was sent") : gateway.send(job)
        log.info("sms", Self.fields(of: receipt, traceparent: record.traceparent))
        guard let key = try? record.keyText() else { return [] }
        return [
            Outgoing(
                topic: .receipts, key: key,
                event: CloudEvent(
                    id: "\(job.reference)/\(job.attempt)/receipt", source: Self.name,
                    type: EventType("sms", "receipt").description, subject: key, time: now,
                    cause: "\(job.reference)/\(job.attempt)", traceparent: record.traceparent,
                    data: JSON.encode(receipt)))
        ]
    }

    /// A line of the log knows the receipt and not the job, so it can't show phone or text. A reference
    /// holds a tracking code and an office's or chief's name, nothing personal.
    static func fields(of receipt: SMSReceipt, traceparent: String?) -> [String: Log.Field] {
        [
            "reference": .text(String(receipt.reference.prefix(120))), "attempt": .of(receipt.attempt),
            "outcome": .text(receipt.outcome.rawValue), "reason": .text(receipt.reason ?? ""),
            "trace": .text(traceparent ?? ""),
        ]
    }
}
