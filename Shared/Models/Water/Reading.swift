public import Text

/// The period that a measurement stands for.
public enum Period: String, CaseIterable, Sendable, Codable {
    /// The moment of observation.
    case instant
    /// The hour or the day that begins at the time of observation.
    case hour, day
}

/// Who measured: a station, or people with a bottle.
public enum Origin: String, CaseIterable, Sendable, Codable {
    case automatic, manual
}

/// What identifies a reading, whoever reports it and however often.
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

/// What somebody reports about one reading: all of it, a part, a correction, a withdrawal or a review. The
/// time of its event is the time of the report.
public struct Report: Hashable, Sendable, Codable {
    public let section: SectionID
    public let station: StationID?
    /// The sender, known by its key or its topic. A sender can't set this itself.
    public private(set) var gateway: GatewayID?
    public let observedAt: Instant
    public let period: Period
    public let origin: Origin
    /// Where the figures come from, to be shown to the public.
    public let source: String?
    /// Who reviewed them; nil for a report of whoever measured.
    public let reviewer: Actor?
    /// The class that the publisher gave, if any.
    public let publishedClass: WaterClass?
    /// Parameters that were withheld or not measured are absent.
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

/// What is known for one section, time, period and origin: all its reports, merged.
///
/// Each parameter is in one part. Measurements that a part has lost to a later one are still on the log, in
/// the earlier assessments of the same reading.
public struct Reading: Hashable, Sendable, Codable {
    /// What is still valid of one report.
    public struct Part: Hashable, Sendable, Codable {
        public let reportedAt: Instant
        public let station: StationID?
        /// Who sent the report; nil in records that were written before senders were kept.
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
    /// In the order of their reports.
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

    /// The known measurement of each parameter, without withdrawn ones.
    public var measurements: [Parameter: Measurement] {
        parts.reduce(into: [:]) { all, part in
            all.merge(part.measurements.filter { !$0.value.isWithdrawn }) { $1 }
        }
    }

    /// The numbers that are judged.
    public var figures: [Parameter: Double] { measurements.figures }

    public var faults: [FieldFault] { parts.flatMap(\.measurements.faults) }

    /// The latest class that a publisher gave.
    public var publishedClass: WaterClass? { parts.last { $0.publishedClass != nil }?.publishedClass }

    /// Where the figures come from, each named once.
    public var sources: [String] {
        parts.filter { part in part.measurements.contains { !$0.value.isWithdrawn } }.compactMap(\.source)
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}

/// A reading with its judgement.
public struct Assessment: Hashable, Sendable, Codable {
    public let reading: Reading
    /// Nil for what an outfall discharges: it has no class. Its permit judges it (`DischargeJudgement`).
    public let body: WaterBody?
    /// Nil if no parameter that is judged was measured.
    public let waterClass: WaterClass?
    /// The class of each parameter that was judged.
    public let classes: [Parameter: WaterClass]
    /// The parameters of the worst class: the ones that decide.
    public let decisive: [Parameter]

    public init(
        reading: Reading, body: WaterBody?, waterClass: WaterClass?, classes: [Parameter: WaterClass],
        decisive: [Parameter]
    ) {
        self.reading = reading
        self.body = body
        self.waterClass = waterClass
        self.classes = classes
        self.decisive = decisive
    }

    /// Judges the reading by the limits for such a water.
    public init(_ reading: Reading, of body: WaterBody) {
        let judgement = Standard.grade(reading.figures, of: body)
        self.init(
            reading: reading, body: body, waterClass: judgement.waterClass, classes: judgement.classes,
            decisive: judgement.decisive)
    }

    /// The reading of an outfall: it is not graded.
    public init(ofDischarge reading: Reading) {
        self.init(reading: reading, body: nil, waterClass: nil, classes: [:], decisive: [])
    }

    private enum CodingKeys: String, CodingKey {
        case reading, body, waterClass = "class", classes, decisive
    }
}
