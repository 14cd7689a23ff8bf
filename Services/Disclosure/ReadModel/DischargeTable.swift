import Models
import Store
import Text

/// The days of outfalls as they are on the topic of summaries, and the breaches that became complaints.
final class DischargeTable {
    private let database: Changes
    private let putDay: Statement
    private let removeDay: Statement
    private let raise: Statement
    private let end: Statement

    init(_ database: borrowing Database) throws {
        self.database = try Changes(database)
        putDay = try database.prepare(
            """
            INSERT INTO discharges VALUES (?, ?, ?)
            ON CONFLICT (outfall, day) DO UPDATE SET discharge = excluded.discharge
                WHERE discharge <> excluded.discharge
            """)
        removeDay = try database.prepare("DELETE FROM discharges WHERE outfall = ? AND day = ?")
        raise = try database.prepare(
            """
            INSERT INTO breaches VALUES (?, ?, ?, ?, ?, NULL)
            ON CONFLICT (id) DO UPDATE SET ended = NULL WHERE ended IS NOT NULL
            """)
        end = try database.prepare("UPDATE breaches SET ended = ? WHERE id = ?")
    }

    /// Returns whether the day was news. One without hours removes it.
    func put(_ summary: DaySummary) throws -> Bool {
        let key: [Value] = [.text(summary.section.rawValue), .integer(summary.day.daysSince1970)]
        if let discharge = summary.discharge, !discharge.isEmpty {
            try putDay.run(key + [.blob(JSON.encode(discharge))])
        } else {
            try removeDay.run(key)
        }
        return try database.changed()
    }

    /// Returns whether the event was news. Notes are lines of the complaint's timeline.
    func take(_ event: BreachEvent, at moment: Instant) throws -> Bool {
        let known = event.breachCase
        switch event {
        case .raised(let raised):
            try raise.run([
                .text(known.description), .text(known.outfall.rawValue),
                .integer(known.since.millisecondsSince1970), .text(raised.complaint.compact),
                .blob(JSON.encode(raised)),
            ])
        case .noted: return false
        case .ended(let ended):
            try end.run([.blob(JSON.encode(ended)), .text(known.description)])
        }
        return try database.changed()
    }
}

// MARK: Reading

/// A breach that became a complaint, and how it ended; nil: it goes on.
struct StoredBreach: Sendable {
    let raised: BreachEvent.Raised
    let ended: BreachEvent.Ended?
    /// Nil: the complaint's events have not come yet.
    let status: ComplaintStatus?
}

extension Reader {
    /// The days of an outfall from one day until before another.
    func discharges(
        of outfall: OutfallID, from first: Day, before end: Day
    ) throws -> [(day: Day, discharge: DischargeDay)] {
        try database.prepare(
            "SELECT day, discharge FROM discharges WHERE outfall = ? AND day BETWEEN ? AND ? ORDER BY day"
        ).all(
            .text(outfall.rawValue), .integer(first.daysSince1970),
            .integer(end.adding(days: -1).daysSince1970)
        ) { row in
            (
                day: Day(daysSince1970: Int(row.integer(0))),
                discharge: try JSON.decode(DischargeDay.self, from: row.blob(1))
            )
        }
    }

    /// The newest day of an outfall.
    func latestDischarge(of outfall: OutfallID) throws -> (day: Day, discharge: DischargeDay)? {
        try database.prepare(
            "SELECT day, discharge FROM discharges WHERE outfall = ? ORDER BY day DESC LIMIT 1"
        ).first(.text(outfall.rawValue)) { row in
            (
                day: Day(daysSince1970: Int(row.integer(0))),
                discharge: try JSON.decode(DischargeDay.self, from: row.blob(1))
            )
        }
    }

    /// The breaches of an outfall that began in a span of time, the newest first.
    func breaches(of outfall: OutfallID, from first: Instant, before end: Instant) throws -> [StoredBreach] {
        try database.prepare(
            """
            SELECT raised, coalesce(ended, x''), status FROM breaches LEFT JOIN complaints USING (code)
            WHERE outfall = ? AND since >= ? AND since < ? ORDER BY since DESC, id
            """
        ).all(
            .text(outfall.rawValue), .integer(first.millisecondsSince1970),
            .integer(end.millisecondsSince1970)
        ) { row in
            let ended = row.blob(1)
            return StoredBreach(
                raised: try JSON.decode(BreachEvent.Raised.self, from: row.blob(0)),
                ended: ended.isEmpty ? nil : try JSON.decode(BreachEvent.Ended.self, from: ended),
                status: row.textIfPresent(2).flatMap { ComplaintStatus(rawValue: $0) })
        }
    }
}
