public import Text

/// What became of a notice. It holds neither number nor text: those stay on restricted topics.
///
/// `accepted`, `delivered`, `unknown` and `failed` end the attempts, except that after `accepted` a gateway
/// that reports may give the message back. A report may still arrive later: a notice that was given up may
/// turn out accepted, and one that was accepted or unknown may be delivered or fail.
public enum NoticeEvent: Hashable, Sendable {
    /// It goes in one message with another notice, whose events tell what becomes of both.
    case grouped(Grouped)
    /// A job was written for the gateway. The job may wait; no second one is written meanwhile.
    case attempted(Attempted)
    /// The job no longer waits: the gateway is being asked.
    case taken(Attempt)
    /// The gateway's time to answer is over.
    case unanswered(Attempt)
    /// Not now; it will be tried again. With attempt 0, the notice waits for others, for the end of quiet
    /// hours, or until the limit of its number has room.
    case deferred(Deferred)
    /// The gateway took the message.
    case accepted(Accepted)
    /// The message is on the phone.
    case delivered(Attempt)
    /// The gateway took the message, and nobody said in time whether it is on the phone.
    case unknown(Attempt)
    case failed(Failed)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case grouped, attempted, taken, unanswered, deferred, accepted, delivered, unknown, failed
    }

    public struct Grouped: Hashable, Sendable, Codable {
        public let reference: String
        /// The reference of the notice with which it goes.
        public let into: String
        public let about: ComplaintEvent.Kind
        public let complaint: TrackingCode
        public let recipient: Recipient.Kind

        public init(
            reference: String, into: String, about: ComplaintEvent.Kind, complaint: TrackingCode,
            recipient: Recipient.Kind
        ) {
            self.reference = reference
            self.into = into
            self.about = about
            self.complaint = complaint
            self.recipient = recipient
        }
    }

    public struct Attempt: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        /// With `taken`, as in the receipt: the gateway that is asked, until when it may deliver the message,
        /// and by when it has reported.
        public let gateway: String?
        public let mayArriveUntil: Instant?
        public let reportBy: Instant?

        public init(
            reference: String, attempt: Int, gateway: String? = nil, mayArriveUntil: Instant? = nil,
            reportBy: Instant? = nil
        ) {
            self.reference = reference
            self.attempt = attempt
            self.gateway = gateway
            self.mayArriveUntil = mayArriveUntil
            self.reportBy = reportBy
        }
    }

    public struct Attempted: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        public let about: ComplaintEvent.Kind
        public let complaint: TrackingCode
        /// The role of the recipient: officials and complainants have separate limits.
        public let recipient: Recipient.Kind?

        public init(
            reference: String, attempt: Int, about: ComplaintEvent.Kind, complaint: TrackingCode,
            recipient: Recipient.Kind?
        ) {
            self.reference = reference
            self.attempt = attempt
            self.about = about
            self.complaint = complaint
            self.recipient = recipient
        }
    }

    public struct Deferred: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        public let until: Instant
        public let reason: String?
        /// Whether the gateway was not asked. Then the attempt has a number and does not count: it takes none
        /// of the attempts that a notice has. Absent: false.
        public let unsent: Bool?
        /// Whether the gateway had taken the message and could not hand it on. Absent: false.
        public let returned: Bool?
        /// Nobody knows whether this gateway took the message; it may deliver it until `mayArriveUntil`.
        public let gateway: String?
        public let mayArriveUntil: Instant?
        /// The gateway that will never send to this number. Absent if none said so.
        public let declinedBy: String?

        public init(
            reference: String, attempt: Int, until: Instant, reason: String?, unsent: Bool = false,
            returned: Bool = false, gateway: String? = nil, mayArriveUntil: Instant? = nil,
            declinedBy: String? = nil
        ) {
            self.declinedBy = declinedBy
            self.returned = returned ? true : nil
            self.gateway = gateway
            self.mayArriveUntil = mayArriveUntil
            self.reference = reference
            self.attempt = attempt
            self.until = until
            self.reason = reason
            self.unsent = unsent ? true : nil
        }
    }

    public struct Accepted: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        public let gatewayReference: String?

        public init(reference: String, attempt: Int, gatewayReference: String?) {
            self.reference = reference
            self.attempt = attempt
            self.gatewayReference = gatewayReference
        }
    }

    public struct Failed: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// It is too late: the news is no longer of use.
            case expired
            /// As `expired`; and until then the limit of its number had no room.
            case limited
            /// Nobody has confirmed the number, and it has already got the one message that is allowed
            /// before.
            case unconfirmed
            /// Every attempt was deferred or left without an answer.
            case exhausted
            /// The gateway will never take it.
            case refused
            /// The gateway accepted it, but it did not reach the phone.
            case undelivered
            /// The number it was to go to was erased.
            case erased
            /// The owner of the number wants no more messages.
            case stopped
            /// It waited until a later notice, or what its reader did himself, left it nothing to say.
            case overtaken
        }

        public let reference: String
        /// The last attempt that was made; 0 if there was none.
        public let attempt: Int
        public let why: Why
        /// The gateway's own words, as far as they may be shown.
        public let reason: String?

        public init(reference: String, attempt: Int, why: Why, reason: String? = nil) {
            self.reference = reference
            self.attempt = attempt
            self.why = why
            self.reason = reason
        }
    }
}

extension NoticeEvent {
    public var kind: Kind {
        switch self {
        case .grouped: .grouped
        case .attempted: .attempted
        case .taken: .taken
        case .unanswered: .unanswered
        case .deferred: .deferred
        case .accepted: .accepted
        case .delivered: .delivered
        case .unknown: .unknown
        case .failed: .failed
        }
    }

    public var reference: String {
        switch self {
        case .grouped(let value): value.reference
        case .attempted(let value): value.reference
        case .taken(let value), .unanswered(let value), .delivered(let value), .unknown(let value):
            value.reference
        case .deferred(let value): value.reference
        case .accepted(let value): value.reference
        case .failed(let value): value.reference
        }
    }

    public var attempt: Int {
        switch self {
        // Whatever is grouped was not attempted before.
        case .grouped: 0
        case .attempted(let value): value.attempt
        case .taken(let value), .unanswered(let value), .delivered(let value), .unknown(let value):
            value.attempt
        case .deferred(let value): value.attempt
        case .accepted(let value): value.attempt
        case .failed(let value): value.attempt
        }
    }

    public var data: [UInt8] {
        switch self {
        case .grouped(let value): JSON.encode(value)
        case .attempted(let value): JSON.encode(value)
        case .taken(let value), .unanswered(let value), .delivered(let value), .unknown(let value):
            JSON.encode(value)
        case .deferred(let value): JSON.encode(value)
        case .accepted(let value): JSON.encode(value)
        case .failed(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .grouped: .grouped(try JSON.decode(Grouped.self, from: data))
            case .attempted: .attempted(try JSON.decode(Attempted.self, from: data))
            case .taken: .taken(try JSON.decode(Attempt.self, from: data))
            case .unanswered: .unanswered(try JSON.decode(Attempt.self, from: data))
            case .deferred: .deferred(try JSON.decode(Deferred.self, from: data))
            case .accepted: .accepted(try JSON.decode(Accepted.self, from: data))
            case .delivered: .delivered(try JSON.decode(Attempt.self, from: data))
            case .unknown: .unknown(try JSON.decode(Attempt.self, from: data))
            case .failed: .failed(try JSON.decode(Failed.self, from: data))
            }
    }
}
