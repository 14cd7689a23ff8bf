/// What time a measurement stands for.
public enum Period: String, CaseIterable, Sendable, Codable {
    /// The moment of observation.
    case instant
    /// The hour, or the day, that begins then.
    case hour, day
}

/// Who measured: a station, or people with a bottle.
public enum Origin: String, CaseIterable, Sendable, Codable {
    case automatic, manual
}

/// What makes a reading the same reading, whoever speaks of it and however often.
public struct ReadingKey: Hashable, Sendable, CustomStringConvertible {
    public let section: SectionID
    public let observedAt: Instant
    public let period: Period
    public let origin: Origin

    public init(section: SectionID, observedAt: Instant, period: Period, origin: Origin) {
        self.section = section
        self.observedAt = observedAt
        self.period = period
        self.origin = origin
    }

    public var description: String { "\(section)/\(observedAt)/\(period.rawValue)/\(origin.rawValue)" }
}

/// What somebody says of one reading: all of it, a part, a correction, a withdrawal or a review. When he said
/// it is the time of its event.
public struct Report: Hashable, Sendable, Codable {
    public let section: SectionID
    public let station: StationID?
    /// Who sent it, known by its key or its topic. No sender says it of itself.
    public private(set) var gateway: GatewayID?
    public let observedAt: Instant
    public let period: Period
    public let origin: Origin
    /// Where the figures come from, for the public.
    public let source: String?
    /// Who reviewed them; nil where they come from whoever measured.
    public let reviewer: Actor?
    /// The class its publisher gave, where he gave one.
    public let publishedClass: WaterClass?
    /// What was withheld or not measured is absent.
    public let measurements: [Parameter: Measurement]

    public init(
        section: SectionID, station: StationID? = nil, gateway: GatewayID? = nil, observedAt: Instant,
        period: Period = .instant, origin: Origin = .automatic, source: String? = nil, reviewer: Actor? = nil,
        publishedClass: WaterClass? = nil, measurements: [Parameter: Measurement]
    ) {
        self.section = section
        self.station = station
        self.gateway = gateway
        self.observedAt = observedAt
        self.period = period
        self.origin = origin
        self.source = source
        self.reviewer = reviewer
        self.publishedClass = publishedClass
        self.measurements = measurements
    }

    public var key: ReadingKey {
        ReadingKey(section: section, observedAt: observedAt, period: period, origin: origin)
    }

    public var faults: [FieldFault] {
        var faults = measurements.faults
        if let source, source.utf8.count > Limit.sourceBytes {
            faults.append(FieldFault("source", "is longer than \(Limit.sourceBytes) bytes"))
        }
        return faults
    }

    public func sent(by gateway: GatewayID) -> Report {
        var report = self
        report.gateway = gateway
        return report
    }
}

/// What is known of one section, time, period and origin: every report of it, merged.
///
/// Each parameter stands in one part. What a part has lost to a later one is on the log, in the earlier
/// assessments of the same reading.
public struct Reading: Hashable, Sendable, Codable {
    /// What still holds of one report.
    public struct Part: Hashable, Sendable, Codable {
        public let reportedAt: Instant
        public let station: StationID?
        /// Who sent the report; nil in what was written before senders were kept.
        public let gateway: GatewayID?
        public let source: String?
        public let reviewer: Actor?
        public internal(set) var publishedClass: WaterClass?
        public internal(set) var measurements: [Parameter: Measurement]

        public init(
            reportedAt: Instant, station: StationID? = nil, gateway: GatewayID? = nil, source: String? = nil,
            reviewer: Actor? = nil, publishedClass: WaterClass? = nil,
            measurements: [Parameter: Measurement]
        ) {
            self.reportedAt = reportedAt
            self.station = station
            self.gateway = gateway
            self.source = source
            self.reviewer = reviewer
            self.publishedClass = publishedClass
            self.measurements = measurements
        }
    }

    public let section: SectionID
    public let observedAt: Instant
    public let period: Period
    public let origin: Origin
    /// In the order in which they were reported.
    public internal(set) var parts: [Part]

    public init(_ key: ReadingKey, parts: [Part] = []) {
        section = key.section
        observedAt = key.observedAt
        period = key.period
        origin = key.origin
        self.parts = parts
    }

    public var key: ReadingKey {
        ReadingKey(section: section, observedAt: observedAt, period: period, origin: origin)
    }

    public var id: String { key.description }

    /// What is known of each parameter; without what was withdrawn.
    public var measurements: [Parameter: Measurement] {
        parts.reduce(into: [:]) { all, part in
            all.merge(part.measurements.filter { !$0.value.isWithdrawn }) { $1 }
        }
    }

    /// The figures that are judged.
    public var figures: [Parameter: Double] { measurements.figures }

    public var faults: [FieldFault] { parts.flatMap(\.measurements.faults) }

    /// The class that the publisher gave last.
    public var publishedClass: WaterClass? { parts.last { $0.publishedClass != nil }?.publishedClass }

    /// Where the figures come from, each named once.
    public var sources: [String] {
        parts.filter { part in part.measurements.contains { !$0.value.isWithdrawn } }.compactMap(\.source)
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// A reading, judged.
public struct Assessment: Hashable, Sendable, Codable {
    public let reading: Reading
    public let body: WaterBody
    /// Nil where nothing that is judged was measured.
    public let waterClass: WaterClass?
    /// The class of each parameter that was judged.
    public let classes: [Parameter: WaterClass]
    /// The parameters of the worst class: the ones that decide.
    public let decisive: [Parameter]

    public init(
        reading: Reading, body: WaterBody, waterClass: WaterClass?, classes: [Parameter: WaterClass],
        decisive: [Parameter]
    ) {
        self.reading = reading
        self.body = body
        self.waterClass = waterClass
        self.classes = classes
        self.decisive = decisive
    }

    /// Judges it by the limits that hold for such a water.
    public init(_ reading: Reading, of body: WaterBody) {
        let judgement = Standard.grade(reading.figures, of: body)
        self.init(
            reading: reading, body: body, waterClass: judgement.waterClass, classes: judgement.classes,
            decisive: judgement.decisive)
    }

    private enum CodingKeys: String, CodingKey {
        case reading, body, waterClass = "class", classes, decisive
    }
}
