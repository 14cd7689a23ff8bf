import Crypto
import Models
import Processing
import Text

extension Reception {
    /// A repetition is the same record; whoever reads it decides nothing twice.
    func take(
        _ drafts: [ReceiptDraft], _ sender: Sender, _ circumstances: Circumstances
    ) throws(TurnedAway) -> Receipt {
        let trail = trail(sender, circumstances)
        let records = drafts.map { draft in
            let receipt = draft.receipt
            return Outgoing(
                .receipts, key: receipt.handle.text, id: draft.id, source: Self.source,
                type: EventType("sms", "receipt"), trail: trail, data: JSON.encode(receipt))
        }
        return Receipt(given: .receipts(drafts.count), stages: records.isEmpty ? [] : [records])
    }
}

/// What a gateway reports about one message.
struct ReceiptDraft: Equatable, Sendable {
    /// How the report says which message is meant.
    enum Message: Equatable, Sendable {
        case attempt(NumberHandle, reference: String, attempt: Int)
        /// By the gateway's own name: Dispatch knows which message has it.
        case named(NumberHandle, String)
    }

    let about: Message
    let outcome: SMSReceipt.Outcome
    var isDeclined = false
    let reason: String?
    let gateway: String

    var receipt: SMSReceipt {
        switch about {
        case .attempt(let handle, let reference, let attempt):
            SMSReceipt(
                handle: handle, reference: reference, attempt: attempt, outcome: outcome, reason: reason,
                gateway: gateway, isDeclined: isDeclined)
        case .named(let handle, let name):
            SMSReceipt(
                handle: handle, reference: "", attempt: 0, outcome: outcome, gatewayReference: name,
                reason: reason, gateway: gateway, isDeclined: isDeclined)
        }
    }

    /// The gateway's own name can hold anything, so only its digest goes into the record's headers.
    var id: String {
        switch about {
        case .attempt(_, let reference, let attempt): "\(reference)/\(attempt)/\(outcome.rawValue)"
        case .named(_, let name):
            "report/\(gateway)/\(SHA256.hash(name).prefix(16).hexadecimal)/\(outcome.rawValue)"
        }
    }
}
