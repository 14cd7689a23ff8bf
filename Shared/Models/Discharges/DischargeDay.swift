public import Text

/// What was reported of an outfall on one day: its hours, and what was said of the day as a whole. It is not
/// judged: the permits of the registry may be corrected later, and then every day is judged by them again.
public struct DischargeDay: Hashable, Sendable {
    /// One hour, or the whole day.
    public struct Part: Hashable, Sendable {
        public let at: Instant
        /// What counts, in `Parameter.unitOnLog`.
        public let figures: [Parameter: Double]
        /// What was reported and does not count, because of its flag: maintenance, a fault, calibration.
        public let flagged: [Parameter]

        public init(at: Instant, figures: [Parameter: Double], flagged: [Parameter] = []) {
            self.at = at
            self.figures = figures
            self.flagged = flagged
        }

        public func isReported(_ parameter: Parameter) -> Bool {
            figures[parameter] != nil || flagged.contains(parameter)
        }
    }

    /// In their order, each hour once.
    public let hours: [Part]
    public let whole: Part?

    public init(hours: [Part] = [], whole: Part? = nil) {
        self.hours = hours
        self.whole = whole
    }

    public var isEmpty: Bool { hours.isEmpty && whole == nil }

    /// Of several values for one hour, one that counts comes before a flagged one, and a station's before one
    /// of people: so a laboratory's value fills the hours of a broken instrument. Values of a moment are not
    /// means of an hour and are left out.
    public init(_ readings: some Sequence<CountedReading>) {
        var hours: [Int64: [CountedReading]] = [:]
        var whole: [CountedReading] = []
        for reading in readings where !reading.values.isEmpty {
            switch reading.series.period {
            case .instant: continue
            case .hour: hours[reading.observedAt.hourNumber, default: []].append(reading)
            case .day: whole.append(reading)
            }
        }
        self.init(
            hours: hours.sorted { $0.key < $1.key }.compactMap { Part($0.value) }, whole: Part(whole))
    }
}

extension Instant {
    fileprivate var hourNumber: Int64 { millisecondsSince1970.dividedDownward(by: 3_600_000).quotient }
}

extension DischargeDay.Part {
    fileprivate init?(_ readings: [CountedReading]) {
        let inOrder = readings.sorted { ($0.series, $0.observedAt) < ($1.series, $1.observedAt) }
        guard let at = inOrder.map(\.observedAt).min() else { return nil }
        var figures: [Parameter: Double] = [:]
        var flagged: Set<Parameter> = []
        for entry in inOrder.lazy.flatMap(\.values.entries) {
            let parameter = entry.parameter
            if let figure = entry.value.figure {
                figures[parameter] = figures[parameter] ?? figure
            } else {
                flagged.insert(parameter)
            }
        }
        self.init(
            at: at, figures: figures,
            flagged: Parameter.allCases.filter { flagged.contains($0) && figures[$0] == nil })
    }
}

// MARK: As JSON

extension DischargeDay.Part: Codable, JSONCoded {
    private enum CodingKeys: CodingKey { case at, figures, flagged }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            at: try container.decode(Instant.self, forKey: .at),
            figures: try container.decode([Parameter: Double].self, forKey: .figures),
            flagged: try container.decodeIfPresent([Parameter].self, forKey: .flagged) ?? [])
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(at, forKey: .at)
        try container.encode(figures, forKey: .figures)
        if !flagged.isEmpty { try container.encode(flagged, forKey: .flagged) }
    }

    public init(_ json: JSONNode) throws(Malformed) {
        self.init(
            at: try json.field("at"), figures: try json.field("figures"),
            flagged: try json.field("flagged", default: []))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("at", at)
            json.field("figures", figures)
            json.field("flagged", flagged.isEmpty ? nil : flagged)
        }
    }
}

extension DischargeDay: Codable, JSONCoded {
    public init(_ json: JSONNode) throws(Malformed) {
        self.init(hours: try json.field("hours"), whole: try json.field("whole"))
    }

    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("hours", hours)
            json.field("whole", whole)
        }
    }

    /// Whether it can be true.
    var faults: [FieldFault] {
        hours.count > Self.mostHours
            ? [FieldFault("discharge.hours", "holds more than \(Self.mostHours) hours")] : []
    }

    /// When clocks are set back, a day has 25 hours; a zone may be beside the whole hour.
    private static let mostHours = 26
}
