public import Text

/// Breaches of one item of an outfall that belong together, since the first of them: one complaint.
public struct BreachCase: Hashable, Sendable, Codable, CustomStringConvertible {
    public let outfall: OutfallID
    public let parameter: Parameter
    /// Of the first breach.
    public let period: Period
    public let since: Instant

    public init(outfall: OutfallID, parameter: Parameter, period: Period, since: Instant) {
        self.outfall = outfall
        self.parameter = parameter
        self.period = period
        self.since = since
    }

    public var description: String {
        "\(outfall)/\(parameter.rawValue)/\(period.rawValue)/\(since)"
    }
}

/// Everything that can happen to a case, in the past tense. That the values are good again ends the case, not
/// its complaint: the department still has to say what it did about the breach.
public enum BreachEvent: Hashable, Sendable {
    case raised(Raised)
    case noted(Noted)
    case ended(Ended)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case raised, noted, ended
    }

    public struct Raised: Hashable, Sendable, Codable {
        public let breachCase: BreachCase
        public let complaint: TrackingCode
        public let enterprise: EnterpriseID
        public let first: Breach

        public init(
            breachCase: BreachCase, complaint: TrackingCode, enterprise: EnterpriseID, first: Breach
        ) {
            self.breachCase = breachCase
            self.complaint = complaint
            self.enterprise = enterprise
            self.first = first
        }

        private enum CodingKeys: String, CodingKey {
            case breachCase = "case", complaint, enterprise, first
        }
    }

    /// It is not over, and its complaint was told so.
    public struct Noted: Hashable, Sendable, Codable {
        public let breachCase: BreachCase
        public let complaint: TrackingCode
        /// 1 is the first note of this case.
        public let number: Int
        public let count: Count
        /// Nil: the breaches go on. Otherwise no valid value of the item came after the one that ended then.
        public let silentAfter: Instant?

        public init(
            breachCase: BreachCase, complaint: TrackingCode, number: Int, count: Count,
            silentAfter: Instant? = nil
        ) {
            self.breachCase = breachCase
            self.complaint = complaint
            self.number = number
            self.count = count
            self.silentAfter = silentAfter
        }

        private enum CodingKeys: String, CodingKey {
            case breachCase = "case", complaint, number, count, silentAfter
        }
    }

    public struct Ended: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// The values keep the permit again.
            case within
            /// The values that were beyond the permit were corrected or withdrawn.
            case corrected
            /// It goes on, and a new case begins: one complaint must not stand for months of breaches.
            case renewed
        }

        public let breachCase: BreachCase
        public let complaint: TrackingCode
        public let why: Why
        /// Only breaches that begin later belong to another case.
        public let through: Instant
        public let count: Count

        public init(
            breachCase: BreachCase, complaint: TrackingCode, why: Why, through: Instant, count: Count
        ) {
            self.breachCase = breachCase
            self.complaint = complaint
            self.why = why
            self.through = through
            self.count = count
        }

        private enum CodingKeys: String, CodingKey {
            case breachCase = "case", complaint, why, through, count
        }
    }

    /// The breaches of a case, as far as they are known.
    public struct Count: Hashable, Sendable, Codable {
        public let hours: Int
        public let days: Int
        /// Nil: all were corrected.
        public let worst: Breach?

        public init(hours: Int, days: Int, worst: Breach?) {
            self.hours = hours
            self.days = days
            self.worst = worst
        }
    }
}

extension BreachEvent {
    public static let subject = "breach"

    public var kind: Kind {
        switch self {
        case .raised: .raised
        case .noted: .noted
        case .ended: .ended
        }
    }

    public var breachCase: BreachCase {
        switch self {
        case .raised(let value): value.breachCase
        case .noted(let value): value.breachCase
        case .ended(let value): value.breachCase
        }
    }

    /// Derived from what happened: the same fact is the same event, however often it is written.
    public var id: String {
        switch self {
        case .raised, .ended: "\(breachCase)/\(kind.rawValue)"
        case .noted(let noted): "\(breachCase)/\(kind.rawValue)/\(noted.number)"
        }
    }

    public var type: EventType { EventType(Self.subject, kind.rawValue) }

    public var data: [UInt8] {
        switch self {
        case .raised(let value): JSON.encode(value)
        case .noted(let value): JSON.encode(value)
        case .ended(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .raised: .raised(try JSON.decode(Raised.self, from: data))
            case .noted: .noted(try JSON.decode(Noted.self, from: data))
            case .ended: .ended(try JSON.decode(Ended.self, from: data))
            }
    }

    public init(_ event: CloudEvent) throws(Malformed) {
        let type = try EventType(event.type)
        guard type.subject == Self.subject, let kind = Kind(rawValue: type.name), let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not an event of a breach")
        }
        try self.init(kind: kind, data: data)
    }
}
