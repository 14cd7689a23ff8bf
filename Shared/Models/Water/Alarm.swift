public import Text

/// What an alarm can be about: a parameter that is watched by itself (the raw value is its code), or the
/// class that follows from all parameters.
public enum AlarmItem: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    // They are examined in this order: if a parameter has an alarm of its own, the class need not repeat it.
    case pH = "w01001"
    case dissolvedOxygen = "w01009"
    case ammoniaNitrogen = "w21003"
    case waterClass = "class"

    public init?(_ parameter: Parameter) { self.init(rawValue: parameter.rawValue) }

    /// Nil for the class.
    public var parameter: Parameter? { Parameter(rawValue: rawValue) }
}

/// One alarm of a section, about one item, since the first of the readings that raised it.
public struct Alarm: Hashable, Sendable, Codable, CustomStringConvertible {
    public let section: SectionID
    public let item: AlarmItem
    public let since: Instant

    public init(section: SectionID, item: AlarmItem, since: Instant) {
        self.section = section
        self.item = item
        self.since = since
    }

    public var description: String { "\(section)/\(item.rawValue)/\(since)" }
}

/// The limit of an item.
public enum AlarmLimit: Hashable, Sendable {
    /// The class that the section must reach at least.
    case target(WaterClass)
    case atLeast(Double)
    case atMost(Double)
    case within(ClosedRange<Double>)
}

extension AlarmLimit: Codable {
    private enum CodingKeys: CodingKey {
        case target, atLeast, atMost
    }

    /// A range has both limits; in JSON `{"atLeast": 6, "atMost": 9}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let least = try container.decodeIfPresent(Double.self, forKey: .atLeast)
        let most = try container.decodeIfPresent(Double.self, forKey: .atMost)
        switch (least, most) {
        case (let least?, let most?):
            guard least <= most else {
                throw DecodingError.dataCorruptedError(
                    forKey: .atMost, in: container, debugDescription: "is below atLeast")
            }
            self = .within(least...most)
        case (let least?, nil): self = .atLeast(least)
        case (nil, let most?): self = .atMost(most)
        case (nil, nil): self = .target(try container.decode(WaterClass.self, forKey: .target))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .target(let target): try container.encode(target, forKey: .target)
        case .atLeast(let least): try container.encode(least, forKey: .atLeast)
        case .atMost(let most): try container.encode(most, forKey: .atMost)
        case .within(let range):
            try container.encode(range.lowerBound, forKey: .atLeast)
            try container.encode(range.upperBound, forKey: .atMost)
        }
    }
}

/// A value beyond its limit, reported as GB 3838-2002 §5.1 requires: the item, and by how many times if that
/// is defined. What the limit is, `AlarmLimit` says.
public struct Exceedance: Hashable, Sendable, Codable {
    public let parameter: Parameter
    public let value: Double
    /// Observed / limit − 1; nil for pH and dissolved oxygen, which have no multiple.
    public let ratio: Double?
    /// The limit that `ratio` refers to.
    public let limit: Double?
    /// Observed / limit of class III − 1, the multiple of bulletins; nil if it is not worse than III.
    public let overIII: Double?

    public init(
        parameter: Parameter, value: Double, ratio: Double?, limit: Double? = nil, overIII: Double? = nil
    ) {
        self.parameter = parameter
        self.value = value
        self.ratio = ratio
        self.limit = limit
        self.overIII = overIII
    }
}

/// One point of an alarm's curve: the measured values of the parameters that the alarm is about.
public struct AlarmReading: Hashable, Sendable, Codable {
    public let observedAt: Instant
    public let values: [Parameter: Double]

    public init(observedAt: Instant, values: [Parameter: Double]) {
        self.observedAt = observedAt
        self.values = values
    }
}

/// Everything that can happen to an alarm, in the past tense.
public enum AlarmEvent: Hashable, Sendable {
    case raised(Raised)
    case noted(Noted)
    case cleared(Cleared)

    public enum Kind: String, CaseIterable, Sendable, Codable {
        case raised, noted, cleared
    }

    public struct Raised: Hashable, Sendable, Codable {
        public let alarm: Alarm
        public let complaint: TrackingCode
        public let limit: AlarmLimit
        /// The items that exceed their limits at the latest reading, the worst first.
        public let exceeded: [Exceedance]
        /// The readings that raised it, and some before them.
        public let readings: [AlarmReading]

        public init(
            alarm: Alarm, complaint: TrackingCode, limit: AlarmLimit, exceeded: [Exceedance],
            readings: [AlarmReading]
        ) {
            self.alarm = alarm
            self.complaint = complaint
            self.limit = limit
            self.exceeded = exceeded
            self.readings = readings
        }
    }

    /// The alarm lasts, and its complaint was told so.
    public struct Noted: Hashable, Sendable, Codable {
        public enum Why: String, CaseIterable, Sendable, Codable {
            /// The readings are still bad.
            case lasting
            /// There are no more readings.
            case silent
        }

        public let alarm: Alarm
        public let complaint: TrackingCode
        public let why: Why
        /// 1 is the first note of this alarm.
        public let number: Int
        /// The latest reading that was known.
        public let latest: Instant

        public init(alarm: Alarm, complaint: TrackingCode, why: Why, number: Int, latest: Instant) {
            self.alarm = alarm
            self.complaint = complaint
            self.why = why
            self.number = number
            self.latest = latest
        }
    }

    public struct Cleared: Hashable, Sendable, Codable {
        public let alarm: Alarm
        public let complaint: TrackingCode
        /// The last of the good readings; only later measurements can raise the next alarm.
        public let through: Instant
        public let readings: [AlarmReading]

        public init(alarm: Alarm, complaint: TrackingCode, through: Instant, readings: [AlarmReading]) {
            self.alarm = alarm
            self.complaint = complaint
            self.through = through
            self.readings = readings
        }
    }
}

extension AlarmEvent {
    public static let subject = "alarm"

    public var kind: Kind {
        switch self {
        case .raised: .raised
        case .noted: .noted
        case .cleared: .cleared
        }
    }

    public var alarm: Alarm {
        switch self {
        case .raised(let value): value.alarm
        case .noted(let value): value.alarm
        case .cleared(let value): value.alarm
        }
    }

    /// Derived from what happened: the same fact is the same event, however often it is written.
    public var id: String {
        switch self {
        case .raised, .cleared: "\(alarm)/\(kind.rawValue)"
        case .noted(let noted): "\(alarm)/\(kind.rawValue)/\(noted.number)"
        }
    }

    public var data: [UInt8] {
        switch self {
        case .raised(let value): JSON.encode(value)
        case .noted(let value): JSON.encode(value)
        case .cleared(let value): JSON.encode(value)
        }
    }

    public init(kind: Kind, data: [UInt8]) throws(Malformed) {
        self =
            switch kind {
            case .raised: .raised(try JSON.decode(Raised.self, from: data))
            case .noted: .noted(try JSON.decode(Noted.self, from: data))
            case .cleared: .cleared(try JSON.decode(Cleared.self, from: data))
            }
    }

    public init(_ event: CloudEvent) throws(Malformed) {
        let type = try EventType(event.type)
        guard type.subject == Self.subject, let kind = Kind(rawValue: type.name), let data = event.data else {
            throw Malformed("ce_type", "\(event.type) is not an alarm's event")
        }
        try self.init(kind: kind, data: data)
    }
}
