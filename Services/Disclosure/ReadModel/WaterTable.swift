import Models
import Store
import Text

/// A reading with its judgement, as it is published.
struct PublishedReading: Codable, Equatable, Sendable {
    /// What is still valid of one report, or what a later report replaced.
    struct Part: Codable, Equatable, Sendable {
        let receivedAt: Instant
        let gateway: GatewayID?
        let source: String?
        let reviewer: Actor?
        let measurements: [Parameter: Measurement]
    }

    let observedAt: Instant
    let period: Period
    let origin: Origin
    let waterClass: WaterClass?
    let decisive: [Parameter]
    /// The class that the publisher gave, if it is another one.
    let publishedClass: WaterClass?
    let parts: [Part]
    /// The parameters whose value a later report changed or withdrew.
    private(set) var corrected: [Parameter] = []

    init(_ assessment: Assessment) {
        let reading = assessment.reading
        observedAt = reading.observedAt
        period = reading.period
        origin = reading.origin
        waterClass = assessment.waterClass
        decisive = assessment.decisive
        publishedClass = assessment.differs ? reading.publishedClass : nil
        parts = reading.parts.compactMap { $0.measurements.isEmpty ? nil : Part($0) }
    }

    /// The known measurement of each parameter, without withdrawn ones.
    var measurements: [Parameter: Measurement] {
        parts.reduce(into: [:]) { all, part in
            all.merge(part.measurements.filter { !$0.value.isWithdrawn }) { $1 }
        }
    }

    /// Where the figures come from, each named once.
    var source: String? {
        let sources = parts.filter { part in part.measurements.contains { !$0.value.isWithdrawn } }
            .compactMap(\.source).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return sources.isEmpty ? nil : sources.joined(separator: "; ")
    }

    /// The numbers that count; half of the limit for a value below a limit of detection.
    var figures: [Parameter: Double] { measurements.figures }

    /// Values that are not flagged valid: they are shown, and never judged.
    var flagged: [Parameter: Measurement] { measurements.filter { $0.value.flag != .valid } }

    var isProvisional: Bool { measurements.contains { $0.value.status == .provisional } }

    /// Returns the values that a former state had and this one no longer has. It also notes what was
    /// corrected.
    mutating func replace(_ former: PublishedReading) -> [Part] {
        var corrected = Set(former.corrected)
        let lost = former.parts.compactMap { part -> Part? in
            let lost = part.measurements.filter { parameter, measurement in
                !parts.contains { $0.isSame(as: part) && $0.measurements[parameter] == measurement }
            }
            for (parameter, measurement) in lost {
                let now = parts.lazy.compactMap { $0.measurements[parameter] }.first
                if now?.value != measurement.value || now?.flag != measurement.flag {
                    corrected.insert(parameter)
                }
            }
            return lost.isEmpty ? nil : part.only(lost)
        }
        self.corrected = Parameter.allCases.filter(corrected.contains)
        return lost
    }
}

// A reading is read with every answer about its section, so it reads and writes itself (`JSONReadable`).

extension PublishedReading: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        observedAt = try json.field("observedAt")
        period = try json.field("period")
        origin = try json.field("origin")
        waterClass = try json.field("waterClass")
        decisive = try json.field("decisive")
        publishedClass = try json.field("publishedClass")
        parts = try json.field("parts")
        corrected = try json.field("corrected")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("corrected", corrected)
            json.field("decisive", decisive)
            json.field("observedAt", observedAt)
            json.field("origin", origin)
            json.field("parts", parts)
            json.field("period", period)
            json.field("publishedClass", publishedClass)
            json.field("waterClass", waterClass)
        }
    }
}

extension PublishedReading.Part: JSONReadable, JSONWritable {
    init(_ json: JSONNode) throws(Malformed) {
        receivedAt = try json.field("receivedAt")
        gateway = try json.field("gateway")
        source = try json.field("source")
        reviewer = try json.field("reviewer")
        measurements = try json.field("measurements")
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.field("gateway", gateway)
            json.field("measurements", measurements)
            json.field("receivedAt", receivedAt)
            json.field("reviewer", reviewer)
            json.field("source", source)
        }
    }
}

extension PublishedReading.Part {
    init(_ part: Reading.Part) {
        // The sender of the reading wrote these texts, so they are treated like any text from outside.
        self.init(
            receivedAt: part.reportedAt, gateway: part.gateway,
            source: part.source.map(Redaction.redacted(_:)),
            reviewer: part.reviewer, measurements: part.measurements.mapValues(\.redacted))
    }

    fileprivate func isSame(as other: Self) -> Bool {
        receivedAt == other.receivedAt && gateway == other.gateway && source == other.source
            && reviewer == other.reviewer
    }

    fileprivate func only(_ measurements: [Parameter: Measurement]) -> Self {
        Self(
            receivedAt: receivedAt, gateway: gateway, source: source, reviewer: reviewer,
            measurements: measurements)
    }
}

extension Measurement {
    fileprivate var redacted: Measurement {
        guard let written else { return self }
        return Measurement(
            value, flag: flag, status: status, written: Redaction.redacted(written),
            unit: unit.map(Redaction.redacted(_:)), sampledAt: sampledAt)
    }
}

/// The readings of each section by time, period and origin. A new assessment replaces the former one, and the
/// values that are lost by that are kept beside it.
final class WaterTable {
    private let database: Changes
    private let select: Statement
    private let upsert: Statement
    private let keep: Statement

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        select = try database.prepare(
            """
            SELECT reading FROM readings WHERE section = ? AND observed_at = ? AND period = ? AND origin = ?
            """)
        upsert = try database.prepare(
            """
            INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (section, observed_at, period, origin)
                DO UPDATE SET class = excluded.class, stands = excluded.stands,
                    provisional = excluded.provisional, reading = excluded.reading
                WHERE reading <> excluded.reading
            """)
        keep = try database.prepare(
            """
            INSERT INTO former_values (section, observed_at, period, origin, part) VALUES (?, ?, ?, ?, ?)
            """)
    }

    /// Returns whether the assessment was news.
    func take(_ assessment: Assessment) throws -> Bool {
        var reading = PublishedReading(assessment)
        let key: [Value] = [
            .text(assessment.reading.section.rawValue), .integer(reading.observedAt.millisecondsSince1970),
            .text(reading.period.rawValue), .text(reading.origin.rawValue),
        ]
        let former = try select.all(key) {
            try JSON.decode(PublishedReading.self, from: $0.blob(0))
        }.first
        if let former {
            for part in reading.replace(former) { try keep.run(key + [.blob(JSON.encode(part))]) }
        }
        try upsert.run(
            key + [
                .integer(orNull: reading.waterClass.map { Int64($0.number) }),
                .integer(reading.measurements.isEmpty ? 0 : 1), .integer(reading.isProvisional ? 1 : 0),
                .blob(JSON.encode(reading)),
            ])
        return try database.changed()
    }
}
