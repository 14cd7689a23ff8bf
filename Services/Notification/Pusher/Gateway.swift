import Models

/// Hands one short message to whoever delivers it.
protocol Gateway {
    func send(_ job: SMSJob) -> SMSReceipt
}

extension SMSReceipt {
    init(_ job: SMSJob, _ outcome: Outcome, gatewayReference: String? = nil, reason: String? = nil) {
        self.init(
            reference: job.reference, attempt: job.attempt, outcome: outcome,
            gatewayReference: gatewayReference,
            reason: reason)
    }
}
