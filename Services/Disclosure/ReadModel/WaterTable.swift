import Models
import Store

/// A judged reading as it is published.
struct PublishedReading: Codable, Equatable, Sendable {
    let observedAt: Instant
    let period: Period
    let origin: Origin
    let waterClass: WaterClass?
    let decisive: [Parameter]
    let measurements: [Parameter: Measurement]
    let source: String?

    init(_ assessment: Assessment) {
        let reading = assessment.reading
        observedAt = reading.observedAt
        period = reading.period
        origin = reading.origin
        waterClass = assessment.waterClass
        decisive = assessment.decisive
        // Texts were written by whoever sent the reading, like any text from outside.
        measurements = reading.measurements.mapValues(\.redacted)
        source =
            reading.sources.isEmpty
            ? nil : Redaction.redacted(reading.sources.joined(separator: "; "))
    }

    /// The figures that count; half of the limit for what is below one.
    var figures: [Parameter: Double] { measurements.figures }

    /// What is not flagged valid: told, and never judged.
    var flagged: [Parameter: Measurement] { measurements.filter { $0.value.flag != .valid } }

    var isProvisional: Bool { measurements.contains { $0.value.status == .provisional } }
}

extension Measurement {
    fileprivate var redacted: Measurement {
        guard let written else { return self }
        return Measurement(
            value, flag: flag, status: status, written: Redaction.redacted(written),
            unit: unit.map(Redaction.redacted(_:)), sampledAt: sampledAt)
    }
}

/// The readings of each section by time, period and origin; judging one anew replaces it.
final class WaterTable {
    private let database: Changes
    private let upsert: Statement
    private let delete: Statement

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO readings VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (section, observed_at, period, origin)
                DO UPDATE SET class = excluded.class, reading = excluded.reading
                WHERE reading <> excluded.reading
            """)
        delete = try database.prepare(
            """
            DELETE FROM readings WHERE section = ? AND observed_at = ? AND period = ? AND origin = ?
            """)
    }

    /// Whether it was news. A reading of which everything was withdrawn is not published.
    func take(_ assessment: Assessment) throws -> Bool {
        let reading = PublishedReading(assessment)
        let key: [Value] = [
            .text(assessment.reading.section.rawValue), .integer(reading.observedAt.millisecondsSince1970),
            .text(reading.period.rawValue), .text(reading.origin.rawValue),
        ]
        if reading.measurements.isEmpty {
            try delete.run(key)
        } else {
            try upsert.run(
                key + [
                    .integer(orNull: reading.waterClass.map { Int64($0.number) }),
                    .blob(JSON.encode(reading)),
                ])
        }
        return try database.changed()
    }
}
