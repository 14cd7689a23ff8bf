import Host
import Models
import Processing
import Store
import Text

/// Who reads what a model shows.
enum Audience: Sendable {
    case everybody
    /// Officials at their desk: they read words as they were written, and the notes between offices.
    case officials
}

/// Everything the public is told, made of topics that hold no contact data.
final class ReadModel: Projection {
    static let topics: [Topic] = [
        .registry, .words, .events, .followCounts, .assessments, .summaries, .breaches, .indicators,
        .publications,
    ]
    static let version = 14
    static var schema: [String] { Schema.steps }

    private let words: WordsTable
    private let erasure: Erasure
    private let complaints: ComplaintTable
    private let water: WaterTable
    private let summaries: SummaryTable
    private let discharges: DischargeTable
    private let registry: RegistryTable
    private let indicators: IndicatorTable
    private let publications: PublicationTable
    private let putFollows: Statement
    private let touch: Statement
    private let onSkip: (Record, Malformed) -> Void
    private let onUncompacted: (StoreError) -> Void

    /// How many records could not be understood since the start.
    private(set) var skipped = 0

    convenience init(_ database: borrowing Database) throws {
        try self.init(database, onSkip: { _, _ in }, onUncompacted: { _ in })
    }

    /// - Parameter onUncompacted: is told why the file could not be compacted; the next try is a day later.
    init(
        _ database: borrowing Database, for audience: Audience = .everybody,
        compactEvery interval: Duration = Erasure.daily,
        onSkip: @escaping (Record, Malformed) -> Void, onUncompacted: @escaping (StoreError) -> Void
    ) throws {
        let desk = audience == .officials ? try DeskTable(database) : nil
        words = try WordsTable(database, desk)
        erasure = try Erasure(database, every: interval)
        complaints = try ComplaintTable(database, words, erasure, desk)
        water = try WaterTable(database)
        summaries = try SummaryTable(database)
        discharges = try DischargeTable(database)
        registry = try RegistryTable(database, for: audience)
        indicators = try IndicatorTable(database)
        publications = try PublicationTable(database)
        putFollows = try database.prepare(
            "INSERT INTO follows VALUES (?, ?) ON CONFLICT (code) DO UPDATE SET follows = excluded.follows")
        touch = try database.prepare(
            """
            UPDATE model SET version = version + 1, registry = registry + ?1,
                updated_at = max(coalesce(updated_at, ?2), ?2)
            """)
        self.onSkip = onSkip
        self.onUncompacted = onUncompacted
    }

    /// Nothing is published. But this is called after a commit, which is the time to remove erased data from
    /// the files.
    func pending() throws -> [Outgoing] {
        try erasure.finish(onUncompacted)
        return []
    }

    /// Something was erased that only the desk has.
    func noteErasure() throws { try erasure.note() }

    func apply(_ record: Record) throws {
        do {
            guard let at = try take(record) else { return }
            try touch.run(.integer(record.topic == .registry ? 1 : 0), .integer(at.millisecondsSince1970))
        } catch let malformed as Malformed {
            skipped += 1
            onSkip(record, malformed)
        }
    }

    /// When the change happened; nil if nothing changed. A record is decoded completely before anything is
    /// written.
    private func take(_ record: Record) throws -> Instant? {
        switch record.topic {
        case .registry:
            return try registry.take(record) ? record.timestamp : nil
        case .words:
            return try take(words: record)
        case .events:
            let fact = try ComplaintFact(try record.cloudEvent())
            return try complaints.take(fact) ? fact.at : nil
        case .assessments:
            let event = try record.cloudEvent()
            return try water.take(try JSON.decode(Assessment.self, from: try event.dataOfKnownVersion()))
                ? event.time : nil
        case .summaries:
            return try take(summary: record)
        case .breaches:
            let event = try record.cloudEvent()
            return try discharges.take(try BreachEvent(event), at: event.time) ? event.time : nil
        case .indicators:
            return try take(indicator: record)
        case .publications:
            return try take(publication: record)
        case .followCounts:
            let event = try record.cloudEvent()
            let count = try JSON.decode(FollowCount.self, from: try event.dataOfKnownVersion())
            guard count.follows >= 0 else { throw Malformed("follows", "is negative") }
            try putFollows.run(.text(count.complaint.compact), .integer(count.follows))
            return event.time
        default:
            throw Malformed("", "\(record.topic.rawValue) is not a topic of the read model")
        }
    }

    private func take(words record: Record) throws -> Instant? {
        let key = try WordsKey(try record.keyText())
        guard record.value != nil else {
            guard try words.erase(key) else { return nil }
            try erasure.note()
            return record.timestamp
        }
        let event = try record.cloudEvent()
        let said = try JSON.decode(Words.self, from: try event.dataOfKnownVersion())
        return try words.put(key, said, at: event.time) ? event.time : nil
    }

    /// A tombstone removes the day.
    private func take(summary record: Record) throws -> Instant? {
        let key = try record.keyText()
        guard record.value != nil else {
            let empty = try DaySummary(emptyUnder: key)
            let wasDischarge = try discharges.put(empty)
            return try summaries.put(empty) || wasDischarge ? record.timestamp : nil
        }
        let event = try record.cloudEvent()
        let summary = try DaySummary(try event.dataOfKnownVersion(), key: key)
        // An outfall is in no evaluation: its sums are not kept, its hours are.
        let isNews =
            summary.discharge == nil ? try summaries.put(summary) : try discharges.put(summary)
        return isNews ? event.time : nil
    }

    private func take(publication record: Record) throws -> Instant? {
        let key = try record.keyText()
        guard record.value != nil else { return try publications.remove(key) ? record.timestamp : nil }
        let event = try record.cloudEvent()
        let publication = try JSON.decode(Publication.self, from: try event.dataOfKnownVersion())
        guard publication.key == key else { throw Malformed("key", "is not that of the publication") }
        if !publication.faults.isEmpty { throw Malformed(publication.faults) }
        return try publications.put(publication) ? event.time : nil
    }

    private func take(indicator record: Record) throws -> Instant? {
        // Formerly months were counted. Analytics counts all days anew, so such a record says nothing more.
        guard let key = try IndicatorKey(try record.keyText()) else { return nil }
        guard record.value != nil else { return try indicators.remove(key) ? record.timestamp : nil }
        let event = try record.cloudEvent()
        let indicator = try JSON.decode(Indicator.self, from: try event.dataOfKnownVersion())
        guard indicator.key == (try record.keyText()) else {
            throw Malformed("key", "is not that of the indicator")
        }
        return try indicators.put(key, indicator.tally) ? event.time : nil
    }
}

extension CloudEvent {
    fileprivate func dataOfKnownVersion() throws(Malformed) -> [UInt8] {
        _ = try EventType(type)
        guard let data else { throw Malformed("", "is a tombstone, which is not allowed here") }
        return data
    }
}
