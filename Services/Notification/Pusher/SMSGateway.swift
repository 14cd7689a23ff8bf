import Models

/// A session with whoever delivers short messages: several may be under way at once.
///
/// It tries each message once and waits for nobody else. When to try again is decided by Dispatch.
protocol SMSGateway {
    /// How many messages may be under way at once.
    var window: Int { get }
    /// How many are.
    var underWay: Int { get }

    /// Begins to send a message.
    mutating func submit(_ job: SMSJob)
    /// What became known since the last call, be it a gateway's answer or a later report about a message.
    /// Waits for the first one, at most so long.
    mutating func poll(within wait: Duration) -> [SMSReceipt]
    /// Lets go of what is under way. Whether those messages went out is unknown.
    mutating func cancel() -> [SMSReceipt]
}
