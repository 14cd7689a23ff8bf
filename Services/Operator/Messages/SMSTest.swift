import Models

/// One message on its way, as its receipts tell. Pure.
struct SMSTest {
    let job: SMSJob
    /// The gateway's own name of the message, for gateways that report under that name alone.
    private var name: String?
    /// By when the gateway has reported; nil if it never does, or was not asked yet.
    private(set) var reportBy: Instant?
    /// Nil while more may come.
    private(set) var end: ExitCode?

    init(_ job: SMSJob) { self.job = job }

    /// What the receipt says, for the operator; nil if it is about another message.
    mutating func take(_ receipt: SMSReceipt) -> String? {
        guard receipt.handle == job.handle, isMeant(by: receipt) else { return nil }
        let reason = receipt.reason.map { ": \($0)" } ?? ""
        switch receipt.outcome {
        case .taken:
            reportBy = receipt.reportBy
            return "given to \(receipt.gateway ?? "the gateway")"
        case .accepted:
            name = receipt.gatewayReference ?? name
            guard end == nil, reportBy == nil else { return "the gateway took it; waiting for its report" }
            end = .done
            return "the gateway took it; it reports nothing more"
        case .delivered: return ended(.done, "it is on the phone\(reason)")
        case .undelivered: return ended(.fault, "it will not reach the phone\(reason)")
        case .refused: return ended(.fault, "the gateway refused it\(reason)")
        case .returned: return ended(.fault, "the gateway took it and could not hand it on\(reason)")
        case .unknown: return ended(.fault, "the network does not know what became of it\(reason)")
        case .deferred: return ended(.fault, "the gateway did not take it, or nobody knows\(reason)")
        case .unsent: return ended(.fault, "the gateway takes nothing now\(reason)")
        case .withdrawn, .unanswered: return ended(.fault, "it was not sent")
        }
    }

    private mutating func ended(_ code: ExitCode, _ text: String) -> String {
        end = code
        return text
    }

    private func isMeant(by receipt: SMSReceipt) -> Bool {
        receipt.reference.isEmpty
            ? name != nil && receipt.gatewayReference == name : receipt.reference == job.reference
    }
}
