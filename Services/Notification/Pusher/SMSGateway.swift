import Models

/// A session with a gateway that delivers short messages: several may be under way at once.
///
/// The session tries each message once. Dispatch decides when to try again.
protocol SMSGateway {
    /// How many messages may be under way at once.
    var window: Int { get }
    /// How many messages are under way.
    var underWay: Int { get }

    /// Begins to send a message.
    mutating func submit(_ job: SMSJob)
    /// The receipts since the last call: a gateway's answers and later reports about messages. Waits for the
    /// first one, at most for `wait`.
    mutating func poll(within wait: Duration) -> [SMSReceipt]
    /// Gives up what is under way. Whether those messages went out is unknown.
    mutating func cancel() -> [SMSReceipt]
}
