/// One attempt to send a short message through a gateway. Restricted, because it holds a number.
public struct SMSJob: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    /// The same for every attempt: a gateway, or a program that counts, recognises a repetition by it.
    public let reference: String
    public let attempt: Int
    /// Also the record's key.
    public let handle: NumberHandle
    public let phone: PhoneNumber
    public let text: String
    /// After this moment the message is no longer of use: a job that waited longer is not sent.
    public let expiresAt: Instant
    /// What happened, for gateways that send approved templates only.
    public let about: ComplaintEvent.Kind?
    /// What the blanks of a template are filled with.
    public let fields: NoticeFields?
    /// The gateway that may still deliver an earlier attempt. Until then no other gateway may be given this
    /// one.
    public let only: GatewayHold?
    /// When the recipient's quiet hours begin. A job that still waits then must not be sent: whoever takes it
    /// gives it back with the receipt `unsent`, and it is sent when they are over.
    public let quietFrom: Instant?
    /// The gateways that must not be given it: they said in a report that their blacklists have the number.
    /// Absent if none did.
    public let declinedBy: [String]?
    /// True or absent.
    private let urgent: Bool?

    /// Whether it goes before all jobs that are not urgent.
    public var isUrgent: Bool { urgent ?? false }

    public init(
        reference: String, attempt: Int, handle: NumberHandle, phone: PhoneNumber, text: String,
        expiresAt: Instant, about: ComplaintEvent.Kind? = nil, fields: NoticeFields? = nil,
        only: GatewayHold? = nil, quietFrom: Instant? = nil, declinedBy: [String] = [], isUrgent: Bool = false
    ) {
        self.declinedBy = declinedBy.isEmpty ? nil : declinedBy
        self.quietFrom = quietFrom
        self.about = about
        self.fields = fields
        self.only = only
        self.reference = reference
        self.attempt = attempt
        self.handle = handle
        self.phone = phone
        self.text = text
        self.expiresAt = expiresAt
        urgent = isUrgent ? true : nil
    }

    public var description: String { "job \(reference)" }
    public var debugDescription: String { description }
}

/// A gateway that has a message, or perhaps has it, and may deliver it until a moment.
public struct GatewayHold: Hashable, Sendable, Codable {
    public let gateway: String
    public let until: Instant

    public init(gateway: String, until: Instant) {
        self.gateway = gateway
        self.until = until
    }
}

/// A job that must not be sent if it still waits: what it says was erased after it was written. If the
/// message is to be sent in other words, another attempt follows once this one is out of the queue.
public struct JobWithdrawal: Hashable, Sendable, Codable {
    public static let type = EventType("sms", "withdrawn")

    /// Also the record's key.
    public let handle: NumberHandle
    public let reference: String
    public let attempt: Int

    public init(handle: NumberHandle, reference: String, attempt: Int) {
        self.handle = handle
        self.reference = reference
        self.attempt = attempt
    }
}

/// What is known of an attempt. One attempt may have several receipts, in any order, except that `taken`
/// comes first. A job that was withdrawn is not taken: `withdrawn` is its only receipt.
public struct SMSReceipt: Hashable, Sendable, Codable {
    public enum Outcome: String, CaseIterable, Sendable, Codable {
        /// The job no longer waits: the gateway's time to answer begins now.
        case taken
        /// The gateway's time to answer is over. Dispatch writes this itself: when it reads this record, it
        /// has read every answer that was written in time.
        case unanswered
        /// The job no longer waits, and it was not sent: it had been withdrawn.
        case withdrawn
        /// The job no longer waits, and it was not sent: the gateway was not asked, or could not take
        /// anything. The attempt does not count.
        case unsent
        /// The gateway has the message.
        case accepted
        /// The gateway did not take it, or nobody knows; another attempt may succeed.
        case deferred
        /// The gateway will never take it.
        case refused
        /// The message is on the phone.
        case delivered
        /// It will not reach the phone.
        case undelivered
        /// The gateway took it, and then could not hand it on: it will not reach the phone, and another
        /// attempt may.
        case returned
        /// The network does not know whether it is on the phone, and will never say.
        case unknown
    }

    /// Also the record's key.
    public let handle: NumberHandle
    /// Empty if the gateway knows the message by its own name alone: then `gatewayReference` names it.
    public let reference: String
    public let attempt: Int
    public let outcome: Outcome
    public let gatewayReference: String?
    public let reason: String?
    /// The gateway that it is about, by the name that the settings give it.
    public let gateway: String?
    /// Until when the gateway may deliver the message, if it has it: with `taken`, and with `deferred` if
    /// nobody knows whether the gateway took it.
    public let mayArriveUntil: Instant?
    /// With `taken`: by then the gateway has reported what became of the message, if it takes it. Absent if
    /// it never reports.
    public let reportBy: Instant?
    /// True or absent.
    private let declined: Bool?

    /// With `returned`: whether the gateway will never send to this number, because its blacklist has it.
    /// Another gateway may.
    public var isDeclined: Bool { declined ?? false }

    public init(
        handle: NumberHandle, reference: String, attempt: Int, outcome: Outcome,
        gatewayReference: String? = nil, reason: String? = nil, gateway: String? = nil,
        mayArriveUntil: Instant? = nil, reportBy: Instant? = nil, isDeclined: Bool = false
    ) {
        declined = isDeclined ? true : nil
        self.gateway = gateway
        self.mayArriveUntil = mayArriveUntil
        self.reportBy = reportBy
        self.handle = handle
        self.reference = reference
        self.attempt = attempt
        self.outcome = outcome
        self.gatewayReference = gatewayReference
        self.reason = reason
    }
}

extension SMSReceipt {
    /// What is known of this job's attempt.
    public init(
        _ job: SMSJob, _ outcome: Outcome, gatewayReference: String? = nil, reason: String? = nil,
        gateway: String? = nil, mayArriveUntil: Instant? = nil, reportBy: Instant? = nil
    ) {
        self.init(
            handle: job.handle, reference: job.reference, attempt: job.attempt, outcome: outcome,
            gatewayReference: gatewayReference, reason: reason, gateway: gateway,
            mayArriveUntil: mayArriveUntil, reportBy: reportBy)
    }
}
