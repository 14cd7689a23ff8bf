/// The one to whom a notice goes. The phone is looked up when the request is made.
public struct Recipient: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public enum Kind: String, Sendable, Codable {
        case chief, office, department, complainant
    }

    public let kind: Kind
    /// A chief, a region's office, or the tracking code of the complaint whose complainant it is.
    public let id: String
    public let phone: String

    public init(kind: Kind, id: String, phone: String) {
        self.kind = kind
        self.id = id
        self.phone = phone
    }

    /// The key of everything about this recipient.
    public var key: String { "\(kind.rawValue)/\(id)" }

    public var description: String { "\(kind.rawValue)/\(kind == .complainant ? "withheld" : id)" }
    public var debugDescription: String { description }
}

/// One complaint event that one recipient is to be told of.
///
/// Restricted, for its text may name the complainant.
public struct NoticeRequest: Hashable, Sendable, Codable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// Complaint, version and recipient: the same request made twice is one notice.
    public let reference: String
    public let recipient: Recipient
    public let complaint: TrackingCode
    public let about: ComplaintEvent.Kind
    public let text: String

    public init(
        reference: String, recipient: Recipient, complaint: TrackingCode, about: ComplaintEvent.Kind,
        text: String
    ) {
        self.reference = reference
        self.recipient = recipient
        self.complaint = complaint
        self.about = about
        self.text = text
    }

    public var description: String { "notice \(reference)" }
    public var debugDescription: String { description }
}

/// What became of a notice. It names neither phone nor text: those stay on the topics that are restricted.
public enum NoticeEvent: Hashable, Sendable {
    /// A job was handed to the gateway's queue; the same reference again is the same message.
    case attempted(Attempted)
    case accepted(Accepted)
    /// Not now; it will be tried again.
    case deferred(Deferred)
    case failed(Failed)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case attempted, accepted, deferred, failed
    }

    public struct Attempted: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        public let about: ComplaintEvent.Kind
        public let complaint: TrackingCode

        public init(reference: String, attempt: Int, about: ComplaintEvent.Kind, complaint: TrackingCode) {
            self.reference = reference
            self.attempt = attempt
            self.about = about
            self.complaint = complaint
        }
    }

    public struct Accepted: Hashable, Sendable, Codable {
        public let reference: String
        public let gatewayReference: String?

        public init(reference: String, gatewayReference: String?) {
            self.reference = reference
            self.gatewayReference = gatewayReference
        }
    }

    public struct Deferred: Hashable, Sendable, Codable {
        public let reference: String
        public let attempt: Int
        public let until: Instant
        public let reason: String?

        public init(reference: String, attempt: Int, until: Instant, reason: String?) {
            self.reference = reference
            self.attempt = attempt
            self.until = until
            self.reason = reason
        }
    }

    public struct Failed: Hashable, Sendable, Codable {
        public let reference: String
        public let reason: String

        public init(reference: String, reason: String) {
            self.reference = reference
            self.reason = reason
        }
    }
}

extension NoticeEvent {
    public var kind: Kind {
        switch self {
        case .attempted: .attempted
        case .accepted: .accepted
        case .deferred: .deferred
        case .failed: .failed
        }
    }

    public var reference: String {
        switch self {
        case .attempted(let value): value.reference
        case .accepted(let value): value.reference
        case .deferred(let value): value.reference
        case .failed(let value): value.reference
        }
    }

    public var data: [UInt8] {
        switch self {
        case .attempted(let value): JSON.encode(value)
        case .accepted(let value): JSON.encode(value)
        case .deferred(let value): JSON.encode(value)
        case .failed(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .attempted: .attempted(try JSON.decode(Attempted.self, from: data))
            case .accepted: .accepted(try JSON.decode(Accepted.self, from: data))
            case .deferred: .deferred(try JSON.decode(Deferred.self, from: data))
            case .failed: .failed(try JSON.decode(Failed.self, from: data))
            }
    }
}

/// One short message for a gateway: restricted, for it holds a phone.
public struct SMSJob: Hashable, Sendable, Codable, CustomStringConvertible, CustomDebugStringConvertible {
    public let reference: String
    public let attempt: Int
    public let phone: String
    public let text: String
    /// After this nobody wants to be told any more.
    public let expiresAt: Instant

    public init(reference: String, attempt: Int, phone: String, text: String, expiresAt: Instant) {
        self.reference = reference
        self.attempt = attempt
        self.phone = phone
        self.text = text
        self.expiresAt = expiresAt
    }

    public var description: String { "job \(reference)" }
    public var debugDescription: String { description }
}

/// What the gateway said of a job.
public struct SMSReceipt: Hashable, Sendable, Codable {
    public enum Outcome: String, CaseIterable, Sendable, Codable {
        /// The gateway took it.
        case accepted
        /// It may go better another time.
        case deferred
        /// It never will.
        case refused
    }

    public let reference: String
    public let attempt: Int
    public let outcome: Outcome
    public let gatewayReference: String?
    public let reason: String?

    public init(
        reference: String, attempt: Int, outcome: Outcome, gatewayReference: String? = nil,
        reason: String? = nil
    ) {
        self.reference = reference
        self.attempt = attempt
        self.outcome = outcome
        self.gatewayReference = gatewayReference
        self.reason = reason
    }
}
