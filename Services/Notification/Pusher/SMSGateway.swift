import Models

/// A session with a gateway that delivers short messages: several may be under way at once.
///
/// The session tries each message once. Dispatch decides when to try again.
protocol SMSGateway {
    /// How many messages may be under way at once.
    var window: Int { get }
    /// How many messages are under way.
    var underWay: Int { get }
    /// Whether it was asked what became of messages and has not answered yet.
    var isAsked: Bool { get }

    /// Begins to send a message.
    mutating func submit(_ job: SMSJob)
    /// The way that a message would take now; nil if there is none.
    func route(for job: SMSJob, at now: Instant) -> Route?
    /// Whether every gateway has said that it never sends to this number.
    func declines(_ job: SMSJob) -> Bool
    /// Begins to send a message on the way that was told before.
    mutating func submit(_ job: SMSJob, by route: Route?)
    /// The receipts since the last call: a gateway's answers and later reports about messages. Waits for the
    /// first one, at most for `wait`.
    mutating func poll(within wait: Duration) -> [SMSReceipt]
    /// Asks no more what became of messages: the process ends.
    mutating func askNoMore()
    /// Gives up what is under way. Whether those messages went out is unknown.
    mutating func cancel() -> [SMSReceipt]
}

/// The way of one attempt. It is on the log before the message leaves, so that after a crash it is known who
/// may have the message.
struct Route: Equatable, Sendable {
    /// Nil where there is only one.
    var gateway: String?
    /// Until when that gateway may deliver the message.
    var mayArriveUntil: Instant?
    /// By when it has reported; nil if it never does.
    var reportBy: Instant?
}

extension SMSGateway {
    var isAsked: Bool { false }

    mutating func askNoMore() {}

    func route(for job: SMSJob, at now: Instant) -> Route? { Route() }

    func declines(_ job: SMSJob) -> Bool { false }

    mutating func submit(_ job: SMSJob, by route: Route?) { submit(job) }
}
