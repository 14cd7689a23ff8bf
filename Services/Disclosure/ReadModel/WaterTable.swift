import Models
import Store

/// A judged reading as it is published.
struct PublishedReading: Codable, Equatable, Sendable {
    let observedAt: Instant
    let waterClass: WaterClass?
    let decisive: [Parameter]
    let values: [Parameter: Double]
    let source: String?

    init(_ assessment: Assessment) {
        observedAt = assessment.reading.observedAt
        waterClass = assessment.waterClass
        decisive = assessment.decisive
        values = assessment.reading.values
        // Written by whoever sent the reading, like any text from outside.
        source = assessment.reading.source.map(Redaction.redacted)
    }
}

/// The readings of each section by the moment of observation; judging one anew replaces it.
final class WaterTable {
    private let database: Changes
    private let upsert: Statement

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        upsert = try database.prepare(
            """
            INSERT INTO readings VALUES (?, ?, ?, ?)
            ON CONFLICT (section, observed_at) DO UPDATE SET class = excluded.class, reading = excluded.reading
                WHERE reading <> excluded.reading
            """)
    }

    /// Whether it was news.
    func take(_ assessment: Assessment) throws -> Bool {
        let reading = PublishedReading(assessment)
        try upsert.run(
            .text(assessment.reading.section.rawValue), .integer(reading.observedAt.millisecondsSince1970),
            .integer(orNull: reading.waterClass.map { Int64($0.number) }), .blob(JSON.encode(reading)))
        return try database.changed()
    }
}
